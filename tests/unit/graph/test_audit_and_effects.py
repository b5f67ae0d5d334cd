"""No effect without an intent that is synced, and none once the chain cannot be written or was altered."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import JsonValue

from graph.console.observer import silent
from graph.effects import perform
from graph.journal import Journal
from incident.ending import Outcome
from incident.errors import SutureError, Tampered, Unavailable
from incident.evidence import Change
from incident.workload import Able, Effect, Routing, Settled, Workload, WorkloadChange
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools import ports
from tools.audit import chain_file
from tools.audit.anchor_file import FileAnchor
from tools.ports import DECISIONS
from tools.scripted.clock import ManualClock
from tools.scripted.state import Behaviour
from tools.scripted.world import HEALTHY, incident_world


class Watched:
    """A platform that notes at each write whether the intent of its key was on disk by then."""

    def __init__(self, inner: ports.Platform, intended: Callable[[], set[str]]) -> None:
        self._inner, self._intended = inner, intended
        self.effects: list[tuple[str, bool]] = []
        self.claims = 0

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> Workload:
        if effect.key == perform.effect_at(self.read(service)).key:
            # Raising the token makes us the owner, and touches nothing that runs.
            self.claims += 1
        else:
            self.effects.append((change.kind, effect.key in self._intended()))
        return self._inner.change(service, change, revision=revision, effect=effect)

    def world(self) -> str:
        return self._inner.world()

    def services(self) -> tuple[str, ...]:
        return self._inner.services()

    def read(self, service: str) -> Workload:
        return self._inner.read(service)

    def able(self, service: str) -> Able:
        return self._inner.able(service)

    def settled(self, service: str, effect: str) -> Settled:
        return self._inner.settled(service, effect)

    def routing(self, service: str) -> Routing:
        return self._inner.routing(service)

    def history(self, service: str, since: datetime) -> tuple[Change, ...]:
        return self._inner.history(service, since)

    def runtime(self, service: str) -> ports.Runtime:
        return self._inner.runtime(service)


class Disk:
    """Remembers what of the chain was synced."""

    def __init__(self) -> None:
        self.durable = b""

    def sync(self, descriptor: int) -> None:
        self.durable = os.pread(descriptor, os.fstat(descriptor).st_size, 0)

    def intended(self, at: Bench) -> set[str]:
        """Keys of the journaled intents whose digests are in the synced part of the chain."""
        entries = [json.loads(line) for line in self.durable.splitlines()]
        digests = {entry["body"].get("sha256") for entry in entries if entry["body"].get("kind") == "intended"}
        lines = (at.home.incident(INCIDENT) / DECISIONS).read_bytes().splitlines()
        return {json.loads(line)["event"]["key"] for line in lines if hashlib.sha256(line).hexdigest() in digests}


class Doubled:
    """An audit chain with something done to it; what it does not say itself is the real one's."""

    def __init__(self, inner: ports.Audit) -> None:
        self.inner = inner

    def append(self, at: datetime, actor: str, action: str, body: Mapping[str, JsonValue]) -> int:
        return self.inner.append(at, actor, action, body)

    def verify(self) -> None:
        self.inner.verify()

    def find(self, action: str, incident: str) -> tuple[Mapping[str, JsonValue], ...]:
        return self.inner.find(action, incident)

    def after(
        self, mark: ports.Bookmark, actions: Collection[str]
    ) -> tuple[tuple[Mapping[str, JsonValue], ...], ports.Bookmark]:
        return self.inner.after(mark, actions)

    def anchor(self) -> None:
        self.inner.anchor()


class Late(Doubled):
    """Writes each entry when the next one comes."""

    waiting: tuple[datetime, str, str, Mapping[str, JsonValue]] | None = None

    def append(self, at: datetime, actor: str, action: str, body: Mapping[str, JsonValue]) -> int:
        before, self.waiting = self.waiting, (at, actor, action, body)
        return 0 if before is None else super().append(*before)

    def find(self, action: str, incident: str) -> tuple[Mapping[str, JsonValue], ...]:
        """What was said counts as written, or nothing would act at all."""
        late = () if self.waiting is None else (self.waiting[2:],)
        said = tuple(body for what, body in late if (what, body.get("incident")) == (action, incident))
        return (*super().find(action, incident), *said)


class Full(Doubled):
    """Cannot be written while `full`."""

    full = False

    def append(self, at: datetime, actor: str, action: str, body: Mapping[str, JsonValue]) -> int:
        if self.full:
            raise Unavailable("audit.jsonl cannot be used: No space left on device")
        return super().append(at, actor, action, body)


