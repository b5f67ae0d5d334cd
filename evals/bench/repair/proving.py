"""Proves many patches of one bug: by the product's own node ``prove`` and gate Proof, without an incident around each.

One prover serves all patches of a bug, so what the base answers is asked once.  The gates Evidence and Reach are not
asked, and the review objects to nothing: what acts here may still be held in an incident, and never the other way.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from langgraph.runtime import Runtime

from agents.view import source
from evals.bench.repair import bugs, given, incident, observations, stage
from evals.bench.repair.judging import Fate
from evals.bench.repair.planted import Bug
from graph.config.settings import Settings
from graph.context import Context
from graph.evidence.samples import healthy
from graph.nodes import gather, prove
from graph.reports.vocabulary import sentence
from graph.state import Plan, State, gathered
from incident.decision import Hold, Verdict
from incident.errors import Unavailable
from incident.evidence import Missing, Signature
from incident.proof import Check, Reproduction, Review
from incident.record import Decided, Proposed, Proved, Record
from incident.remedy import FileEdit, Patch
from incident.value import Value
from policies.gates import proof_gate
from policies.patch import rules
from tools import ports
from tools.clock import SystemClock

TELLING = frozenset({"unambiguous", "answer", "guarded"})
"""Checks that ask which answer is right."""


class Proven(Value):
    """The say of inspection, proof and gate on one patch."""

    inspection: Literal["allow", "hold", "deny"]
    checks: tuple[Check, ...] = ()
    """Empty where the rules refuse it."""
    fate: Fate
    why: str
    """The gate's reason."""
    diff: str

    @property
    def reached(self) -> bool:
        """True when only the checks that ask which answer is right may stop it: all else passed."""
        others = [check for check in self.checks if check.name not in TELLING]
        failed = any(check.outcome == "failed" for check in self.checks)
        return self.inspection == "allow" and bool(others) and not failed and _all_passed(others)


def _all_passed(checks: list[Check]) -> bool:
    return all(check.outcome == "passed" for check in checks)


class Workshop:
    """One bug, reproduced once, and its patches proven one by one."""

    def __init__(
        self, folder: Path, bug: Bug, world: stage.BugWorld, context: Context, state: State, records: list[Record]
    ) -> None:
        """Reproduce the failure.  Raises Unavailable when it cannot be."""
        self._bug, self._context, self._records = bug, context, records
        self.world = world
        self.repository = folder / "repository"
        found = _reproduction(bug, world, context, state)
        if isinstance(found, Missing):
            raise Unavailable(f"{bug.name} is not reproduced: {found.reason}")
        # No rivals are asked: it is this patch that is judged.
        plan = Plan(kind="patch", base=world.commit, stable=observations.VERSION, reproduction=found, rivalled=True)
        self._state, self._plan = state, plan

    def edits(self, text: str) -> tuple[FileEdit, ...]:
        """The change of the source alone.  Raises ToolMistake for a text that is not the function."""
        path = f"services/{self._bug.service}/{self._bug.path}"
        before = self._context.world.repository.text(self.world.commit, path)
        (place,) = [item for item in source.outline(path, before) if item.name == self._bug.function]
        return (FileEdit(path=path, before=before, after=source.replace(before, place, text)),)

    def prove(self, text: str, label: str) -> Proven:
        """Judge the function's new text.  Raises ToolMistake for a text that is not the function."""
        (edit,) = edits = self.edits(text)
        before, after = {edit.path: edit.before or ""}, {edit.path: edit.after}
        patch = Patch(
            service=self._bug.service,
            base_commit=self.world.commit,
            path=edit.path,
            function=self._bug.function,
            edits=edits,
            diff=self._context.world.repository.diff(before, after),
            summary=label[:200],
        )
        plan = self._plan.model_copy(update={"candidates": (patch,)})
        self._records.clear()
        prove.prove(self._state.model_copy(update={"plan": plan}), Runtime(context=self._context))
        return _proven(self._records, patch, self.world.commit)


def _proven(records: list[Record], patch: Patch, base: str) -> Proven:
    events = [record.event for record in records]
    # One that waits for a person is recorded again when nothing else is tried.
    proposed = next(event.remedy for event in events if isinstance(event, Proposed))
    (inspection,) = [
        event.decision for event in events if isinstance(event, Decided) and event.decision.policy == rules.NAME
    ]
    proof = next((event.proof for event in events if isinstance(event, Proved)), None)
    if proof is None:
        said: Verdict = inspection.verdict
    else:
        facts = proof_gate.Facts(
            kind="patch",
            remedy_digest=proposed.digest(),
            base=base,
            proof=proof,
            inspection=inspection,
            review=_satisfied(proposed.digest()),
        )
        said = proof_gate.judge(facts).verdict
    return Proven(
        inspection=inspection.verdict.kind,
        checks=proof.checks if proof else (),
        fate=_fate(said),
        why=sentence(said.reason)[:600],
        diff=patch.diff,
    )


def _fate(verdict: Verdict) -> Fate:
    if verdict.kind == "allow":
        return "acts"
    return "offered" if isinstance(verdict, Hold) and verdict.liftable else "refused"


def _satisfied(digest: str) -> Review:
    return Review(
        remedy_digest=digest,
        right_cause=True,
        hides_error=False,
        changes_meaning=False,
        compatible_data=True,
        tests_meaningful=True,
        comment="nothing speaks against it",
        model="given",
    )


def _reproduction(bug: Bug, world: stage.BugWorld, context: Context, state: State) -> Reproduction | Missing:
    component = context.world.repository.component(bug.service)
    if isinstance(component, Missing):
        return component
    seen = world.seen
    frame = stage.shown(seen, bug.service)[-1]
    signature = Signature(
        service=bug.service,
        route=seen.route,
        exception=seen.failure.type,
        path=frame.path,
        function=frame.function,
        line=frame.line,
    )
    failing = tuple(item for item in seen.captures if item.outcome == "failed" and item.route == seen.route)
    good = healthy(context, bug.service, seen.route, gathered(state.inquiry))
    runtime = context.world.platform.runtime(bug.service)
    return context.prover.reproduce(world.commit, component, runtime, failing, signature, good)


@contextlib.contextmanager
def workshop(folder: Path, bug: Bug, base: Settings, runtime: ports.Runtime) -> Iterator[Workshop]:
    """Set the bug's stage below a folder, collect the evidence and reproduce it.  Raises LookupError, Unavailable."""
    world = stage.BugWorld(folder, bug, bugs.traffic(bug.service), runtime, SystemClock())
    records: list[Record] = []
    settings = incident.settings_of(folder, base)
    context, case = incident.opened(world, settings, records, given.model(given.right(bug)))
    try:
        empty = State(case=case)
        state = empty.model_copy(update=gather.gather(empty, Runtime(context=context)))
        yield Workshop(folder, bug, world, context, state, records)
    finally:
        incident.closed(context)
