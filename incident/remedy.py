"""The closed set of remedies.  Nothing else can be done to the world, whoever asks."""

import difflib
import hashlib
from typing import Annotated, Literal

from pydantic import Field

from incident.value import Value, encode

RemedyKind = Literal["patch", "roll_back", "revert_config", "restart", "scale", "wait", "ask_human"]
"""The kinds of the closed set."""


class FileEdit(Value):
    """One file's new text.  `before` is None for a file that is new."""

    path: str
    before: str | None
    after: str


class Patch(Value):
    """A change to one function of the service, with a regression test beside it."""

    kind: Literal["patch"] = "patch"
    service: str
    base_commit: str
    path: str
    function: str
    edits: tuple[FileEdit, ...]
    diff: str
    summary: str = Field(max_length=400)
    template: str = ""
    """Name of the repair template, when the playbook wrote it."""

    @property
    def changed(self) -> tuple[str, ...]:
        """The lines of the mended file that it takes away (``-``) and puts in (``+``), in the order of the diff."""
        (edit,) = [edit for edit in self.edits if edit.path == self.path]
        lines = difflib.unified_diff((edit.before or "").splitlines(), edit.after.splitlines(), n=0, lineterm="")
        # The first two lines name files, and a changed line begins with its sign, so `@@` is never one.
        return tuple(line for line in list(lines)[2:] if not line.startswith("@@"))


class RollBack(Value):
    """Route everything to an earlier version again."""

    kind: Literal["roll_back"] = "roll_back"
    service: str
    from_version: str
    to_version: str
    to_commit: str = Field(default="", exclude_if=lambda commit: not commit)
    """Empty where nobody knows it: then the version can only come from what the platform has kept."""


class RevertConfig(Value):
    """Undo one recorded configuration change, exactly."""

    kind: Literal["revert_config"] = "revert_config"
    service: str
    version: str
    key: str
    now: str | None
    """Value that it has; None: it is not set."""
    back_to: str | None
    """Value that it had before; None: it was not set."""


class Restart(Value):
    """Restart one version."""

    kind: Literal["restart"] = "restart"
    service: str
    version: str


class Scale(Value):
    """Change the number of replicas."""

    kind: Literal["scale"] = "scale"
    service: str
    replicas: int = Field(ge=1, le=20)


class Wait(Value):
    """Do nothing but watch for a while."""

    kind: Literal["wait"] = "wait"
    service: str
    seconds: float = Field(gt=0, le=600)


class AskHuman(Value):
    """Hand over to a person, with the question."""

    kind: Literal["ask_human"] = "ask_human"
    service: str
    question: str


def deed(remedy: Value) -> str:
    """Digest of what a remedy does: of two patches that change the same lines alike, whatever test stands beside them."""
    if not isinstance(remedy, Patch):
        return remedy.digest()
    # The added test is left out: a model writes it anew each time, and the same refused change would count as a
    # new one.
    return hashlib.sha256(encode([remedy.service, remedy.path, list(remedy.changed)])).hexdigest()


Remedy = Annotated[
    Patch | RollBack | RevertConfig | Restart | Scale | Wait | AskHuman,
    Field(discriminator="kind"),
]
