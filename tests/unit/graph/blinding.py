"""Incidents whose measurements go wrong at one stage, behind the real adapters and without a socket.

The simulated world is reached through the embedded world's HTTP interface; whatever measures (routed counts, signals,
series, the alert's condition) is spoilt on the wire from one moment on. Reading and changing workloads still work.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from graph.effects import perform
from graph.journal import Journal
from graph.state import State
from incident.decision import Allow
from incident.ending import Outcome
from incident.phase import Phase
from incident.rollout import CanaryMemory
from policies.policy import C, F, Judgement, Policy, R
from policies.profiles import lab
from tests.unit.graph.desks import Bench, bench
from tests.unit.signing import signed
from tools import embedded
from tools.scripted import world as scripted
from tools.scripted.clock import ManualClock
from tools.scripted.interface import Interface, Reply
from tools.scripted.stage import Crashed, Trouble
from tools.scripted.world import Dump, incident_world

LIMITS = lab()
SLACK = 60.0
"""Seconds on top of a deadline: one look through a provider that lets every question time out, and a restart."""

STAGES = {"10 %": 3, "50 %": 4, "100 %": 5, "verification": 0}
"""The write that begins the stage; verification begins without one."""

STATES = (
    "down",
    "slow",
    "500",
    "empty",
    "NaN",
    "infinite",
    "stale",
    "partial",
    "too few",
    "flapping",
    "wrong type",
    "clock skew",
)
WRITES = ("", "409", "429", "500", "500 but done", "killed before", "killed after")
"""What happens to the first write that takes traffic off the canary."""

_SLOW = 5.0
"""Seconds until a reader gives up."""


@dataclass
class Begun:
    """An incident interrupted where a stage begins: the world, the time, and the books on disk."""

    dump: Dump
    now: datetime
    home: Path


def begin(stage: str, folder: Path) -> Begun:
    """Drive an incident to the beginning of a stage, and end its process there."""
    clock = ManualClock()
    trouble = Trouble.model_validate({"changes": {STAGES[stage]: "crash_after"}} if STAGES[stage] else {})
    at = bench(folder, clock, incident_world(clock, trouble=trouble))
    if not STAGES[stage]:
        at.context = replace(at.context, world=_Interrupted(at))
    clock.advance(30)
    try:
        at.run(at.open())
    except Crashed:
        return Begun(at.world.dump(), clock.now(), folder / "home")
    raise AssertionError(f"the incident never came to {stage}")


class _Interrupted:
    """A world whose caller's process ends when verification first asks for a measurement."""

    def __init__(self, at: Bench) -> None:
        self._at = at

    def __getattr__(self, name: str) -> Any:
        if name == "metrics" and verifying(self._at):
            raise Crashed
        return getattr(self._at.world, name)


def verifying(at: Bench) -> bool:
    return any(r.event.kind == "moved" and r.event.after is Phase.VERIFYING for r in at.records)


@dataclass
class Wire:
    """The HTTP interface of a simulated world, spoilt in one way."""

    interface: Interface
    clock: ManualClock
    state: str
    write: str
    widened: int = 0
    """Writes that gave the canary more traffic."""
    restored: datetime | None = None
    """When the canary first had no traffic again."""
    first: dict[str, Reply] = field(default_factory=dict)
    mishaps: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, query, body = request.url.path, dict(request.url.params), request.read()
        if path.endswith("/changes"):
            return self._change(path, query, body)
        if path.endswith("/routing") or path in ("/measure", "/signals", "/range"):
            return self._measured(request, lambda: self.interface.answer(request.method, path, query, body))
        return _response(self.interface.answer(request.method, path, query, body))

    def _measured(self, request: httpx.Request, ask: Any) -> httpx.Response:
        now = self.clock.now()
        match self.state:
            case "good":
                return _response(ask())
            case "down":
                raise httpx.ConnectError("refused", request=request)
            case "slow":
                self.clock.advance(_SLOW)
                raise httpx.ReadTimeout("timed out", request=request)
            case "500":
                return httpx.Response(500, json={"error": "boom"})
            case "empty":
                return httpx.Response(200, content=b"")
            case "flapping":
                return httpx.Response(503, json={}) if int(now.timestamp()) % 4 < 2 else _response(ask())
            case "too few":
                reply = self.first.setdefault(f"{request.url.path}?{request.url.params.get('version')}", ask())
                return httpx.Response(200, text=json.dumps(_few(reply.body, now)))
            case _:
                return httpx.Response(200, text=json.dumps(spoil(ask().body, self.state)))

    def _change(self, path: str, query: Mapping[str, str], body: bytes) -> httpx.Response:
        change = json.loads(body)["change"]
        shares = change["weights"] if change["kind"] == "weights" else {}
        canary = next((share for name, share in shares.items() if "-suture-" in name), 0)
        undoing = bool(shares) and canary == 0
        self.widened += canary > 0
        mishap = self.write if undoing and not self.mishaps else ""
        self.mishaps += undoing
        if mishap in ("409", "429", "500"):
            return httpx.Response(int(mishap), json={"error": "not now"})
        if mishap == "killed before":
            raise Crashed
        reply = self.interface.answer("POST", path, query, body)
        if undoing and reply.status == 200 and self.restored is None:
            self.restored = self.clock.now()
        if mishap == "killed after":
            raise Crashed
        return httpx.Response(500, json={"error": "boom"}) if mishap == "500 but done" else _response(reply)


