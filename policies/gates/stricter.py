"""Stricter of two sets of limits: limits that come later can only narrow those that came first.

Only computes.  A limit without a direction here (a weight, or a time that is neither caution nor haste) keeps
its first value: a change that is not known to narrow might widen.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import JsonValue

from incident.value import encode
from policies.limits import Limits

Order = Literal["lower", "higher"]

ORDER: Mapping[str, Order] = {
    "evidence.min_kinds": "higher",
    "evidence.min_confidence": "higher",
    "remedies.fresh_seconds": "lower",
    "remedies.onset_slack_seconds": "lower",
    "patch.max_changed_lines": "lower",
    "patch.max_test_lines": "lower",
    "risk.full_dependents": "lower",
    "risk.full_lines": "lower",
    "risk.full_failures": "lower",
    "risk.full_checks": "higher",
    "risk.freeze_margin_seconds": "higher",
    "slo.standard.objective": "higher",
    "slo.services.*.objective": "higher",
    "reach.auto_below": "lower",
    "reach.never_from": "lower",
    "reach.max_dependents": "lower",
    "reach.critical_error_rate": "lower",
    "reach.critical_inverse_error_rate": "lower",
    "reach.max_actions_per_hour": "lower",
    "reach.max_tries": "lower",
    "reach.flap_seconds": "higher",
    "canary.alpha": "higher",
    "canary.beta": "lower",
    "canary.min_margin": "lower",
    "canary.slow_margin": "lower",
    "canary.signature_share": "lower",
    "canary.min_requests": "higher",
    "canary.min_exposed": "higher",
    "canary.min_healthy_requests": "higher",
    "canary.stage_deadline_seconds": "lower",
    "canary.dwell_seconds": "higher",
    "canary.max_blind_looks": "lower",
    "canary.steady_looks": "higher",
    "canary.stale_seconds": "lower",
    "canary.strange_answers": "lower",
    "canary.known_answers": "lower",
    "canary.memory.min_points": "higher",
    "canary.memory.min_growth": "lower",
    "canary.memory.horizon_seconds": "higher",
    "canary.cpu.min_points": "higher",
    "canary.cpu.min_growth": "lower",
    "canary.cpu.horizon_seconds": "higher",
    "verify.bake_seconds": "higher",
    "verify.min_samples": "higher",
    "verify.max_gap_seconds": "lower",
    "verify.sustained_seconds": "lower",
    "verify.max_signature": "lower",
    "retry.max_attempts": "lower",
    "retry.max_rounds": "lower",
    "retry.max_remedies": "lower",
    "retry.search_seconds": "lower",
}
"""The stricter direction of each limit that has one."""

REQUIRED: tuple[JsonValue, ...] = ("never", "when known", "always")
"""Values of `Trend.required`, from the least strict on."""


def narrowed(opened: Limits, given: Mapping[str, JsonValue]) -> Limits:
    """Return the limits that came first, with every later limit that is stricter.

    `given` has the shape of a file of limits; a limit that it leaves out stays.
    """
    before: dict[str, JsonValue] = opened.model_dump(mode="json")
    after = _tables("", before, {key: value for key, value in given.items() if key != "name"})
    if after == before:
        return opened
    reach = after["reach"]
    if isinstance(reach, dict):
        # Narrowed one by one, the two may have crossed: what is refused from here on cannot go through by itself.
        after["reach"] = {**reach, "auto_below": min(int(str(reach["auto_below"])), int(str(reach["never_from"])) - 1)}
    return Limits.model_validate_json(encode({**after, "name": "custom"}), strict=True)


def _tables(place: str, first: Mapping[str, JsonValue], later: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    found = dict(first)
    for key, value in later.items():
        path = f"{place}{key}"
        if path == "slo.services" and isinstance(value, dict):
            found[key] = _services(first, value)
        elif key in first:
            found[key] = _stricter(path, first[key], value)
    return found


def _services(slo: Mapping[str, JsonValue], later: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Objectives by service; a new one is compared with what the service had, which is the standard."""
    known = slo["services"]
    services = dict(known) if isinstance(known, dict) else {}
    for name, value in later.items():
        services[name] = _stricter("slo.services.*", services.get(name, slo["standard"]), value)
    return services


def _stricter(path: str, first: JsonValue, later: JsonValue) -> JsonValue:
    if isinstance(first, dict) and isinstance(later, dict):
        return _tables(f"{path}.", first, later)
    if isinstance(first, list) and isinstance(later, list):
        return _listed(path, first, later)
    if path.endswith(".required") and first in REQUIRED and later in REQUIRED:
        return max(first, later, key=REQUIRED.index)
    order = ORDER.get(path)
    if order is None or not isinstance(first, int | float) or not isinstance(later, int | float):
        return first
    return max(first, later) if order == "higher" else min(first, later)


def _listed(path: str, first: list[JsonValue], later: list[JsonValue]) -> JsonValue:
    """Return the stricter of two lists: freezes add up, and only severities that both name remain."""
    match path:
        case "reach.freezes":
            return [*first, *(item for item in later if item not in first)]
        case "reach.severities":
            return later if "*" in first else first if "*" in later else [item for item in first if item in later]
        case _:
            return first
