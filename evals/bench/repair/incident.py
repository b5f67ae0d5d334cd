"""Heals one planted bug by the product's own path, up to the gates: dossier, causes, patches, sandbox, review, gates."""

from dataclasses import replace
from pathlib import Path

from langchain_core.language_models import BaseChatModel

from agents.models import factory
from evals.bench.repair import places
from evals.bench.repair.attempt import Attempt, Used
from evals.bench.repair.planted import Bug
from evals.bench.repair.stage import BugWorld
from graph.config.settings import Settings
from graph.context import Context
from graph.reports.vocabulary import sentence
from graph.runtime import cases, driver
from graph.setup import stores, wiring
from graph.state import Case, State, final
from incident.decision import Allow, Hold
from incident.diagnosis import CodeCause
from incident.errors import SutureError
from incident.record import Answered, Decided, Proposed, Proved, Record
from incident.remedy import FileEdit, Patch
from tools import ports

GATES = ("evidence_gate.judge", "proof_gate.judge", "reach_gate.judge")


Edits = tuple[FileEdit, ...]


def heal(
    bug: Bug, world: BugWorld, settings: Settings, clock: ports.Clock, model: BaseChatModel | None = None
) -> tuple[Attempt, tuple[Edits, ...]]:
    """Run the incident as a dry run under full autonomy: what comes out would have been acted on.

    Return the attempt and the remedy's edits, then those of the other answers that a person is offered.

    `model` takes the place of the one that wiring builds, with more patience than an incident has.

    An endpoint or backend that fails ends the attempt as an abstention that says so.
    """
    began = clock.monotonic()
    records: list[Record] = []
    try:
        state, why = _run(world, settings, records, model), ""
    except SutureError as error:
        state, why = None, f"{type(error).__name__}: {error}"
    patch = state.plan.remedy if state and state.plan and isinstance(state.plan.remedy, Patch) else None
    first, whole = _times(records)
    attempt = Attempt(
        bug=bug.name,
        located=_located(bug, world, state),
        plausible=_plausible(records),
        proposed=patch is not None,
        let_through=patch is not None and _let_through(records),
        offered=patch is not None and _offered(records),
        correct=False,
        used=_used(records),
        seconds=round(clock.monotonic() - began, 1),
        template=patch.template if patch else "",
        function=f"{patch.path}::{patch.function}" if patch else "",
        diff=_diff(world, patch) if patch else "",
        ended=why or (_ending(state) if state else ""),
        losers=_losers(records),
        first_proof=first,
        round=whole,
    )
    return attempt, _changes(attempt, state, patch)


def _changes(attempt: Attempt, state: State | None, patch: Patch | None) -> tuple[Edits, ...]:
    others = state.plan.kept if state and state.plan and attempt.offered else ()
    return tuple(dict.fromkeys((*([patch.edits] if patch else []), *(one.patch.edits for one in others))))


def _run(world: BugWorld, settings: Settings, records: list[Record], model: BaseChatModel | None) -> State:
    shared = stores.connect(settings)
    context, case = opened(world, settings, records, model, shared)
    try:
        result = driver.invoke(wiring.checkpointer(shared), context, case.incident, State(case=case))
    finally:
        closed(context)
    return final({key: value for key, value in result.items() if key != driver.INTERRUPT})


def opened(
    world: BugWorld,
    settings: Settings,
    records: list[Record],
    model: BaseChatModel | None,
    shared: stores.Stores | None = None,
) -> tuple[Context, Case]:
    """Open the bug's incident: its context, which the caller closes, and its case; what happens goes to `records`."""
    shared = shared or stores.connect(settings)
    (case,) = cases.of(settings, world, world.payload).cases
    now = shared.clock.now()
    row = ports.Row(
        id=case.incident,
        world=case.world,
        fingerprint=case.alert.identity,
        starts_at=case.alert.starts_at,
        service=case.service,
        status="open",
        opened_at=now,
        changed_at=now,
    )
    shared.incidents.claim(row, shared.holder)
    models = wiring.built(settings)
    if model is not None:
        models = replace(models, model=model, name=factory.describe(model))
    return wiring.context(settings, shared, world, case.incident, records.append, models=models), case


def closed(context: Context) -> None:
    """Stop what a context keeps running."""
    context.lease_keeper.stop()
    context.tracer.close()