class Blind(Doubled):
    """Never looks whether the chain verifies."""

    def __init__(self, inner: ports.Audit, path: Path) -> None:
        super().__init__(inner)
        self.path = path

    def verify(self) -> None:
        return

    def find(self, action: str, incident: str) -> tuple[Mapping[str, JsonValue], ...]:
        entries = map(json.loads, self.path.read_bytes().splitlines())
        return tuple(
            entry["body"] for entry in entries if (entry["action"], entry["body"].get("incident")) == (action, incident)
        )


def audited(at: Bench, audit: ports.Audit) -> Bench:
    """The bench with another audit chain, for its nodes and its journal."""
    journal = Journal(INCIDENT, at.context.folder, audit, at.clock, lambda value: value, silent)
    return dataclasses.replace(at, context=dataclasses.replace(at.context, audit=audit, journal=journal))


def watched(tmp_path: Path, patched: Behaviour, wrap: Callable[[ports.Audit], ports.Audit]) -> tuple[Bench, Watched]:
    clock, disk = ManualClock(), Disk()
    world = incident_world(clock, patched=patched)
    at = bench(tmp_path, clock, world)
    anchor = FileAnchor(at.home.audit_anchor, clock)
    chain = chain_file.open_with(at.home.audit, at.home.audit_key, anchor, clock, sync=disk.sync)
    at = audited(at, wrap(chain))
    platform = Watched(world.platform, lambda: disk.intended(at))
    at.put(platform)
    clock.advance(30)
    return at, platform


@pytest.mark.parametrize(
    ("patched", "ending", "least"),
    [(HEALTHY, Outcome.HEALED, 5), (Behaviour(other=0.12), Outcome.ROLLED_BACK, 4)],
    ids=["healed", "rolled back"],
)
def test_every_effect_follows_its_synced_intent(
    tmp_path: Path, patched: Behaviour, ending: Outcome, least: int
) -> None:
    at, platform = watched(tmp_path, patched, lambda chain: chain)
    assert at.heal().outcome is ending
    assert len(platform.effects) >= least
    assert [kind for kind, intended in platform.effects if not intended] == []


def test_control_a_chain_that_is_written_late_is_caught(tmp_path: Path) -> None:
    at, platform = watched(tmp_path, HEALTHY, Late)
    at.heal()
    assert platform.effects
    assert not any(intended for _, intended in platform.effects)


@pytest.mark.parametrize("seconds", [0.0, 4.0], ids=["before the gate", "during the canary"])
def test_when_the_chain_cannot_be_written_acting_stops_and_what_was_changed_is_taken_back(
    tmp_path: Path, seconds: float
) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    full, before = Full(at.context.audit), at.weights()
    at = audited(at, full)
    clock.advance(30)
    clock.after(seconds, lambda: setattr(full, "full", True))
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "No space left" in ending.reason
    assert at.weights() == before
    assert len([said for said in at.told.said if "escalated" in said]) == 1, "a person is told, once"


def flip(at: Bench, *, last: bool) -> None:
    """Change one byte of an early entry, or of the last one."""
    content = bytearray(at.home.audit.read_bytes())
    content[-100 if last else 300] ^= 1
    at.home.audit.write_bytes(bytes(content))


@pytest.mark.parametrize("last", [False, True], ids=["an early entry", "the last entry"])
def test_a_chain_that_is_altered_in_the_middle_of_an_incident_stops_it_before_the_next_effect(
    tmp_path: Path, *, last: bool
) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    before = at.weights()
    clock.advance(30)
    clock.after(4.0, lambda: flip(at, last=last))
    widest = 0

    def look() -> None:
        nonlocal widest
        canary = [weight for name, weight in at.weights().items() if name not in before]
        widest = max([widest, *canary])
        clock.after(0.5, look)

    clock.after(3.5, look)
    try:
        assert at.heal().outcome is Outcome.ESCALATED
    except SutureError as error:
        assert isinstance(error, Tampered)  # noqa: PT017 (the last entry: not even the ending can be recorded)
    assert widest == 10, "it was at 10 % when the chain was altered, and went no further"
    assert at.weights() == before
    assert any("entry" in said and "changed" in said for said in at.told.said), at.told.said


def test_control_without_the_look_before_each_effect_an_altered_chain_is_acted_upon(tmp_path: Path) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    at = audited(at, Blind(at.context.audit, at.home.audit))
    clock.advance(30)
    # Whoever asks for people's words reads the chain as well, from where it was read before.
    clock.after(3.9, lambda: at.context.incidents.control(INCIDENT))
    clock.after(4.0, lambda: flip(at, last=False))
    assert at.heal().outcome is Outcome.HEALED
