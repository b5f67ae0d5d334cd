"""Last check before each effect: the switches, the autonomy and the dry run, as they stand at this moment."""

from typing import Literal

from incident.control import Control
from incident.decision import Allow, Constraint, Hold, Kind, Verdict, because
from incident.value import Value
from policies.gates import switches
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
    if facts.undo:
        return Allow(reason=because("taking_back"))
    if (stopped := switches.verdict(facts.control, "effect")) is not None:
        return stopped
    if facts.dry_run:
        return Hold(reason=because("dry_run"))
    if facts.autonomy in ("observe", "propose"):
        return Hold(reason=because("silent", autonomy=facts.autonomy))
    return Allow(reason=because("may_act", autonomy=facts.autonomy))


POLICY = Policy(NAME, VERSION, Facts, Nothing, may_act)
