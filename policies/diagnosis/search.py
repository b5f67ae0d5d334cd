"""The next step of the search for a cause: a hypothesis to follow, another service to look at, or the end.

Every round is kept.  The newest is followed first; when nothing is left of it, the search comes back to the ones
before.  A hypothesis that names another service is followed by looking there once.  Where none is left, all services
are ranked once, and the first one is looked at again with that; then the search goes on along the path of the failing
requests.

A service to which a person points is looked at next, once; a hypothesis that a person doubts is followed last.  A step
that would be another one had nobody said anything is marked, and what it leads to is changed by no one but a person.
"""

from collections.abc import Iterator
from typing import Literal, assert_never

from pydantic import Field

from incident.decision import Allow, Alternative, Constraint, Hold, Reason, because
from incident.diagnosis import (
    CodeCause,
    ConfigCause,
    DependencyCause,
    DeployCause,
    HangCause,
    Hypothesis,
    ResourceCause,
    UnknownCause,
)
from incident.ending import Outcome
from incident.search import Setback, Strike
from incident.steering import Steering, people
from incident.value import Value
from policies import limits
from policies.diagnosis import doubts
from policies.policy import Judgement, Policy

NAME = "search.next"
VERSION = 1

Choice = Literal["follow", "widen", "look", "end"]


class Looked(Value):
    """One round of the search without its evidence, which the journal holds."""

    service: str
    hypotheses: tuple[Hypothesis, ...]
    strikes: tuple[Strike, ...] = ()
    # Left out of the encoding where it is empty, as in every record from before the field was there.
    thin: tuple[int, ...] = Field(default=(), exclude_if=lambda thin: not thin)
    """Places of the hypotheses that too few kinds of evidence support to be acted upon."""
    steered: bool = Field(default=False, exclude_if=lambda steered: not steered)
    """True where a person's word led to it, or a model had read one."""


class Facts(Value):
    """The rounds so far, the remedies that did not help, and what may still be looked at."""

    rounds: tuple[Looked, ...]
    setbacks: tuple[Setback, ...] = ()
    path: tuple[str, ...] = ()
    """Services that the failing requests go through, the one where they end first."""
    known: tuple[str, ...] = ()
    """Services of the world."""
    # Left out of the encoding where it is false, as in every record from before the field was there.
    unranked: bool = Field(default=False, exclude_if=lambda unranked: not unranked)
    """True while the suspects over all services may still be ranked."""
    suspects: tuple[str, ...] = Field(default=(), exclude_if=lambda suspects: not suspects)
    """First suspects of that ranking in words, for an ending without a remedy."""
    words: tuple[Steering, ...] = Field(default=(), exclude_if=lambda words: not words)
    """Words of people on where the cause lies, as they stand."""
    seconds: float = 0.0
    """Since the incident was opened."""
    limits: limits.Retry


class Result(Value):
    """The step in detail."""

    round: int = -1
    """Index of the round whose hypothesis is followed."""
    hypothesis: int = -1
    service: str = ""
    """Service that is looked at, or that the followed hypothesis is about."""
    outcome: Outcome = Outcome.ESCALATED
    """Kind of the ending, when the search ends."""
    steered: bool = Field(default=False, exclude_if=lambda steered: not steered)
    """True for a step that would be another one had nobody said anything."""


Step = tuple[Literal["follow", "widen", "look"], int, int, str]
"""(What is done, index of the round and of the hypothesis that lead there, service)."""


def next(facts: Facts) -> Judgement[Choice, Result]:  # noqa: A001 (callers write search.next, which reads as a sentence)
    """Choose the next step."""
    step = _best(facts)
    if step is None:
        why = _ending(facts, tuple(_steps(facts)))
        if facts.suspects:
            why = because("with_suspects", why=why, suspects=facts.suspects)
        return _decision(facts, "end", why, Result(outcome=_outcome(facts)))
    choice, number, index, service = step
    result = Result(round=number, hypothesis=index, service=service, steered=not _same(step, _unsteered(facts)))
    return _decision(facts, choice, _why(facts, step), result)


