"""A model that plays back written answers: for tests, scenarios and notebooks.

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

from collections.abc import Callable, Sequence
from typing import Any, Literal

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, ToolCall
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import JsonValue, ValidationError

from agents.playbook.model import Playbook, agent_of, tool_names
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


class ScriptedModel(BaseChatModel):
    """Answers from a script."""

    script: Script
    bound: tuple[str, ...] = ()
    """Names of the tools that are bound."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,  # noqa: ARG002 (the signature of the base class)
        **kwargs: Any,  # noqa: ARG002 (the signature of the base class)
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Return a copy that knows which tools there are, and so which agent asks."""
        return self.model_copy(update={"bound": tool_names(tools)})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        turns = self.script.agents.get(agent_of(self.bound))
        if turns is None and self.script.others == "playbook":
            return Playbook(bound=self.bound)._generate(messages, stop, run_manager, **kwargs)
        spoken = sum(isinstance(message, AIMessage) for message in messages)
        turn = turns[spoken] if turns and spoken < len(turns) else Turn()
        calls = [
            ToolCall(name=call.name, args=dict(call.args), id=f"s{spoken}_{number}", type="tool_call")
            for number, call in enumerate(turn.tool_calls)
        ]
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=turn.content, tool_calls=calls))])


def load(text: str) -> ScriptedModel:
    """Read a script.  Raises BadInput."""
    try:
        script = Script.model_validate_json(text)
    except ValidationError as error:
        raise BadInput("SUTURE_MODEL", text[:40], "name a JSON file with name and agents") from error
    return ScriptedModel(script=script, name=script.name)
