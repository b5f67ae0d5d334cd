"""Last check before each effect: the switches, the autonomy and the dry run, as they stand at this moment."""

from typing import Literal

from incident.control import Control
from incident.decision import Allow, Constraint, Deny, Hold, Kind, Verdict, because
from incident.value import Value
from policies.policy import Judgement, Nothing, Policy

NAME = "autonomy.may_act"
VERSION = 2


class Facts(Value):
    """The switches as they stand now."""

    control: Control
    autonomy: Literal["observe", "propose", "approve", "auto"]
    dry_run: bool
    undo: bool = False
    """True when the effect takes back what we did; nothing but ownership forbids that."""


def may_act(facts: Facts) -> Judgement[Kind, Nothing]:
    """Decide on the next effect only; the answer is worthless a moment later."""
    verdict = _verdict(facts)
    control = facts.control
    return Judgement[Kind, Nothing](
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
        result=Nothing(),
    )


def _verdict(facts: Facts) -> Verdict:
    control = facts.control
    by, why = control.by, control.reason
    rules: tuple[tuple[bool, Verdict], ...] = (
        # A half-made change is worse than either side of it, so the way back is always open.
        (facts.undo, Allow(reason=because("taking_back"))),
        (control.stop_all, Deny(reason=because("kill_switch", by=by, why=why))),
        (control.aborted, Deny(reason=because("aborted", by=by, why=why))),
        (control.paused, Hold(reason=because("paused", by=by, why=why))),
        (facts.dry_run, Hold(reason=because("dry_run"))),
        (
            facts.autonomy in ("observe", "propose"),
            Hold(reason=because("silent", autonomy=facts.autonomy)),
        ),
    )
    allowed = Allow(reason=because("may_act", autonomy=facts.autonomy))
    return next((verdict for applies, verdict in rules if applies), allowed)


POLICY = Policy(NAME, VERSION, Facts, Nothing, may_act)
