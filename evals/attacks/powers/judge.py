"""Holds a patch of the service against the rules."""

from evals.attacks.powers.service import MODULE
from incident.decision import Decision
from incident.remedy import FileEdit, Patch
from policies import limits, patch_rules

PATH = "services/shop/prices.py"


def inspected(
    after: str, function: str = "discount", before: str = MODULE, seen: dict[str, str] | None = None
) -> Decision:
    """What the rules say of a new text of the service's file."""
    patch = Patch(
        service="shop",
        base_commit="b" * 40,
        path=PATH,
        function=function,
        edits=(FileEdit(path=PATH, before=before, after=after),),
        diff="",
        summary="mend",
    )
    return patch_rules.inspect(
        patch_rules.Facts(
            patch=patch,
            component="services/shop",
            tests="services/shop/tests",
            limits=limits.Patch(),
            seen=seen or {},
        )
    )
