"""Patch agent: a believed hypothesis in, candidate patches out, best first."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from langchain_core.language_models import BaseChatModel
from pydantic import Field, JsonValue

from agents.budget import Budget
from agents.loop import account, loop, samples, small
from agents.loop.run import Run
from agents.models import factory
from agents.prompts import Prompt
from agents.view import rendering, source
from agents.view.incident_view import View
from agents.view.source import Place
from agents.view.toolbox import Terminal, arguments, one_of, text
from agents.view.tools import toolboxes
from incident.diagnosis import CodeCause, Hypothesis
from incident.errors import Refused, ToolMistake
from incident.proof import Refusal
from incident.record import Answered
from incident.remedy import FileEdit, Patch
from incident.value import Value
from tools import ports

MAX_SOURCE = 12_000
"""Characters of one replaced function."""


class NoFix(Value):
    """The agent sees no right change, with its reason."""

    kind: Literal["no_fix"] = "no_fix"
    reason: str


def write(
    view: View,
    hypothesis: Hypothesis,
    refused: tuple[Refusal, ...],
    model: BaseChatModel,
    prompt: Prompt,
    budget: Budget,
    clock: ports.Clock,
    *,
    at_once: bool = False,
    values: Mapping[str, str] | None = None,
) -> tuple[tuple[Patch, ...], tuple[Answered, ...]]:
    """Ask for patches of one function each, at most `budget.candidates`; none is an answer too.

    With `at_once` it is one small question, asked several times side by side: the function and its failure, and no
    tools to read more.  A small model does better with that, and a large one often needs no more.  `values` says of
    what kind the local variables are where the recorded request fails, as far as that was seen.

    Raises Refused without source, Unavailable when a port does not answer; an endpoint that does not is an ending of
    the run.
    """
    ends, place = terminals(view, hypothesis), _place(view, hypothesis)
    # A small question shows one function; where none is blamed, the model has to look for it.
    if at_once and place is not None:
        opening = small.question(view, place, refused, values or {})
        only = small.only(ends[0], place, prose=factory.asks(model))
        runs = samples.side_by_side(
            model,
            small.patience(budget),
            lambda who, share: loop.run(who, prompt.text, opening, (), (only,), share, clock),
        )
    else:
        opening = _opening(view, hypothesis, refused, budget, values or {})
        runs = (loop.run(model, prompt.text, opening, toolboxes(view)["patch"], ends, budget, clock),)
    answered = tuple(account.answered("patch", prompt, run, _shown(run)) for run in runs)
    return _distinct(runs)[: budget.candidates], answered


def asked(
    view: View,
    hypothesis: Hypothesis,
    refused: tuple[Refusal, ...],
    model: BaseChatModel,
    prompt: Prompt,
    budget: Budget,
    values: Mapping[str, str] | None,
) -> str:
    """Digest of a question whose answer cannot differ when it is asked again; empty for one whose answer may."""
    if not factory.repeats(model):
        return ""
    said = _opening(view, hypothesis, refused, budget, values or {})
    return hashlib.sha256("\n".join((factory.describe(model), prompt.text, said)).encode()).hexdigest()


def _opening(
    view: View, hypothesis: Hypothesis, refused: tuple[Refusal, ...], budget: Budget, values: Mapping[str, str]
) -> str:
    return rendering.opening(
        {
            "task": "Mend the function that is to blame.",
            "hypothesis": rendering.cleaned(hypothesis.model_dump(mode="json")),
            "function": blamed(view, hypothesis),
            "values": {rendering.normalise(name): rendering.page(kind) for name, kind in values.items()},
            "schemas": list(_component(view).schemas),
            "candidates": budget.candidates,
            "feedback": rendering.feedback(refused),
            "dossier": rendering.dossier(view.dossier),
        }
    )


def _component(view: View) -> ports.Component:
    if view.component is None:
        raise Refused(f"the source of {view.dossier.service} is not known, so nothing of it can be patched")
    return view.component


def _distinct(runs: Sequence[Run[Patch | NoFix]]) -> tuple[Patch, ...]:
    """Each change once, the smallest first: of two that pass, the smaller one is the better one."""
    patches = [patch for run in runs for patch in _patches(run)]
    distinct: dict[tuple[FileEdit, ...], Patch] = {}
    for patch in patches:
        distinct.setdefault(patch.edits, patch)
    # Templates keep their own order.
    return tuple(sorted(distinct.values(), key=lambda patch: 0 if patch.template else len(patch.changed)))


def _patches(run: Run[Patch | NoFix]) -> list[Patch]:
    """The run's patches, with a template's name only where rules wrote them: a model could write that name, too."""
    patches = [answer for answer in run.answers if isinstance(answer, Patch)]
    return patches if factory.repeats(run.model) else [patch.model_copy(update={"template": ""}) for patch in patches]


def blamed(view: View, hypothesis: Hypothesis) -> str:
    """The blamed function as tools name it (``path::name``); empty when it is not in the component's source."""
    place = _place(view, hypothesis)
    return place.key if place else ""


