"""Ranked models: a first choice and those that take its place."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool


class Ranked(BaseChatModel):
    """A model and those that take its place when it is gone.

    The loop asks one after the other, because it owns the clock, the budget and the record of who
    answered.  Whoever asks it like any other model gets the first.
    """

    models: tuple[BaseChatModel, ...]

    @property
    def _llm_type(self) -> str:
        return "ranked"

    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Bind the tools to the first model."""
        return self.models[0].bind_tools(tools, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self.models[0]._generate(messages, stop, run_manager, **kwargs)


def order(model: BaseChatModel) -> tuple[BaseChatModel, ...]:
    """The models that are to be asked, first to last."""
    return model.models if isinstance(model, Ranked) else (model,)
