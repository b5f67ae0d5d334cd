"""Asks a person.  On resume LangGraph runs it again from its first line, so it does nothing else."""

from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from graph.context import Context
from graph.reports.vocabulary import sentence
from graph.state import State, changes, planned
from incident.control import Approval
from incident.decision import Hold
from incident.remedy import deed


def approve(state: State, runtime: Runtime[Context]) -> dict[str, Any]:  # noqa: ARG001 (nodes share one signature)
    """Ask, and put the person's answer into the plan; none when the gate only has to look again."""
    plan = planned(state)
    answer = interrupt(
        {
            "question": sentence(plan.gate.reason) if plan.gate else "",
            "plan": plan.remedy.digest() if plan.remedy else "",
            "deed": deed(plan.remedy) if plan.remedy else "",
            "choices": {one.patch.digest(): deed(one.patch) for one in plan.kept},
            "base": plan.base,
            "liftable": not isinstance(plan.gate, Hold) or plan.gate.liftable,
            "service": state.case.service,
            "unserved": state.case.unserved,
        }
    )
    approval = Approval.model_validate(answer) if answer else None
    return changes(plan=plan.model_copy(update={"approval": approval}))
