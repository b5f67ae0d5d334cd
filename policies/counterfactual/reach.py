"""Variations of the facts of the risk and of the gate Reach."""

from datetime import timedelta
from typing import Any

from incident.decision import SCALE, Decision
from incident.evidence import Change, Neighbours, Signals
from incident.proof import Coverage
from incident.remedy import Patch
from incident.value import Value
from policies import limits
from policies.counterfactual import variations
from policies.counterfactual.counterfactuals import Variation
from policies.counterfactual.variations import changed, switches
from policies.gates import reach_gate, risk

Variations = tuple[Variation[Any], ...]

MOST_SERVICES, MOST_COUNT = 40, 40
"""Ends of these variations; every limit in use is far below."""


class Weighed(Value):
    """Facts of the risk and of the gate that weighs it: a fact that both have changes for both."""

    risk: risk.Facts
    reach: reach_gate.Facts


def weigh(facts: Weighed) -> Decision:
    """Score the risk, then decide the gate on that score."""
    scored = risk.assess(facts.risk)
    shared = {"neighbours": facts.risk.neighbours, "error_rate": facts.risk.error_rate}
    given = {"risk": scored.result.score, "risk_factors": scored.factors, **shared}
    return reach_gate.judge(facts.reach.model_copy(update=given))


def weighed(facts: Weighed) -> Variations:
    """Variations of everything that the score rests on, and of the gate's other facts."""
    scored = tuple(variations.within("risk", variation) for variation in (*_around(), *_scored(facts.risk)))
    asked = tuple(variations.within("reach", variation) for variation in _asked(facts.reach))
    return (*scored, *asked)


def reach(facts: reach_gate.Facts) -> Variations:
    """Variations of the gate's facts when the facts of the risk are not known."""
    score = variations.number("risk", "risk", 0, SCALE, shown=lambda value: f"{value / SCALE:.4f}")
    return (score, *_around(), *_asked(facts))


def _around() -> Variations:
    return (
        Variation(name="services that depend on it", range=_fewer_or_more, turn=_dependents, shown=_count),
        variations.edit("topology", lambda facts: changed(facts, neighbours=None, when=facts.neighbours), "known", "unknown"),
        variations.number("share of requests that fail", "error_rate", 0, 1_000, step=0.001, shown=lambda v: f"{v:.1%}"),
        variations.edit("error rate", lambda facts: changed(facts, error_rate=None, when=facts.error_rate is not None), "measured", "unknown"),
        variations.edit("error rate", lambda facts: changed(facts, error_rate=0.0, when=facts.error_rate is None), "unknown", "measured"),
    )  # fmt: skip


def _asked(facts: reach_gate.Facts) -> Variations:
    start, end = facts.now - timedelta(hours=1), facts.now + timedelta(hours=1)
    frozen = facts.limits.model_copy(update={"freezes": (limits.Freeze(start=start, end=end, reason="a freeze"),)})
    thawed = facts.limits.model_copy(update={"freezes": ()})
    swing = tuple(
        Change(service=facts.service, at=facts.now - timedelta(seconds=ago), what="weights", version=version)
        for ago, version in ((3, "one"), (2, "another"), (1, "one"))
    )
    return (
        variations.number("changes in the last hour", "actions_last_hour", 0, MOST_COUNT),
        variations.number("earlier tries at this alert", "tries", 0, MOST_COUNT),
        *switches("control"),
        variations.edit("freeze window", lambda f: changed(f, limits=thawed, when=_inside(f)), "now", "none now"),
        variations.edit("freeze window", lambda f: changed(f, limits=frozen, when=not _inside(f)), "none now", "now"),
        variations.edit("moves back and forth", lambda f: changed(f, moves=swing, when=not f.moves), "none", "one"),
        variations.edit("moves back and forth", lambda f: changed(f, moves=(), when=f.moves is None or f.moves), "found or unknown", "none"),
        *(variations.option("who can tell whether it helped", "verified_by", by, by) for by in ("own rule", "a person's rule", "nobody")),
        variations.edit("severity label", lambda f: changed(f, severities=(), when=f.severities), "as it is", "none"),
        variations.edit("severity label", lambda f: changed(f, severities=("info",), when=f.severities != ("info",)), "another or none", "info"),
        variations.edit("open questions about the service", lambda f: changed(f, waiting=("another incident",), when=not f.waiting), "none", "one"),
        variations.edit("open questions about the service", lambda f: changed(f, waiting=(), when=f.waiting), "some", "none"),
        variations.edit("a person's refusal of this plan", lambda f: changed(f, refused=("another incident",), when=not f.refused), "none", "one"),
        variations.edit("a person's refusal of this plan", lambda f: changed(f, refused=(), when=f.refused), "some", "none"),
    )  # fmt: skip


