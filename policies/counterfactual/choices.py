"""How the facts of the policies that choose could have been different: `policies.counterfactual.counterfactuals` turns these."""

from datetime import timedelta
from typing import Any

from incident.evidence import Change, Measurement, Origin
from incident.evidence import Evidence as Piece
from incident.rollout import Look
from policies.counterfactual import variations
from policies.counterfactual.counterfactuals import Variation
from policies.diagnosis import assertions, triage
from policies.remedy import ranking as remedies
from policies.remedy import retry
from policies.rollout import canary, verify

Variations = tuple[Variation[Any], ...]

MOST = 1_000_000
"""Requests beyond which nobody looks."""


def triaging(facts: triage.Facts) -> Variations:
    """The alert's own value and its samples, the service's errors, and whether it fires."""
    threshold = getattr(facts.condition, "threshold", 0.0)
    step = abs(threshold) / 100 or 0.01
    return (
        variations.number(
            "the alert's own value", "measurement.value", -MOST, MOST, step=step, shown=lambda v: f"{v:.4g}"
        ),
        variations.number("requests behind that value", "measurement.samples", 0, MOST),
        Variation(name="failing requests", range=_failing, turn=_fail, shown=_failures),
        *(
            variations.option("alert", "firing", value, said, lambda found: "fires" if found else "resolved")
            for value, said in ((True, "fires"), (False, "resolved"))
        ),
    )


def checking(facts: assertions.Facts) -> Variations:
    """Each disproving check with another outcome."""
    return tuple(
        _result(index, result.name, result.outcome, outcome)
        for index, result in enumerate(facts.results)
        for outcome in ("passed", "failed", "unknown")
        if outcome != result.outcome
    )


def ranking(facts: remedies.Facts) -> Variations:
    """What could be reproduced, gone back to, or was tried before; each recorded change left out, and a fresh deploy."""
    serving = facts.workload.serving
    at = facts.dossier.onset - timedelta(seconds=60)
    name, service = serving.name if serving else "", facts.workload.service
    deploy = Change(service=service, at=at, what="deploy", version=name, previous="an earlier version")
    piece = Piece(id="E-deploy", source="platform", origin=Origin.PLATFORM, fact=deploy)
    changes = facts.dossier.of("change")
    kinds = tuple(kind for kind in remedies.ORDER if kind != "ask_human")
    return (
        variations.option("a recorded request that reproduces it", "reproduction", True, "found", _found),  # noqa: FBT003
        variations.option("a recorded request that reproduces it", "reproduction", False, "none", _found),  # noqa: FBT003
        variations.edit("an earlier version that served well", _forget, "known", "none known"),
        variations.edit("an earlier version that served well", _remember, "none known", "known"),
        variations.edit(
            f"a deploy of {name} a minute before the onset", lambda f: _added(f, piece), "none", "recorded"
        ),
        *(_left_out(item) for item in changes),
        *(_tried(kind) for kind in kinds),
    )


def rolling(facts: canary.Facts) -> Variations:
    """What this one look counted on the canary."""
    if not isinstance(facts.look, Look):
        return ()
    return (
        Variation(name="errors on the canary", range=_arm_errors, turn=_arm_fails, shown=_arm_shown),
        Variation(name="slow answers of the canary", range=_arm_slow, turn=_arm_slows, shown=_arm_slow_shown),
    )


def verifying(facts: verify.Facts) -> Variations:
    """The last reading of the alert's own condition, errors of its kind, and the neighbours."""
    threshold = getattr(facts.condition, "threshold", 0.0)
    step = abs(threshold) / 100 or 0.01
    last = Variation(
        name="the last reading",
        range=lambda f: _reading_range(f, step),
        turn=lambda f, steps: _reading_turned(f, steps, step),
        shown=_reading_shown,
    )
    return (
        last,
        variations.number("errors of the incident's own kind", "signature_seen_since", 0, 1_000),
        *(
            variations.option("neighbours", "neighbours_worse", value, said, lambda found: "unknown" if found is None else "worse" if found else "well")
            for value, said in ((True, "worse"), (False, "well"))
        ),
    )  # fmt: skip


def trying(_facts: retry.Facts) -> Variations:
    """How often the patch agent was asked, and how often it may be."""
    return (
        variations.number("times the patch agent was asked", "attempt", 0, 20),
        variations.number("times it may be asked", "max_attempts", 1, 20),
    )


