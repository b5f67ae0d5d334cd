"""Keyed marks over stored values, so that a row which somebody wrote into a database by hand is not believed.

A mark is HMAC-SHA256 (RFC 2104) over the one encoding of ``[kind, value]``, with a key of its own that is
derived from the audit chain's (the derivation is RFC 5869's expand step), so that no mark is ever the MAC of a
line of that chain.  The kind keeps apart what different tables mean by the same value.

A mark says who wrote a value, not that it is still the newest one: bind what it answers, and a number that is
never used twice, into the value.
"""

import hmac

from pydantic import JsonValue

from incident.value import encode

# The last byte is the counter of the expand step (RFC 5869, 2.3).
_LABEL = b"suture marks 1\x01"


class Marks:
    """Makes and checks marks with the key of one ``SUTURE_HOME``."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError(f"a key of {len(key)} bytes can be guessed")
        self._key = hmac.digest(key, _LABEL, "sha256")

    def mark(self, kind: str, value: JsonValue) -> str:
        """The mark of a value of one kind, 64 hexadecimal characters.  Raises ValueError for NaN and infinity."""
        return hmac.digest(self._key, encode([kind, value]), "sha256").hex()

    def holds(self, kind: str, value: JsonValue, mark: str) -> bool:
        """True when the mark is the one of this value and kind.  What has no encoding (NaN) was never marked."""
        try:
            ours = self.mark(kind, value)
        except ValueError:
            return False
        return hmac.compare_digest(ours.encode(), mark.encode("utf-8", "surrogatepass"))
