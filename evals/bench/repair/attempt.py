"""Result of one bug in one attempt, and the sums over attempts."""

from collections.abc import Sequence

from incident.value import Value


class Used(Value):
    """Tokens and money that the model used."""

    input_tokens: int = 0
    output_tokens: int = 0
    questions: int = 0


class Attempt(Value):
    """One bug, one way of mending it, once."""

    bug: str
    located: bool
    """The function that was blamed, or patched, is the one that is wrong."""
    plausible: bool | None
    """A patch passed every visible check: the failing request, recorded successes, the service's own tests.

    None where nothing checked."""
    proposed: bool
    """A patch came out at the end; otherwise it abstained."""
    let_through: bool
    """Every gate would have let it act alone."""
    offered: bool = False
    """A person is asked whether it may act, or which of several answers is right."""
    offered_right: bool = False
    """A person is asked, and one of what is offered passes every hidden test."""
    correct: bool
    """The patch passes every hidden test."""
    used: Used = Used()
    seconds: float = 0.0
    first_proof: float = 0.0
    """Seconds of the first candidate's proof; 0 when nothing was proved."""
    round: float = 0.0
    """Seconds of all proofs, rivals and what they are asked included."""
    template: str = ""
    function: str = ""
    diff: str = ""
    ended: str = ""
    losers: tuple[str, ...] = ()
    failed_hidden: tuple[str, ...] = ()

    @property
    def slipped(self) -> bool:
        """A wrong patch that every gate let through."""
        return self.let_through and not self.correct

    @property
    def right_alone(self) -> bool:
        """A right patch that every gate let through."""
        return self.let_through and self.correct


class Summary(Value):
    """Attempts of one way, added up.  Shares are of bugs; `pass_all` is pass^k: correct in every repeat."""

    way: str
    bugs: int
    repeats: int
    located: int
    plausible: int | None
    correct: float
    """pass@1: correct patches per repeat, on average."""
    pass_all: int
    alone: float
    """Right patches that act alone per repeat, on average."""
    offered: float
    """Bugs of which a person is offered a right patch, per repeat, on average."""
    slipped: int
    abstained: int
    input_tokens: int
    output_tokens: int
    seconds: float
    """Of one bug, on average."""


def summary(way: str, attempts: Sequence[Attempt]) -> Summary:
    """Add up; nothing attempted is a row of zeros."""
    names = sorted({attempt.bug for attempt in attempts})
    repeats = max((sum(attempt.bug == name for attempt in attempts) for name in names), default=0)
    runs = max(1, repeats)
    checked = [attempt.plausible for attempt in attempts]
    return Summary(
        way=way,
        bugs=len(names),
        repeats=repeats,
        located=sum(attempt.located for attempt in attempts) // runs,
        plausible=None if None in checked else sum(map(bool, checked)) // runs,
        correct=round(sum(attempt.correct for attempt in attempts) / runs, 2),
        pass_all=sum(all(item.correct for item in attempts if item.bug == name) for name in names),
        alone=round(sum(attempt.right_alone for attempt in attempts) / runs, 2),
        offered=round(sum(attempt.offered_right for attempt in attempts) / runs, 2),
        slipped=sum(attempt.slipped for attempt in attempts),
        abstained=sum(not attempt.proposed for attempt in attempts) // runs,
        input_tokens=sum(attempt.used.input_tokens for attempt in attempts),
        output_tokens=sum(attempt.used.output_tokens for attempt in attempts),
        seconds=round(sum(attempt.seconds for attempt in attempts) / max(1, len(attempts)), 1),
    )
