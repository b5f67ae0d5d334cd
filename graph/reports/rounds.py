"""Rounds of diagnosis for the report: every hypothesis with its evidence, and why it was struck.  Pure."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from graph.reports import found, searched
from graph.reports.document import Block, Heading, Items
from graph.reports.vocabulary import sentence
from incident.evidence import Evidence
from incident.record import Record


def blocks(records: tuple[Record, ...]) -> Iterator[Block]:
    """Yield the rounds as parts of a document."""
    told = searched.rounds(records)
    if told:
        yield Heading(2, "Diagnosis")
    for number, one in enumerate(told, start=1):
        yield Heading(3, f"Round {number} at {one.at}: {one.dossier.service}")
        yield from _hypotheses(one)
        yield Items("not to be had", tuple(f"{gap.sought} ({gap.reason})" for gap in one.dossier.gaps))


def _hypotheses(one: searched.Round) -> Iterator[Block]:
    struck = {item.hypothesis: sentence(item.why) for item in one.strikes}
    evidence = {item.id: item for item in one.dossier.evidence}
    recorded = tuple(item.fact for item in one.dossier.evidence if item.fact.kind == "change")
    everything = one.diagnosis.hypotheses
    for index in sorted(range(len(everything)), key=lambda index: index in struck):
        hypothesis = everything[index]
        standing = "stands" if one.checked else "not checked"
        fate = f"struck, because {struck[index]}" if index in struck else standing
        cited = tuple(_cited(evidence[name]) for name in hypothesis.evidence if name in evidence)
        words = found.quoted(found.said_by(one.diagnosis, index), hypothesis.explanation)
        yield Items(f"{index + 1}. {found.blamed(hypothesis, one.dossier, recorded)}: {fate}", (words, *cited))


def _cited(item: Evidence) -> str:
    hidden = {"kind", "frames", "chain", "shape", "start", "end", "commits", "patch"}
    fact = item.fact.model_dump(mode="json", exclude=hidden, exclude_none=True)
    return f"{item.id} ({item.source}, {item.origin.value}) {item.fact.kind}: {', '.join(_pieces(fact))}"


def _pieces(fact: Mapping[str, JsonValue], above: str = "") -> Iterator[str]:
    for name, value in fact.items():
        if isinstance(value, dict):
            yield from _pieces(value, f"{above}{name} ")
        elif value not in ("", []):
            yield f"{above}{name} {value}"
