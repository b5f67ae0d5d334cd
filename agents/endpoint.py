"""Any OpenAI-compatible endpoint, with its client's errors translated into ours.

::

    401, 403                           BadInput naming OPENAI_API_KEY
    404                                BadInput naming OPENAI_MODEL
    429, 5xx, refused, reset, timeout  Transient (asked again by `agents.patience`)
    other 4xx, an unreadable body      Unavailable

No sentence ever holds the key or the endpoint's own text, which may echo it.
"""

from typing import Any
from urllib.parse import urlsplit

import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI

from agents.patience import Transient
from incident.errors import BadInput, SutureError, Unavailable

UNREADABLE = (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError)
"""What langchain-openai raises for a body that is no chat completion (null choices, HTML, broken nesting)."""


class Endpoint(ChatOpenAI):
    """ChatOpenAI that neither streams nor retries by itself, and raises our errors."""

    @property
    def host(self) -> str:
        """Where it runs, for people: host and port, never credentials or a path."""
        found = urlsplit(self.openai_api_base or "https://api.openai.com")
        return f"{found.hostname}:{found.port}" if found.port else str(found.hostname)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        try:
            result = super()._generate(messages, stop, run_manager, **kwargs)
        except openai.OpenAIError as error:
            raise translated(error, self.host, self.model_name) from error
        except UNREADABLE as error:
            raise Unavailable(f"{self.host} answered something that is no chat completion") from error
        if not result.generations:
            raise Unavailable(f"{self.host} answered without a choice")
        return result


def translated(error: openai.OpenAIError, host: str, model: str) -> SutureError:  # noqa: PLR0911 (one row of the table each)
    """The error in our words."""
    match error:
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return BadInput(
                "OPENAI_API_KEY", "(not shown)", f"{host} refuses it ({error.status_code}); set a valid key"
            )
        case openai.NotFoundError():
            return BadInput(
                "OPENAI_MODEL", model, f"{host} has no such model or address (404); name one that it serves"
            )
        case openai.RateLimitError() if error.code == "insufficient_quota":
            return Unavailable(f"{host} says that the account has no quota left (429)")
        case openai.RateLimitError():
            return Transient(f"{host} is busy (429)", retry_after(error.response.headers.get("retry-after")))
        case openai.APIStatusError() if error.status_code >= 500 or error.status_code in (408, 409):
            after = retry_after(error.response.headers.get("retry-after"))
            return Transient(f"{host} failed ({error.status_code})", after)
        case openai.APIStatusError():
            return Unavailable(f"{host} refused the question ({error.status_code}{_why(error)})")
        case openai.APITimeoutError():
            return Transient(f"{host} did not answer in time")
        case openai.APIConnectionError():
            return Transient(f"{host} cannot be reached")
        case _:
            return Unavailable(f"{host} answered something that cannot be read")


def retry_after(header: str | None) -> float | None:
    """Seconds from a Retry-After header (RFC 9110, 10.2.3); None for a date or nonsense."""
    if header is None or not header.strip().isdecimal():
        return None
    return float(header.strip())


def _why(error: openai.APIStatusError) -> str:
    too_long = error.code == "context_length_exceeded" or "context" in str(error.message).lower()
    return ", more than its context window holds" if too_long else ""
