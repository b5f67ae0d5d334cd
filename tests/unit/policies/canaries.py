"""Looks at a canary beside a stable version that fails 15 %, and how they are judged one by one."""

from typing import Any

from incident.decision import Decision
from incident.rollout import Answers, Arm, Baseline, Blind, CanaryMemory, Difference, Look
from policies import profiles
from policies.rollout import canary
from tests.unit.policies import given

LAB = profiles.lab().canary


BASELINE = Baseline(healthy_requests=3000, healthy_errors=9, alert_threshold=0.05, signature_rate=0.15)


STAGES = (10, 50, 100)


def arm(version: str, requests: int, **counts: Any) -> Arm:
    values = {"errors": 0, "signature": 0, "slow": 0, "exposed": requests // 7, "exposed_failed": 0}
    return Arm.model_validate({"version": version, "requests": requests, "memory_bytes": 5e7} | values | counts)


def look(second: float, weight: int = 10, new: int = 0, old: int = 0, **changed: Any) -> Look:
    sick = old * 15 // 100
    arms = {
        "canary": arm("v3", new, **changed.pop("canary", {})),
        "stable": arm("v2", old, **({"errors": sick, "signature": sick} | changed.pop("stable", {}))),
    }
    return Look.model_validate({"at": given.at(second), "weight": weight} | arms | changed)


def answers(what: str = "", *names: str, **changed: Any) -> Answers:
    """Recorded answers; with a difference, nine of the canary's twenty are unlike all of stable's."""
    plain = {"of_failing_kind": False, "status": 200, "seen": 9, "new": 20, "old": 180}
    found = (Difference.model_validate({"what": what, "names": names} | plain | changed),) if what else ()
    return Answers(route="POST /orders", new=20, old=180, differences=found)


def judged(memory: CanaryMemory, seen: Look | Blind, now: float | None = None, **changed: Any) -> Decision:
    when = seen.at if now is None else given.at(now)
    facts = {"memory": memory, "look": seen, "baseline": BASELINE, "limits": LAB, "now": when}
    return canary.judge(canary.Facts.model_validate(facts | changed))


def after(decision: Decision) -> CanaryMemory:
    return CanaryMemory.model_validate(decision.data["memory"])


def begun(stage: int = 0) -> CanaryMemory:
    """A memory whose stage has had its first look."""
    start = canary.start(given.ONSET, LAB).model_copy(update={"stage": stage})
    return after(judged(start, look(0, STAGES[stage])))


def counts(weight: int, total: int) -> dict[str, int]:
    return {"weight": weight, "new": total * weight // 100, "old": total - total * weight // 100}


BLIND_TO_MEMORY = LAB.model_copy(update={"memory": LAB.memory.model_copy(update={"required": "never"})})


WIDE: dict[str, Any] = {"weight": 50, "new": 1500, "old": 1500}


def evidence(decision: Decision) -> dict[str, Any]:
    found = decision.data["evidence"]
    assert isinstance(found, dict)
    return found
