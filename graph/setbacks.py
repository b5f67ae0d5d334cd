"""Setbacks: what a remedy that was refused or taken back does to the search.  Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from graph.state import Inquiry, State, believed, changes, planned
from incident.decision import Reason
from incident.ending import Outcome
from incident.remedy import RemedyKind
from incident.search import Setback, Strike
from policies.diagnosis import search

MENDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "code": ("patch",),
        "deploy": ("roll_back",),
        "config": ("revert_config",),
        "resource": ("restart", "scale"),
    }
)
"""Remedies of each kind of cause that mend the cause itself: when such a one does not help, the cause is another."""


def struck(state: State, why: Reason, kind: Literal["disproved", "failed"] = "disproved") -> Inquiry:
    """Return the inquiry in which the followed hypothesis is struck, and none is followed."""
    inquiry = state.inquiry
    if inquiry.followed is None:
        raise LookupError("no hypothesis is followed")
    number, index = inquiry.followed
    strike = Strike(hypothesis=index, kind=kind, why=why)
    rounds = tuple(item.struck(strike) if at == number else item for at, item in enumerate(inquiry.rounds))
    return inquiry.model_copy(update={"rounds": rounds, "followed": None, "hypothesis": None})


def setback(state: State, why: Reason, outcome: Outcome, said: str = "") -> dict[str, Any]:
    """Return the changes after a remedy that did not help: its plan is dropped, and the search goes on.

    The hypothesis is struck when the remedy mends what it blames; otherwise only the remedy is spent.
    """
    plan = planned(state)
    digest = "" if plan.remedy is None else plan.remedy.digest()
    return _met(state, plan.kind, {"remedy_digest": digest, "why": why, "outcome": outcome, "said": said})


def unmendable(state: State, why: Reason) -> dict[str, Any]:
    """Return the changes where the blamed code cannot be patched: another hypothesis about it may be provable."""
    return _met(state, "patch", {"why": why, "outcome": Outcome.ESCALATED})


def _met(state: State, kind: RemedyKind, fields: Mapping[str, object]) -> dict[str, Any]:
    hypothesis = believed(state)
    blamed = search.named(hypothesis)
    here = {"service": state.case.service, "steered": state.inquiry.steered}
    met = Setback.model_validate({**here, "remedy": kind, "blamed": blamed, **fields})
    why = met.why
    if kind in MENDS.get(hypothesis.cause.kind, ()):
        inquiry = struck(state, why, "failed")
    else:
        inquiry = state.inquiry.model_copy(update={"followed": None, "hypothesis": None})
    inquiry = inquiry.model_copy(update={"setbacks": (*inquiry.setbacks, met)})
    return changes(inquiry=inquiry, plan=None, rollout=None)
