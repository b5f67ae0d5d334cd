"""Proof of a restart: it may act alone only where it interrupts nobody."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.evidence import collect, remedy_proofs
from incident.errors import Unavailable
from incident.evidence import Dossier, FailingTrace, Missing, Neighbours, Unready
from incident.remedy import Restart
from incident.workload import Routed, Routing, Workload
from tests.unit.graph.desks import bench
from tools import ports
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world

REMEDY = Restart(service="orders", version="v1")


class Hung:
    """A platform on which a version is as ready as told, and whose router counts as told."""

    def __init__(self, real: ports.Platform, *, ready: bool, wells: tuple[int, ...]) -> None:
        self._real, workload = real, real.read("orders")
        versions = tuple(one.model_copy(update={"ready": ready}) for one in workload.versions)
        self._workload, self._routing = workload.model_copy(update={"versions": versions}), real.routing("orders")
        self._wells = list(wells)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def read(self, _: str) -> Workload:
        return self._workload

    def routing(self, _: str) -> Routing:
        if not self._wells:
            raise Unavailable("the router is silent")
        well = self._wells.pop(0)
        counted = Routed(version=REMEDY.version, requests=well + 50, errors=50, slow=0)
        return self._routing.model_copy(update={"versions": (counted,)})


Prove = Callable[..., dict[str, str]]


@pytest.fixture
def prove(tmp_path: Path) -> Prove:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))

    def proved(*, ready: bool, wells: tuple[int, ...]) -> dict[str, str]:
        hung: Any = Hung(at.world.platform, ready=ready, wells=wells)
        at.put(hung)
        seen = Dossier(service="orders", onset=clock.now(), evidence=())
        proof = remedy_proofs.prove(at.context, REMEDY, seen, "base")
        return {check.name: check.outcome for check in proof.checks}

    return proved


def test_what_is_not_ready_and_answers_nobody_may_be_restarted(prove: Prove) -> None:
    assert prove(ready=False, wells=(700, 700)) == {"reversible": "passed", "interrupts nobody": "passed"}


@pytest.mark.parametrize(
    ("ready", "wells"), [(True, (700, 700)), (False, (700, 701)), (False, ())], ids=["ready", "answers", "not counted"]
)
def test_otherwise_a_person_is_asked(prove: Prove, ready: bool, wells: tuple[int, ...]) -> None:
    assert prove(ready=ready, wells=wells)["interrupts nobody"] == "unknown"


@pytest.mark.parametrize("heard", [True, False])
def test_what_answers_somebody_is_no_hang_however_late_its_health_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: bool
) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, wakes_in=0.0))
    clock.advance(30)
    hung: Any = Hung(at.world.platform, ready=False, wells=())
    at.put(hung)
    if not heard:
        silent = Missing(reason="not scraped")
        monkeypatch.setattr(type(at.world.metrics), "signals", lambda *_, **__: silent)
    dossier = collect.collect(at.context, at.case(), None)
    assert bool(dossier.of("unready")) is not heard


def test_a_caller_that_hangs_is_not_evidence_about_whom_it_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, wakes_in=0.0))
    clock.advance(30)
    monkeypatch.setattr(type(at.world.metrics), "signals", lambda *_, **__: Missing(reason="not scraped"))
    hung: Any = Hung(at.world.platform, ready=False, wells=())
    at.put(hung)
    around = Neighbours(service="orders", callers=("storefront",), callees=("stock",))
    seen = collect.collect(at.context, at.case(), around)
    told = {item.fact.service for item in seen.of("unready") if isinstance(item.fact, Unready)}
    through = {
        name for item in seen.of("failing_trace") if isinstance(item.fact, FailingTrace) for name in item.fact.path
    }
    assert "storefront" in through, "control: the failing requests come through it"
    assert told == {"orders", "stock"}
