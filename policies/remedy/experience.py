"""Experience with one remedy: what past incidents of the same signature say for it or against it.

It only orders remedies that the evidence supports, and only raises the risk.
"""

from collections.abc import Iterator
from typing import Literal, assert_never

from incident.diagnosis import CodeCause, ConfigCause, Hypothesis
from incident.evidence import Dossier
from incident.past import Past, Tried
from incident.remedy import RemedyKind
from incident.value import Value

Said = Literal["healed", "taken_back", "called_wrong"]


class Experience(Value):
    """Past incidents by what they say of one remedy, by id, the latest first."""

    healed: tuple[str, ...] = ()
    taken_back: tuple[str, ...] = ()
    called_wrong: tuple[str, ...] = ()
    credit: int = 0
    """1: it comes before others that fit; -1: behind them; 0: as ever."""

    @property
    def failed(self) -> int:
        """Number of incidents in which it failed here before."""
        return len({*self.taken_back, *self.called_wrong})


def of(kind: RemedyKind, hypothesis: Hypothesis, dossier: Dossier) -> Experience:
    """Return the experience with this kind of remedy for what the hypothesis blames.

    Where incidents disagree, those count that a person has spoken about, and of them the latest.
    """
    told = sorted(_told(kind, hypothesis, dossier), key=_weight, reverse=True)
    found: dict[Said, tuple[str, ...]] = {"healed": (), "taken_back": (), "called_wrong": ()}
    for past, said in told:
        found[said] = (*found[said], past.memory.incident)
    credit = 0 if not told else (1 if told[0][1] == "healed" else -1)
    return Experience(**found, credit=credit)


def target(kind: RemedyKind, hypothesis: Hypothesis) -> str:
    """Return the target of a kind of remedy as it is remembered: a function, a service's setting, or a service."""
    match kind, hypothesis.cause:
        case "patch", CodeCause(path=path, function=function):
            return f"{path}::{function}"
        case "revert_config", ConfigCause(key=key):
            return f"{hypothesis.service}: {key}"
        case _:
            return hypothesis.service


def _told(kind: RemedyKind, hypothesis: Hypothesis, dossier: Dossier) -> Iterator[tuple[Past, Said]]:
    aimed = target(kind, hypothesis)
    for item in dossier.of("past"):
        past = item.fact
        if not isinstance(past, Past) or not same(past, hypothesis, dossier):
            continue
        tried = [one for one in past.memory.tried if (one.kind, one.target) == (kind, aimed)]
        said = _said(past, tried[-1]) if tried else None
        if said is not None:
            yield past, said


def same(past: Past, hypothesis: Hypothesis, dossier: Dossier) -> bool:
    """True when a past incident has the signature of the one at hand, as the hypothesis explains it."""
    if past.similarity == "same_place":
        return True
    # Where no error has a place in the source, service and kind of cause are all the signature that there is.
    placed = bool(dossier.of("error_group")) or bool(past.memory.place.function)
    return not placed and past.similarity == "same_cause_here" and past.memory.cause == hypothesis.cause.kind


def _said(past: Past, tried: Tried) -> Said | None:
    # A person's word is about what the incident ended with.
    if past.word is not None and past.word.verdict == "wrong" and tried == past.memory.tried[-1]:
        return "called_wrong"
    match tried.result:
        case "healed" | "taken_back":
            return tried.result
        case "refused" | "left":
            return None
        case _:
            assert_never(tried.result)


def _weight(told: tuple[Past, Said]) -> tuple[bool, float, str]:
    past, _ = told
    return past.word is not None, past.memory.ended_at.timestamp(), past.memory.incident
