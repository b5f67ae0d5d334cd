"""All policies by name, and the one way to run or replay one.

Replay is honest about versions: a record that another version decided is reported as such; it is
neither corrupt nor silently decided anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import JsonValue, ValidationError

from incident.decision import Decision
from incident.value import Value, encode
from policies.diagnosis import assertions, correlate, triage
from policies.gates import autonomy, conflicts, evidence_gate, permission, proof_gate, reach_gate, risk
from policies.patch import rules
from policies.remedy import ranking, retry
from policies.rollout import canary, verify


@dataclass(frozen=True)
class Policy:
    """One policy: what it is called, which version, what it takes, and the function."""

    name: str
    version: int
    facts: type[Value]
    decide: Callable[[Any], Decision]


def _index(*policies: Policy) -> Mapping[str, Policy]:
    found = {policy.name: policy for policy in policies}
    if len(found) != len(policies):
        raise ValueError("two policies share a name")
    return MappingProxyType(found)


POLICIES: Mapping[str, Policy] = _index(
    Policy(triage.NAME, triage.VERSION, triage.Facts, triage.assess),
    Policy(correlate.NAME, correlate.VERSION, correlate.Facts, correlate.group),
    Policy(assertions.NAME, assertions.VERSION, assertions.Facts, assertions.check),
    Policy(evidence_gate.NAME, evidence_gate.VERSION, evidence_gate.Facts, evidence_gate.judge),
    Policy(ranking.NAME, ranking.VERSION, ranking.Facts, ranking.rank),
    Policy(rules.NAME, rules.VERSION, rules.Facts, rules.inspect),
    Policy(risk.NAME, risk.VERSION, risk.Facts, risk.assess),
    Policy(proof_gate.NAME, proof_gate.VERSION, proof_gate.Facts, proof_gate.judge),
    Policy(reach_gate.NAME, reach_gate.VERSION, reach_gate.Facts, reach_gate.judge),
    Policy(conflicts.NAME, conflicts.VERSION, conflicts.Facts, conflicts.judge),
    Policy(permission.NAME, permission.VERSION, permission.Facts, permission.open),
    Policy(canary.NAME, canary.VERSION, canary.Facts, canary.judge),
    Policy(verify.NAME, verify.VERSION, verify.Facts, verify.judge),
    Policy(autonomy.NAME, autonomy.VERSION, autonomy.Facts, autonomy.may_act),
    Policy(retry.NAME, retry.VERSION, retry.Facts, retry.next),
)


def decide(name: str, facts: Value) -> Decision:
    """Run a policy.  Raises KeyError for an unknown name, TypeError for another policy's facts."""
    policy = POLICIES[name]
    if not isinstance(facts, policy.facts):
        raise TypeError(f"{name} takes {policy.facts.__module__}.Facts, not {type(facts).__module__}")
    return policy.decide(facts)


def replay(name: str, version: int, facts_json: Mapping[str, JsonValue]) -> Decision | str:
    """Decide again from recorded facts; a sentence when that cannot be compared."""
    policy = POLICIES.get(name)
    if policy is None:
        return f"decided by {name} version {version}, which no longer exists"
    if policy.version != version:
        return f"decided by {name} version {version}, now {policy.version}"
    try:
        facts = policy.facts.model_validate_json(encode(dict(facts_json)))
    except ValidationError as error:
        return f"the recorded facts do not fit {name} version {version}: {error.error_count()} differences"
    return policy.decide(facts)
