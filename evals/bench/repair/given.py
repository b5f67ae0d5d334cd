"""Patches that are given: the right fix of each bug, and wrong ones written by hand, as a perfect or a careless model sends them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import JsonValue

from agents.checklist import NO
from agents.models.scripted import Call, Script, ScriptedModel, Turn
from agents.view import source
from evals.bench.repair import layout
from evals.bench.repair.planted import Bug
from incident.errors import BadInput
from incident.value import Value

Replacement = tuple[str, str]


class Wrong(Value):
    """A wrong patch: pieces of the wrong function, each with the text in its place."""

    bug: str
    label: str
    """The flaw, in words."""
    pieces: tuple[Replacement, ...]


class Given(Value):
    """A function's new source for a bug, and whether it is the known fix."""

    bug: Bug
    label: str
    right: bool
    text: str


def right(bug: Bug) -> Given:
    """The known fix.  Raises LookupError when the function is not there once."""
    return Given(bug=bug, label="the known fix", right=True, text=function(bug, _right(bug)))


def wrong(bug: Bug, patch: Wrong) -> Given:
    """A wrong patch.  Raises LookupError when one of its pieces is not in the function exactly once."""
    text = function(bug, _right(bug).replace(bug.right, bug.wrong))
    for old, new in patch.pieces:
        if text.count(old) != 1:
            raise LookupError(f"{bug.name}: {old!r} stands {text.count(old)} times in {bug.function}")
        text = text.replace(old, new)
    return Given(bug=bug, label=patch.label, right=False, text=text)


def read(file: Path) -> tuple[Wrong, ...]:
    """Wrong patches from a file of JSON lines with `bug`, `label` and `pieces`.  Raises BadInput."""
    try:
        return tuple(Wrong.model_validate_json(line) for line in file.read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError) as error:
        raise BadInput("--wrong", str(file), "name a file of JSON lines with bug, label and pieces") from error


SATISFIED: dict[str, JsonValue] = {
    "comment": "nothing speaks against it",
    "wrong_cause": NO,
    "hides_error": NO,
    "changes_meaning": NO,
    "breaks_data": NO,
    "weakens_tests": NO,
}


def model(patch: Given) -> ScriptedModel:
    """A model that sends this patch and objects to nothing when it reviews; the cause is the playbook's.

    What stops a wrong patch is then the product's own, and no model's.
    """
    key = f"services/{patch.bug.service}/{patch.bug.path}::{patch.bug.function}"
    fields: dict[str, JsonValue] = {"function": key, "source": patch.text, "why": patch.label[:200]}
    turn = Turn(tool_calls=(Call(name="propose_fix", args=fields),))
    review = Turn(tool_calls=(Call(name="answer_checklist", args=SATISFIED),))
    return ScriptedModel(script=Script(name="given", agents={"patch": (turn,), "review": (review,)}), name="given")


def all_of(bugs: Sequence[Bug], patches: Sequence[Wrong]) -> Iterator[Given]:
    """The known fix of every bug, then the wrong patches of these bugs."""
    named = {bug.name: bug for bug in bugs}
    yield from map(right, bugs)
    yield from (wrong(named[patch.bug], patch) for patch in patches if patch.bug in named)


def _right(bug: Bug) -> str:
    return (layout.SERVICES / bug.service / bug.path).read_text(encoding="utf-8")


def function(bug: Bug, text: str) -> str:
    """The bug's function in a text of its file, dedented.  Raises LookupError when it is not there once."""
    return source.cut(text, place(bug, text))


def place(bug: Bug, text: str) -> source.Place:
    """The place of the bug's function in a text of its file.  Raises LookupError when it is not there once."""
    found = [item for item in source.outline(bug.path, text) if item.name == bug.function]
    if len(found) != 1:
        raise LookupError(f"{bug.name}: {bug.function} stands {len(found)} times in {bug.path}")
    return found[0]