def _scored(facts: risk.Facts) -> Variations:
    return (
        variations.number(
            "computed confidence in the cause", "confidence", 0, SCALE, shown=lambda v: f"{v / SCALE:.2f}"
        ),
        variations.number("changes taken back lately", "recent_failures", 0, MOST_COUNT),
        Variation(
            name="hours later", range=lambda _: (0, 7 * 24), turn=_later, shown=lambda f: f"{f.now:%A %H:%M} UTC"
        ),
        Variation(name="errors in the objective's window", range=_errors, turn=_more_errors, shown=_errors_shown),
        Variation(name="changed lines that no test runs", range=_uncovered, turn=_uncover, shown=_uncovered_shown),
        *((_longer(facts.remedy, facts.weights.full_lines),) if isinstance(facts.remedy, Patch) else ()),
        variations.edit("proof", lambda f: changed(f, proof=None, when=f.proof), "there is one", "there is none"),
    )


def _inside(facts: reach_gate.Facts) -> bool:
    return any(freeze.start <= facts.now < freeze.end for freeze in facts.limits.freezes)


def _fewer_or_more(facts: Any) -> tuple[int, int]:
    if not isinstance(facts.neighbours, Neighbours):
        return 0, 0
    count = len({*facts.neighbours.dependents, *facts.neighbours.callers})
    return -count, max(0, MOST_SERVICES - count)


def _dependents(facts: Any, steps: int) -> Any:
    around = facts.neighbours
    if not isinstance(around, Neighbours):
        return facts
    if steps > 0:
        more = tuple(f"another service {number}" for number in range(1, steps + 1))
        return variations.put(facts, "neighbours.dependents", (*around.dependents, *more))
    gone = set(sorted({*around.dependents, *around.callers})[steps or None :]) if steps else set()
    fewer = around.model_copy(
        update={
            "dependents": tuple(name for name in around.dependents if name not in gone),
            "callers": tuple(name for name in around.callers if name not in gone),
        }
    )
    return facts.model_copy(update={"neighbours": fewer})


def _count(facts: Any) -> str:
    around = facts.neighbours
    return str(len({*around.dependents, *around.callers})) if isinstance(around, Neighbours) else "unknown"


def _later(facts: Any, steps: int) -> Any:
    return facts.model_copy(update={"now": facts.now + timedelta(hours=steps)})


def _errors(facts: Any) -> tuple[int, int]:
    served = facts.served
    return (-served.errors, served.requests - served.errors) if isinstance(served, Signals) else (0, 0)


def _more_errors(facts: Any, steps: int) -> Any:
    return variations.put(facts, "served.errors", facts.served.errors + steps)


def _errors_shown(facts: Any) -> str:
    return f"{facts.served.errors} of {facts.served.requests}" if isinstance(facts.served, Signals) else "unknown"


def _covered(facts: Any) -> tuple[Coverage, int] | None:
    """Measured coverage, and the number of changed lines that ran; None when it was not measured."""
    measured = facts.proof.coverage if facts.proof is not None else None
    return None if measured is None else (measured, len(set(measured.changed) & set(measured.ran)))


def _uncovered(facts: Any) -> tuple[int, int]:
    found = _covered(facts)
    return (0, 0) if found is None else (found[1] - len(set(found[0].changed)), found[1])


def _uncover(facts: Any, steps: int) -> Any:
    found = _covered(facts)
    if found is None:
        return facts
    lines = tuple(sorted(set(found[0].changed), key=lambda line: (line not in found[0].ran, line)))
    return variations.put(facts, "proof.coverage", Coverage(changed=lines, ran=lines[: found[1] - steps]))


def _uncovered_shown(facts: Any) -> str:
    found = _covered(facts)
    return "unknown" if found is None else f"{len(set(found[0].changed)) - found[1]} of {len(set(found[0].changed))}"


def _longer(remedy: Patch, most: int) -> Variation[Any]:
    """Variation with more changed lines, as comments at the end of the patched file."""

    def turn(facts: Any, steps: int) -> Any:
        def edited(edit: Any) -> Any:
            if edit.path != remedy.path:
                return edit
            return edit.model_copy(update={"after": edit.after.rstrip("\n") + "\n" + "# one more\n" * steps})

        return variations.put(facts, "remedy.edits", tuple(edited(edit) for edit in facts.remedy.edits))

    return Variation(
        name="changed lines",
        range=lambda _: (0, most),
        turn=turn,
        shown=lambda facts: str(risk.changed_lines(facts.remedy)),
    )
