"""Translates an endpoint client's errors into ours.

::

    401, 403                           BadInput naming OPENAI_API_KEY
    404                                BadInput naming OPENAI_MODEL
    429, 5xx, refused, reset, timeout,
    broken off, half a body            Transient (asked again by `agents.models.patience`)
    400, 413 about the length          TooLong (asked again, shorter, by `agents.loop.loop`)
    other 4xx, an unreadable body      Unavailable

No sentence ever holds the key or the endpoint's own text, which may echo it.
"""

import json
import re
from email.utils import parsedate_to_datetime

import httpx2
import openai
from langchain_core.exceptions import ContextOverflowError

from agents.models.patience import TooLong, Transient
from agents.models.wire import TooLarge
from incident.errors import BadInput, SutureError, Unavailable

UNREADABLE = (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError)
"""Errors that langchain-openai raises for a body that is no chat completion (null choices, HTML, broken nesting)."""

_TOO_LONG = re.compile(
    r"context.?(length|window|size)|too long|too many tokens|tokens exceed|token count|maximum.{0,40}tokens",
    re.IGNORECASE,
)
"""Messages of OpenAI, llama.cpp, vLLM, Anthropic's and Google's compatible endpoints, when they give no code."""


def translated(error: openai.OpenAIError, host: str, model: str) -> SutureError:  # noqa: C901, PLR0911 (one row of the table each)
    """The client's error as one of ours."""
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
            return Transient(f"{host} is busy (429)", retry_after(error.response.headers))
        # 408 and 409 are among those that the openai client itself would try again.
        case openai.APIStatusError() if error.status_code >= 500 or error.status_code in (408, 409):
            return Transient(f"{host} failed ({error.status_code})", retry_after(error.response.headers))
        case openai.APIError() if _too_long(error):
            return TooLong(
                f"{host} refused the question (more than its context window holds; set SUTURE_CONTEXT_TOKENS to its size)"
            )
        case openai.APIStatusError():
            return Unavailable(f"{host} refused the question ({error.status_code}{_hint(error)})")
        # A time-out is an APIConnectionError, too, so it stands before it.
        case openai.APITimeoutError():
            return Transient(f"{host} did not answer in time")
        case openai.APIConnectionError() if _caused_by_size(error):
            return Unavailable(f"{host} answered without end")
        case openai.APIConnectionError():
            return Transient(f"{host} cannot be reached")
        case openai.APIError() if type(error) is openai.APIError:
            # How the client tells of an error that stands in the middle of a stream.
            return Transient(f"{host} broke off its answer with an error")
        case _:
            return Unavailable(f"{host} answered something that cannot be read")


def broken_off(error: httpx2.HTTPError, host: str) -> SutureError:
    """The error for a stream that broke off; the client does not translate it."""
    match error:
        case TooLarge():
            return Unavailable(f"{host} answered without end")
        case httpx2.TimeoutException():
            return Transient(f"{host} did not answer in time")
        case _:
            return Transient(f"{host} broke off its answer")


def unreadable(error: Exception, host: str) -> SutureError:
    """The error for a body that is no chat completion.

    Half of a JSON object may come whole when it is asked for again.
    """
    if isinstance(error, json.JSONDecodeError) and error.doc.lstrip().startswith("{"):
        return Transient(f"{host} broke off its answer")
    return Unavailable(f"{host} answered something that is no chat completion")


def about(error: openai.OpenAIError, parameter: str) -> bool:
    """True when a question was refused because of this parameter."""
    if not isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError):
        return False
    return error.param == parameter or parameter in str(error.message)


def retry_after(headers: httpx2.Headers) -> float | None:
    """Seconds from Retry-After (RFC 9110, 10.2.3), also as a date, which is read against the answer's own Date.

    None when there is none or it is nonsense.  ``retry-after-ms`` is what some endpoints say more precisely.
    """
    exact = _number(headers.get("retry-after-ms"))
    if exact is not None:
        return exact / 1000
    said = headers.get("retry-after")
    seconds = _number(said)
    if seconds is not None or said is None:
        return seconds
    try:
        gap = parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, gap.total_seconds())


def _number(text: str | None) -> float | None:
    found = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*", text or "")
    return float(found.group(1)) if found else None


def _caused_by_size(error: BaseException) -> bool:
    cause = error.__cause__
    return isinstance(cause, TooLarge) or (cause is not None and _caused_by_size(cause))


def _too_long(error: openai.APIError) -> bool:
    if isinstance(error, ContextOverflowError):
        return True
    if isinstance(error, openai.APIStatusError):
        asked_too_much = error.status_code in (400, 413, 422)
    else:
        asked_too_much = type(error) is openai.APIError  # in the middle of a stream
    if not asked_too_much:
        return False
    return error.code == "context_length_exceeded" or _TOO_LONG.search(str(error.message)) is not None


def _hint(error: openai.APIStatusError) -> str:
    return ", it does not accept the temperature; set SUTURE_TEMPERATURE=none" if about(error, "temperature") else ""
