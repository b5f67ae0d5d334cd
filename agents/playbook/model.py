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
        asked = _sayable(Reading(tuple(messages), self.bound), self.agent)
        calls = [
            ToolCall(name=call.name, args=dict(call.args), id=f"p{number}", type="tool_call")
            for number, call in enumerate(asked)
        ]
        return AIMessage(content="", tool_calls=calls)


def _sayable(reading: Reading, agent: Agent) -> tuple[Asked, ...]:
    """The calls that can be made here; what cannot be said is no cause, and with nothing left it does not know."""
    wanted = _decided(agent, reading)
    calls = tuple(call for call in wanted if call.name in reading.bound and not reading.mistaken(call))
    end = next((name for name in ("dont_know", "no_fix") if name in reading.bound), None)
    if calls or end is None:
        return calls
    named = ", ".join(dict.fromkeys(call.name for call in wanted))
    return (Asked(end, {"reason": f"what the rules found does not fit what may be answered here ({named})"}),)


def _decided(agent: Agent, reading: Reading) -> tuple[Asked, ...]:
    match agent:
        case "rca":
            return rca.decide(reading)
        case "patch":
            return patching.decide(reading)
        case "review":
            return reviewing.decide(reading)
