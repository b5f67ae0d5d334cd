"""Every policy by name: decided from JSON as from values, byte for byte, and honest about versions."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import policies
from incident.control import Control
from incident.decision import Allow, Decision
from incident.diagnosis import Diagnosis
from incident.rollout import Baseline
from incident.value import Value
from incident.workload import Able
from policies import limits, profiles, registry
from policies.diagnosis import assertions, correlate, search, triage
from policies.gates import autonomy, conflicts, evidence_gate, permission, proof_gate, reach_gate, risk
from policies.patch import rules
from policies.remedy import ranking, retry
from policies.rollout import canary, stages, verify
from policies.suspects import asking
from tests.unit.policies import canaries, given, patches, test_conflicts
from tests.unit.policies.suspects import worlds

DOSSIER = given.dossier(given.errors(), given.signals(), given.deployed())
PATCH = patches.patch(patches.edited(patches.LINE, patches.GUARD), "tier_of", patches.added())
LAB = profiles.lab()

FACTS: dict[str, Value] = {
    "triage.assess": triage.Facts(
        firing=True,
        condition=given.CONDITION,
        measurement=given.measured(0.15),
        signals=given.signals(),
        limits=LAB.triage,
    ),
    "correlate.group": correlate.Facts(
        alerting=("storefront",), neighbours=(given.AROUND,), traces=(given.trace(),), open=(("i", "x"),)
    ),
    "assertions.check": assertions.Facts(
        diagnosis=Diagnosis(hypotheses=(given.hypothesis(),), model="m"), dossier=DOSSIER, results=(given.PASSED,)
    ),
    "search.next": search.Facts(
        rounds=(search.Looked(service="orders", hypotheses=(given.hypothesis(),)),), limits=LAB.retry
    ),
    "evidence_gate.judge": evidence_gate.Facts(
        hypothesis=given.hypothesis(), dossier=DOSSIER, disproof=given.PASSED, limits=LAB.evidence
    ),
    "remedies.rank": ranking.Facts(
        hypothesis=given.hypothesis(),
        dossier=DOSSIER,
        workload=given.workload(),
        previous_good=("v1", "a"),
        reproduction=True,
        tried=(),
        limits=LAB.remedies,
    ),
    "patch_rules.inspect": rules.Facts(patch=PATCH, component="orders", tests="orders/tests", limits=LAB.patch),
    "risk.assess": risk.Facts(
        remedy=PATCH,
        proof=None,
        neighbours=given.AROUND,
        error_rate=1 / 3,
        now=given.ONSET,
        weights=LAB.risk,
        confidence=8_000,
    ),
    "proof_gate.judge": proof_gate.Facts(kind="patch", remedy_digest="d", base="b"),
    "reach_gate.judge": reach_gate.Facts(
        service="orders",
        risk=2_000,
        neighbours=given.AROUND,
        error_rate=0.15,
        actions_last_hour=0,
        tries=0,
        moves=(),
        control=Control(),
        autonomy="auto",
        verified_by="own rule",
        now=given.ONSET,
        limits=LAB.reach,
    ),
    "conflicts.judge": conflicts.Facts(
        mine=test_conflicts.party("inc-b", "orders", callees=("stock",)),
        others=(test_conflicts.party("inc-a", "stock", acting=True),),
    ),
    "gates.open": permission.Facts(
        evidence=Allow(reason=""),
        proof=Allow(reason=""),
        reach=Allow(reason=""),
        autonomy="auto",
        dry_run=False,
        approval=None,
        plan_digest="d",
        base="b",
        verified_by="own rule",
        now=given.ONSET,
    ),
    "stages.plan": stages.Facts(kind="patch", able=Able(shares=(33, 100), counted_by="router", sources=("overlay",))),
    "canary.judge": canary.Facts(
        memory=canaries.begun(),
        look=canaries.look(2, new=101, old=907, canary={"errors": 1}),
        baseline=Baseline(healthy_requests=3000, healthy_errors=9, alert_threshold=0.05, signature_rate=0.15),
        limits=LAB.canary,
        now=given.at(2),
    ),
    "verify.judge": verify.Facts(
        started=given.at(0),
        now=given.at(1 / 3),
        bake_seconds=8,
        deadline=given.at(45),
        condition=given.CONDITION,
        readings=((given.at(1), given.measured(0.1)),),
        neighbours_worse=None,
        signature_seen_since=0,
        limits=LAB.verify,
    ),
    "suspects.rank": asking.facts(worlds.shop(worlds.Trouble(fails={"price": 0.2}))),
    "autonomy.may_act": autonomy.Facts(control=Control(), autonomy="auto", dry_run=False),
    "retry.next": retry.Facts(attempt=1, max_attempts=3, failures=("fixed",)),
}


def test_there_are_facts_for_every_policy_here() -> None:
    assert set(FACTS) == set(registry.POLICIES)


@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_decision_replays_byte_for_byte_from_its_recorded_facts(name: str) -> None:
    facts = FACTS[name]
    decided = registry.POLICIES[name].decide(facts)
    assert (decided.policy, decided.version) == (name, registry.POLICIES[name].version)
    recorded = json.loads(facts.canonical())
    again = registry.replay(name, decided.version, recorded)
    assert not isinstance(again, str)
    assert again.canonical() == decided.canonical()
    assert Decision.model_validate_json(decided.canonical()).canonical() == decided.canonical()


@pytest.mark.parametrize("name", sorted(FACTS))
def test_every_decision_gives_its_reason(name: str) -> None:
    decided = registry.POLICIES[name].decide(FACTS[name])
    assert decided.verdict.reason or name == "gates.open"
    assert decided.choice


@pytest.mark.parametrize("name", sorted(FACTS))
def test_numbers_in_the_data_are_integers_or_rounded(name: str) -> None:
    def check(value: Any) -> None:
        match value:
            case float():
                assert round(value, 9) == value
            case dict():
                for item in value.values():
                    check(item)
            case list():
                for item in value:
                    check(item)
            case _:
                pass

    check(registry.POLICIES[name].decide(FACTS[name]).data)


def test_another_version_is_said_and_not_taken_for_corruption() -> None:
    assert registry.replay("retry.next", 7, {}) == "retry.next was version 7 and is version 3 now"


def test_a_policy_that_is_gone_is_said() -> None:
    said = registry.replay("tarot.draw", 1, {})
    assert said == "tarot.draw version 1 no longer exists"


@pytest.mark.parametrize("facts", [{}, {"attempt": 1}, {"attempt": -1, "max_attempts": 3, "failures": []}], ids=str)
def test_facts_that_do_not_fit_are_said(facts: dict[str, Any]) -> None:
    said = registry.replay("retry.next", retry.VERSION, facts)
    assert isinstance(said, str)
    assert "do not fit" in said


ALLOWED = {
    "ast",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "difflib",
    "itertools",
    "math",
    "posixpath",
    "re",  # patterns look at text, not at the world
    "types",
    "typing",
}


@pytest.mark.parametrize("path", sorted(Path(policies.__path__[0]).rglob("*.py")), ids=lambda path: path.stem)
def test_a_policy_imports_nothing_that_could_look_at_the_world(path: Path) -> None:
    roots: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            roots.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            roots.add((node.module or "").split(".")[0])
    assert roots <= ALLOWED | {"incident", "policies", "pydantic"}


def test_the_parts_of_the_limits_are_what_the_facts_carry() -> None:
    parts = {type(value) for _, value in limits.Limits() if isinstance(value, Value)}
    carried = {
        field.annotation for policy in registry.POLICIES.values() for field in policy.facts.model_fields.values()
    }
    # The objective of one service travels alone.
    assert parts - carried == {limits.Traits, limits.Slo}
    assert limits.Objective in carried