def _best(facts: Facts) -> Step | None:
    """Return the first step that may still be taken; None where the search ends."""
    looks = len(facts.rounds) < facts.limits.max_rounds
    affordable = [step for step in _steps(facts) if step[0] == "follow" or looks]
    return affordable[0] if affordable and not _spent(facts) else None


def _unsteered(facts: Facts) -> Step | None:
    """Return the step that would be taken had nobody said anything: without the words, and all that they led to."""
    own = [number for number, item in enumerate(facts.rounds) if not item.steered]
    left = {
        "words": (),
        "rounds": tuple(facts.rounds[number] for number in own),
        "setbacks": tuple(item for item in facts.setbacks if not item.steered),
    }
    step = _best(facts.model_copy(update=left))
    return step if step is None or step[1] < 0 else (step[0], own[step[1]], *step[2:])


def _same(one: Step, other: Step | None) -> bool:
    """True for the same hypothesis, or for a look at the same service, whatever leads there."""
    if other is None or one[0] != other[0]:
        return False
    return one == other or (one[0] != "follow" and one[3] == other[3])


def _why(facts: Facts, step: Step) -> Reason:
    choice, number, index, service = step
    match choice:
        case "follow":
            doubted = people(doubts.of(facts.rounds[number].hypotheses[index], facts.words))
            followed = because("follows", service=service, number=index + 1, round=number + 1)
            return because("doubted_and_left", follows=followed, people=doubted) if doubted else followed
        case "widen":
            return because("ranks_all", service=service)
        case "look":
            pointed = people(word for word in _pointing(facts) if word.root == service)
            return (
                because("looks_as_told", service=service, people=pointed)
                if pointed
                else because("looks_at", service=service)
            )
        case _:
            assert_never(choice)


def _pointing(facts: Facts) -> Iterator[Steering]:
    """Yield the words that point to a service of the world which was not looked at yet."""
    looked = [item.service for item in facts.rounds]
    for word in facts.words:
        if word.said == "look" and word.root in facts.known and word.root not in looked:
            yield word


def _steps(facts: Facts) -> Iterator[Step]:
    """Yield everything that could be done next, the best first."""
    looked = [item.service for item in facts.rounds]
    for word in _pointing(facts):
        yield "look", -1, -1, word.root
    doubted: list[Step] = []
    # What was tried in vain would only be found again.
    widens = facts.unranked and bool(facts.rounds) and not facts.setbacks
    for number, index, hypothesis in _left(facts.rounds):
        if doubts.of(hypothesis, facts.words) and not isinstance(hypothesis.cause, UnknownCause):
            doubted.append(("follow", number, index, hypothesis.service))
        elif not isinstance(hypothesis.cause, UnknownCause):
            # The ranking may bring what is lacking, or another cause.
            if widens and index in facts.rounds[number].thin:
                yield "widen", -1, -1, looked[0]
            yield "follow", number, index, hypothesis.service
        elif hypothesis.service in facts.known and hypothesis.service not in looked:
            yield "look", number, index, hypothesis.service
    if widens:
        yield "widen", -1, -1, looked[0]
    # A cause that was found where the requests fail is no reason to look at those who called, whatever became of it.
    for service in () if facts.setbacks else facts.path:
        if service in facts.known and service not in looked:
            yield "look", -1, -1, service
    yield from doubted


def _left(rounds: tuple[Looked, ...]) -> Iterator[tuple[int, int, Hypothesis]]:
    """Yield the hypotheses that stand, each with its round and its place in it; those of the newest round first."""
    looked = [item.service for item in rounds]
    for number in reversed(range(len(rounds))):
        # A service that was looked at again: only what was seen last counts.
        if looked[number] not in looked[number + 1 :]:
            yield from ((number, index, hypothesis) for index, hypothesis in standing(rounds[number]))


def standing(looked: Looked) -> Iterator[tuple[int, Hypothesis]]:
    """Yield the hypotheses that were not struck; what was found less credible than not to know is left out."""
    struck = {strike.hypothesis for strike in looked.strikes}
    for index, hypothesis in enumerate(looked.hypotheses):
        if isinstance(hypothesis.cause, UnknownCause) and hypothesis.service == looked.service:
            return
        if index not in struck:
            yield index, hypothesis


