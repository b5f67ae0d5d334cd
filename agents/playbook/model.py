"""The playbook as a chat model: which agent asks shows in the tools that are bound."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, ToolCall
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool

from agents.playbook import patching, rca, reviewing
from agents.playbook.reading import Asked, Reading

Agent = Literal["rca", "patch", "review"]


class Playbook(BaseChatModel):
    """Deterministic answers from fixed rules."""

    version: int = 1
    bound: tuple[str, ...] = ()
    """Names of the tools that are bound."""

    @property
    def _llm_type(self) -> str:
        return "playbook"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,  # noqa: ARG002 (the signature of the base class)
        **kwargs: Any,  # noqa: ARG002 (the signature of the base class)
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Return a copy that knows which tools there are."""
        return self.model_copy(update={"bound": tool_names(tools)})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 (the signature of the base class)
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 (the signature of the base class)
        **kwargs: Any,  # noqa: ARG002 (the signature of the base class)
    ) -> ChatResult:
        asked = _decided(agent_of(self.bound), Reading(tuple(messages), self.bound))
        calls = [
            ToolCall(name=call.name, args=dict(call.args), id=f"p{number}", type="tool_call")
            for number, call in enumerate(asked)
            if call.name in self.bound
        ]
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content="", tool_calls=calls))])


def _decided(agent: Agent, reading: Reading) -> tuple[Asked, ...]:
    match agent:
        case "rca":
            return rca.decide(reading)
        case "patch":
            return patching.decide(reading)
        case "review":
            return reviewing.decide(reading)


def agent_of(bound: Sequence[str]) -> Agent:
    """Which agent has these tools."""
    if "propose_fix" in bound:
        return "patch"
    return "review" if "answer_checklist" in bound else "rca"


def tool_names(tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool]) -> tuple[str, ...]:
    """Names of bound tools, whichever way they were described."""
    return tuple(_name(tool) for tool in tools)


def _name(tool: dict[str, Any] | type | Callable[..., Any] | BaseTool) -> str:
    if isinstance(tool, BaseTool):
        return tool.name
    if isinstance(tool, Mapping):
        return str(tool.get("function", tool).get("name", ""))
    return str(getattr(tool, "__name__", ""))
