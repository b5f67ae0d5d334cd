"""The first gate: the cause must be established.

Two kinds of evidence must support it, at least one that the workload cannot write, and its disproving
check must have run.  The model's own confidence opens nothing; the confidence here is computed.
"""

from incident.decision import SCALE, Allow, Constraint, Deny, Factor, Hold, Kind, Verdict, because, listed
from incident.diagnosis import Hypothesis, UnknownCause
from incident.evidence import Dossier, Evidence, Origin
from incident.value import Value
from policies import limits
from policies.diagnosis import support
from policies.diagnosis.disproof import Checked
from policies.policy import Judgement, Policy

NAME = "evidence_gate.judge"
VERSION = 4

Bounds = limits.Evidence

UNFORGEABLE: frozenset[Origin] = frozenset({Origin.MEASURED, Origin.PLATFORM})

WEIGHTS: dict[str, int] = {"kinds": 2_500, "unforgeable": 2_500, "disproof": 3_500, "cited": 1_500}
"""Weights of the computed confidence; the disproof weighs most because it could have said no."""


class Facts(Value):
    """The hypothesis, all the evidence, and the result of its disproving check."""

    hypothesis: Hypothesis
    dossier: Dossier
    disproof: Checked
    limits: Bounds = Bounds()


class Result(Value):
    """Confidence in the cause, and the evidence for it."""

    confidence: int
    """In ten-thousandths."""
    supporting: tuple[str, ...]
    """Ids of the evidence that speaks for it."""


def judge(facts: Facts) -> Judgement[Kind, Result]:
    """Allow when the cause is established."""
    found = support.supporting(facts.hypothesis, facts.dossier)
    factors = _factors(facts, found)
    confidence = sum(factor.contribution for factor in factors)
    kinds = kinds_of(found)
    solid = tuple(item.id for item in found if item.origin in UNFORGEABLE)
    verdict = _verdict(facts, kinds, solid, confidence)
    return Judgement[Kind, Result](
        policy=NAME,
        version=VERSION,
        verdict=verdict,
        choice=verdict.kind,
        factors=factors,
        constraints=(
            Constraint(name="kinds", held=len(kinds) >= facts.limits.min_kinds, detail=listed(kinds)),
            Constraint(name="unforgeable", held=bool(solid), detail=listed(solid)),
            Constraint(
                name="not_disproved",
                held=facts.disproof.outcome == "passed",
                detail=because("check_said", detail=facts.disproof.why or facts.disproof.detail),
            ),
            Constraint(
                name="confidence",
                held=confidence >= facts.limits.min_confidence,
                detail=because("computed", confidence=confidence),
            ),
        ),
        result=Result(confidence=confidence, supporting=tuple(item.id for item in found)),
    )


def kinds_of(found: tuple[Evidence, ...]) -> tuple[str, ...]:
    """Kinds of evidence, each once, in order."""
    # A logged error and the count of such errors are one observation, not two.
    names = (str(item.fact.kind) for item in found)
    return tuple(sorted({"errors" if name in ("error_log", "error_group") else name for name in names}))


def _factors(facts: Facts, found: tuple[Evidence, ...]) -> tuple[Factor, ...]:
    kinds = len(kinds_of(found))
    solid = len(kinds_of(tuple(item for item in found if item.origin in UNFORGEABLE)))
    cited = set(facts.hypothesis.evidence)
    relevant = len(cited & {item.id for item in found})
    values = {
        "kinds": min(SCALE, kinds * SCALE // 4),
        "unforgeable": min(SCALE, solid * SCALE // 2),
        "disproof": {"passed": SCALE, "unknown": 0, "failed": 0}[facts.disproof.outcome],
        "cited": relevant * SCALE // len(cited) if cited else 0,
    }
    notes = {
        "kinds": because("kinds_for_it", count=kinds, full=4),
        "unforgeable": because("kinds_beyond_reach", count=solid, full=2),
        "disproof": because("check_outcome", check=facts.disproof.name, outcome=facts.disproof.outcome),
        "cited": because("cited_pieces", relevant=relevant, cited=len(cited)),
    }
    return tuple(
        Factor(
            name=name,
            value=values[name],
            weight=weight,
            contribution=values[name] * weight // SCALE,
            note=notes[name],
        )
        for name, weight in WEIGHTS.items()
    )


def _verdict(facts: Facts, kinds: tuple[str, ...], solid: tuple[str, ...], confidence: int) -> Verdict:
    bounds = facts.limits
    cause = facts.hypothesis.cause
    unknown = cause.reason if isinstance(cause, UnknownCause) else ""
    rules: tuple[tuple[bool, Verdict], ...] = (
        (isinstance(cause, UnknownCause), Hold(reason=because("cause_unknown", why=unknown))),
        (
            facts.disproof.outcome == "failed",
            Deny(reason=because("disproved", detail=facts.disproof.why or facts.disproof.detail)),
        ),
        # Text that a workload wrote must not be enough: whoever can write a log line could steer us.
        (not solid, Hold(reason=because("all_forgeable"))),
        (
            len(kinds) < bounds.min_kinds,
            Hold(reason=because("too_few_kinds", count=len(kinds), needed=bounds.min_kinds, kinds=kinds)),
        ),
        (
            facts.disproof.outcome == "unknown",
            Hold(
                reason=because("not_put_to_the_test", detail=facts.disproof.why or facts.disproof.detail), liftable=True
            ),
        ),
        (
            confidence < bounds.min_confidence,
            Hold(
                reason=because("confidence_too_low", confidence=confidence, needed=bounds.min_confidence), liftable=True
            ),
        ),
    )
    established = Allow(reason=because("established", kinds=len(kinds), solid=len(solid)))
    return next((verdict for applies, verdict in rules if applies), established)


POLICY = Policy(NAME, VERSION, Facts, Result, judge)
