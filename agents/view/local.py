"""Base of the chat models that answer in this process: fixed rules, scripts and stubs."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool

Agent = Literal["rca", "patch", "review"]


class LocalModel(BaseChatModel):
    """Model that tells from the tools that are bound which agent asks, so it holds no state of a conversation."""

    kind: ClassVar[str]
    bound: tuple[str, ...] = ()
    """Names of the tools that are bound."""

    @abstractmethod
    def answer(self, messages: Sequence[BaseMessage]) -> AIMessage:
        """The model's answer to a conversation."""

    @property
    def agent(self) -> Agent:
        """The agent that has these tools."""
        if "propose_fix" in self.bound:
            return "patch"
        return "review" if "answer_checklist" in self.bound else "rca"

    @property
    def _llm_type(self) -> str:
        return self.kind

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,  # noqa: ARG002 (the signature of the base class)
        **kwargs: Any,  # noqa: ARG002 (the signature of the base class)
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Return a copy that knows which tools there are."""
        return self.model_copy(update={"bound": tuple(_name(tool) for tool in tools)})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 (the signature of the base class)
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 (the signature of the base class)
        **kwargs: Any,  # noqa: ARG002 (the signature of the base class)
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self.answer(messages))])


def _name(tool: dict[str, Any] | type | Callable[..., Any] | BaseTool) -> str:
    if isinstance(tool, BaseTool):
        return tool.name
    if isinstance(tool, Mapping):
        return str(tool.get("function", tool).get("name", ""))
    return str(getattr(tool, "__name__", ""))
