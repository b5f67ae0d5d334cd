"""Facts for the whole answers: for each policy the ordinary case, what is unknown, and each edge that it knows of.

The tables of the policies' own tests are used again here; what is added are the cases whose words and numbers
they do not look at.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from evals.attacks.honesty import judge
from evals.attacks.honesty.hiding import HIDING
from evals.attacks.honesty.honest import HONEST
from incident.control import Control
from incident.decision import SCALE, Allow, Decision, Deny, Factor, Hold
from incident.diagnosis import Diagnosis, ResourceCause, UnknownCause
from incident.ending import Outcome
from incident.evidence import Missing, Neighbours
from incident.proof import Coverage
from incident.stacks import Frame
from incident.value import Value
from policies import limits
from policies.diagnosis import assertions, correlate, search, triage
from policies.gates import autonomy, conflicts, evidence_gate, permission, proof_gate, reach_gate, risk
from policies.patch import rules
from policies.remedy import ranking, retry
from policies.rollout import verify
from tests.unit.policies import (
    given,
    patches,
    test_claims,
    test_conflicts,
    test_correlate,
    test_disproof,
    test_evidence_gate,
    test_gates,
    test_patch_rules,
    test_proof_gate,
    test_reach_gate,
    test_remedies,
    test_risk,
    test_search,
    test_triage,
    test_verify,
)

Changes = Mapping[str, dict[str, Any]]
GONE = Missing(reason="the samples are gone")


def varied(ordinary: Value, changes: Changes) -> dict[str, Value]:
    """The ordinary facts, and those with something else in their place."""
    kind = type(ordinary)
    plain = {name: getattr(ordinary, name) for name in kind.model_fields}
    return {"ordinary": ordinary} | {name: kind.model_validate(plain | other) for name, other in changes.items()}


def _condition(comparison: str, threshold: float, value: float, **others: Any) -> dict[str, Any]:
    turned = given.CONDITION.model_copy(update={"comparison": comparison, "threshold": threshold})
    return {"condition": turned, "measurement": given.measured(value), **others}


QUARTER = limits.Triage(margin=0.25)

TRIAGE = varied(
    triage.Facts.model_validate(test_triage.WELL),
    {
        "nothing is known": {"condition": GONE, "measurement": GONE, "signals": Missing(reason="no router")},
        "no measurement, and two requests": {"measurement": GONE, "signals": given.signals(errors=0, requests=2)},
        "no signals": {"signals": GONE},
        "no condition, and it resolved": {"condition": GONE, "firing": False},
        "just enough of everything": {
            "measurement": given.measured(0.01, samples=50),
            "signals": given.signals(errors=1, requests=50),
        },
        "too little of everything": {
            "measurement": given.measured(0.2, samples=49),
            "signals": given.signals(errors=2, requests=49),
        },
        "no requests": {"signals": given.signals(errors=0, requests=0)},
        "at the margin, above is bad": _condition(">", 1.0, 0.75, limits=QUARTER),
        "at the margin, as much is bad": _condition(">=", 1.0, 0.75, limits=QUARTER),
        "at the margin, below is bad": _condition("<", 1.0, 1.25, limits=QUARTER),
        "at the margin, as little is bad": _condition("<=", 1.0, 1.25, limits=QUARTER),
        "a negative threshold": _condition(">", -4.0, -5.0, limits=QUARTER),
        "a negative threshold, less room": _condition(">", -4.0, -4.9, limits=QUARTER),
        "resolved, without margin": _condition(">", 1.0, 1.0, firing=False),
        "resolved, and as much is bad": _condition(">=", 1.0, 1.0, firing=False),
    },
)


def _traces(*ways: tuple[int, tuple[str, ...]]) -> tuple[Any, ...]:
    return tuple(given.trace(path[-1], path, n) for count, path in ways for n in range(count))


CHAIN = ("edge", "storefront", "orders")

CORRELATE = varied(
    correlate.Facts.model_validate(test_correlate.CASCADE),
    {
        "nothing alerts": {"alerting": ()},
        "no topology": {"neighbours": (), "traces": ()},
        "no traces": {"traces": ()},
        "a topology of others alone": {"neighbours": (given.AROUND,), "traces": ()},
        "traces alone": {"neighbours": ()},
        "being handled": {"open": (("inc-1", "stock"), ("inc-2", "orders"), ("inc-3", "orders"))},
        "being handled without a topology": {"open": (("inc-2", "storefront"),), "neighbours": (), "traces": ()},
        "two ends": {"traces": _traces((5, CHAIN), (2, ("edge", "storefront", "catalogue")))},
        "as many at a deeper end": {"traces": _traces((2, CHAIN), (2, (*CHAIN, "stock")))},
        "as many at an end as deep": {"traces": _traces((2, CHAIN), (2, ("edge", "storefront", "catalogue")))},
        "one more at a higher end": {"traces": _traces((3, ("edge", "storefront")), (2, (*CHAIN, "stock")))},
        "it fails itself, without a path": {"traces": (given.trace("storefront", ()), given.trace("storefront", ()))},
        "outside the platform": {"traces": _traces((2, (*CHAIN, "rates.example:443")))},
        "nothing but outside": {
            "alerting": ("rates.example:443",),
            "traces": _traces((2, ("rates.example:443",))),
        },
        "traces of others": {"traces": _traces((9, ("batch", "reports")))},
        "two callees alert": {"alerting": ("storefront", "orders", "catalogue"), "traces": ()},
        "an unrelated alert": {"alerting": ("storefront", "orders", "reports", "archive")},
        "only callees tell": {
            "alerting": ("stock", "orders", "edge"),
            "neighbours": (Neighbours(service="orders", callers=(), callees=("stock",)), test_correlate.FRONT),
            "traces": (),
        },
        "only paths tell": {
            "alerting": ("stock", "edge", "mail"),
            "neighbours": (),
            "traces": _traces((1, ("edge", "stock", "mail")), (2, ("edge", "stock"))),
        },
    },
)

HALVES = given.hypothesis().model_copy(update={"explanation": "it is said twice; " * 20})


def _blaming(cause: Any, **changed: Any) -> Any:
    return given.hypothesis().model_copy(update={"cause": cause, **changed})


RESOURCES = {
    name: ResourceCause.model_validate({"resource": name}) for name in ("memory", "cpu", "disk", "connections")
}
CAUSES: dict[str, Any] = {
    "code": given.CODE,
    "deploy": given.DEPLOY,
    "config": given.CONFIG,
    "dependency": given.DEPENDENCY,
    "a callee": given.DEPENDENCY.model_copy(update={"host": "stock"}),
    **RESOURCES,
    "unknown": UnknownCause(reason="no logs"),
}

METHOD = given.PLACE.model_copy(update={"function": "total"})
LOG = test_evidence_gate.LOG
ELSEWHERE = test_disproof.ELSEWHERE
OTHERS = test_disproof.OTHER_SERVICE
FRAMES = (Frame(path="orders/tiers.py", line=3, function="tier_of"),)

EVERYTHING = given.dossier(
    given.errors(),
    given.errors(5, ("v1", "v2"), place=ELSEWHERE),
    given.errors(7, place=OTHERS),
    given.errors(3, ("v1",), place=METHOD),
    LOG,
    LOG.model_copy(update={"service": "stock", "signature": None}),
    LOG.model_copy(update={"service": "stock", "signature": None, "frames": FRAMES}),
    given.signals(),
    given.signals(0),
    given.signals(4, 100, "stock"),
    given.signals(0, 100, version="v1"),
    given.signals(9, 100, version="v1"),
    given.signals(9, 100, version="v2"),
    given.signals(0, 100, version="v2"),
    given.signals(9, 100, "stock", version="v2"),
    given.signals(3, 100, "rates.example:443"),
    given.signals(0, 100, "rates.example:443"),
    given.signals(0).model_copy(update={"memory_bytes": 5e7}),
    given.signals(0).model_copy(update={"cpu_cores": 0.5}),
    given.signals(0, 100, "stock").model_copy(update={"memory_bytes": 5e7, "cpu_cores": 0.5}),
    given.deployed(),
    given.deployed(version="v3"),
    given.deployed().model_copy(update={"service": "stock"}),
    given.deployed().model_copy(update={"what": "weights"}),
    given.configured(),
    given.configured(new="7"),
    given.configured().model_copy(update={"service": "stock"}),
    given.configured().model_copy(update={"key": "OTHER"}),
    given.configured().model_copy(update={"what": "restart"}),
    given.TRAITS,
    given.TRAITS.model_copy(update={"traits": ()}),
    given.TRAITS.model_copy(update={"service": "stock"}),
    given.trace(),
    given.trace("rates.example:443"),
    given.trace("stock"),
    given.AROUND,
    given.AROUND.model_copy(update={"service": "stock"}),
    given.CONDITION,
    given.measured(),
)
"""Every kind of fact, each also about another service, version, place or key: most of them bear on nothing."""

CITED = ("E1", "E8")

EVIDENCE = varied(
    evidence_gate.Facts(
        hypothesis=given.hypothesis(evidence=CITED),
        dossier=test_evidence_gate.FULL,
        disproof=given.PASSED,
        limits=limits.Evidence(),
    ),
    {
        **{
            f"everything about {name}": {"hypothesis": _blaming(cause, evidence=CITED), "dossier": EVERYTHING}
            for name, cause in CAUSES.items()
        },
        **{name: {"dossier": facts} for name, (facts, _) in test_evidence_gate.WEAK.items()},
        "a method": {"hypothesis": _blaming(given.CODE.model_copy(update={"function": "Cart.total"})), "dossier": EVERYTHING},
        "it could not be tested": {"disproof": given.PASSED.model_copy(update={"outcome": "unknown"})},
        "disproved": {"disproof": given.PASSED.model_copy(update={"outcome": "failed"})},
        "cites nothing": {"hypothesis": given.hypothesis(evidence=())},
        "cites one of three": {"hypothesis": given.hypothesis(evidence=("E1", "E77", "E88"))},
        "exactly enough": {"limits": limits.Evidence(min_kinds=4, min_confidence=8_000)},
        "one kind too few": {"limits": limits.Evidence(min_kinds=5)},
        "too little confidence": {"hypothesis": given.hypothesis(evidence=()), "limits": limits.Evidence(min_confidence=9_900)},
        "nothing, where nothing is asked": {"dossier": given.dossier(), "limits": limits.Evidence(min_kinds=1, min_confidence=0)},
    },
)  # fmt: skip


def _diagnosed(*hypotheses: Any) -> Diagnosis:
    return Diagnosis(hypotheses=hypotheses, model="m")


def _mentioning(name: str) -> dict[str, Any]:
    """A claim about a service that only one kind of fact names."""
    fact: dict[str, Any] = {
        "signals": given.signals(service="stock"),
        "a log": LOG.model_copy(update={"service": "stock"}),
        "a group": given.errors(place=OTHERS),
        "a change": given.deployed().model_copy(update={"service": "stock"}),
        "a path": given.trace("x", ("edge", "stock", "x")),
        "neighbours": Neighbours(service="stock", callers=(), callees=()),
        "a caller": Neighbours(service="x", callers=("stock",), callees=()),
        "a callee": Neighbours(service="x", callers=(), callees=("stock",)),
        "traits": given.TRAITS.model_copy(update={"service": "stock"}),
    }
    return {
        "dossier": given.dossier(given.errors(), fact[name]),
        "diagnosis": _diagnosed(given.hypothesis(service="stock")),
    }


CLAIMS = varied(
    assertions.Facts(diagnosis=_diagnosed(given.hypothesis()), dossier=test_claims.DOSSIER, results=(given.PASSED,)),
    {
        **{
            name: {"diagnosis": _diagnosed(claim), "results": (given.PASSED,) if results is None else results}
            for name, (claim, results, _) in test_claims.STRUCK.items()
        },
        **{f"about a service that {name} names": _mentioning(name) for name in (
            "signals", "a log", "a group", "a change", "a path", "neighbours", "a caller", "a callee", "traits"
        )},
        **{f"{name} without evidence": {"diagnosis": _diagnosed(_blaming(cause)), "dossier": given.dossier(given.errors(place=ELSEWHERE))}
            for name, cause in CAUSES.items()},
        **{f"{name} with all evidence": {"diagnosis": _diagnosed(_blaming(cause)), "dossier": EVERYTHING}
            for name, cause in CAUSES.items()},
        "no hypothesis": {"diagnosis": _diagnosed(), "results": ()},
        "a log alone": {"dossier": given.dossier(LOG)},
        "two of three are struck out": {
            "diagnosis": _diagnosed(HALVES, given.hypothesis(), given.hypothesis(evidence=("E9", "E1", "E8"))),
            "results": (given.PASSED.model_copy(update={"outcome": "failed"}), given.PASSED, given.PASSED),
        },
    },
)  # fmt: skip

DISPROOFS = {
    f"{named.value}: {name}": (given.hypothesis(cause, disproof=named), facts)
    for name, cause, named, facts, _ in test_disproof.CASES
}

FRESH: dict[str, Any] = {"dossier": given.dossier(given.errors(), given.deployed())}
STALE = limits.Remedies().fresh_seconds + 1


def _remedies() -> dict[str, Value]:
    ordinary = ranking.Facts(
        hypothesis=given.hypothesis(),
        dossier=given.dossier(given.errors()),
        workload=given.workload(),
        previous_good=("v1", "a" * 40),
        reproduction=True,
        tried=(),
        limits=limits.Remedies(),
    )
    reverting: dict[str, Any] = {"hypothesis": given.hypothesis(given.CONFIG), "dossier": test_remedies.HERRING}
    slow = given.workload().model_copy(update={"versions": (
        given.workload("v1").versions[0].model_copy(update={"weight": 10}),
        given.workload().versions[0].model_copy(update={"weight": 90}),
    )})  # fmt: skip
    return varied(
        ordinary,
        {
            "a fresh deploy": FRESH,
            "a blamed deploy": {**FRESH, "hypothesis": given.hypothesis(given.DEPLOY)},
            "another deploy is blamed": {
                **FRESH,
                "hypothesis": given.hypothesis(given.DEPLOY.model_copy(update={"version": "v7"})),
            },
            "the latest of two deploys": {
                "dossier": given.dossier(given.errors(first=-3), given.deployed(-5), given.deployed(-90))
            },
            "an old deploy": {"dossier": given.dossier(given.errors(), given.deployed(-STALE))},
            "a deploy of another version": {"dossier": given.dossier(given.errors(), given.deployed(version="v3"))},
            "the errors come from elsewhere": {"dossier": given.dossier(given.errors(versions=("v0", "v1")), given.deployed())},
            "both versions fail": {"dossier": given.dossier(given.errors(versions=("v1", "v2")), given.deployed())},
            "the errors were there before": {"dossier": given.dossier(given.errors(first=-60.0), given.deployed())},
            "more errors of another kind": {
                "dossier": given.dossier(
                    given.errors(3, first=-60.0), given.errors(9, place=ELSEWHERE), given.errors(99, ("v1",), place=OTHERS), given.deployed()
                )
            },
            "no errors are known": {"dossier": given.dossier(given.deployed())},
            "no good version": {**FRESH, "previous_good": None},
            "the good version runs": {**FRESH, "previous_good": ("v2", "a" * 40)},
            "the good version failed": {
                "dossier": given.dossier(given.errors(), given.deployed(), given.signals(5, 100, version="v1"))
            },
            "the good version of another service failed": {
                "dossier": given.dossier(given.errors(), given.deployed(), given.signals(50, 100, "stock", version="v1"))
            },
            "both versions fail alike": {**FRESH, "earlier": given.signals(60, 2_000, version="v1"), "running": given.signals(3, 100, version="v2")},
            "the deploy is blamed, and no worse": {
                **FRESH, "hypothesis": given.hypothesis(given.DEPLOY),
                "earlier": given.signals(6, 2_000, version="v1"), "running": given.signals(0, 100, version="v2"),
            },
            "the deploy is worse": {**FRESH, "earlier": given.signals(6, 2_000, version="v1"), "running": given.signals(9, 100, version="v2")},
            "the good version was not asked": {
                "dossier": given.dossier(given.errors(), given.deployed(), given.signals(0, 0, version="v1"))
            },
            "rolled back already": {**FRESH, "tried": (test_remedies.BACK.digest(),)},
            "nothing serves": {**FRESH, "workload": given.workload().model_copy(update={"versions": ()})},
            "not reproduced": {"reproduction": False},
            "a configuration": reverting,
            "set by a version that does not serve": {**reverting, "workload": slow, "dossier": given.dossier(given.configured(version="v1"))},
            "set for the whole service": {**reverting, "dossier": given.dossier(given.configured(version=None))},
            "the later of two settings": {
                **reverting, "dossier": given.dossier(given.configured(-5.0), given.configured(-60.0, "100"), given.configured(-3, "1", "9"))
            },
            "a setting long ago": {**reverting, "dossier": given.dossier(given.configured(-STALE))},
            "a setting of nothing before": {**reverting, "dossier": given.dossier(given.configured(old=None))},
            "a setting that is gone": {**reverting, "workload": given.workload(config={"OTHER": "5"})},
            "a setting where nothing serves": {**reverting, "workload": given.workload().model_copy(update={"versions": ()})},
            **{f"{name} is to blame": {"hypothesis": _blaming(cause), **FRESH} for name, cause in CAUSES.items()},
            **{
                f"{name} and nothing serves": {
                    "hypothesis": _blaming(cause), "workload": given.workload().model_copy(update={"versions": ()})
                }
                for name, cause in RESOURCES.items()
            },
        },
    )  # fmt: skip


REMEDIES = _remedies()


def _patch_cases() -> dict[str, Value]:
    line, guard = patches.LINE, patches.GUARD

    def facts(patch: Any, **changed: Any) -> rules.Facts:
        plain = {"patch": patch, "component": "orders", "tests": "orders/tests", "limits": limits.Patch()}
        return rules.Facts.model_validate(plain | changed)

    def tier(text: str) -> rules.Facts:
        return facts(patches.patch(patches.edited(line, text), "tier_of", patches.added()))

    good = patches.edited(line, guard)
    ordinary = tier(guard)
    return {
        "ordinary": ordinary,
        **{f"good: {name}": tier(text) for name, text in test_patch_rules.GOOD_TIERS.items()},
        **{f"bad: {name}": tier(text) for name, (text, _) in test_patch_rules.BAD_TIERS.items()},
        **{f"invented: {name}": tier(text) for name, text in test_patch_rules.INVENTED.items()},
        **{
            f"removed: {name}": facts(patches.patch(patches.edited(text, "", module=good)))
            for name, (text, _) in test_patch_rules.REMOVED.items()
        },
        **{
            f"status: {name}": facts(patches.patch(patches.edited(*texts), "handle"))
            for name, texts in test_patch_rules.STATUS.items()
        },
        **{f"outside: {name}": facts(patches.patch(after)) for name, after in test_patch_rules.OUTSIDE.items()},
        **{
            f"signature: {name}": facts(patches.patch(patches.edited(*texts, module=good)))
            for name, texts in test_patch_rules.SIGNATURES.items()
        },
        **{
            f"files: {name}": facts(patches.patch(good, "tier_of", extra))
            for name, (extra, _) in test_patch_rules.FILES.items()
        },
        "files: two bad ones": facts(
            patches.patch(good, "tier_of", patches.added("a/test_x.py"), patches.added("b/test_y.py", "x = 1\n"))
        ),
        **{f"hiding: {name}": judge.facts(edit) for name, edit in HIDING.items()},
        **{f"honest: {name}": judge.facts(edit) for name, edit in HONEST.items()},
        "no such function": facts(patches.patch(good, "missing")),
        "no Python": facts(patches.patch(patches.edited(line, "    tier = (\n"))),
        "no Python before": facts(patches.patch(good, before="def (")),
        "a new file": facts(patches.patch(good, before=None)),
        "too long": ordinary.model_copy(update={"limits": limits.Patch(max_changed_lines=1, max_test_lines=1)}),
        "as long as it may be": ordinary.model_copy(update={"limits": limits.Patch(max_changed_lines=2, max_test_lines=2)}),
        "a made-up default that is known": tier(test_patch_rules.INVENTED["a get default"]).model_copy(
            update={"known_values": ("basic",)}
        ),
        "written by a model, read by rules": ordinary.model_copy(update={"read_by_rules": True}),
        "written by a template, read by rules": ordinary.model_copy(
            update={"read_by_rules": True, "patch": ordinary.patch.model_copy(update={"template": "guard"})}
        ),
        "invented, and read by rules": tier(test_patch_rules.INVENTED["an or"]).model_copy(update={"read_by_rules": True}),
    }  # fmt: skip


PATCHES = _patch_cases()

RISK = varied(
    risk.Facts.model_validate(test_risk.BASE),
    {
        "nothing is known": test_risk.NOTHING,
        "it is known why": {"neighbours": Missing(reason="no spans"), "served": Missing(reason="no samples")},
        **{f"remedy {kind}": {"remedy": remedy} for kind, remedy in test_risk.REMEDIES.items()},
        **{
            f"{kind} without a proof": {"remedy": test_risk.REMEDIES[kind], "proof": None}
            for kind in ("roll_back", "restart")
        },
        "a failed proof": {"proof": test_risk.proof("a", "b", spoilt="b", outcome="failed")},
        "some checks": {"proof": test_risk.proof("fixed", "scope", ran=(4, 9))},
        "not covered": {"proof": test_risk.proof("fixed").model_copy(update={"coverage": None})},
        "nothing to cover": {
            "proof": test_risk.proof("fixed").model_copy(update={"coverage": Coverage(changed=(), ran=(1,))})
        },
        "callers and dependents": {
            "neighbours": Neighbours(service="orders", callers=("a", "b"), callees=("x",), dependents=("b", "c"))
        },
        "many of everything": {"neighbours": test_risk.around(9), "recent_failures": 4, "error_rate": 1.0},
        "one failure": {"recent_failures": 1, "error_rate": 0.0, "confidence": 0},
        "a third": {"error_rate": 1 / 3, "confidence": 3_333},
        "no requests": {"served": test_risk.served(0, 0)},
        "one request": {"served": test_risk.served(0, 1)},
        "an objective of minutes": {"objective": limits.Objective(objective=0.95, window_seconds=90.0)},
        "an objective of a day": {"objective": limits.Objective(objective=0.9, window_seconds=86_400.0)},
        "an objective of all": {"objective": limits.Objective(objective=1.0)},
        "nothing missed of all": {"objective": limits.Objective(objective=1.0), "served": test_risk.served(0)},
        "a freeze ahead": {"freezes": test_risk.freeze(3_600, "orders", "stock")},
        "a freeze of others": {"freezes": (*test_risk.freeze(0, "stock"), *test_risk.freeze(-60))},
        "on Friday": {"now": given.ONSET + timedelta(days=2)},
        "on Saturday": {"now": given.ONSET + timedelta(days=3)},
        "early": {"now": given.ONSET - timedelta(hours=2)},
        "too early": {"now": given.ONSET - timedelta(hours=2, seconds=1)},
        "late": {"now": given.ONSET + timedelta(hours=8)},
    },
)

DECIDED = Decision(policy="patch_rules.inspect", version=3, verdict=Hold(reason="a made-up value", liftable=True))


def _review(**answers: bool | str) -> Any:
    return test_proof_gate.REVIEW.model_copy(update=answers)


def _proving(kind: str, **outcomes: str) -> dict[str, Any]:
    return {"kind": kind, "proof": test_proof_gate.proof(kind, **outcomes)}


PROOF = varied(
    proof_gate.Facts(
        kind="patch", remedy_digest="d", base="b", proof=test_proof_gate.proof("patch"),
        inspection=Allow(reason="clean"), review=test_proof_gate.REVIEW,
    ),
    {
        "no proof": {"proof": None},
        "no proof, inspection or review": {"proof": None, "inspection": None, "review": None},
        "of another change": {"proof": test_proof_gate.proof("patch", digest="x"), "review": _review(remedy_digest="x")},
        "on another base": {"proof": test_proof_gate.proof("patch", base="c")},
        "nothing was checked": {"proof": test_proof_gate.proof("wait")},
        "each outcome": _proving("patch", reproduces="failed", fixed="unknown", own_tests="unknown", scope="absent", bounded="absent"),
        "one more check": _proving("patch", beyond="failed"),
        "one more check, unknown": _proving("patch", beyond="unknown"),
        "checks that say nothing": {"proof": test_proof_gate.proof("patch").model_copy(update={"checks": tuple(
            check.model_copy(update={"detail": ""}) for check in test_proof_gate.proof("patch").checks)})},
        "inspected: no": {"inspection": Deny(reason="it hides")},
        "inspected: a decision": {"inspection": DECIDED},
        "reviewed: no": {"review": _review(right_cause=False, hides_error=True, tests_meaningful=False)},
        **{f"{kind} is proved": _proving(kind) for kind in ("roll_back", "revert_config", "restart", "scale")},
        "rolling back into the unknown": _proving("roll_back", **{"target served well": "unknown", "target is the recorded one": "absent"}),
        "waiting": {"kind": "wait", "proof": None},
        "asking": {"kind": "ask_human", "proof": None},
    },
)  # fmt: skip

FACTORS = tuple(
    Factor(name=name, value=SCALE, weight=weight, contribution=weight, note=f"about {name}")
    for name, weight in (("hour", 100), ("reach", 3_000), ("proof", 3_000), ("budget", 900))
)
SAID = {"by": "ada", "reason": "not today"}

REACH = varied(
    reach_gate.Facts.model_validate(
        {"service": "orders", "risk": 2_000, "neighbours": test_reach_gate.around(2), "error_rate": 0.15,
         "actions_last_hour": 0, "tries": 0, "moves": (), "control": Control(), "autonomy": "auto",
         "verified_by": "own rule", "now": given.ONSET, "limits": limits.Reach()}
    ),
    {
        **{name: changed for name, changed, _, _ in test_reach_gate.CASES},
        "killed by somebody": {"control": Control(stop_all=True, aborted=True, **SAID)},
        "aborted by somebody": {"control": Control(aborted=True, paused=True, **SAID)},
        "paused by somebody": {"control": Control(paused=True, **SAID)},
        "too risky, and it is known why": {"risk": 7_000, "risk_factors": FACTORS},
        "a little risky, and it is known why": {"risk": 4_000, "risk_factors": FACTORS[:1]},
        "everything at once": {
            "risk": 9_999, "neighbours": test_reach_gate.around(9), "error_rate": 1.0, "actions_last_hour": 7, "tries": 4,
            "moves": test_reach_gate.SWING, "control": Control(paused=True), "limits": test_reach_gate.frozen(-10, 10, "stock", "orders"),
        },
        "callers too": {"neighbours": Neighbours(service="orders", callers=("b", "a"), callees=(), dependents=("c", "b"))},
        "as many moves as one service makes": {"moves": test_reach_gate.SWING[:2]},
    },
)  # fmt: skip


def _party(name: str) -> Any:
    return test_conflicts.party("inc-b", name)


CONFLICTS: dict[str, Value] = {
    **{
        name: conflicts.Facts(mine=mine, others=() if other is None else (other,))
        for name, mine, other, _ in test_conflicts.CASES
    },
    "several": conflicts.Facts(
        mine=test_conflicts.party("c", "orders", callees=("stock",)),
        others=(
            test_conflicts.party("d", "mail"),
            test_conflicts.party("b", "stock", acting=True),
            test_conflicts.party("a", "orders"),
            test_conflicts.party("e", "stock", acting=True),
        ),
    ),
    "opened in the same second": conflicts.Facts(
        mine=test_conflicts.party("b", "orders", age=5.0), others=(test_conflicts.party("a", "orders", age=5.0),)
    ),
    "a ring": conflicts.Facts(
        mine=test_conflicts.party("b", "two", callees=("three",)),
        others=(
            test_conflicts.party("a", "one", callees=("two",)),
            test_conflicts.party("c", "three", callees=("one",)),
        ),
    ),
    "the same patch elsewhere, which acts": conflicts.Facts(
        mine=test_conflicts.party("a", "orders", change="x", **test_conflicts.PLACE),
        others=(test_conflicts.party("b", "mail", change="x", acting=True, **test_conflicts.PLACE),),
    ),
    "the same value, ours first": conflicts.Facts(
        mine=test_conflicts.party("a", "orders", setting={**test_conflicts.TIMEOUT, "value": "500"}),
        others=(test_conflicts.party("b", "orders", setting={**test_conflicts.TIMEOUT, "value": "500"}),),
    ),
    "each calls the other, and it acts": conflicts.Facts(
        mine=test_conflicts.party("a", "orders", callees=("stock",)),
        others=(test_conflicts.party("b", "stock", callees=("orders",), acting=True),),
    ),
}

ANSWER = test_gates.approval()
GATES = varied(
    permission.Facts(
        evidence=test_gates.YES, proof=test_gates.YES, reach=test_gates.YES, autonomy="auto", dry_run=False,
        approval=None, plan_digest="plan", base="base", verified_by="own rule", now=given.at(50),
    ),
    {
        **{f"evidence: {name}": {"evidence": verdict} for name, verdict in test_gates.VERDICTS.items()},
        **{f"autonomy {level}": {"autonomy": level} for level in ("observe", "propose", "approve")},
        "asked before": {"asked": True},
        "nothing would tell": {"verified_by": "nobody"},
        "nothing would tell, and approved": {"verified_by": "nobody", "approval": ANSWER},
        "a person's rule would tell": {"verified_by": "a person's rule", "approval": ANSWER, "reach": test_gates.LIFTABLE},
        "asked before, and approved": {"asked": True, "approval": ANSWER},
        "asked before, and in doubt still": {"asked": True, "reach": test_gates.LIFTABLE},
        "a dry run": {"dry_run": True, "reach": test_gates.LIFTABLE},
        "a dry run that may not": {"dry_run": True, "autonomy": "observe"},
        "rejected": {"approval": test_gates.approval(approved=False, reason="not tonight"), "reach": test_gates.NO},
        "rejected without a word": {"approval": test_gates.approval(approved=False)},
        "approved": {"approval": ANSWER, "reach": test_gates.LIFTABLE},
        "approved under approve": {"approval": ANSWER, "autonomy": "approve"},
        "approved, but denied": {"approval": ANSWER, "proof": test_gates.NO, "reach": test_gates.LIFTABLE},
        "approved for another plan": {"approval": test_gates.approval(plan_digest="x"), "reach": test_gates.LIFTABLE},
        "approved for another base": {"approval": test_gates.approval(base="x"), "reach": test_gates.LIFTABLE},
        "rejected for another base": {"approval": test_gates.approval(base="x", approved=False)},
        "approved this very second": {"approval": test_gates.approval(at=given.at(50)), "reach": test_gates.LIFTABLE},
        "approved until this second": {"approval": test_gates.approval(expires_at=given.at(50)), "autonomy": "approve"},
    },
)  # fmt: skip


def _readings(until: int, bad_from: int = 999, **changed: Any) -> dict[str, Any]:
    taken = test_verify.readings(until, lambda second: 0.15 if second >= bad_from else 0.0, **changed)
    return {"now": given.at(until), "readings": taken}


VERIFY = varied(
    verify.Facts(
        started=given.at(0), now=given.at(20), bake_seconds=8.0, deadline=given.at(45), condition=given.CONDITION,
        readings=test_verify.readings(20), neighbours_worse=False, signature_seen_since=0, limits=test_verify.LIMITS,
    ),
    {
        "no condition": {"condition": None},
        "it is known why": {"condition": GONE},
        "nothing was read": {"readings": ()},
        "nothing could be read": {"readings": tuple((given.at(n), Missing(reason=f"scraper {n % 2} down")) for n in range(20))},
        "stale": {"readings": test_verify.spoilt(20, given.measured(0.0, 500, 10.0))},
        "as stale as it may be": {"readings": test_verify.spoilt(20, given.measured(0.0, 500, 16.0))},
        "not long enough": _readings(7),
        "just long enough": _readings(8),
        "thin": _readings(20, samples=29),
        "just thick enough": _readings(20, samples=30),
        "firing": _readings(20, firing=True),
        "nothing known of the neighbours": {"neighbours_worse": None, "signature_seen_since": None},
        "worse, and the error is back": {"neighbours_worse": True, "signature_seen_since": 3},
        "bad for a while": _readings(16, 12),
        "bad for as long as it may be": _readings(20, 13),
        "bad for long": _readings(20, 12),
        "bad for long, by a neighbour": {**_readings(20, 12), "neighbours_worse": True},
        "bad for long, by a neighbour, and late": {**_readings(95, 12), "neighbours_worse": True},
        "bad before the window": {"readings": test_verify.readings(20, lambda second: 0.15 if second < 10 else 0.0)},
        "bad at the window's edge": {**_readings(12, 10)},
        "unclear at the deadline": {**_readings(45), "neighbours_worse": None},
        "unclear after it": {**_readings(90), "neighbours_worse": None},
        "a gap": {"readings": (*test_verify.readings(20)[:12], *test_verify.readings(20)[16:])},
        "fractions": {"started": given.at(1 / 3), "now": given.at(20.7), "bake_seconds": 8.123456},
    },
)  # fmt: skip

AUTONOMY = varied(
    autonomy.Facts(control=Control(), autonomy="auto", dry_run=False),
    {
        **{f"autonomy {level}": {"autonomy": level} for level in ("observe", "propose", "approve")},
        "killed": {"control": Control(stop_all=True, aborted=True, paused=True, **SAID)},
        "aborted": {"control": Control(aborted=True, paused=True, **SAID)},
        "paused": {"control": Control(paused=True)},
        "a dry run": {"dry_run": True, "autonomy": "observe"},
        "taking back": {"undo": True, "control": Control(stop_all=True)},
    },
)

RETRY = varied(
    retry.Facts(attempt=1, max_attempts=3, failures=("fixed",)),
    {
        "the last try": {"attempt": 2},
        "nothing was offered": {"attempt": 3, "failures": ()},
        "all harmful": {"attempt": 3, "failures": ("scope", "own_tests", "scope")},
        "one merely does not mend": {"attempt": 4, "failures": ("scope", "fixed")},
    },
)

FOUND = test_search.looked("orders", test_search.code(), test_search.code())
SPENT = test_search.looked("orders", test_search.code(), struck=(0,))
SEARCH = varied(
    search.Facts(rounds=(FOUND,), known=test_search.KNOWN, limits=limits.Retry()),
    {
        "nothing was looked at": {"rounds": ()},
        "one place to look at": {"rounds": (), "path": ("stock",)},
        "another service is blamed": {"rounds": (test_search.looked("orders", test_search.blames("stock")),)},
        "back from another service": {
            "rounds": (
                test_search.looked("orders", test_search.blames("stock"), test_search.code()),
                test_search.looked("stock", test_search.blames("stock")),
            )
        },
        "one does not know": {"rounds": (test_search.looked("orders", test_search.blames("orders")),)},
        "one could not be tested": {
            "rounds": (test_search.looked("orders", given.hypothesis(given.CONFIG), struck=(0,), kind="untested"),)
        },
        "all are disproved": {"rounds": (test_search.looked("orders", *FOUND.hypotheses, struck=(0, 1), kind="disproved"),)},
        "one patch was refused": {"rounds": (SPENT,), "setbacks": (test_search.setback(),)},
        "all were refused": {"rounds": (SPENT,), "setbacks": (test_search.setback(Outcome.REJECTED),) * 2},
        "one was taken back": {"rounds": (SPENT,), "setbacks": (test_search.setback(Outcome.ROLLED_BACK),)},
        "three did not help": {"setbacks": (test_search.setback(),) * 3},
        "late": {"setbacks": (test_search.setback(),), "seconds": 3600.0},
        "three rounds": {
            "rounds": tuple(test_search.looked(name, test_search.blames(name)) for name in ("edge", "orders", "x")),
            "path": ("stock",),
        },
    },
)  # fmt: skip

PAGES: dict[str, dict[str, Value]] = {
    "triage.assess": TRIAGE,
    "correlate.group": CORRELATE,
    "assertions.check": CLAIMS,
    "search.next": SEARCH,
    "evidence_gate.judge": EVIDENCE,
    "remedies.rank": REMEDIES,
    "patch_rules.inspect": PATCHES,
    "risk.assess": RISK,
    "proof_gate.judge": PROOF,
    "reach_gate.judge": REACH,
    "conflicts.judge": CONFLICTS,
    "gates.open": GATES,
    "verify.judge": VERIFY,
    "autonomy.may_act": AUTONOMY,
    "retry.next": RETRY,
}
"""By policy; the canary's are told look by look in :mod:`tests.unit.policies.test_whole_rollouts`."""
