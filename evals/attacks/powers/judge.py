"""Judges a patch of the service by the rules about powers."""

from evals.attacks.powers.service import MODULE
from graph.reports.vocabulary import sentence
from incident.decision import Decision
from incident.remedy import FileEdit, Patch
from policies import limits
from policies.patch import rules

PATH = "services/shop/prices.py"

POWERS: frozenset[str] = frozenset(
    {"no_new_power", "no_dynamic_code", "no_new_global_state", "no_new_destination", "no_new_environment", "readable"}
)
"""Rules about what a patch can do; the others ask whether it mends or hides."""


def inspected(after: str, function: str = "discount", before: str = MODULE, **facts: object) -> Decision:
    """The inspection's decision on a new text of the service's file."""
    patch = Patch(
        service="shop",
        base_commit="b" * 40,
        path=PATH,
        function=function,
        edits=(FileEdit(path=PATH, before=before, after=after),),
        diff="",
        summary="mend",
    )
    plain = {"patch": patch, "component": "services/shop", "tests": "services/shop/tests", "limits": limits.Patch()}
    return rules.inspect(rules.Facts.model_validate(plain | facts))


def stopped(decision: Decision) -> str:
    """Reason that a patch is refused, or held for a person, for its powers; empty when there is none."""
    said = [item for item in decision.constraints if not item.held and item.name in {*POWERS, "nothing_for_a_person"}]
    return "; ".join(f"{item.name}: {sentence(item.detail)}" for item in said)
