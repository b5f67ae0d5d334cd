"""Root-cause agent: evidence in, ranked hypotheses out."""

from collections.abc import Callable
from typing import Annotated, Any

from langchain_core.language_models import BaseChatModel
from pydantic import Field, JsonValue

from agents import suspects as suspected
from agents.budget import Budget
from agents.loop import account, loop
from agents.models import factory
from agents.prompts import Prompt
from agents.view import rendering
from agents.view.incident_view import View
from agents.view.toolbox import Terminal, arguments, one_of, some_of, text
from agents.view.tools import toolboxes
from incident.diagnosis import (
    Cause,
    CodeCause,
    ConfigCause,
    DependencyCause,
    DeployCause,
    Diagnosis,
    Disproof,
    HangCause,
    Hypothesis,
    ResourceCause,
    UnknownCause,
)
from incident.evidence import Change, Neighbours, Unready
from incident.record import Answered
from incident.stacks import Frame
from tools import ports

RESOURCES = ("memory", "cpu", "disk", "connections")

Fields = dict[str, Any]


def investigate(
    view: View,
    model: BaseChatModel,
    prompt: Prompt,
    budget: Budget,
    clock: ports.Clock,
    suspects: tuple[Hypothesis, ...] = (),
) -> tuple[Diagnosis, Answered]:
    """Find the cause.  Without an answer the diagnosis holds one UnknownCause that says why.

    With `suspects` the question is a choice among them; those that were not chosen follow in their order, and all of
    them stand in it when there was no answer: they are the rules' findings, and code checks them as it checks any other.

    Raises Unavailable when a port does not answer; an endpoint that does not is an ending of the run.
    """
    opening = rendering.opening(suspected.question(view, suspects) if suspects else _question(view))
    readers, ends = toolboxes(view, roomy=budget.roomy)["rca"], terminals(view)
    if suspects:
        # No readers: the rules have looked already, and a small model wanders when it may read.
        readers, ends = (), (suspected.terminal(view, suspects),)
    run = loop.run(model, prompt.text, opening, readers, ends, budget, clock)
    hypotheses = tuple(dict.fromkeys((*run.answers, *suspects))) or (_unknown(view, account.ending(run)),)
    diagnosis = Diagnosis(
        hypotheses=hypotheses,
        model=factory.describe(run.model),
        prompt_digest=prompt.digest(),
        ruled=tuple(index for index, found in enumerate(hypotheses) if found in suspects),
    )
    shown: dict[str, JsonValue] = {"hypotheses": [item.model_dump(mode="json") for item in hypotheses]}
    return diagnosis, account.answered("rca", prompt, run, shown)


def _question(view: View) -> dict[str, JsonValue]:
    return {
        "task": "Find the root cause.",
        "functions": functions(view),
        "dossier": rendering.dossier(view.dossier),
    }


def functions(view: View) -> dict[str, JsonValue]:
    """For each place in the stack traces, the function around it as `read_function` names it."""
    found = {named(frame): view.at(frame.path, frame.line) for frame in view.frames}
    return {name: place.key for name, place in found.items() if place is not None}


def named(frame: Frame) -> str:
    """A place in a stack trace as `blame_code` names it."""
    return f"{frame.path}:{frame.line} in {frame.function}"


def terminals(view: View) -> tuple[Terminal[Hypothesis], ...]:
    """Tools that end an investigation; a kind of cause without anything to blame is not offered."""
    ends = (_code(view), _deploy(view), _config(view), _hang(view), _dependency(view), _service(view))
    return (*(end for end in ends if end is not None), _resource(view), _dont_know(view))


def _unknown(view: View, reason: str) -> Hypothesis:
    return Hypothesis(
        service=view.dossier.service,
        cause=UnknownCause(reason=reason),
        evidence=(),
        disproof=Disproof.NONE,
        explanation=reason,
        claimed_confidence=0.0,
    )


def _end(
    view: View,
    name: str,
    description: str,
    disproof: Disproof,
    cause: Callable[[Fields], Cause],
    **own: Any,
) -> Terminal[Hypothesis]:
    """A terminal tool: its own arguments, and those that every hypothesis has."""
    ids = [item.id for item in view.dossier.evidence]
    schema = arguments(
        name,
        **own,
        evidence=some_of(ids, "ids of the evidence that this rests on"),
        explanation=text(1_500, "what happened, in a few sentences"),
        disproof=(one_of([item.value for item in Disproof], "the check that would disprove it"), disproof.value),
        confidence=(_share(), 0.5),
    )

    def accept(fields: Fields) -> Hypothesis:
        return Hypothesis(
            service=fields.get("service", view.dossier.service),
            cause=cause(fields),
            evidence=tuple(dict.fromkeys(fields["evidence"])),
            disproof=Disproof(fields["disproof"]),
            explanation=rendering.normalise(fields["explanation"], 1_500),
            claimed_confidence=round(fields["confidence"], 4),
        )

    return Terminal(name, description, schema, accept)


def _share() -> Any:
    return Annotated[float, Field(ge=0, le=1, description="how sure you are, from 0 to 1")]


