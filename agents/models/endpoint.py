"""Chat model of any OpenAI-compatible endpoint; `agents.models.translation` translates its client's errors."""

from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr

from agents.models import stream, translation
from agents.models.patience import Transient
from agents.models.price import Price
from agents.view import context
from incident.errors import Unavailable


class Endpoint(ChatOpenAI):
    """ChatOpenAI that does not retry by itself, raises our errors, and always says what an answer cost."""

    streamed: bool = False
    """Take answers piece by piece: for endpoints behind something that cuts silent connections."""
    price: Price | None = None
    """None: not known, so neither is what its answers cost."""
    _unforced: bool = PrivateAttr(default=False)
    """This endpoint refused to have a tool call required of its model."""

    @property
    def host(self) -> str:
        """Host and port of the endpoint, for people: never credentials or a path."""
        found = urlsplit(self.openai_api_base or "https://api.openai.com")
        return f"{found.hostname}:{found.port}" if found.port else str(found.hostname)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        given = {key: value for key, value in kwargs.items() if not (self._unforced and key == "tool_choice")}
        try:
            result = self._answered(messages, stop, run_manager, given)
        except openai.OpenAIError as error:
            if "tool_choice" in given and translation.about(error, "tool_choice"):
                # Remembered, so that only the first question of a run is asked twice.
                self._unforced = True
                return self._generate(messages, stop, run_manager, **kwargs)
            raise translation.translated(error, self.host, self.model_name) from error
        except httpx2.HTTPError as error:
            raise translation.broken_off(error, self.host) from error
        except translation.UNREADABLE as error:
            raise translation.unreadable(error, self.host) from error
        if not result.generations:
            raise Unavailable(f"{self.host} answered without a choice")
        return _counted(result, messages, given)

    def _answered(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None,
        run_manager: CallbackManagerForLLMRun | None,
        given: dict[str, Any],
    ) -> ChatResult:
        # Pieces of the Responses API have another form, which `stream` does not read.
        if not self.streamed or self._use_responses_api({**given, **self.model_kwargs}):
            return super()._generate(messages, stop, run_manager, **given)
        # Without this option a streamed answer tells no tokens (OpenAI's API reference).
        asked = {**given, "stream": True, "stream_options": {"include_usage": True}}
        with self.client.create(**self._get_request_payload(messages, stop=stop, **asked)) as pieces:
            whole = stream.gathered(pieces)
        # A connection that breaks off ends the pieces like one that is done; only the finish reason tells them apart.
        if whole is None or not whole["choices"][0]["finish_reason"]:
            raise Transient(f"{self.host} broke off its answer")
        return self._create_chat_result(whole)


def _counted(result: ChatResult, messages: list[BaseMessage], given: dict[str, Any]) -> ChatResult:
    """The result with a guess, marked as one, where the endpoint counted nothing: a budget must bind all the same."""
    message = result.generations[0].message
    if isinstance(message, AIMessage) and not (message.usage_metadata and message.usage_metadata["total_tokens"]):
        asked = context.size(messages) + context.described_size(given.get("tools", ()))
        said = context.size([message])
        message.usage_metadata = {"input_tokens": asked, "output_tokens": said, "total_tokens": asked + said}
        message.response_metadata["usage_estimated"] = True
    return result
