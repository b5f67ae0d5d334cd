"""Port of the audit chain's anchor: keeps signed heads, so that a cut end and an older copy show."""

from typing import Protocol


class Anchor(Protocol):
    """Signed heads, one line each, oldest first.  There is no way to change or remove one through here.

    It protects as far as whoever can write the chain cannot rewrite what lies here.
    """

    @property
    def name(self) -> str:
        """Kind and place of the anchor, for people."""

    def read(self) -> bytes:
        """Every line, each with its newline; nothing when none was ever kept.  Raises Unavailable."""

    def last(self) -> bytes:
        """The last whole line, without its newline; nothing when there is none.  Raises Unavailable."""

    def add(self, line: bytes, after: bytes) -> bool:
        """Keep one more line, durably, if `after` is still the last one; False when another writer was faster.

        Raises Unavailable when it is not known to be kept.
        """