def _found(value: object) -> str:
    return "found" if value else "none"


def _failing(facts: Any) -> tuple[int, int]:
    errors, requests = getattr(facts.signals, "errors", 0), getattr(facts.signals, "requests", 0)
    return -errors, requests - errors


def _fail(facts: Any, steps: int) -> Any:
    return variations.put(facts, "signals.errors", facts.signals.errors + steps)


def _failures(facts: Any) -> str:
    errors = getattr(facts.signals, "errors", None)
    return "unknown" if errors is None else f"{errors} of {facts.signals.requests}"


def _result(index: int, name: str, before: str, outcome: str) -> Variation[Any]:
    def change(facts: Any) -> Any:
        if facts.results[index].outcome != before:
            return None
        other = facts.results[index].model_copy(update={"outcome": outcome})
        return facts.model_copy(update={"results": (*facts.results[:index], other, *facts.results[index + 1 :])})

    return variations.edit(f"disproving check {index + 1} ({name})", change, before, outcome)


def _forget(facts: Any) -> Any:
    return facts.model_copy(update={"previous_good": None}) if facts.previous_good else None


def _remember(facts: Any) -> Any:
    return None if facts.previous_good else facts.model_copy(update={"previous_good": ("an earlier version", "0" * 40)})


def _added(facts: Any, piece: Piece) -> Any:
    if any(item.id == piece.id for item in facts.dossier.evidence):
        return None
    return variations.put(facts, "dossier.evidence", (*facts.dossier.evidence, piece))


def _left_out(item: Piece) -> Variation[Any]:
    fact = item.fact
    what = getattr(fact, "what", fact.kind)

    def change(facts: Any) -> Any:
        kept = tuple(other for other in facts.dossier.evidence if other.id != item.id)
        return variations.put(facts, "dossier.evidence", kept) if len(kept) < len(facts.dossier.evidence) else None

    return variations.edit(f"recorded change {item.id} ({what})", change, "there", "not there")


def _tried(kind: str) -> Variation[Any]:
    def change(facts: Any) -> Any:
        return None if kind in facts.tried else facts.model_copy(update={"tried": (*facts.tried, kind)})

    return variations.edit(f"{kind.replace('_', ' ')} in this incident", change, "not tried yet", "tried without help")


def _arm_errors(facts: Any) -> tuple[int, int]:
    arm, last = facts.look.canary, facts.memory.last
    floor = max(arm.signature, last.canary.errors if last else 0)
    return min(0, floor - arm.errors), max(0, arm.requests - arm.errors)


def _arm_fails(facts: Any, steps: int) -> Any:
    return variations.put(facts, "look.canary.errors", facts.look.canary.errors + steps)


def _arm_shown(facts: Any) -> str:
    return f"{facts.look.canary.errors} of {facts.look.canary.requests}"


def _arm_slow(facts: Any) -> tuple[int, int]:
    arm, last = facts.look.canary, facts.memory.last
    return min(0, (last.canary.slow if last else 0) - arm.slow), max(0, arm.requests - arm.slow)


def _arm_slows(facts: Any, steps: int) -> Any:
    return variations.put(facts, "look.canary.slow", facts.look.canary.slow + steps)


def _arm_slow_shown(facts: Any) -> str:
    return f"{facts.look.canary.slow} of {facts.look.canary.requests}"


def _reading(facts: Any) -> Measurement | None:
    found = facts.readings[-1][1] if facts.readings else None
    return found if isinstance(found, Measurement) else None


def _reading_range(facts: Any, step: float) -> tuple[int, int]:
    found = _reading(facts)
    here = 0 if found is None else round(found.value / step)
    return (0, 0) if found is None else (min(0, -here), 1_000)


def _reading_turned(facts: Any, steps: int, step: float) -> Any:
    found = _reading(facts)
    if found is None:
        return facts
    at = facts.readings[-1][0]
    other = found.model_copy(update={"value": round((round(found.value / step) + steps) * step, 9)})
    return facts.model_copy(update={"readings": (*facts.readings[:-1], (at, other))})


def _reading_shown(facts: Any) -> str:
    found = _reading(facts)
    return "none" if found is None else f"{found.value:.4g}"
