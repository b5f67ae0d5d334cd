"""Chat model that plays back written answers: for tests, scenarios and notebooks.

The script is JSON::

    {
        "name": "bad patch",
        "agents": {"patch": [{"tool_calls": [{"name": "propose_fix", "args": {...}}]}]},
        "others": "playbook",
    }

Which agent asks shows in the tools that are bound; how far its script is shows in how often the model
has spoken in this conversation, so the model holds no state and a resumed incident hears the same.  An
agent without a script is answered by the playbook, or with nothing when `others` is "silent".  After
the last turn the answers are empty.
"""

from collections.abc import Sequence
from typing import ClassVar, Literal

from langchain_core.messages import AIMessage, BaseMessage, ToolCall
from pydantic import JsonValue, ValidationError

from agents.playbook.model import Playbook
from agents.view.local import LocalModel
from incident.errors import BadInput
from incident.value import Value


class Call(Value):
    """One tool call of a turn."""

    name: str
    args: dict[str, JsonValue] = {}


class Turn(Value):
    """One answer."""

    content: str = ""
    tool_calls: tuple[Call, ...] = ()


class Script(Value):
    """The answers of the agents that are scripted."""

    name: str
    agents: dict[Literal["rca", "patch", "review"], tuple[Turn, ...]] = {}
    others: Literal["playbook", "silent"] = "playbook"


class ScriptedModel(LocalModel):
    """Answers from a script."""

    kind: ClassVar[str] = "scripted"
    script: Script

    def answer(self, messages: Sequence[BaseMessage]) -> AIMessage:
        """The next turn of the agent that asks."""
        turns = self.script.agents.get(self.agent)
        if turns is None and self.script.others == "playbook":
            return Playbook(bound=self.bound).answer(messages)
        spoken = sum(isinstance(message, AIMessage) for message in messages)
        turn = turns[spoken] if turns and spoken < len(turns) else Turn()
        calls = [
            ToolCall(name=call.name, args=dict(call.args), id=f"s{spoken}_{number}", type="tool_call")
            for number, call in enumerate(turn.tool_calls)
        ]
        return AIMessage(content=turn.content, tool_calls=calls)


def load(text: str) -> ScriptedModel:
    """Read a script.  Raises BadInput."""
    try:
        script = Script.model_validate_json(text)
    except ValidationError as error:
        raise BadInput("SUTURE_MODEL", text[:40], "name a JSON file with name and agents") from error
    return ScriptedModel(script=script, name=script.name)
