"""Recorded answers of both versions during a canary, compared by status, by shape, and by the values that are kept.

The recorder runs inside the service, so all of it is written by the workload: it may hold or take back, never widen
(`policies.rollout.answers`).  Who records nothing, or cannot be reached, changes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Literal, NamedTuple

from graph.context import Context
from graph.evidence.answers import once
from graph.state import State, gathered, planned, rolling
from incident import answers, capture
from incident.capture import Capture
from incident.evidence import Dossier, Missing, Traits
from incident.proof import Answer
from incident.rollout import Answers, Difference
from policies.diagnosis import traits
from tools import text

LIMIT = 5_000
"""Most requests of each outcome that are read of one version, the newest."""

COMPARED = 200
"""Most answers of the route that are compared: of the new version, of the old one beside it, and of the old one before."""

NAMES, LONGEST = 3, 80
"""Most names of one difference that are told, the most frequent, and characters of each."""

DIFFERENCES = 8
"""Most differences that are told, the most frequent."""


class Kinds(NamedTuple):
    """The failing route, and what is known of its requests and of the right answer to those that failed."""

    route: str
    failing: tuple[tuple[str, ...], ...]
    """Traits that set the failing requests apart; empty where nothing does."""
    shown: Answer | None
    """The answer that the proof showed."""

    def fails(self, item: Capture) -> bool:
        """True for a request of the kind that used to fail."""
        found = capture.traits(item) if self.failing else ()
        return any(traits.matches(kind, found) for kind in self.failing)


class Recorded(NamedTuple):
    """Whole recorded requests of the failing route that one version answered, oldest first."""

    well: tuple[Capture, ...]
    failed: tuple[Capture, ...]


def compared(context: Context, state: State, since: datetime) -> Answers | None:
    """Compare the answers that both versions gave on the failing route since the canary's first request.

    None where nothing is recorded, where records cannot be reached, and where requests that used to fail can neither be
    told from others nor their right answer be known.
    """
    plan, dossier, now = planned(state), gathered(state.inquiry), context.clock.now()
    if plan.reproduction is None:
        return None
    route = plan.reproduction.signature.route
    answer = plan.proof.answer if plan.proof else None
    kinds = Kinds(route, _failing(dossier, route), answer if answer and answer.shape else None)
    if not kinds.failing and kinds.shown is None:
        return None
    # What the old version answered before the canary is no control, but it shows what is usual.
    before = min(since, dossier.windows.recent(dossier.onset - dossier.windows.before, now))
    new = _recorded(context, state.case.service, kinds.route, (rolling(state).canary, since, now))
    old = _recorded(context, state.case.service, kinds.route, (plan.stable, before, now))
    if isinstance(new, Missing) or isinstance(old, Missing):
        return None
    return judged(new, old, kinds, since)


def _failing(dossier: Dossier, route: str) -> tuple[tuple[str, ...], ...]:
    facts = (item.fact for item in dossier.of("traits"))
    return tuple(fact.traits for fact in facts if isinstance(fact, Traits) and fact.route == route and fact.traits)


def _recorded(context: Context, service: str, route: str, asked: tuple[str, datetime, datetime]) -> Recorded | Missing:
    """Return what one version (its name, and from when to when) is recorded to have answered on a route."""
    version, start, end = asked
    captures, found = context.world.captures, []
    outcomes: tuple[Literal["ok", "failed"], ...] = ("ok", "failed")
    for outcome in outcomes:
        answered = once(partial(captures.recorded, service, outcome, start, end, version, LIMIT))
        if isinstance(answered, Missing):
            return answered
        # One that was cut at the size cap holds no answer.
        found.append(tuple(item for item in answered if item.route == route and not item.truncated))
    return Recorded(*found)


def judged(new: Recorded, old: Recorded, kinds: Kinds, since: datetime) -> Answers | None:
    """Compare recorded answers; None where the old version has none beside the canary.

    What the new version answered after the old one's last answer is left out: the world may have changed since, and
    nobody is left to compare with.
    """
    beside = [item for item in old.well if item.at >= since][-COMPARED:]
    if not beside:
        return None
    until = max(item.at for item in (*beside, *old.failed))
    usual = Usual([*[item for item in old.well if item.at < since][-COMPARED:], *beside], len(beside))
    well = [item for item in new.well if item.at <= until][-COMPARED:]
    failed = [item for item in new.failed if item.at <= until][-COMPARED:]
    sick = [item for item in well if kinds.fails(item)]
    # A request that the old version was not seen to answer well says nothing about the new one.
    others = [item for item in well if not kinds.fails(item) and _asked(item) in usual.asked]
    found = [
        *_failures([item for item in failed if kinds.fails(item)], len(sick), old, usual, kinds),
        *(_differences(sick, usual, kinds.shown, failing=True) if kinds.shown else ()),
        *_differences(others, usual, None if kinds.failing else kinds.shown, failing=False),
    ]
    return Answers(
        route=text.normalise(kinds.route, LONGEST),
        new=len(sick) + len(others),
        old=usual.beside,
        differences=tuple(sorted(found, key=lambda one: -one.seen)[:DIFFERENCES]),
    )


def _asked(item: Capture) -> frozenset[str]:
    """The shape of a request, without what was answered to its own calls."""
    return frozenset(trait for trait in capture.traits(item) if trait.startswith(("body", "query.")))


class Usual:
    """Good answers of the old version: those beside the canary, and those from before it."""

    def __init__(self, well: list[Capture], beside: int) -> None:
        self.beside = beside
        """Answers beside the canary, the last ones: the control that is counted."""
        self.asked = frozenset(_asked(item) for item in well)
        bodies: dict[int, list[Capture]] = {}
        for item in well:
            bodies.setdefault(item.status, []).append(item)
        self.known = {status: answers.known(item.response for item in items) for status, items in bodies.items()}
        self.constants = {
            status: answers.constants(item.response for item in items) for status, items in bodies.items()
        }
        self.counts = Counter(item.status for item in well[-beside:])


@dataclass
class _Tally:
    """Answers with one difference, and the names of what differs."""

    seen: int = 0
    names: Counter[str] = field(default_factory=Counter)

    def add(self, names: Iterable[str]) -> None:
        self.seen += 1
        self.names.update(names)

    def told(self) -> tuple[str, ...]:
        most = sorted(self.names, key=lambda name: (-self.names[name], name))[:NAMES]
        return tuple(text.normalise(name, LONGEST) for name in most)


def _failures(failed: list[Capture], well: int, old: Recorded, usual: Usual, kinds: Kinds) -> Iterator[Difference]:
    """Yield the failures of requests of the failing kind, but for those that other requests meet on the old version."""
    ordinary = {(item.status, item.exception) for item in old.failed if not kinds.fails(item)}
    tallies: dict[int, _Tally] = {}
    for item in failed:
        if (item.status, item.exception) not in ordinary:
            tallies.setdefault(item.status, _Tally()).add([item.exception] if item.exception else [])
    for status, tally in tallies.items():
        yield Difference(
            what="failed",
            of_failing_kind=True,
            status=status,
            names=tally.told(),
            seen=tally.seen,
            new=well + len(failed),
            old=usual.beside,
        )


def _differences(items: list[Capture], usual: Usual, shown: Answer | None, *, failing: bool) -> Iterator[Difference]:
    """Yield what in these answers no good answer of the old version has; what the proof showed is no difference."""
    tallies: dict[tuple[Literal["status", "shape", "missing", "value"], int], _Tally] = {}
    for item in items:
        proved = shown if shown is not None and shown.status == item.status else None
        if item.status not in usual.known:
            if proved is None:
                tallies.setdefault(("status", item.status), _Tally()).add(())
            continue
        known = usual.known[item.status]
        never, absent = answers.unlike_elsewhere(
            item.response, known.beside(proved.shape) if proved else known, item.body
        )
        if never:
            tallies.setdefault(("shape", item.status), _Tally()).add(never)
        if absent:
            tallies.setdefault(("missing", item.status), _Tally()).add(absent)
        # The failing kind has answers of its own: what is usual elsewhere may be wrong for it.
        other = () if failing else answers.moved(item.response, usual.constants[item.status], item.body)
        if other:
            tallies.setdefault(("value", item.status), _Tally()).add(other)
    asked = Counter(item.status for item in items)
    for (what, status), tally in tallies.items():
        told, old = tally, usual.beside if what == "status" else usual.counts[status]
        if what == "value":
            # Values are counted path by path: each is another piece of data, and not every answer has it.
            path, seen = tally.names.most_common(1)[0]
            told, old = _Tally(seen, Counter([path])), min(old, usual.constants[status][path][1])
        yield Difference(
            what=what,
            of_failing_kind=failing,
            status=status,
            names=told.told(),
            seen=told.seen,
            new=len(items) if what == "status" else asked[status],
            old=old,
        )
