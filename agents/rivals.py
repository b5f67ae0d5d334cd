"""Rivals of patches: other ways to answer the failing request, for a person to pick from."""

from collections.abc import Iterator

from agents import patching
from agents.playbook.repair import rivals
from agents.playbook.repair.fault import Candidate, Fault
from agents.view import source
from agents.view.incident_view import View
from agents.view.source import Place
from incident.diagnosis import Hypothesis
from incident.errors import ToolMistake
from incident.evidence import ErrorGroup, Signature
from incident.remedy import Patch


def beside(view: View, hypothesis: Hypothesis, signature: Signature, patches: tuple[Patch, ...]) -> tuple[Patch, ...]:
    """Rivals at the place where the recorded request fails, without the patches that there are.

    Raises Unavailable when a port does not answer.
    """
    place = view.at(signature.path, signature.line)
    if place is None or view.is_test(place.path):
        return ()
    known = {edit.after for patch in patches for edit in patch.edits}
    found = (_patch(view, hypothesis, place, item) for item in rivals.candidates(_fault(view, place, signature)))
    return tuple(patch for one in found for patch in one if patch.edits[0].after not in known)


def is_one(patch: Patch) -> bool:
    """True for a rival: it is shown to a person, and never acts by itself."""
    return patch.template.startswith(f"{rivals.RIVAL} ")


def _fault(view: View, place: Place, signature: Signature) -> Fault:
    text = view.text(place.path)
    facts = (item.fact for item in view.dossier.of("error_group"))
    groups = (fact for fact in facts if isinstance(fact, ErrorGroup) and fact.signature == signature)
    return Fault(
        source=source.cut(text, place),
        line=signature.line - place.first + 1,
        exception=signature.exception.rpartition(".")[2],
        message=next((group.message for group in groups), ""),
        module=text,
    )


def _patch(view: View, hypothesis: Hypothesis, place: Place, item: Candidate) -> Iterator[Patch]:
    fields = {"source": item.source, "why": item.rationale[:400], "template": item.template}
    try:
        yield patching.proposed(view, hypothesis, place, fields)
    except ToolMistake:
        return
