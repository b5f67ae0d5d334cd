"""Rounds of diagnosis for the report: every hypothesis with its evidence, and why it was struck.  Pure."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from graph.reports import found
from graph.reports.document import Block, Heading, Items
from graph.reports.vocabulary import sentence
from incident.decision import Decision
from incident.diagnosis import Diagnosis
from incident.evidence import Dossier, Evidence
from incident.record import Decided, Diagnosed, Gathered, Record
from incident.value import Value
from policies.diagnosis import assertions


class Round(Value):
    """One diagnosis with the evidence that it was made from, and the check of its hypotheses, where it was made."""

    at: str
    dossier: Dossier
    diagnosis: Diagnosis
    checked: Decision | None = None


def rounds(records: tuple[Record, ...]) -> tuple[Round, ...]:
    """Return the rounds in their order."""
    done: list[Round] = []
    dossier: Dossier | None = None
    for record in records:
        match record.event:
            case Gathered():
                dossier = record.event.dossier
            case Diagnosed() if dossier is not None:
                at = f"{record.at:%H:%M:%S}"
                done.append(Round(at=at, dossier=dossier, diagnosis=record.event.diagnosis))
            case Decided(decision=decision) if done and decision.policy == assertions.NAME:
                done[-1] = done[-1].model_copy(update={"checked": decision})
            case _:
                pass
    return tuple(done)


def blocks(records: tuple[Record, ...]) -> Iterator[Block]:
    """Yield the rounds as parts of a document."""
    told = rounds(records)
    if told:
        yield Heading(2, "Diagnosis")
    for number, one in enumerate(told, start=1):
        yield Heading(3, f"Round {number} at {one.at}: {one.dossier.service}")
        yield from _hypotheses(one)
        yield Items("not to be had", tuple(f"{gap.sought} ({gap.reason})" for gap in one.dossier.gaps))


def _hypotheses(one: Round) -> Iterator[Block]:
    result = assertions.POLICY.read(one.checked) if one.checked else None
    struck = {item.index: sentence(item.why) for item in result.struck} if result else {}
    kept = result.kept if result else ()
    evidence = {item.id: item for item in one.dossier.evidence}
    recorded = tuple(item.fact for item in one.dossier.evidence if item.fact.kind == "change")
    everything = one.diagnosis.hypotheses
    for index in (*kept, *(index for index in range(len(everything)) if index not in kept)):
        hypothesis = everything[index]
        fate = f"struck, because {struck[index]}" if index in struck else "stands" if index in kept else "not checked"
        cited = tuple(_cited(evidence[name]) for name in hypothesis.evidence if name in evidence)
        words = f"in the words of {one.diagnosis.model}: “{hypothesis.explanation}”"
        yield Items(f"{index + 1}. {found.blamed(hypothesis, one.dossier, recorded)}: {fate}", (words, *cited))


def _cited(item: Evidence) -> str:
    hidden = {"kind", "frames", "chain", "shape", "start", "end"}
    fact = item.fact.model_dump(mode="json", exclude=hidden, exclude_none=True)
    return f"{item.id} ({item.source}, {item.origin.value}) {item.fact.kind}: {', '.join(_pieces(fact))}"


def _pieces(fact: Mapping[str, JsonValue], above: str = "") -> Iterator[str]:
    for name, value in fact.items():
        if isinstance(value, dict):
            yield from _pieces(value, f"{above}{name} ")
        elif value not in ("", []):
            yield f"{above}{name} {value}"