def leading(rounds: tuple[Looked, ...]) -> tuple[int, int] | None:
    """Return the round and the place in it of the best cause that stands, or else of the first that was followed in vain."""
    for number, index, hypothesis in _left(rounds):
        if not isinstance(hypothesis.cause, UnknownCause):
            return number, index
    for number, item in enumerate(rounds):
        for strike in item.strikes:
            if strike.kind == "failed":
                return number, strike.hypothesis
    return None


def _spent(facts: Facts) -> Reason:
    """Reason that nothing more may be tried, whatever is left; empty while it may."""
    if len(facts.setbacks) >= facts.limits.max_remedies:
        return because("remedies_spent", count=len(facts.setbacks))
    # Where nothing was tried yet, time alone ends no search.
    if facts.setbacks and facts.seconds >= facts.limits.search_seconds:
        return because("time_spent", seconds=facts.seconds)
    return Reason()


def _outcome(facts: Facts) -> Outcome:
    """Kind of the ending: a change that was taken back is said first, and only refusals alone are a refusal."""
    outcomes = {setback.outcome for setback in facts.setbacks}
    if Outcome.ROLLED_BACK in outcomes:
        return Outcome.ROLLED_BACK
    return Outcome.REJECTED if outcomes == {Outcome.REJECTED} else Outcome.ESCALATED


def _ending(facts: Facts, steps: tuple[Step, ...]) -> Reason:
    """Reason that the search ends."""
    bound = _spent(facts)
    if steps and not bound:
        bound = because("rounds_spent", count=len(facts.rounds))
    if facts.setbacks:
        tried = tuple(
            because("tried_in_vain", remedy=item.remedy, blamed=item.blamed, why=item.why) for item in facts.setbacks
        )
        return because("nothing_helped", tried=tried, rest=bound or because("nothing_left"))
    rest = bound or because("nothing_else")
    strikes = [strike.kind for item in facts.rounds for strike in item.strikes]
    if "untested" in strikes:
        return because("only_suspected", count=strikes.count("untested"), rest=rest)
    if any(map(_unknown, facts.rounds)):
        return because("does_not_know", rest=rest)
    return because("all_struck", count=len(strikes), rest=rest)


def _unknown(looked: Looked) -> bool:
    """True when it was said of a service that its cause is not known."""
    return any(isinstance(one.cause, UnknownCause) and one.service == looked.service for one in looked.hypotheses)


def named(hypothesis: Hypothesis) -> Reason:
    """Reason that names what a hypothesis blames."""
    service = hypothesis.service
    match hypothesis.cause:
        case CodeCause(path=path, function=function):
            why = because("blames_code", service=service, path=path, function=function)
        case DeployCause(version=version):
            why = because("blames_deploy", service=service, version=version)
        case ConfigCause(key=key, old=old, new=new):
            why = because("blames_config", service=service, setting=key, old=old, new=new)
        case DependencyCause(host=host):
            why = because("blames_dependency", service=service, host=host)
        case ResourceCause(resource=resource):
            why = because("blames_resource", service=service, resource=resource)
        case HangCause(version=version):
            why = because("blames_hang", service=service, version=version)
        case UnknownCause():
            why = because("blames_service", service=service)
        case _:
            assert_never(hypothesis.cause)
    return why


def _decision(facts: Facts, choice: Choice, reason: Reason, result: Result) -> Judgement[Choice, Result]:
    return Judgement[Choice, Result](
        policy=NAME,
        version=VERSION,
        verdict=Hold(reason=reason) if choice == "end" else Allow(reason=reason),
        choice=choice,
        constraints=(
            Constraint(
                name="rounds_left",
                held=len(facts.rounds) < facts.limits.max_rounds,
                detail=because("tries_of", tried=len(facts.rounds), most=facts.limits.max_rounds),
            ),
            Constraint(
                name="remedies_left",
                held=len(facts.setbacks) < facts.limits.max_remedies,
                detail=because("tries_of", tried=len(facts.setbacks), most=facts.limits.max_remedies),
            ),
        ),
        alternatives=tuple(
            Alternative(name=f"{item.service} hypothesis {strike.hypothesis}", why_not=strike.why)
            for item in facts.rounds
            for strike in item.strikes
        ),
        result=result,
    )


POLICY = Policy(NAME, VERSION, Facts, Result, next)
