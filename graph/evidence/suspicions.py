"""Suspicions: the first suspects of the ranking over all services, as evidence of every later dossier."""

from datetime import timedelta

from graph.context import Context
from graph.evidence import observe
from graph.reports import suspects
from graph.state import Case, Inquiry
from incident.evidence import Change, Dossier, Evidence, Fact, Origin
from incident.observed import Observed, moment
from incident.search import Accused
from incident.steering import standing
from incident.suspicion import Suspicion
from policies.suspects import asking, changes, ranking
from policies.suspects.ranking import Ranked
from policies.suspects.scores import Suspect
from tools import text

MOST = 6
"""Suspects that become evidence, the first."""

LONGEST = 80
"""Characters of a suspect's name in an ending."""

NAMED = 3
"""Suspects that an ending without a cause names."""

SAME = timedelta(milliseconds=1)
"""Difference of two recorded times of one change: an observation keeps milliseconds."""


def ranked(context: Context, case: Case, inquiry: Inquiry) -> tuple[Accused, ...]:
    """Look at all services, rank the suspects, and return the first ones."""
    with context.tracer.span("suspects", service=case.service):
        seen = observe.observe(context, case, inquiry.path[-1] if inquiry.path else "")
        decided = context.journal.decide("gather", ranking.POLICY, asking.facts(seen, standing(inquiry.words)))
    # Below the bound everybody weighs what healthy time weighs; who is cleared is told wherever it stands.
    # In the order that they would have had nobody said anything: a word must not choose who is told.
    told = [one for _, one in sorted(enumerate(decided.result.ranked), key=lambda found: found[0] - found[1].moved)]
    listed = told[:MOST] if decided.choice == "somebody" else []
    cleared = [one for one in told if one.standing == "cleared" and one not in listed]
    return tuple(_accused(one, seen) for one in (*listed, *cleared))


def added(dossier: Dossier, accused: tuple[Accused, ...]) -> Dossier:
    """Return the dossier with the suspicions, and with the changes that they name and it lacks."""
    evidence = list(dossier.evidence)

    def add(source: str, origin: Origin, fact: Fact) -> str:
        evidence.append(Evidence(id=f"E{len(evidence) + 1}", source=source, origin=origin, fact=fact))
        return evidence[-1].id

    for one in accused:
        change = ""
        if one.change is not None:
            known = (item.id for item in evidence if isinstance(item.fact, Change) and _same(item.fact, one.change))
            change = next(known, "") or add("changes", Origin.PLATFORM, one.change)
        # Texts and traces stand behind it, which the workload writes.
        add("suspects", Origin.WORKLOAD, one.suspicion.model_copy(update={"change": change}))
    return dossier.model_copy(update={"evidence": tuple(evidence)})


def told(inquiry: Inquiry) -> tuple[str, ...]:
    """Return the first suspects in words; nothing where nobody was ranked."""
    listed = [one.suspicion for one in inquiry.accused or () if one.suspicion.standing != "cleared"]
    return tuple(_named(one) for one in listed[:NAMED])


def _named(one: Suspicion) -> str:
    # A record's name is what a client sent.
    shown = suspects.named(Suspect(kind=one.what, name=text.normalise(one.name, LONGEST), service=one.service))
    return f"{shown} ({one.standing}, {one.confidence / 10_000:.2f})"


def _accused(one: Ranked, seen: Observed) -> Accused:
    suspect = one.suspect
    own = (change for found, change in changes.suspects(seen) if found == suspect)
    for_it = sorted((name for name in one.strengths if one.strengths[name] > 0), key=lambda name: -one.strengths[name])
    return Accused(
        suspicion=Suspicion(
            what=suspect.kind,
            name=suspect.name,
            service=suspect.service,
            at=None if suspect.at is None else moment(suspect.at),
            standing=one.standing,
            confidence=one.confidence,
            firm=one.firm,
            mechanisms=tuple(for_it),
        ),
        change=next(own, None),
    )


def _same(one: Change, other: Change) -> bool:
    return abs(one.at - other.at) <= SAME and all(
        getattr(one, name) == getattr(other, name)
        for name in ("service", "what", "version", "key", "old", "new", "target")
    )
