"""Makes the next step of the rollout."""

from datetime import timedelta
from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context
from graph.effects import branch, gate_record, perform, settling
from graph.effects.service_lock import held
from graph.effects.steps import Step, Way, before, steps, version_of
from graph.evidence import bounds, canary_look
from graph.evidence.canary_look import readings
from graph.state import Plan, Rollout, State, changes, planned, rolling
from incident.remedy import Patch, RollBack
from incident.rollout import CanaryMemory
from incident.workload import Deploy


def canary(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Perform one step of the remedy, until it is in force; the first one also records the state to go back to."""
    context, plan = runtime.context, planned(state)
    gate_record.check(context, state)
    rollout = held(context, state, rolling(state))
    added, commit = _target(context, state, plan)
    way = Way(stable=plan.stable, added=added, commit=commit, stages=plan.stages, source=plan.source)
    step = steps(_remedy(plan), way)[rollout.step]
    go_back = _go_back(context, state, rollout, step, (added, commit))
    if go_back is not None:
        with context.tracer.span("canary", step=step.name):
            perform.perform(context, state.case, rollout.lease, step.name, step.change, before=go_back)
            settling.wait(context, state.case, rollout.lease, perform.key_of(state.case, step.name, step.change))
    return _after(context, state, rollout, step, added)


def _remedy(plan: Plan) -> Any:
    if plan.remedy is None:
        raise LookupError("nothing to roll out")
    return plan.remedy


def _target(context: Context, state: State, plan: Plan) -> tuple[str, str]:
    """Return the version and commit that the rollout adds; a patch is committed to its branch first."""
    remedy = _remedy(plan)
    added = version_of(remedy, plan.stable, state.case.incident, state.case.taken_back)
    if isinstance(remedy, Patch):
        return added, branch.commit(context, state.case, remedy)
    return added, remedy.to_commit if isinstance(remedy, RollBack) else plan.base


def _go_back(
    context: Context, state: State, rollout: Rollout, step: Step, target: tuple[str, str]
) -> perform.GoBack | None:
    """Return what becomes of the state to go back to: the first step writes it.  None where nothing is to be done."""
    workload = context.world.platform.read(state.case.service)
    # Written once: a later step would record our own canary as the state to go back to.
    if perform.before_of(workload) is not None:
        return "kept"
    # A rollback may go to a version that still runs idle: then there is nothing to deploy.
    if isinstance(step.change, Deploy) and rollout.step == 0:
        present = workload.version(step.change.version)
        if present is not None and target[1] in ("", present.commit):
            return None
    return before(_remedy(planned(state)), workload, target[0])


def _after(context: Context, state: State, rollout: Rollout, step: Step, added: str) -> dict[str, Any]:
    now = context.clock.now()
    limits = bounds.of(context, state.case)
    advanced = rollout.model_copy(update={"step": rollout.step + 1, "canary": added, "verdict": ""})
    match step.then:
        case "next":
            return changes(rollout=advanced.model_copy(update={"verdict": "next"}))
        case "observe":
            deadline = now + timedelta(seconds=limits.canary.stage_deadline_seconds)
            memory = rollout.memory
            memory = (
                CanaryMemory(stage_started=now, deadline=deadline)
                if memory is None
                else memory.model_copy(
                    update={"stage_started": now, "deadline": deadline, "first_in_stage": None, "blind": 0}
                )
            )
            baseline = rollout.baseline or canary_look.baseline(state)
            return changes(
                rollout=advanced.model_copy(
                    update={"memory": memory, "baseline": baseline, "started": rollout.started or now}
                )
            )
        case "verify":
            return changes(
                rollout=advanced.model_copy(update={"readings": readings(context, state.case)}),
            )
