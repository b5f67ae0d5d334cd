"""The six endings and their exit codes."""

from enum import StrEnum

from incident.value import Value


class Outcome(StrEnum):
    """Kind of an incident's ending, or that it waits for a person."""

    HEALED = "healed"
    NO_ACTION = "no action"
    ROLLED_BACK = "rolled back"
    REJECTED = "rejected"
    ESCALATED = "escalated"
    WAITING = "waiting"


# 1 is the interpreter's for an uncaught error and 2 that of argparse for bad arguments.
EXIT_CODES: dict[Outcome, int] = {
    Outcome.HEALED: 0,
    Outcome.NO_ACTION: 0,
    Outcome.ROLLED_BACK: 3,
    Outcome.REJECTED: 4,
    Outcome.ESCALATED: 5,
    Outcome.WAITING: 6,
}


class Ending(Value):
    """An ending with its reason for a person.

    A node gives the reason that it stopped for; with the lines it is whole.
    """

    outcome: Outcome
    reason: str
    lines: tuple[str, ...] = ()
    """A notice's three lines, together the reason: the findings, why it ended so, and the next step."""
    stop: str = ""
    """The reason that the node gave, where the lines are there."""

    @property
    def stopped(self) -> str:
        """The reason that the node gave."""
        return self.stop if self.lines else self.reason

    @property
    def exit_code(self) -> int:
        """Exit code of the command that reached this ending."""
        return EXIT_CODES[self.outcome]
