"""The last question before each effect, whether we may act at this very moment."""

from typing import Literal

from incident.control import Control
from incident.decision import Allow, Constraint, Deny, Hold, Kind, Verdict
from incident.value import Value
from policies.policy import Answer, Nothing, Policy

NAME = "autonomy.may_act"
VERSION = 1


class Facts(Value):
    """The switches as they stand now."""

    control: Control
    autonomy: Literal["observe", "propose", "approve", "auto"]
    dry_run: bool
    undo: bool = False
    """Whether the effect takes back what we did; nothing but ownership forbids that."""


def may_act(facts: Facts) -> Answer[Kind, Nothing]:
    """Decide on the next effect only; the answer is worthless a moment later."""
    verdict = _verdict(facts)
    control = facts.control
    return Answer[Kind, Nothing](
        policy=NAME,
        version=VERSION,
        verdict=verdict,
        choice=verdict.kind,
        constraints=(
            Constraint(name="kill_switch", held=not control.stop_all),
            Constraint(name="not_aborted", held=not control.aborted),
            Constraint(name="not_paused", held=not control.paused),
            Constraint(name="autonomy", held=facts.autonomy in ("approve", "auto") and not facts.dry_run),
        ),
        reasoning=verdict.reason,
        result=Nothing(),
    )


def _verdict(facts: Facts) -> Verdict:
    control = facts.control
    said = f" by {control.by or 'nobody named'}: {control.reason or 'no reason given'}"
    rules: tuple[tuple[bool, Verdict], ...] = (
        # A half-made change is worse than either side of it, so the way back is always open.
        (facts.undo, Allow(reason="taking back is always allowed to the owner")),
        (control.stop_all, Deny(reason=f"the kill switch is set{said}")),
        (control.aborted, Deny(reason=f"the incident was aborted{said}")),
        (control.paused, Hold(reason=f"the incident is paused{said}")),
        (facts.dry_run, Hold(reason="dry run: nothing is changed")),
        (
            facts.autonomy in ("observe", "propose"),
            Hold(reason=f"autonomy is {facts.autonomy}: nothing is changed"),
        ),
    )
    allowed = Allow(reason=f"autonomy is {facts.autonomy} and no switch is set")
    return next((verdict for applies, verdict in rules if applies), allowed)


POLICY = Policy(NAME, VERSION, Facts, Nothing, may_act)
