"""A world is put together port by port; what is unset is missing with a sentence."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from graph import doctor
from graph.config import settings
from graph.setup import worlds
from incident.ending import Outcome
from incident.errors import BadInput, Refused, Unavailable
from incident.evidence import Missing
from tests.unit.graph.desks import bench
from tools import attempt, ports
from tools.scripted.clock import EPOCH, ManualClock
from tools.scripted.world import ScriptedWorld, incident_world
from tools.unset import Unset


def chosen(**addresses: str) -> settings.Settings:
    variables = {settings.PORTS.get(name, name): value for name, value in addresses.items()}
    return settings.load({"SUTURE_HOME": "/nowhere", **variables})


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> ScriptedWorld:
    """A world that answers at two addresses; another address is silent."""
    world = incident_world(ManualClock())

    def connect(url: str, clock: ports.Clock) -> ports.World:
        if url.endswith("/silent"):
            raise Unavailable("nobody answers")
        return world

    monkeypatch.setattr(worlds, "WORLDS", {"http": connect})
    return world


def test_every_port_of_the_protocol_is_registered() -> None:
    """A port that is added to the world must be added to the registry and to the settings."""
    of_world = {name for name, kind in ports.World.__annotations__.items() if name not in ("name", "clock")}
    assert of_world == set(worlds.PORTS) == set(settings.PORTS) == set(worlds.ADAPTERS)
    assert set(worlds.PORTS) <= set(doctor.PARTS)


def test_one_address_gives_the_whole_world(simulated: ScriptedWorld) -> None:
    assert worlds.assemble(chosen(SUTURE_WORLD_URL="http://x/")) is simulated


def test_a_port_of_its_own_wins_over_the_world(simulated: ScriptedWorld, tmp_path: Path) -> None:
    found = worlds.assemble(chosen(SUTURE_WORLD_URL="http://x/", traces="none", logs="embedded:http://x/silent"))
    assert found.platform is simulated.platform
    assert found.metrics is simulated.metrics
    assert "without logs, traces" in found.name
    silent = found.logs.errors("orders", EPOCH, EPOCH)
    assert isinstance(silent, Missing)
    assert "cannot be reached" in silent.reason
    assert isinstance(found.traces.neighbours("orders"), Missing)
    with pytest.raises(Refused, match="set SUTURE_TRACES"):
        found.traces.failing("orders", EPOCH, EPOCH, 1)
    assert found.aliases() == simulated.aliases()


@pytest.mark.parametrize(
    ("addresses", "field"),
    [
        ({"metrics": "promtheus:http://x"}, "SUTURE_METRICS"),
        ({"metrics": "embedded"}, "SUTURE_METRICS"),
        ({"repository": "git:relative"}, "SUTURE_REPOSITORY"),
        ({"repository": "git:/nowhere/at/all"}, "SUTURE_REPOSITORY"),
        ({"platform": "none"}, "SUTURE_PLATFORM"),
        ({"platform": "embedded:ftp://x"}, "SUTURE_PLATFORM"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused_by_its_variable(
    simulated: ScriptedWorld, addresses: dict[str, str], field: str
) -> None:
    with pytest.raises(BadInput, match=field):
        worlds.assemble(chosen(SUTURE_WORLD_URL="http://x/", **addresses))


def test_a_world_needs_a_platform_that_answers(simulated: ScriptedWorld) -> None:
    with pytest.raises(BadInput, match="SUTURE_PLATFORM"):
        worlds.assemble(chosen(metrics="embedded:http://x/"))
    with pytest.raises(BadInput, match="start that world"):
        worlds.chosen(chosen(platform="embedded:http://x/silent"))


@pytest.mark.parametrize("port", worlds.PORTS)
def test_an_unset_port_answers_each_question_of_its_protocol(port: str) -> None:
    """Missing or an error, never anything else."""
    protocol = worlds.PORTS[port]
    unset: Any = Unset(protocol, "it is not set", Refused)
    asked = [name for name in vars(protocol) if not name.startswith("_")]
    assert asked
    for name in asked:
        answer = attempt.run(partial(getattr(unset, name), "x", key="y"))
        assert isinstance(answer, Refused | Missing), name
    with pytest.raises(AttributeError):
        unset.nonsense()


@pytest.mark.parametrize("port", worlds.PORTS)
@pytest.mark.parametrize("kind", [Refused, Unavailable], ids=["unset", "unreachable"])
def test_a_whole_incident_without_a_port_ends_honestly(tmp_path: Path, port: str, kind: type[Unavailable]) -> None:
    """Escalated, rejected or a question; never a crash, and nothing is changed by guesses.

    A patch carries its own proof, and the platform tells of its own changes, so it may heal without these two.
    """
    clock = ManualClock()
    world = incident_world(clock)
    at = bench(tmp_path, clock, world)
    state = at.open()
    setattr(at.context.world, port, Unset(worlds.PORTS[port], f"the port {port} is not set", kind))
    clock.advance(30)
    ended = at.run(state)
    if ended.ending is not None and ended.ending.outcome is Outcome.HEALED:
        assert port in ("changes", "places")
        return
    if ended.ending is not None:
        assert ended.ending.outcome.value in ("escalated", "rejected"), ended.ending
    assert at.weights() == {"v1": 100}
    assert [entry for entry in at.context.ledger.entries("inc-test") if "branch" not in entry.intent] == []


@pytest.mark.parametrize("well", [True, False], ids=["answers", "is silent"])
def test_the_doctor_tries_each_port(simulated: ScriptedWorld, *, well: bool) -> None:
    place = "http://x/" if well else "http://x/silent"
    found = chosen(SUTURE_WORLD_URL=place, metrics="none")
    rows = {
        part: doctor.tried(part, partial(doctor.PARTS[part], found)) for part in worlds.PORTS if part != "repository"
    }
    assert {part: row.well for part, row in rows.items()} == {
        part: None if part == "metrics" else well for part in rows
    }
    assert "SUTURE_METRICS" in rows["metrics"].says
