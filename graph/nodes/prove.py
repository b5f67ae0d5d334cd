"""Proves the next candidate."""

import json
from typing import Any

from langgraph.runtime import Runtime
from pydantic import JsonValue

from agents import rivals
from graph.context import Context
from graph.evidence import choices, siblings, workspace
from graph.evidence.samples import healthy
from graph.reports.vocabulary import sentence
from graph.state import Kept, State, changes, gathered, planned, refused
from incident.proof import Proof, Reproduction
from incident.record import Proposed, Proved
from incident.remedy import Patch
from policies.patch import rules
from tools.ports import Component


def prove(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Inspect the candidate, add the regression test, and run every check in the sandbox.

    A refused candidate leaves its reasons as feedback; the one that passes becomes the remedy.
    """
    context, plan = runtime.context, planned(state)
    if plan.reproduction is None:
        raise LookupError("a patch is never proved without a reproduction")
    candidate, rest = plan.candidates[0], plan.candidates[1:]
    component = workspace.component(context, state.case.service)
    patch = _with_test(context, candidate, plan.reproduction, component)
    context.journal.write("prove", Proposed(remedy=patch))
    inspection = context.journal.decide(
        "prove",
        rules.POLICY,
        rules.Facts(
            patch=patch,
            component=component.path,
            tests=component.tests,
            limits=context.settings.limits.patch,
            read_by_rules=context.models.reviewer(context.settings.budget) is context.models.rules,
            known_values=_known_values(context, component, plan.base),
            seen=_seen(patch, plan.reproduction),
            computing=siblings.computing(lambda path: _text(context, plan.base, path), patch.path, _before(patch)),
        ),
    )
    left = plan.model_copy(update={"candidates": rest})
    # The rules run no code, so what they refuse never reaches the sandbox.
    if inspection.verdict.kind == "deny":
        after = refused(left, candidate, sentence(inspection.verdict.reason), "inspection")
        return changes(plan=choices.settled(context, state, after))
    with context.tracer.span("prove", service=state.case.service):
        proof = context.prover.prove(
            patch,
            component,
            context.world.platform.runtime(state.case.service),
            plan.reproduction,
            healthy(context, state.case.service, plan.reproduction.signature.route, gathered(state.inquiry)),
        )
    context.journal.write("prove", Proved(proof=proof))
    if proof.outcome == "failed":
        return changes(plan=choices.settled(context, state, refused(left, candidate, *_failed(proof))))
    tried = Kept(patch=patch, proof=proof, inspection=inspection.verdict)
    if proof.outcome == "passed" and not rivals.is_one(candidate):
        return changes(plan=choices.taken(left.model_copy(update={"kept": ()}), tried))
    # Another candidate may pass whole; this one waits.  A rival is never more than a choice.
    return changes(plan=choices.settled(context, state, choices.kept(left, tried)))


def _with_test(context: Context, candidate: Patch, reproduction: Reproduction, component: Component) -> Patch:
    test = context.prover.regression_test(reproduction, component, candidate)
    edits = (*candidate.edits, test)
    before = {edit.path: edit.before for edit in edits if edit.before is not None}
    diff = context.world.repository.diff(before, {edit.path: edit.after for edit in edits})
    return candidate.model_copy(update={"edits": edits, "diff": diff})


def _known_values(context: Context, component: Component, base: str) -> tuple[str, ...]:
    """Return the values in the service's schemas: a default among them is not made up."""
    found: set[str] = set()
    for path in component.schemas:
        todo: list[JsonValue] = (
            [json.loads(context.world.repository.text(base, path))] if path.endswith(".json") else []
        )
        while todo:
            item = todo.pop()
            if isinstance(item, dict):
                todo.extend(item.values())
            elif isinstance(item, list):
                todo.extend(item)
            elif isinstance(item, str | int | float):
                found.add(str(item))
    return tuple(sorted(found))


def _seen(patch: Patch, reproduction: Reproduction) -> dict[str, str]:
    """Return the types of the local variables at the failure, when that is in the patched function."""
    at = reproduction.signature
    same = at.path == patch.path and at.function.rpartition(".")[2] == patch.function.rpartition(".")[2]
    return dict(reproduction.values) if same else {}


def _before(patch: Patch) -> str:
    return next((edit.before or "" for edit in patch.edits if edit.path == patch.path), "")


def _text(context: Context, commit: str, path: str) -> str | None:
    try:
        return context.world.repository.text(commit, path)
    except KeyError:
        return None


def _failed(proof: Proof) -> tuple[str, str]:
    failed = [check for check in proof.checks if check.outcome == "failed"]
    return "; ".join(f"{check.name}: {check.detail}" for check in failed), failed[0].name
