"""Specification of a scenario, as its folder holds it; see ``docs/scenarios.md``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue

from evals.judging import registry
from evals.judging.registry import Call
from evals.lab import faults, reading
from evals.lab.command import Start
from incident.ending import Outcome
from incident.errors import BadInput
from incident.value import Value

FOLDER = Path(__file__).parent
FILE = "scenario.yaml"
LONGEST = 180.0
"""Seconds after which a healer is stopped and the run has failed."""


class Candidate(Value):
    """One scripted answer of the patch agent: the whole new source of one function."""

    function: str
    """As tools name it, ``path::name``."""
    source: str
    """A file below the fault's folder."""
    why: str


class Script(Value):
    """Answers of a bad model; the agents that are not named are answered by the playbook."""

    name: str
    patch: tuple[Candidate, ...]


class When(Value):
    """The moment at which people step in: a service has a version with this share of the traffic."""

    service: str
    share: int = Field(ge=1, le=99)


class Step(Value):
    """One step of a person, after a while."""

    do: Literal["pause", "resume", "why", "abort", "status"]
    after_seconds: float = Field(default=0.0, ge=0, le=60)
    reason: str = ""


class People(Value):
    """A person who steps in while the healer works."""

    by: str
    when: When
    steps: tuple[Step, ...] = Field(min_length=1)


class Expected(Value):
    """The endings that were promised, and the exit codes that go with them."""

    outcomes: tuple[Outcome, ...] = Field(min_length=1)
    exit_codes: tuple[int, ...] = Field(min_length=1)


class Scenario(Value):
    """One scenario."""

    folder: Path
    """The folder that it was read from."""
    id: int
    title: str
    promised: str
    """The reaction that users were promised."""
    happens: str
    """Event that really happens in the world."""
    lab: Start
    """Start of the world, and the labels of the alert that is waited for."""
    scripted: str = ""
    """Part of it that is scripted, said in the report; empty: nothing is."""
    script: Script | None = None
    people: People | None = None
    environment: dict[str, str] = {}
    """Further variables of the healer."""
    arguments: tuple[str, ...] = ()
    """Further arguments of ``graph.run``."""
    seconds: float = Field(default=LONGEST, gt=0, le=LONGEST)
    settle_seconds: float = Field(default=8.0, ge=2, le=60)
    """Seconds that the world is watched after the ending."""
    expect: Expected
    judges: tuple[Call, ...] = Field(min_length=1)

    def fault(self, more: Sequence[Path] = ()) -> Path | None:
        """The folder of its fault, or None for a world without one.  Raises BadInput for one that does not exist."""
        return faults.folder_of(self.lab.fault, more) if self.lab.fault else None

    def calls(self) -> tuple[Call, ...]:
        """Every judge of this scenario: what it promises, what no run may do without, and its own."""
        promised = registry.call("ending", self.expect.model_dump(mode="json"))
        rest = tuple(registry.call(name) for name in registry.ALWAYS if name != "ending")
        return (promised, *self.judges, *rest)


def load(folder: Path) -> Scenario:
    """Read one scenario.  Raises BadInput for a file that does not fit."""
    place = f"{folder.name}/{FILE}"
    body = reading.parse(folder / FILE)
    if isinstance(body, dict):
        given = body.get("judges")
        judges: JsonValue = (
            [_call(item).model_dump(mode="json") for item in given] if isinstance(given, list) else given
        )
        body = {**body, "judges": judges, "folder": str(folder)}
    scenario, mistakes = reading.checked(Scenario, body, place)
    if scenario is None:
        raise mistakes[0]
    if (scenario.script is None) != (not scenario.scripted):
        raise BadInput(
            folder.name, scenario.scripted, "a scenario with a script says what is scripted, and no other does"
        )
    return scenario


def every(folders: Sequence[Path] = ()) -> tuple[Scenario, ...]:
    """All scenarios by number, those of further folders included.

    Raises BadInput for one that does not fit and for a number that is used twice.
    """
    for place in folders:
        if not any(place.glob(f"*/{FILE}")):
            raise BadInput("scenarios", str(place), f"name a folder of folders that have a {FILE}")
    places = dict.fromkeys(place.resolve() for place in (FOLDER, *folders))
    paths = [path.parent for place in places for path in place.glob(f"*/{FILE}")]
    found = sorted((load(path) for path in paths), key=lambda item: item.id)
    numbers = [item.id for item in found]
    if len(set(numbers)) != len(numbers):
        raise BadInput("id", numbers, "give each scenario a number of its own")
    return tuple(found)


def chosen(ids: tuple[int, ...], known: tuple[Scenario, ...]) -> tuple[Scenario, ...]:
    """The scenarios of these numbers, in their order; none given: all.  Raises BadInput for an unknown one."""
    unknown = sorted(set(ids) - {item.id for item in known})
    if unknown:
        raise BadInput("scenario", unknown, f"use some of {', '.join(str(item.id) for item in known)}")
    return tuple(item for item in known if not ids or item.id in ids)


def _call(item: object) -> Call:
    """``name`` or ``{name: {argument: value}}``."""
    if isinstance(item, str):
        return registry.call(item)
    if isinstance(item, dict) and len(item) == 1:
        name, arguments = next(iter(item.items()))
        return registry.call(str(name), arguments)
    raise BadInput("judges", item, "write a judge's name, or one name with its arguments")