def _place(view: View, hypothesis: Hypothesis) -> Place | None:
    cause = hypothesis.cause
    if not isinstance(cause, CodeCause) or view.is_test(cause.path):
        return None
    return view.at(cause.path, cause.line)


def mendable(view: View, hypothesis: Hypothesis) -> tuple[Place, ...]:
    """The functions that a patch may replace: those on a stack or beside one, the blamed one first."""
    place = _place(view, hypothesis)
    paths = {frame.path for frame in view.frames} | ({place.path} if place else set())
    near = [item for item in view.places if item.path in paths]
    return tuple(dict.fromkeys([*([place] if place else []), *near]))


def terminals(view: View, hypothesis: Hypothesis) -> tuple[Terminal[Patch | NoFix], ...]:
    """`propose_fix` for one function, and `no_fix`."""
    places = {place.key: place for place in mendable(view, hypothesis)}
    no_fix: Terminal[Patch | NoFix] = Terminal(
        "no_fix",
        "Say that you see no right change, and why.",
        arguments("no_fix", reason=text(600, "why")),
        lambda fields: NoFix(reason=rendering.normalise(fields["reason"], 600)),
        gives_up=True,
    )
    if not places:
        # An empty list of functions must not become a free choice.
        return (no_fix,)
    schema = arguments(
        "propose_fix",
        function=one_of(tuple(places), "the function to replace, as path::name"),
        source=text(MAX_SOURCE, "the complete new source of that one function, signature unchanged"),
        why=text(400, "what was wrong and what this changes, in one sentence"),
        template=(_template(), ""),
    )

    def accept(fields: dict[str, Any]) -> Patch | NoFix:
        return proposed(view, hypothesis, places[fields["function"]], fields)

    propose: Terminal[Patch | NoFix] = Terminal(
        "propose_fix", "Propose the new source of one function. It is tested before anything happens.", schema, accept
    )
    return (propose, no_fix)


def _template() -> Any:
    return Annotated[str, Field(max_length=60, description="leave this empty")]


def proposed(view: View, hypothesis: Hypothesis, place: Place, fields: Mapping[str, Any]) -> Patch:
    """A patch of one function, from `source`, `why` and `template`.  Raises ToolMistake for a source that is none of it."""
    before = view.text(place.path)
    after = source.replace(before, place, fields["source"])
    if after == before:
        raise ToolMistake("this changes nothing")
    return Patch(
        service=hypothesis.service,
        base_commit=view.commit,
        path=place.path,
        function=place.name,
        edits=(FileEdit(path=place.path, before=before, after=after),),
        diff=view.repository.diff({place.path: before}, {place.path: after}),
        summary=rendering.normalise(fields["why"], 400),
        template=rendering.normalise(fields["template"], 60),
    )


def _shown(run: Run[Patch | NoFix]) -> dict[str, JsonValue]:
    patches = _patches(run)
    candidates: list[JsonValue] = [
        {"function": f"{patch.path}::{patch.function}", "summary": patch.summary, "template": patch.template}
        for patch in patches
    ]
    reasons: list[JsonValue] = [answer.reason for answer in run.answers if isinstance(answer, NoFix)]
    return {"candidates": candidates, "no_fix": reasons}
