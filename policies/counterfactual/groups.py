"""How the facts from which the root of a group of alerts follows could differ: `policies.counterfactual.counterfactuals` turns these."""

from collections import Counter
from typing import Any

from incident.evidence import FailingTrace, Neighbours
from policies.counterfactual import variations
from policies.counterfactual.counterfactuals import Variation
from policies.diagnosis import correlate

Variations = tuple[Variation[Any], ...]


def grouping(facts: correlate.Facts) -> Variations:
    """Where failing requests end, what else alerts, whether the topology is known, and what is being handled."""
    first = facts.alerting[:1]
    ends = Counter(trace.deepest for trace in facts.traces)
    return (
        *(_ending(service) for service in sorted(ends)),
        *(_silent(service) for service in facts.alerting[1:]),
        *(variation for service in first for variation in (_unknown(service), _known(service))),
        *(_closed(incident, service) for incident, service in facts.open),
    )


def _ending(service: str) -> Variation[Any]:
    """So many of the failing requests ended at this service: fewer, or more of the kind that were seen."""

    def mine(facts: correlate.Facts) -> tuple[FailingTrace, ...]:
        return tuple(trace for trace in facts.traces if trace.deepest == service)

    def span(facts: correlate.Facts) -> tuple[int, int]:
        seen = mine(facts)
        return (-len(seen), len(facts.traces) + 1 - len(seen)) if seen else (0, 0)

    def turn(facts: correlate.Facts, steps: int) -> correlate.Facts:
        seen = mine(facts)
        if steps > 0 and seen:
            like = seen[-1]
            more = tuple(like.model_copy(update={"trace_id": f"{like.trace_id}+{number}"}) for number in range(steps))
            return variations.put(facts, "traces", (*facts.traces, *more))
        left_out = seen[len(seen) + steps :] if steps < 0 else ()
        return variations.put(facts, "traces", tuple(trace for trace in facts.traces if trace not in left_out))

    return Variation(
        name=f"failing requests that end at {service}", range=span, turn=turn, shown=lambda facts: f"{len(mine(facts))}"
    )


def _silent(service: str) -> Variation[Any]:
    def change(facts: correlate.Facts) -> correlate.Facts | None:
        kept = tuple(name for name in facts.alerting if name != service)
        return variations.changed(facts, when=service in facts.alerting[1:], alerting=kept)

    return variations.edit(f"alert on {service}", change, "fires", "silent")


def _unknown(service: str) -> Variation[Any]:
    def change(facts: correlate.Facts) -> correlate.Facts | None:
        kept = tuple(item for item in facts.neighbours if item.service != service)
        return variations.changed(facts, when=len(kept) < len(facts.neighbours), neighbours=kept)

    return variations.edit(f"who calls {service} and whom it calls", change, "known", "unknown")


def _known(service: str) -> Variation[Any]:
    alone = Neighbours(service=service, callers=(), callees=())

    def change(facts: correlate.Facts) -> correlate.Facts | None:
        missing = all(item.service != service for item in facts.neighbours)
        return variations.changed(facts, when=missing, neighbours=(*facts.neighbours, alone))

    return variations.edit(f"who calls {service} and whom it calls", change, "unknown", "known")


def _closed(incident: str, service: str) -> Variation[Any]:
    def change(facts: correlate.Facts) -> correlate.Facts | None:
        kept = tuple(item for item in facts.open if item != (incident, service))
        return variations.changed(facts, when=len(kept) < len(facts.open), open=kept)

    return variations.edit(f"incident {incident} about {service}", change, "open", "closed")
