"""Canaries look by look, for the whole answers: ways to the end, and one look of each kind."""

from collections.abc import Iterator
from typing import Any

from incident.decision import Decision
from incident.evidence import Missing
from incident.rollout import Baseline, Blind, CanaryMemory, Look
from incident.value import Value
from policies import limits
from policies.rollout import canary
from tests.unit.policies import canaries, given
from tests.unit.policies.canaries import BASELINE, LAB, STAGES, after, begun, counts, judged, look

BLIND = Blind(at=given.at(2), missing=Missing(reason="the router is silent"))
USUAL: dict[str, Any] = {"new": 101, "old": 907}


def facts(memory: CanaryMemory, seen: Look | Blind, **changed: Any) -> canary.Facts:
    """The facts of one look, in the lab."""
    plain = {"memory": memory, "look": seen, "baseline": BASELINE, "limits": LAB, "now": seen.at}
    return canary.Facts.model_validate(plain | changed)


def _bounds(**changed: Any) -> dict[str, limits.Canary]:
    return {"limits": LAB.model_copy(update=changed)}


def _baseline(**changed: Any) -> dict[str, Baseline]:
    return {"baseline": BASELINE.model_copy(update=changed)}


def _trend(grows: float, points: int = 8) -> tuple[tuple[float, float, float], ...]:
    return tuple((float(n - 9), 5e7 + grows * n, 5e7) for n in range(points))


WIDE = look(2, **canaries.WIDE)
SECOND = begun(1).model_copy(update={"memory_trend": _trend(0.0)})
THIRD = begun(2).model_copy(update={"memory_trend": _trend(0.0)})


def _of(memory: CanaryMemory, **changed: Any) -> CanaryMemory:
    return memory.model_copy(update=changed)


