"""Faults of the shop: each is a folder with a ``fault.yaml``, below ``evals/lab/faults`` or wherever ``--faults`` says.

A fault is a fact about the world, known to the lab and to scorers only.  Nothing of it enters the laid-out
repository but the files that it plants there.  The form is described in ``docs/writing-a-fault.md``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from evals.lab import reading
from evals.lab.metrics.rules import Rule
from evals.lab.traffic.users import User
from incident.errors import BadInput
from incident.value import Value

FOLDER = Path(__file__).with_name("faults")
FILE = "fault.yaml"
Service = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,62}$")]
Key = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,62}$")]
Share = Annotated[float, Field(gt=0, le=1, strict=True)]


class _Event(Value):
    """Something that happens once."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    after_seconds: float = Field(ge=0, le=600, strict=True)
    """From the moment at which the world is calm."""


class Shift(_Event):
    """From then on, these further kinds of users come; the ordinary ones share the rest as before."""

    do: Literal["traffic"] = "traffic"
    kinds: dict[str, Share]
    """Share of all arrivals (0..1) per kind of user; ``{}``: only the ordinary ones again."""


class Rate(_Event):
    """From then on, so many users come: a surge, or a slump."""

    do: Literal["rate"] = "rate"
    per_second: float = Field(gt=0, le=1000, strict=True)
    """Arrivals a second; in ordinary times 100."""


class BadDeploy(_Event):
    """A release that is really committed, tagged, deployed and recorded; it takes all traffic."""

    do: Literal["deploy"] = "deploy"
    service: Service
    version: Version
    overlay: str
    """Folder below the fault's own, with the files that the release changes."""
    subject: str = Field(min_length=1)
    """Of the release's commit."""


class ConfigChange(_Event):
    """A configuration value of a service that is really changed and recorded."""

    do: Literal["configure"] = "configure"
    service: Service
    key: Key
    value: str | None
    """null: the key is unset, so that the service falls back to its own default."""


class Restart(_Event):
    """A service's processes are replaced by fresh ones, which is recorded."""

    do: Literal["restart"] = "restart"
    service: Service


class FlagTurn(_Event):
    """A feature flag gets another default variant, for all services, which is recorded."""

    do: Literal["flag"] = "flag"
    key: str
    variant: str


class Cut(_Event):
    """The connection from a caller to a service is cut, or made whole again."""

    do: Literal["cut"] = "cut"
    caller: str
    """A service, or ``users``."""
    callee: str
    """A service, or a third party."""
    how: Literal["delay", "reset", "black hole", "whole"]
    """*delay* holds a request back, *reset* breaks its connection, and into a *black hole* it goes without an answer."""
    seconds: float = Field(default=0.0, ge=0, le=60, strict=True)
    """Wait of a delayed request."""
    share: Share = 1.0
    """Share of the requests (0..1) that the cut meets."""


class RowEdit(_Event):
    """Somebody runs a statement on the rows of a service; nothing records it."""

    do: Literal["rows"] = "rows"
    service: Service
    sql: str = Field(min_length=1)


class Hold(_Event):
    """Somebody's session keeps everybody else from writing a service's rows for a while; nothing records it."""

    do: Literal["hold"] = "hold"
    service: Service
    seconds: float = Field(gt=0, le=600, strict=True)


class Freeze(_Event):
    """The serving processes of a service stop where they are, without ending; nothing records it."""

    do: Literal["freeze"] = "freeze"
    service: Service


Event = Annotated[
    Shift | Rate | BadDeploy | ConfigChange | Restart | FlagTurn | Cut | RowEdit | Hold | Freeze,
    Field(discriminator="do"),
]


class Description(Value):
    """Content of a ``fault.yaml``."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    summary: str = Field(min_length=1)
    """The cause and what it does, for people who judge; nobody who heals sees it."""
    overlay: str | None = None
    """Folder below the fault's own, whose files replace the shop's in every commit of the history."""
    initial: dict[Service, dict[Key, str]] = {}
    """Configuration that services start with, which is no recorded change: a later change has an old value then."""
    users: dict[str, User] = {}
    """Further kinds of users; none comes before an event lets it."""
    rules: tuple[Rule, ...] = ()
    """Alert rules beside the ordinary ones; one of an ordinary rule's service and name takes its place."""
    events: tuple[Event, ...] = ()
    """Everything that happens, each entry once; several may happen at the same second."""
    may_die: tuple[Service, ...] = ()
    """Services whose processes the fault itself may end; the end of any other one makes the run void."""
    traffic: tuple[Shift, ...] = ()
    """Events of the kind `traffic`, written shorter."""
    deploy: BadDeploy | None = None
    """The one event of the kind `deploy`, written shorter."""
    config: ConfigChange | None = None
    """The one event of the kind `configure`, written shorter."""

    @property
    def timetable(self) -> tuple[Event, ...]:
        """All events by their time; those of one second as they stand in the file."""
        single = tuple(event for event in (self.deploy, self.config) if event is not None)
        return tuple(sorted((*self.events, *self.traffic, *single), key=lambda event: event.after_seconds))

    @property
    def releases(self) -> tuple[BadDeploy, ...]:
        """The releases in the order in which they are committed and deployed."""
        return tuple(event for event in self.timetable if isinstance(event, BadDeploy))


class Fault(Description):
    """One fault: what its file says, its name and its place."""

    name: str
    folder: Path

    def files(self, overlay: str) -> dict[str, bytes]:
        """The files of one overlay by their path in the shop's repository.  Raises BadInput when it is empty."""
        root = self.folder / overlay
        paths = (path for path in sorted(root.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
        found = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
        if not found:
            raise BadInput("overlay", overlay, f"put the changed files of fault {self.name} there")
        return found


def names(more: Sequence[Path] = ()) -> tuple[str, ...]:
    """The faults that there are, those of further folders included."""
    return tuple(sorted(folder.name for folder in _folders(more)))


def folder_of(name: str, more: Sequence[Path] = ()) -> Path:
    """The folder of a fault.  Raises BadInput for a name that does not exist, or that two folders have."""
    found = [folder for folder in _folders(more) if folder.name == name]
    if not found:
        raise BadInput("fault", name, f"use one of {', '.join(names(more))}")
    if len(found) > 1:
        raise BadInput("fault", name, f"rename one: it stands in {' and in '.join(str(one.parent) for one in found)}")
    return found[0]


def load(name: str, more: Sequence[Path] = ()) -> Fault:
    """Read one fault.  Raises BadInput for a name that does not exist or a file that does not fit."""
    return read(folder_of(name, more))


def read(folder: Path) -> Fault:
    """The fault of a folder.  Raises BadInput for the first mistake in its file."""
    return named(folder, reading.only(Description, folder / FILE))


def named(folder: Path, described: Description) -> Fault:
    """A description with the name and the place of its folder."""
    return Fault(
        name=folder.name, folder=folder, **{name: getattr(described, name) for name in described.model_fields_set}
    )


def candidate(name: str, answer: str) -> str:
    """The text of one function that a scripted model answers for this fault.  Raises BadInput when there is none."""
    path = folder_of(name) / "candidates" / f"{answer}.py"
    if not path.is_file():
        raise BadInput("candidate", answer, f"use one of the files beside {path.parent.name}/README.md")
    return path.read_text()


def _folders(more: Sequence[Path]) -> list[Path]:
    for place in more:
        if not place.is_dir():
            raise BadInput("faults", str(place), "name a folder that has a folder for each fault")
    places = dict.fromkeys(place.resolve() for place in (FOLDER, *more))
    return [path.parent for place in places for path in sorted(place.glob(f"*/{FILE}"))]
