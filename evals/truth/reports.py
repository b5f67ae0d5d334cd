"""Reading of a report, line by line: each belongs to a section, and each section has its own forms."""

from collections.abc import Callable, Iterator, Mapping

from evals.truth import endings, lists, past, steering, suspects, tables
from evals.truth.form import unsupported as unread
from evals.truth.record import Run, flat

LABELS = frozenset(
    {"not to be had", "shape of one failing request", "asked", "errors without a place in the service's source"}
)

HEADINGS = frozenset(
    {
        "Ending", "Diagnosis", "Suspects", "Steering", "Error", "Failing request", "Changes", "Remedy", "Proof", "Gates", "Canary", "Effects",
        "People", "Seen before", "Considered and not done", "Models", "Next",
    }
)  # fmt: skip

Reader = Callable[[Run, str, str], bool]
"""Takes the run, the label above a line (empty without one) and the line, and says whether it is supported."""

ITEMS: Mapping[str, Reader] = {
    "Diagnosis": lists.diagnosis,
    "Error": lists.unplaced,
    "Failing request": lists.shape,
    "Changes": lists.asked,
    "Proof": lists.event,
    "Gates": lists.event,
    "Canary": lists.event,
    "Effects": lists.event,
    "People": lists.event,
    "Seen before": past.seen,
    "Steering": steering.heard,
    "Considered and not done": lists.alternative,
    "Models": lists.passed_over,
    "Next": lists.step,
}


def unsupported(run: Run) -> Iterator[list[str]]:
    """The unsupported sentences of each line of the report."""
    closed = run.last("closed")
    ending = closed["ending"] if closed else {"outcome": ""}
    then = run._replace(outcome=ending["outcome"], stop=ending.get("stop", ""))
    section = label = ""
    code: list[str] | None = None
    for line in run.report.splitlines():
        if line.startswith("```"):
            if code is not None:
                yield [] if lists.code(then, section, code) else [f"{section}: a block of code"]
            code = None if code is not None else []
        elif code is not None:
            code.append(line)
        elif line.startswith("## "):
            section, label = line.removeprefix("## "), ""
            yield [] if section in HEADINGS else [line]
        elif line.endswith(":") and not line.startswith(("- ", "|", "#")):
            label = line.removesuffix(":")
            yield _label(then, section, label)
        elif line:
            yield _line(then, section, label, line)


def _label(run: Run, section: str, label: str) -> list[str]:
    known = label in LABELS
    if section == "Diagnosis" and not known:
        known = lists.hypothesis(run, label)
    if section == "Considered and not done":
        known = lists.ranked(run, label)
    if section == "Changes":
        known = known or label in lists.deployed(run)
    return [] if known else [label]


def _line(run: Run, section: str, label: str, line: str) -> list[str]:
    if line.startswith("# "):
        return [] if lists.headline(run, line.removeprefix("# ")) else [line]
    if line.startswith("### "):
        return [] if lists.round_of(run, line.removeprefix("### ")) else [line]
    if line.startswith("|"):
        return [] if tables.row(run, section, line) else [line]
    if line.startswith("- "):
        reader = ITEMS.get(section)
        said = line.removeprefix("- ")
        return [] if reader is not None and reader(run, label, said) else [said]
    return _paragraph(run, section, line)


def _paragraph(run: Run, section: str, line: str) -> list[str]:
    if section == "Ending":
        return unread(_unmarked(run, line), endings.FORMS, run)
    if section == "Error":
        return [] if lists.error(run, line) else [line]
    if section == "Failing request":
        return [] if lists.request(run, line) else [line]
    if section == "Suspects":
        return [] if suspects.summary(run, line) else [line]
    estimated = any(event.body.get("estimated") for event in run.of("answered"))
    return [] if section == "Models" and estimated and line.startswith("Tokens with ~") else [line]


def _unmarked(run: Run, line: str) -> str:
    """The ending's own line of which a report shows this one, with characters exchanged that mark something up."""
    closed = run.last("closed")
    lines = closed["ending"].get("lines", []) if closed else []
    return next((one for one in lines if flat(one) == line), line)