LOOKS: dict[str, Value] = {
    "the first one": facts(canary.start(given.ONSET, LAB), look(0)),
    "the first of the second stage": facts(_of(SECOND, first_in_stage=None), WIDE),
    "the first one after the deadline": facts(canary.start(given.ONSET, LAB), look(60)),
    "an ordinary one": facts(begun(), look(2, **USUAL, canary={"errors": 1, "slow": 2})),
    "errors on both": facts(
        begun(),
        look(2, **USUAL, canary={"errors": 3, "signature": 1, "exposed_failed": 1, "slow": 1}, stable={"errors": 140, "signature": 130, "slow": 9}),
    ),
    "the kind cannot be told": facts(begun(), look(2, **USUAL, canary={"exposed": None, "exposed_failed": None})),
    "too few requests": facts(begun(), look(2, new=29, old=260)),
    "just enough requests": facts(begun(), look(2, new=30, old=260)),
    "good enough to widen": facts(begun(), look(2, **counts(10, 3000))),
    "good enough for everything": facts(SECOND, WIDE),
    "good, but no such request was seen": facts(SECOND, look(2, **canaries.WIDE, canary={"exposed": 0})),
    "good, and one such request was seen": facts(SECOND, look(2, **canaries.WIDE, canary={"exposed": 1})),
    "good, but nothing is known of the memory": facts(_of(SECOND, memory_trend=()), WIDE),
    "good, but little is known of the CPU": facts(_of(SECOND, cpu_trend=_trend(0.0, 2)), WIDE),
    "good, where neither is asked": facts(
        _of(SECOND, memory_trend=(), cpu_trend=_trend(0.0, 2)),
        WIDE,
        **_bounds(**{name: getattr(LAB, name).model_copy(update={"required": "never"}) for name in ("memory", "cpu")}),
    ),
    "after a blind one": facts(_of(SECOND, unsteady=3), WIDE),
    "the last after a blind one": facts(_of(SECOND, unsteady=1), WIDE),
    "stages of its own": facts(_of(SECOND, stage=0), look(2, **canaries.WIDE), stage_weights=(50, 100)),
    "at full traffic": facts(THIRD, look(2, 100, new=3000)),
    "at full traffic for long enough": facts(THIRD, look(3, 100, new=3000)),
    "new errors": facts(begun(), look(2, **counts(10, 3000), canary={"errors": 60})),
    "the old error": facts(begun(), look(2, **counts(10, 3000), canary={"errors": 60, "signature": 60})),
    "slow answers": facts(begun(), look(2, **counts(10, 3000), canary={"slow": 60})),
    "everything bad": facts(begun(), look(2, **counts(10, 3000), canary={"errors": 90, "signature": 20, "slow": 80})),
    "a little of everything bad": facts(begun(), look(2, **counts(10, 3000), canary={"errors": 22, "signature": 12, "slow": 9})),
    "memory grows": facts(_of(SECOND, memory_trend=_trend(4e6)), look(2, **canaries.WIDE, canary={"memory_bytes": 9.6e7})),
    "CPU grows": facts(_of(SECOND, cpu_trend=_trend(9e6)), look(2, **canaries.WIDE, canary={"cpu_ms": 1.5e8}, stable={"cpu_ms": 5e7})),
    "at the deadline": facts(_of(SECOND, deadline=given.at(2)), WIDE),
    "a second before the deadline": facts(_of(SECOND, deadline=given.at(3)), WIDE),
    "blind": facts(begun(), BLIND),
    "blind once too often": facts(_of(begun(), blind=LAB.max_blind_looks - 1), BLIND),
    "blind at the deadline": facts(_of(begun(), deadline=given.at(2)), BLIND),
    "stale": facts(begun(), look(2, **USUAL), now=given.at(8)),
    "another weight": facts(begun(), look(2, 11, **USUAL)),
    "negative": facts(begun(), look(2, **USUAL, canary={"slow": -1})),
    "negative on stable": facts(begun(), look(2, **USUAL, stable={"signature": -1})),
    "more errors than requests": facts(begun(), look(2, **USUAL, canary={"errors": 102})),
    "more slow ones than requests": facts(begun(), look(2, **USUAL, stable={"slow": 908})),
    "older than the one before": facts(begun(), look(-1, **USUAL)),
    "another version": facts(begun(), look(2, **USUAL).model_copy(update={"stable": canaries.arm("v1", 907)})),
    "backwards": facts(after(judged(begun(), look(1, new=101, old=909))), look(2, new=100, old=910)),
    "backwards on stable": facts(after(judged(begun(), look(1, new=101, old=909))), look(2, new=101, old=908)),
    "another split": facts(begun(), look(2, new=300, old=907)),
    "few from before": facts(begun(), look(2, **USUAL), **_baseline(healthy_requests=99)),
    "as few from before as may be": facts(begun(), look(2, **USUAL), **_baseline(healthy_requests=100, healthy_errors=0)),
    "contradictory from before": facts(begun(), look(2, **USUAL), **_baseline(healthy_errors=3001)),
    "never healthy": facts(begun(), look(2, **USUAL), **_baseline(healthy_errors=2999)),
    "healthy above the threshold": facts(begun(), look(2, **USUAL), **_baseline(healthy_errors=120)),
    "no threshold": facts(begun(), look(2, **USUAL), **_baseline(alert_threshold=None)),
    "answers alike": facts(begun(), look(2, **counts(10, 3000)), answers=canaries.answers()),
    "answers unlike, perhaps by chance": facts(
        begun(), look(2, **counts(10, 3000)), answers=canaries.answers("status", seen=1, status=204)
    ),
    "answers of another shape": facts(begun(), look(2, **counts(10, 3000)), answers=canaries.answers("shape", "body.total:string")),
    "answers without a part": facts(begun(), look(2, **USUAL), answers=canaries.answers("missing", "body.total")),
    "answers with another value": facts(SECOND, WIDE, answers=canaries.answers("value", "body.currency")),
    "the failing kind still fails": facts(
        SECOND, WIDE, answers=canaries.answers("failed", "AttributeError", of_failing_kind=True, status=500)
    ),
    "a wide threshold": facts(begun(), look(2, **USUAL), **_baseline(alert_threshold=0.3)),
}  # fmt: skip


def _good(second: int) -> dict[str, Any]:
    return {"canary": {"errors": second // 7, "slow": second // 5, "cpu_ms": 4.0}, "stable": {"cpu_ms": 4.0}}


def _leaks(second: int) -> dict[str, Any]:
    return {"canary": {"memory_bytes": 5e7 + 5e6 * second}}


def _harms(second: int) -> dict[str, Any]:
    return {"canary": {"errors": second, "slow": second // 2}}


WAYS = {"good": _good, "leaking": _leaks, "harmful": _harms}


def way(name: str) -> Iterator[tuple[int, Decision]]:
    """One canary from its first look to its last, a look a second."""
    memory, new, old = canary.start(given.ONSET, LAB), 0, 0
    for second in range(200):
        weight = STAGES[memory.stage]
        new, old = new + weight, old + 100 - weight
        spoilt = WAYS[name](second)
        sick = old * 15 // 100
        spoilt["stable"] = {"errors": sick + second // 3, "signature": sick, "slow": second // 2} | spoilt.get(
            "stable", {}
        )
        made = judged(memory, look(second, weight, new=new, old=old, **spoilt), second)
        yield second, made
        if made.choice in ("finish", "roll_back"):
            return
        memory = after(made)