def _located(bug: Bug, world: BugWorld, state: State | None) -> bool:
    """True when the function that was patched, or else the one around the blamed line, is the one that is wrong."""
    hypothesis = state.inquiry.believed if state else None
    if state is None or hypothesis is None or not isinstance(hypothesis.cause, CodeCause):
        return False
    if state.plan is not None and isinstance(state.plan.remedy, Patch):
        return places.is_wrong(bug, state.plan.remedy.path, state.plan.remedy.function)
    cause = hypothesis.cause
    try:
        blamed = places.around(cause.path, world.repository.text(world.commit, cause.path), cause.line)
    except LookupError:
        return False
    return places.is_wrong(bug, blamed.path, blamed.name)


def _diff(world: BugWorld, patch: Patch) -> str:
    """The change of the source, without the added test."""
    own = [edit for edit in patch.edits if edit.path == patch.path and edit.before is not None]
    before = {edit.path: edit.before or "" for edit in own}
    return world.repository.diff(before, {edit.path: edit.after for edit in own})


def _decided(records: list[Record]) -> list[Decided]:
    return [record.event for record in records if isinstance(record.event, Decided)]


def _let_through(records: list[Record]) -> bool:
    """True when all three gates allowed it, each by its own last verdict: under full autonomy it would have acted."""
    last = {event.decision.policy: event.decision.verdict.kind for event in _decided(records)}
    return all(last.get(gate) == "allow" for gate in GATES)


def _offered(records: list[Record]) -> bool:
    """True when a person is asked, and may let it act: no gate denies it, and every hold can be lifted."""
    last = {event.decision.policy: event.decision.verdict for event in _decided(records)}
    verdicts = [last.get(gate) for gate in GATES]
    held = [verdict for verdict in verdicts if isinstance(verdict, Hold)]
    settled = all(isinstance(verdict, Allow | Hold) for verdict in verdicts)
    return settled and bool(held) and all(verdict.liftable for verdict in held)


def _times(records: list[Record]) -> tuple[float, float]:
    """Seconds of the first proof, and of all until the remedy was settled: other candidates and rivals included."""
    put = [record.at for record in records if isinstance(record.event, Proposed)]
    proved = [record.at for record in records if isinstance(record.event, Proved)]
    if not put or not proved:
        return 0.0, 0.0
    return (proved[0] - put[0]).total_seconds(), (proved[-1] - put[0]).total_seconds()


def _plausible(records: list[Record]) -> bool:
    """True when any candidate passed the whole proof, visible tests included."""
    return any(record.event.kind == "proved" and record.event.proof.outcome == "passed" for record in records)


def _used(records: list[Record]) -> Used:
    answers = [record.event for record in records if isinstance(record.event, Answered)]
    return Used(
        input_tokens=sum(answer.input_tokens for answer in answers),
        output_tokens=sum(answer.output_tokens for answer in answers),
        questions=sum(answer.steps for answer in answers),
    )


def _losers(records: list[Record]) -> tuple[str, ...]:
    """Reasons that candidates were refused, in order."""
    denied = [
        f"inspection: {sentence(event.decision.verdict.reason)}"
        for event in _decided(records)
        if event.decision.policy == "patch_rules.inspect" and event.decision.verdict.kind == "deny"
    ]
    failed = [
        "; ".join(f"{check.name}: {check.detail}" for check in record.event.proof.checks if check.outcome == "failed")
        for record in records
        if record.event.kind == "proved" and record.event.proof.outcome == "failed"
    ]
    said = [
        "review: " + "; ".join(record.event.review.objections)
        for record in records
        if record.event.kind == "reviewed" and record.event.review.objections
    ]
    return tuple(text[:200] for text in (*denied, *failed, *said))


def _ending(state: State) -> str:
    if state.ending is not None:
        return f"{state.ending.outcome.value}: {state.ending.reason}"
    gate = state.plan.gate if state.plan else None
    return f"{gate.kind}: {sentence(gate.reason)}" if gate is not None else "it stopped before the gates"


def settings_of(folder: Path, base: Settings) -> Settings:
    """The settings of one attempt: a fresh home, full autonomy, and nothing written to the world."""
    return base.model_copy(update={"home": folder / "home", "autonomy": "auto", "dry_run": True})
