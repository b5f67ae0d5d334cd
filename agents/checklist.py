"""The reviewer's checklist: five objections, each of which must show what it rests on.

An objection names a changed line, or another function where the mistake is, or says that the proof does not show otherwise.
The last kind is compared with the proof: what the proof refutes is struck out.  A model that says no to everything, or
cannot say where, stops nothing that the sandbox has shown to be right.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from agents.view.incident_view import View
from agents.view.rendering import normalise
from agents.view.toolbox import Arguments, arguments, one_of, text
from incident.diagnosis import CodeCause, Hypothesis
from incident.proof import Proof, Review
from incident.remedy import Patch

NO = "no"
UNPROVED = "unproved"

LINES = 80
"""Changed lines that can be pointed at."""

CHECKS: Mapping[str, tuple[str, ...]] = {
    "wrong_cause": ("reproduces", "fixed"),
    "changes_meaning": ("same_answers",),
    "breaks_data": ("same_answers", "inverse"),
    "weakens_tests": ("reproduces", "own_tests"),
}
"""The checks of the proof that refute an objection which rests on nothing else."""


GUARD = re.compile(r"-\s*(?:raise|assert)\b")
"""Of lines that were taken away, those that by themselves kept something from happening."""


class Line(NamedTuple):
    """One changed line."""

    name: str
    path: str
    text: str
    """With its sign."""


def lines(diff: str) -> tuple[Line, ...]:
    """Changed lines of files that were there before, in order."""
    found = list(_changed(diff))[:LINES]
    return tuple(Line(f"L{number}", path, line) for number, (path, line) in enumerate(found, start=1))


def _changed(diff: str) -> Iterator[tuple[str, str]]:
    path, new = "", False
    for line in diff.splitlines():
        if line.startswith("--- "):
            new = line == "--- /dev/null"
        elif line.startswith("+++ "):
            path = line.removeprefix("+++ ").removeprefix("b/")
        # New files are tests; the reviewer is asked about code that served before.
        elif line[:1] in ("+", "-") and not new:
            yield path, line


def is_test(path: str) -> bool:
    """True when a file holds tests, by its name."""
    return "/tests/" in f"/{path}" or path.rpartition("/")[2].startswith("test_")


def elsewhere(view: View, patch: Patch, hypothesis: Hypothesis) -> tuple[str, ...]:
    """The other functions that were blamed or stand on the failing stacks: where the mistake could be instead."""
    own, cause = f"{patch.path}::{patch.function}", hypothesis.cause
    blamed = [(cause.path, cause.line)] if isinstance(cause, CodeCause) else []
    stacked = [(frame.path, frame.line) for frame in reversed(view.frames)]
    found = [place.key for path, line in (*blamed, *stacked) if (place := view.at(path, line)) is not None]
    return tuple(dict.fromkeys(key for key in found if key != own))


def schema(changed: tuple[Line, ...], others: tuple[str, ...]) -> type[Arguments]:
    """The arguments of `answer_checklist`.  The thought comes first: a model writes them in this order."""
    code = [line for line in changed if not is_test(line.path)]
    tests = tuple(line.name for line in changed if is_test(line.path))
    put_in = tuple(line.name for line in code if line.text.startswith("+"))
    guards = tuple(line.name for line in code if GUARD.match(line.text))
    # A change that only takes lines away can be objected to as well.
    does = put_in or tuple(line.name for line in code)
    return arguments(
        "answer_checklist",
        comment=text(400, "what the change does in the requests that failed, and in those that worked"),
        wrong_cause=one_of((NO, UNPROVED, *others), "the function where the mistake is instead"),
        hides_error=one_of((NO, *does, *guards), "the line that swallows an error, makes up a value or skips the work"),
        changes_meaning=one_of(
            (NO, UNPROVED, *does, *guards), "the line that gives requests which worked another answer"
        ),
        breaks_data=one_of((NO, UNPROVED, *does), "the line that cannot read or write what exists today"),
        weakens_tests=one_of((NO, UNPROVED, *tests), "the line that makes a test mean less"),
    )


def judged(patch: Patch, proof: Proof, changed: tuple[Line, ...], fields: Mapping[str, Any]) -> Review:
    """The answer as a review: what it cites, and without what the proof refutes."""
    passed = {check.name for check in proof.checks if check.outcome == "passed"}
    # A proof of another patch refutes nothing that is said about this one.
    bound = proof.remedy_digest == patch.digest()
    texts = {line.name: line.text for line in changed}
    cited: list[str] = []
    struck: list[str] = []
    stands: dict[str, bool] = {}
    for item, said in fields.items():
        if item == "comment":
            continue
        refuted = said == UNPROVED and bound and set(CHECKS[item]) <= passed
        stands[item] = said != NO and not refuted
        if refuted:
            struck.append(f"{item}: {' and '.join(CHECKS[item])} passed")
        elif stands[item] and said != UNPROVED:
            cited.append(f"{item}: {normalise(texts.get(said, said), 200)}")
    return Review(
        remedy_digest=patch.digest(),
        right_cause=not stands["wrong_cause"],
        hides_error=stands["hides_error"],
        changes_meaning=stands["changes_meaning"],
        compatible_data=not stands["breaks_data"],
        tests_meaningful=not stands["weakens_tests"],
        comment=normalise(fields["comment"], 600),
        model="",
        cited=tuple(cited),
        struck=tuple(struck),
    )


def silent(patch: Patch, why: str) -> Review:
    """No answer means no: every item speaks against the change."""
    return Review(
        remedy_digest=patch.digest(),
        right_cause=False,
        hides_error=True,
        changes_meaning=True,
        compatible_data=False,
        tests_meaningful=False,
        comment=f"the reviewer was asked and {why}"[:600],
        model="",
    )
