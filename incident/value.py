"""Base class of every domain value, and the one way a value becomes bytes.

Digests, the audit chain and replay all compare bytes, so there is exactly one encoding:
JSON with sorted keys, no white space, UTF-8, and neither NaN nor infinity.
"""

import hashlib
import json

from pydantic import BaseModel, ConfigDict, JsonValue


class Value(BaseModel):
    """A frozen value that refuses unknown fields."""

    # NaN compares false with everything and would pass a limit in one direction.  An unknown field is a typing error
    # of ours, or a record of a newer version, which must not be read in half.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def canonical(self) -> bytes:
        """The value's one encoding as bytes."""
        return encode(self.model_dump(mode="json"))

    def digest(self) -> str:
        """SHA-256 of :meth:`canonical`, as 64 hexadecimal characters."""
        return hashlib.sha256(self.canonical()).hexdigest()


def encode(value: JsonValue) -> bytes:
    """Encode a JSON value canonically.  Raises ValueError on NaN and infinity."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    # JSON can spell lone surrogates; refusing them here would let a workload's text stop the record.
    return text.encode("utf-8", errors="surrogatepass")
