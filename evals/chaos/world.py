"""A simulated world in a process of its own that writes down every change it was asked for: the judge of duplicates."""

import json
from multiprocessing.connection import Connection
from pathlib import Path

from pydantic import AwareDatetime

from incident.errors import Conflict, Refused
from incident.evidence import Missing
from incident.value import Value
from incident.workload import Annotate, Deploy, Effect, Workload, WorkloadChange
from tools import ports
from tools.clock import SystemClock
from tools.scripted.materialise import materialise
from tools.scripted.serve import Served
from tools.scripted.world import ScriptedWorld, incident_world, load

SERVICE = "orders"
RATE = 80.0
"""Requests a second: enough for the canary's tests to decide within seconds."""
AWAKE = 20.0
"""Seconds for which the bug has been awake when the world comes up."""


class Asked(Value):
    """One change that the world was asked for."""

    at: AwareDatetime
    service: str
    change: WorkloadChange
    key: str
    """Of the effect; empty for one that carries none."""
    token: int
    applied: bool


class Recorded:
    """The platform, with a line for every change that was asked for.

    `lenient` turns off what would stop a second deploy: the version that is there is taken for the answer.
    """

    def __init__(self, inner: ports.Platform, log: Path, clock: ports.Clock, *, lenient: bool) -> None:
        self._inner, self._log, self._clock, self._lenient = inner, log, clock, lenient
        self.world, self.services, self.read = inner.world, inner.services, inner.read
        self.able, self.settled = inner.able, inner.settled
        self.routing, self.history, self.runtime = inner.routing, inner.history, inner.runtime

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> Workload:
        """Make the change and write down that it was asked for.  Raises what the platform raises."""
        effect_made = "" if self._takes(service, change, effect) else effect.key
        if self._lenient and isinstance(change, Deploy) and self.read(service).version(change.version) is not None:
            self._write(service, change, effect_made, effect.token, applied=True)
            return self.read(service)
        try:
            after = self._inner.change(service, change, revision=revision, effect=effect)
        except (Conflict, Refused):
            self._write(service, change, effect_made, effect.token, applied=False)
            raise
        self._write(service, change, effect_made, effect.token, applied=True)
        return after

    def _takes(self, service: str, change: WorkloadChange, effect: Effect) -> bool:
        """True for a new holder's write of its token, which leaves the last effect's key as it stands: no effect."""
        stands = self.read(service).effect
        if not isinstance(change, Annotate) or isinstance(stands, Missing):
            return False
        same = (stands.key, stands.before) == (effect.key, effect.before)
        return same and (stands.token, stands.grant) != (effect.token, effect.grant)

    def _write(self, service: str, change: WorkloadChange, key: str, token: int, *, applied: bool) -> None:
        asked = Asked(
            at=self._clock.now(),
            service=service,
            change=change,
            key=key,
            token=token,
            applied=applied,
        )
        with self._log.open("ab") as file:
            file.write(asked.canonical() + b"\n")


def serve(folder: Path, identity: str, talk: Connection, *, lenient: bool) -> None:
    """Serve a sick world until the other end of the pipe is gone.  Sends its address and its alert first."""
    clock = SystemClock()
    folder.mkdir(parents=True)
    world = materialise(_named(identity, clock), clock, folder / "repository")
    world.platform = Recorded(world.platform, folder / "changes.jsonl", clock, lenient=lenient)
    served = Served(world, folder)
    alerts = served.interface.answer("GET", "/alerts", {}, b"").body
    talk.send(json.dumps({"url": served.url, "payload": alerts}))
    with open(talk.fileno(), "rb", closefd=False) as stream:
        served.until_closed(stream)


def _named(identity: str, clock: ports.Clock) -> ScriptedWorld:
    dump = incident_world(clock, wakes_in=-AWAKE, rate=RATE).dump()
    return load(dump.model_copy(update={"state": dump.state.model_copy(update={"world": identity})}), clock)


def asked(folder: Path) -> tuple[Asked, ...]:
    """Every change that the world of this folder was asked for, in order."""
    log = folder / "changes.jsonl"
    if not log.exists():
        return ()
    return tuple(Asked.model_validate_json(line) for line in log.read_bytes().splitlines())
