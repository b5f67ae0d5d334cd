"""Faults of the shop: each is a folder under ``evals/lab/faults`` with a ``fault.yaml``.

A fault is a fact about the world, known to the lab and to scorers only.  Nothing of it enters the laid-out
repository but the files that it plants there.
"""

import os
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from incident.errors import BadInput
from incident.value import Value

FOLDER = Path(os.environ.get("SUTURE_LAB_FAULTS") or Path(__file__).with_name("faults"))
"""Another folder is for generated variants, by the process that starts the lab."""


class Shift(Value):
    """From then on, further kinds of users come; the ordinary ones share the rest as before."""

    after_seconds: float = Field(ge=0)
    kinds: dict[str, float]
    """Share of all arrivals (0..1) per kind of `evals.lab.traffic.users`."""


class BadDeploy(Value):
    """A release that is really committed, tagged, deployed and recorded."""

    after_seconds: float = Field(ge=0)
    service: str
    version: str
    overlay: str
    """Folder below the fault's own, with the files that the release changes."""
    subject: str
    """Of the release's commit."""


class ConfigChange(Value):
    """A configuration value that is really changed and recorded."""

    after_seconds: float = Field(ge=0)
    service: str
    key: str
    value: str


class Fault(Value):
    """One fault, as its ``fault.yaml`` says."""

    name: str
    summary: str
    overlay: str | None = None
    """Folder below the fault's own, whose files replace the shop's in every commit of the history."""
    traffic: tuple[Shift, ...] = ()
    deploy: BadDeploy | None = None
    config: ConfigChange | None = None

    def files(self, overlay: str) -> dict[str, bytes]:
        """The files of one overlay by their path in the shop's repository.  Raises BadInput when it is empty."""
        root = FOLDER / self.name / overlay
        paths = (path for path in sorted(root.rglob("*.*")) if path.is_file() and path.suffix != ".pyc")
        found = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
        if not found:
            raise BadInput("overlay", overlay, f"put the changed files of fault {self.name} there")
        return found


def names() -> tuple[str, ...]:
    """The faults there are."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/fault.yaml")))


def load(name: str) -> Fault:
    """Read one fault.  Raises BadInput for a name that does not exist or a file that does not fit."""
    if name not in names():
        raise BadInput("fault", name, f"use one of {', '.join(names())}")
    path = FOLDER / name / "fault.yaml"
    try:
        return Fault.model_validate({"name": name, **yaml.safe_load(path.read_text())})
    except (ValidationError, TypeError, yaml.YAMLError) as error:
        raise BadInput(
            f"faults/{name}/fault.yaml", str(error)[:60], "write it as evals.lab.faults.Fault says"
        ) from error


def candidate(name: str, answer: str) -> str:
    """The text of one function that a scripted model answers for this fault.  Raises BadInput when there is none."""
    path = FOLDER / load(name).name / "candidates" / f"{answer}.py"
    if not path.is_file():
        raise BadInput("candidate", answer, f"use one of the files beside {path.parent.name}/README.md")
    return path.read_text()
