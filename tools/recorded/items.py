"""Reads what is kept in our own form, one value a line: changes, and recorded requests."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from incident.capture import Capture
from incident.evidence import Change
from tools.recorded import bounds
from tools.recorded.files import Files, first, within
from tools.recorded.naming import Naming
from tools.secrets import redaction

CHANGES, CAPTURES = "changes", "captures"

M = TypeVar("M", bound=BaseModel)


def changes(files: Files, naming: Naming) -> list[Change] | None:
    """The recorded changes, oldest first; None where the recording has no file of them."""
    found = _read(files, CHANGES, Change)
    if found is None:
        return None
    ours = (one.model_copy(update={"service": naming.called(one.service) if one.service else ""}) for one in found)
    return sorted((redaction.redact_value(one) for one in ours), key=lambda one: one.at)


def captures(files: Files, naming: Naming) -> list[Capture] | None:
    """The recorded requests, oldest first; None where the recording has no file of them."""
    found = _read(files, CAPTURES, Capture)
    if found is None:
        return None
    return sorted(
        (one.model_copy(update={"service": naming.called(one.service)}) for one in found), key=lambda one: one.at
    )


def _read(files: Files, folder: str, kind: type[M]) -> list[M] | None:
    names = files.named(folder, ".jsonl")
    found: list[M] = []
    for name in names:
        room = within(bounds.MAX_ITEMS - len(found), files.troubles, name, folder)
        for line in files.lines(name):
            if not room():
                return found
            try:
                found.append(kind.model_validate(line.body))
            except ValidationError as error:
                files.troubles.say(name, first(error), line.number)
    return found if names else None
