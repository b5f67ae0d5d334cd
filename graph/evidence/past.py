"""The past of an incident: what is asked of the memory, what it answers, and what is kept for the next time."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Literal

from graph.context import Context
from graph.evidence.answers import once
from graph.state import Case, Plan, State
from incident.diagnosis import Hypothesis
from incident.ending import Ending, Outcome
from incident.errors import Unavailable
from incident.evidence import Change, Dossier, ErrorGroup, Evidence, FailingTrace, Gap, Missing, Origin
from incident.past import Fix, Memory, Past, Place, Question, Tried
from incident.remedy import Patch
from incident.search import Setback
from policies.remedy import experience
from tools import text

LONGEST = 160
"""Characters of one text that is remembered."""

SOURCE = "memory"


def recalled(context: Context, case: Case, dossier: Dossier) -> Dossier:
    """Return the dossier with the past incidents that resemble the case."""
    return told(context, question(case.incident, dossier, case.world), dossier)


def told(context: Context, asked: Question, dossier: Dossier) -> Dossier:
    """Return the dossier with the answer of the memory; one that does not answer is a gap."""
    found = once(lambda: context.memories.like(asked))
    if isinstance(found, Missing):
        gap = Gap(source=SOURCE, sought="past incidents", reason=found.reason)
        return dossier.model_copy(update={"gaps": (*dossier.gaps, gap)})
    more = tuple(
        Evidence(id=f"E{number}", source=SOURCE, origin=_author(fact), fact=fact)
        for number, fact in enumerate(found, start=len(dossier.evidence) + 1)
    )
    return dossier.model_copy(update={"evidence": (*dossier.evidence, *more)})


def unread(dossier: Dossier) -> bool:
    """True when the memory did not answer."""
    return any(gap.source == SOURCE for gap in dossier.gaps)


def _author(fact: Past) -> Origin:
    return Origin.WORKLOAD if fact.word is None else Origin.HUMAN


def question(incident: str, dossier: Dossier, world: str) -> Question:
    """Return what is asked: the place of the most frequent error, and the kinds of cause that the evidence may show."""
    return Question(
        incident=incident,
        world=world,
        service=dossier.service,
        place=place(dossier),
        causes=tuple(sorted(set(_causes(dossier)))),
    )


def place(dossier: Dossier) -> Place:
    """Return the place of the most frequent error as a template; empty where none has a place in the source."""
    groups = [item.fact for item in dossier.of("error_group") if isinstance(item.fact, ErrorGroup)]
    if not groups:
        return Place()
    at = max(groups, key=lambda group: group.count).signature
    return Place(
        exception=_kept(at.exception),
        path=_kept(at.path),
        function=_kept(at.function),
        route=text.template(at.route, LONGEST),
    )


def _kept(said: str) -> str:
    return text.normalise(said, LONGEST)


def _causes(dossier: Dossier) -> Iterator[str]:
    if dossier.of("error_group"):
        yield "code"
    for item in dossier.evidence:
        match item.fact:
            case Change(what="deploy" | "config" as what):
                yield what
            case FailingTrace(deepest=deepest) if deepest != dossier.service:
                yield "dependency"
            case _:
                pass


def remember(context: Context, state: State, ending: Ending, opened_at: datetime) -> None:
    """Keep what the ended incident was about.  Raises Unavailable."""
    found = kept(state, ending, opened_at, context.clock.now())
    if found is not None:
        context.memories.remember(*found)


def kept(state: State, ending: Ending, opened_at: datetime, now: datetime) -> tuple[Memory, Fix | None] | None:
    """Return what is remembered of an ended incident, and the patch that healed it; None where nothing was gathered."""
    case, inquiry = state.case, state.inquiry
    dossier = inquiry.dossier or next((one.dossier for one in reversed(inquiry.rounds)), None)
    if dossier is None:
        return None
    blamed = inquiry.believed
    cause = blamed.cause.kind if blamed else ""
    memory = Memory(
        incident=case.incident,
        world=case.world,
        service=dossier.service,
        place=place(dossier),
        cause=cause,
        change=cause if cause in ("deploy", "config") else "",
        tried=(*map(_earlier, inquiry.setbacks), *_last(state.plan, blamed, ending)),
        outcome=ending.outcome,
        opened_at=opened_at,
        ended_at=now,
    )
    return memory, _fix(state.plan, ending)


def _earlier(setback: Setback) -> Tried:
    named = setback.blamed.values
    aimed = setback.service
    if setback.remedy == "patch":
        aimed = f"{named.get('path', '')}::{named.get('function', '')}"
    elif setback.remedy == "revert_config":
        aimed = f"{setback.service}: {named.get('setting', '')}"
    result: Literal["taken_back", "refused"] = "taken_back" if setback.outcome is Outcome.ROLLED_BACK else "refused"
    return Tried(kind=setback.remedy, target=aimed, result=result)


def _last(plan: Plan | None, blamed: Hypothesis | None, ending: Ending) -> Iterator[Tried]:
    if plan is None or blamed is None:
        return
    aimed = experience.target(plan.kind, blamed)
    match ending.outcome:
        case Outcome.HEALED:
            yield Tried(kind=plan.kind, target=aimed, result="healed")
        case Outcome.ROLLED_BACK:
            yield Tried(kind=plan.kind, target=aimed, result="taken_back")
        case Outcome.REJECTED:
            yield Tried(kind=plan.kind, target=aimed, result="refused")
        case _:
            yield Tried(kind=plan.kind, target=aimed, result="left")


def _fix(plan: Plan | None, ending: Ending) -> Fix | None:
    remedy = plan.remedy if plan else None
    if ending.outcome is not Outcome.HEALED or not isinstance(remedy, Patch):
        return None
    edit = next(edit for edit in remedy.edits if edit.path == remedy.path)
    return Fix(function=remedy.function, edit=edit, summary=remedy.summary, template=remedy.template)


def fixed(context: Context, hypothesis: Hypothesis, dossier: Dossier, base: str) -> Patch | None:
    """Return the patch that healed the same failure, where the very file that it mended runs again; None without one.

    It is a candidate like any other: inspected, proved and reviewed anew.
    """
    known = experience.of("patch", hypothesis, dossier)
    if known.credit < 1:
        return None
    for incident in known.healed:
        fix = once(partial(context.memories.fix, incident))
        if (
            isinstance(fix, Fix)
            and fix.edit.before is not None
            and _text(context, base, fix.edit.path) == fix.edit.before
        ):
            return _again(context, hypothesis, fix, base, incident)
    return None


def _again(context: Context, hypothesis: Hypothesis, fix: Fix, base: str, incident: str) -> Patch:
    edit = fix.edit
    return Patch(
        service=hypothesis.service,
        base_commit=base,
        path=edit.path,
        function=fix.function,
        edits=(edit,),
        diff=context.world.repository.diff({edit.path: edit.before or ""}, {edit.path: edit.after}),
        summary=text.normalise(f"as in {incident}: {fix.summary}", 400),
        template=fix.template,
    )


def _text(context: Context, commit: str, path: str) -> str | None:
    try:
        return context.world.repository.text(commit, path)
    except (KeyError, Unavailable):
        return None
