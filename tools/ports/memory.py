"""Port of the memory of ended incidents."""

from typing import Protocol

from incident.past import MOST, Fix, Memory, Past, Question, Word


class Memories(Protocol):
    """Ended incidents, and what people said of them.  What this installation did not write itself is never answered."""

    def remember(self, memory: Memory, fix: Fix | None = None) -> None:
        """Keep what an incident was about, in place of what was kept of it before.

        `fix` is the patch that healed it.
        """

    def like(self, question: Question, most: int = MOST) -> tuple[Past, ...]:
        """The incidents of this world that resemble it, the nearest first (:func:`incident.past.nearest`)."""

    def fix(self, incident: str) -> Fix | None:
        """The patch that healed an incident; None where no patch did, or none is kept."""

    def say(self, word: Word) -> None:
        """Keep a person's word about an incident, in place of an earlier one."""

    def said(self, incident: str) -> Word | None:
        """The person's word about an incident; None without one."""
