"""Steering: what people say while an incident runs, heard, journaled, and told to every later diagnosis."""

from graph.context import Context
from graph.state import Case, Inquiry
from incident.evidence import Dossier, Evidence, Origin
from incident.record import Steered
from incident.steering import Steering, standing


def heard(context: Context, case: Case, inquiry: Inquiry, node: str) -> Inquiry:
    """Return the inquiry with everything that people have said by now; what is new is journaled.  Raises Tampered."""
    said = context.incidents.steering(case.incident)
    # Words are only ever added.
    for word in said[len(inquiry.words) :]:
        context.journal.write(node, Steered(word=word))
    return inquiry.model_copy(update={"words": said})


def added(dossier: Dossier, words: tuple[Steering, ...]) -> Dossier:
    """Return the dossier with the words that stand."""
    more = tuple(
        Evidence(id=f"E{number}", source="people", origin=Origin.HUMAN, fact=word)
        for number, word in enumerate(standing(words), start=len(dossier.evidence) + 1)
    )
    return dossier.model_copy(update={"evidence": (*dossier.evidence, *more)})


def without(dossier: Dossier) -> Dossier:
    """Return the dossier without them: whoever mends, proves and judges goes by what was seen."""
    seen = tuple(item for item in dossier.evidence if not isinstance(item.fact, Steering))
    return dossier.model_copy(update={"evidence": seen})
