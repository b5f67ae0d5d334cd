"""Question that asks a model to choose the most credible of the causes that rules found.

Everything that a hypothesis claims (place, evidence, disproving check) comes from the rules; the model only chooses.
"""

from pydantic import JsonValue

from agents.view import rendering
from agents.view.incident_view import View
from agents.view.toolbox import Terminal, arguments, one_of
from incident.diagnosis import Disproof, Hypothesis, UnknownCause

NONE = "none of these"


def question(view: View, suspects: tuple[Hypothesis, ...]) -> dict[str, JsonValue]:
    """The suspects by number, each with what was found, and how the service's figures stand."""
    shown: dict[str, JsonValue] = {
        f"S{number}": rendering.cleaned({**item.cause.model_dump(mode="json"), "found": item.explanation})
        for number, item in enumerate(suspects, start=1)
    }
    return {
        "task": "Say which of these suspects is the root cause.",
        "service": view.dossier.service,
        "suspects": shown,
    }


def terminal(view: View, suspects: tuple[Hypothesis, ...]) -> Terminal[Hypothesis]:
    """`choose_cause`: one suspect, or none of them, which is the honest "I don't know"."""
    by_name = {f"S{number}": item for number, item in enumerate(suspects, start=1)}
    nobody = Hypothesis(
        service=view.dossier.service,
        cause=UnknownCause(reason="none of the suspects is credible"),
        evidence=(),
        disproof=Disproof.NONE,
        explanation="none of the suspects is credible",
        claimed_confidence=0.0,
    )
    schema = arguments("choose_cause", suspect=one_of((*by_name, NONE), "the root cause"))
    return Terminal(
        "choose_cause",
        "Name the suspect that is the root cause, or none of these.",
        schema,
        lambda fields: by_name.get(fields["suspect"], nobody),
    )
