"""The playbook as a chat model: the tools that are bound tell which agent asks."""

from collections.abc import Sequence
from typing import ClassVar

from langchain_core.messages import AIMessage, BaseMessage, ToolCall

from agents.playbook import patching, rca, reviewing
from agents.playbook.conversation import Asked, Reading
from agents.view.local import Agent, LocalModel


class Playbook(LocalModel):
    """Deterministic answers from fixed rules."""

    kind: ClassVar[str] = "playbook"
    version: int = 1

    def answer(self, messages: Sequence[BaseMessage]) -> AIMessage:
        """The answer of the rules for the agent that asks."""
        asked = _decided(self.agent, Reading(tuple(messages), self.bound))
        calls = [
            ToolCall(name=call.name, args=dict(call.args), id=f"p{number}", type="tool_call")
            for number, call in enumerate(asked)
            if call.name in self.bound
        ]
        return AIMessage(content="", tool_calls=calls)


def _decided(agent: Agent, reading: Reading) -> tuple[Asked, ...]:
    match agent:
        case "rca":
            return rca.decide(reading)
        case "patch":
            return patching.decide(reading)
        case "review":
            return reviewing.decide(reading)
