"""Counterfactuals of a recorded decision, and the variations of each policy."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import JsonValue

from incident.value import Value, encode
from policies import registry
from policies.counterfactual import counterfactuals, gates, reach
from policies.gates import autonomy, evidence_gate, permission, proof_gate, reach_gate, risk

VARIATIONS: Mapping[str, Callable[[Any], tuple[counterfactuals.Variation[Any], ...]]] = MappingProxyType(
    {
        evidence_gate.NAME: gates.evidence,
        proof_gate.NAME: gates.proof,
        reach_gate.NAME: reach.reach,
        permission.NAME: gates.opening,
        autonomy.NAME: gates.acting,
    }
)
"""Variations by policy, of the gates alone.  The risk decides nothing by itself: its facts are varied together with
those of the gate Reach (see :func:`of_risk`)."""


def of(policy: str, facts: Value) -> tuple[counterfactuals.Counterfactual, ...]:
    """Counterfactuals of one decision, the smallest first; none for a policy without variations."""
    declared = VARIATIONS.get(policy)
    if declared is None:
        return ()
    return counterfactuals.find(registry.POLICIES[policy].decide, facts, declared(facts))


def of_risk(scored: risk.Facts, gated: reach_gate.Facts) -> tuple[counterfactuals.Counterfactual, ...]:
    """Counterfactuals of the gate Reach in the facts that the risk was scored from."""
    both = reach.Weighed(risk=scored, reach=gated)
    return counterfactuals.find(reach.weigh, both, reach.weighed(both))


def recorded(
    policy: str, version: int, facts: Mapping[str, JsonValue], scored: Mapping[str, JsonValue] | None = None
) -> tuple[counterfactuals.Counterfactual, ...]:
    """Counterfactuals of a recorded decision; none when another version of the policy took it.

    `scored` are the recorded facts of the risk that the gate Reach weighed.  Raises ValidationError for
    facts that are not this policy's.
    """
    # Another version may have asked for other things; its decision must not be explained by today's rules.
    known = registry.POLICIES.get(policy)
    if known is None or known.version != version:
        return ()
    read = known.facts.model_validate_json(encode(dict(facts)))
    if isinstance(read, reach_gate.Facts) and scored is not None:
        return of_risk(risk.Facts.model_validate_json(encode(dict(scored))), read)
    return of(policy, read)