def _response(reply: Reply) -> httpx.Response:
    return httpx.Response(reply.status, json=reply.body)


def spoil(body: Any, state: str) -> Any:
    """A measurement's answer with its numbers, times or parts spoilt, at every depth."""
    if isinstance(body, list):
        return [spoil(item, state) for item in body]
    if isinstance(body, dict):
        kept = list(body.items())[: len(body) // 2] if state == "partial" else body.items()
        return {key: spoil(value, state) for key, value in kept}
    if isinstance(body, str) and state in ("stale", "clock skew") and "T" in body and body[:2] == "20":
        moved = timedelta(seconds=-60 if state == "stale" else 60)
        return (datetime.fromisoformat(body) + moved).isoformat()
    if isinstance(body, int | float) and not isinstance(body, bool):
        return {"NaN": float("nan"), "infinite": float("inf"), "wrong type": {"many": "yes"}}.get(state, body)
    return body


def _few(body: Any, now: datetime) -> Any:
    """The counts of the first answer for ever, dated now, and hardly a sample in a window."""
    fixed = {"at": now.isoformat(), "end": now.isoformat()}
    small = {"samples": 3, "value": 0.0, "firing": False} if "samples" in body else {}
    return {**body, **{key: value for key, value in fixed.items() if key in body}, **small}


class Trusting(Journal):
    """The guard off: what cannot be seen counts as good."""

    def decide(self, node: str, policy: Policy[F, C, R], facts: F) -> Judgement[C, R]:
        decision = super().decide(node, policy, facts)
        said = facts.model_dump(mode="json")
        if policy.name == "canary.judge" and "missing" in said["look"]:
            stage = said["memory"]["stage"]
            begun = {"stage": min(2, stage + 1), "first_in_stage": None, "deadline": "2099-01-01T00:00:00Z"}
            memory = CanaryMemory.model_validate(said["memory"] | begun)
            result, choice = (
                decision.result.model_copy(update={"memory": memory}),
                ("advance", "promote", "finish")[stage],
            )
            return decision.model_copy(update={"choice": choice, "verdict": _YES, "result": result})
        if policy.name == "verify.judge" and "reason" in said["readings"][-1][1]:
            return decision.model_copy(update={"choice": "healed", "verdict": _YES})
        return decision


_YES = Allow(reason="nothing bad was seen")


@dataclass
class Seen:
    """How the incident went on."""

    state: State
    wire: Wire
    seconds: float
    """From the beginning of the fault until the canary had no traffic; the whole run when it kept it."""
    weights: dict[str, int]
    mark: str
    """What stands at the resource about a change in flight."""

    @property
    def promoted(self) -> bool:
        healed = self.state.ending is not None and self.state.ending.outcome is Outcome.HEALED
        return self.wire.widened > 0 or healed


def go_on(begun: Begun, folder: Path, state: str, write: str = "", *, trusting: bool = False) -> Seen:
    """Another process goes on, and what it measures is spoilt from its first question on."""
    shutil.copytree(begun.home, folder / "home")
    clock = ManualClock(begun.now)
    simulated = scripted.load(begun.dump, clock)
    interface = Interface(simulated, "http://127.0.0.1:1", folder / "files")
    wire = Wire(interface, clock, state, write)
    transport = httpx.MockTransport(signed(interface.key, wire))
    world = embedded.connect("http://127.0.0.1:1", clock, transport, simulated.repository)
    for _ in range(2):
        at = bench(folder, clock, simulated)
        at.context = replace(at.context, world=world)
        if trusting:
            context = at.context
            at.context = replace(
                context,
                journal=Trusting("inc-test", context.folder, context.audit, clock, lambda v: v, at.records.append),
            )
        try:
            ended = at.run()
        except Crashed:
            clock.advance(5)
            continue
        until = wire.restored or clock.now()
        before = perform.before_of(simulated.platform.read("orders"))
        mark = "" if before is None else before.canonical().decode()
        return Seen(ended, wire, (until - begun.now).total_seconds(), at.weights(), mark)
    raise AssertionError("the incident was killed twice")


def deadline(stage: str) -> float:
    """Seconds after which a stage that shows nothing is taken back."""
    if stage == "verification":
        return LIMITS.verify.watch_seconds + LIMITS.verify.extension_seconds
    return LIMITS.canary.stage_deadline_seconds


def name(value: str) -> str:
    return value.replace(" ", "_") or "written"


def assert_taken_back(seen: Seen, stage: str) -> None:
    """What holds of every incident that cannot be seen from a stage on."""
    assert not seen.promoted
    assert seen.weights == {"v1": 100}
    assert seen.seconds <= deadline(stage) + SLACK
    assert seen.state.ending is not None
    assert seen.state.ending.outcome in (Outcome.ROLLED_BACK, Outcome.ESCALATED)
    assert seen.wire.mishaps > 0
    assert seen.mark == ""
