"""Text of a recording as it may be told: one line, visible, without secrets."""

import functools

from tools import text
from tools.secrets import redaction


@functools.lru_cache(maxsize=65536)
def said(value: str, limit: int = 200) -> str:
    """One line of visible characters without secrets, at most `limit` of them."""
    # Twice: some secrets end with their line, and others show only once invisible characters are gone.
    return redaction.redact_text(text.normalise(redaction.redact_text(value[: 8 * limit]), limit))
