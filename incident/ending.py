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
    """An ending with its reason, one sentence for a person."""

    outcome: Outcome
    reason: str

    @property
    def exit_code(self) -> int:
        """Exit code of the command that reached this ending."""
        return EXIT_CODES[self.outcome]
