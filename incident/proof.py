"""Proof of one remedy: its checks and their outcomes."""

from typing import Literal

from pydantic import Field

from incident.capture import Call, Capture, LocalRead
from incident.evidence import Signature
from incident.value import Value


class Check(Value):
    """One check.  `unknown` is neither: it holds the remedy until somebody knows."""

    name: str
    outcome: Literal["passed", "failed", "unknown"]
    detail: str


class Coverage(Value):
    """Changed lines that the service's own tests ran, by number in the changed file."""

    changed: tuple[int, ...]
    """Lines that were changed and can run; a comment cannot."""
    ran: tuple[int, ...]


class Answer(Value):
    """The answer of the mended service to the failing request, in the sandbox."""

    status: int
    said: str
    """Status and body in one line, of at most 300 characters."""
    shape: tuple[str, ...]
    """``path:type`` for each part of the body, as `incident.answers.of` tells it; at most 300, each of 200 characters.

    Empty where it has more, since part of a shape would tell of another body."""


class Proof(Value):
    """The checks of one remedy, bound to its digest and to the version they were run against."""

    remedy_digest: str
    base: str
    """Commit or version that the checks started from."""
    checks: tuple[Check, ...]
    coverage: Coverage | None = None
    """Measured while the tests ran on the patched service; None when it was not.  A measure, and no check: it weighs."""
    # Left out of the encoding where there is none, as in every record from before the field was there.
    answer: Answer | None = Field(default=None, exclude_if=lambda answer: answer is None)
    """Shown to a person with the checks, so that the canary may give it, too; None when nothing was answered."""

    @property
    def outcome(self) -> Literal["passed", "failed", "unknown"]:
        """Failed when any check failed; unknown when any is unknown or there is none; else passed."""
        outcomes = {check.outcome for check in self.checks}
        # Failed outranks unknown: a person may let through what is unknown, and never what failed.
        if "failed" in outcomes:
            return "failed"
        return "passed" if outcomes == {"passed"} else "unknown"


CHANGE = 1_200
"""Characters of a refused change that are kept."""


class Refusal(Value):
    """Reason that one candidate was refused: the next try is told, and the ending counts it."""

    check: str
    """Name of the check that failed; ``inspection`` and ``review`` are those that run no code."""
    why: str = Field(max_length=600)
    function: str
    """The function that it would have replaced, as ``path::name``."""
    change: str = Field(default="", max_length=CHANGE)
    """The lines that it took away and put in."""
    template: str = ""
    """The repair template that made it; empty: a model did."""


class Reproduction(Value):
    """A recorded request that fails in the sandbox as it failed in the world: same exception, same place."""

    capture: Capture
    signature: Signature
    base_commit: str
    borrowed: tuple[Call, ...] = ()
    """Answers from other recorded requests of the route, for calls that the failing one never came to make."""
    lent_reads: tuple[LocalRead, ...] = ()
    """Local readings of another recorded request of the route, for those that the failing one never came to take."""
    environment: dict[str, str] = {}
    """The service's variables that hold the addresses of the recorded hosts."""
    values: dict[str, str] = {}
    """Of what kind each local variable is where it fails: types, keys and lengths, never what they hold."""
    # Left out of the encoding where it is empty, as in every record from before the field was there.
    refusals: tuple[int, ...] = Field(default=(), exclude_if=lambda refusals: not refusals)
    """Statuses (4xx) with which recorded requests of the route were refused on purpose."""
    earlier: tuple[str, ...] = Field(default=(), exclude_if=lambda earlier: not earlier)
    """Commits of versions that the platform recorded as serving before the base, the latest first."""


class Review(Value):
    """The reviewer's answers to its fixed checklist.  It can reject or pass on, never approve."""

    remedy_digest: str
    right_cause: bool
    hides_error: bool
    changes_meaning: bool
    compatible_data: bool
    tests_meaningful: bool
    comment: str
    model: str
    cited: tuple[str, ...] = ()
    """The place that each objection points at: a changed line, or another function."""
    struck: tuple[str, ...] = ()
    """Objections that the proof refutes, with its checks."""

    @property
    def objections(self) -> tuple[str, ...]:
        """The checklist items that speak against the change; empty when it may go on to the gates."""
        said = {
            "does not address the cause": not self.right_cause,
            "hides the error": self.hides_error,
            "changes the meaning for other callers": self.changes_meaning,
            "breaks existing data": not self.compatible_data,
            "weakens the tests": not self.tests_meaningful,
        }
        return tuple(text for text, bad in said.items() if bad)