def _code(view: View) -> Terminal[Hypothesis] | None:
    frames = {named(frame): frame for frame in view.frames}
    if not frames:
        return None

    def cause(fields: Fields) -> Cause:
        frame = frames[fields["place"]]
        return CodeCause(path=frame.path, function=frame.function, line=frame.line)

    return _end(
        view,
        "blame_code",
        "Name the line of the service's own source where it goes wrong.",
        Disproof.ERRORS_ELSEWHERE,
        cause,
        place=one_of(tuple(frames), "the place, from the stack traces"),
    )


def _changes(view: View, what: str) -> dict[str, Change]:
    found = {item.id: item.fact for item in view.dossier.of("change")}
    return {key: fact for key, fact in found.items() if isinstance(fact, Change) and fact.what == what}


def _deploy(view: View) -> Terminal[Hypothesis] | None:
    deploys = {key: item for key, item in _changes(view, "deploy").items() if item.version and item.previous}
    if not deploys:
        return None

    def cause(fields: Fields) -> Cause:
        change = deploys[fields["change"]]
        return DeployCause(version=str(change.version), previous=str(change.previous))

    return _change_end(view, "blame_deploy", "Name the deploy that made things worse.", cause, deploys)


def _config(view: View) -> Terminal[Hypothesis] | None:
    configs = {key: item for key, item in _changes(view, "config").items() if item.key}
    if not configs:
        return None

    def cause(fields: Fields) -> Cause:
        change = configs[fields["change"]]
        return ConfigCause(key=str(change.key), old=change.old or "", new=change.new or "")

    return _change_end(view, "blame_config", "Name the configuration change that made things worse.", cause, configs)


def _change_end(
    view: View, name: str, description: str, cause: Callable[[Fields], Cause], changes: dict[str, Change]
) -> Terminal[Hypothesis]:
    told = one_of(tuple(changes), "id of the evidence that records the change")
    services = {key: change.service for key, change in changes.items()}
    return _citing("change", services, _end(view, name, description, Disproof.ERRORS_BEFORE_CHANGE, cause, change=told))


def _citing(argument: str, services: dict[str, str], end: Terminal[Hypothesis]) -> Terminal[Hypothesis]:
    """A terminal tool whose argument is the id of a piece of evidence about one of these services."""

    def accept(fields: Fields) -> Hypothesis:
        key = fields[argument]
        # It is evidence itself, which a model tends to leave out of its list.
        return end.accept({**fields, "service": services[key], "evidence": [key, *fields["evidence"]]})

    return Terminal(end.name, end.description, end.schema, accept)


def _hang(view: View) -> Terminal[Hypothesis] | None:
    found = {item.id: item.fact for item in view.dossier.of("unready")}
    unready = {key: fact for key, fact in found.items() if isinstance(fact, Unready)}
    if not unready:
        return None
    end = _end(
        view,
        "blame_hang",
        "Name the version that runs and answers nobody.",
        Disproof.ANSWERS_SOMEBODY,
        lambda fields: HangCause(version=unready[fields["unready"]].version),
        unready=one_of(tuple(unready), "id of the evidence that it is not ready"),
    )
    return _citing("unready", {key: fact.service for key, fact in unready.items()}, end)


def _around(view: View) -> tuple[Neighbours, ...]:
    return tuple(item.fact for item in view.dossier.of("neighbours") if isinstance(item.fact, Neighbours))


def _dependency(view: View) -> Terminal[Hypothesis] | None:
    hosts = tuple(host for around in _around(view) for host in around.external)
    if not hosts:
        return None
    return _end(
        view,
        "blame_dependency",
        "Name the host outside the platform where the errors begin.",
        Disproof.DEPENDENCY_HEALTHY,
        lambda fields: DependencyCause(host=fields["host"]),
        host=one_of(hosts, "the host"),
    )


def _service(view: View) -> Terminal[Hypothesis] | None:
    own = view.dossier.service
    callees = tuple(
        name for around in _around(view) for name in around.callees if name in view.services and name != own
    )
    if not callees:
        return None
    return _end(
        view,
        "blame_service",
        "Name the called service in which the errors begin, to have that one investigated.",
        Disproof.DEPENDENCY_HEALTHY,
        # Which cause it has there only that service's own evidence can tell, and it is not in this dossier.
        lambda fields: UnknownCause(reason=f"the errors begin in {fields['service']}"),
        service=one_of(callees, "the service"),
    )


def _resource(view: View) -> Terminal[Hypothesis]:
    return _end(
        view,
        "blame_resource",
        "Name the resource that ran out.",
        Disproof.NONE,
        lambda fields: ResourceCause(resource=fields["resource"]),
        resource=one_of(RESOURCES, "the resource"),
    )


def _dont_know(view: View) -> Terminal[Hypothesis]:
    schema = arguments("dont_know", reason=text(600, "what is missing to know it"))
    return Terminal(
        "dont_know",
        "Say that the evidence does not tell, and what is missing.",
        schema,
        lambda fields: _unknown(view, rendering.normalise(fields["reason"], 600)),
        gives_up=True,
    )
