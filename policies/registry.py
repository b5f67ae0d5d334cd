"""All policies by name, and the replay of a recorded decision.

A record that another version decided is reported as such; it is neither corrupt nor silently decided anew.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import JsonValue, ValidationError

from incident.decision import Decision
from incident.value import encode
from policies.diagnosis import assertions, correlate, search, triage
from policies.gates import autonomy, conflicts, evidence_gate, permission, proof_gate, reach_gate, risk
from policies.patch import rules
from policies.policy import Policy
from policies.remedy import ranking, retry
from policies.rollout import canary, stages, verify
from policies.suspects import ranking as suspects


def _index(*policies: Policy[Any, Any, Any]) -> Mapping[str, Policy[Any, Any, Any]]:
    found = {policy.name: policy for policy in policies}
    # The second would replace the first, and old records of that one would replay by another policy.
    if len(found) != len(policies):
        raise ValueError("two policies share a name")
    return MappingProxyType(found)


POLICIES: Mapping[str, Policy[Any, Any, Any]] = _index(
    triage.POLICY,
    correlate.POLICY,
    assertions.POLICY,
    search.POLICY,
    evidence_gate.POLICY,
    ranking.POLICY,
    rules.POLICY,
    risk.POLICY,
    proof_gate.POLICY,
    reach_gate.POLICY,
    conflicts.POLICY,
    permission.POLICY,
    stages.POLICY,
    canary.POLICY,
    verify.POLICY,
    autonomy.POLICY,
    retry.POLICY,
    suspects.POLICY,
)


def replay(name: str, version: int, facts_json: Mapping[str, JsonValue]) -> Decision | str:
    """Decide again from recorded facts; a sentence when that cannot be compared."""
    policy = POLICIES.get(name)
    if policy is None:
        return f"{name} version {version} no longer exists"
    if policy.version != version:
        return f"{name} was version {version} and is version {policy.version} now"
    try:
        facts = policy.facts.model_validate_json(encode(dict(facts_json)))
    except ValidationError as error:
        return f"the recorded facts do not fit {name} version {version}: {error.error_count()} differences"
    return policy.decide(facts)
