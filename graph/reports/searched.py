"""Rounds of the search for a cause as they were recorded, and the hypothesis that leads.  Pure."""

from collections.abc import Mapping

from pydantic import JsonValue, ValidationError

from incident.decision import Decision
from incident.diagnosis import Diagnosis, Hypothesis
from incident.evidence import Dossier
from incident.record import Decided, Diagnosed, Gathered, Record
from incident.search import Strike
from incident.value import Value
from policies.diagnosis import assertions, search


class Round(Value):
    """One diagnosis with the evidence that it was made from, and what became of its hypotheses."""

    at: str
    dossier: Dossier
    diagnosis: Diagnosis
    checked: bool = False
    strikes: tuple[Strike, ...] = ()
    followed: int | None = None
    """Index of the hypothesis that is followed at last; None where it is none of these."""

    @property
    def looked(self) -> search.Looked:
        """The round as the search knows it."""
        hypotheses = self.diagnosis.hypotheses if self.checked else ()
        return search.Looked(service=self.dossier.service, hypotheses=hypotheses, strikes=self.strikes)


def rounds(records: tuple[Record, ...]) -> tuple[Round, ...]:
    """Return the rounds in their order, each with the strikes that it had at last."""
    done: list[Round] = []
    dossier: Dossier | None = None
    for record in records:
        match record.event:
            case Gathered():
                dossier = record.event.dossier
            case Diagnosed() if dossier is not None:
                done.append(Round(at=f"{record.at:%H:%M:%S}", dossier=dossier, diagnosis=record.event.diagnosis))
            case Decided(decision=decision) if done and decision.policy == assertions.NAME:
                done[-1] = _checked(done[-1], decision)
            case Decided(facts=facts, decision=decision) if decision.policy == search.NAME:
                done = _searched(done, facts, decision)
            case _:
                pass
    return tuple(done)


def _checked(one: Round, decision: Decision) -> Round:
    result = assertions.POLICY.read(decision)
    if result is None:
        return one
    strikes = tuple(Strike(hypothesis=item.index, **item.model_dump(exclude={"index"})) for item in result.struck)
    return one.model_copy(update={"checked": True, "strikes": strikes})


def _searched(done: list[Round], facts: Mapping[str, JsonValue], decision: Decision) -> list[Round]:
    """Return the rounds as a step of the search knew them."""
    try:
        known, result = search.Facts.model_validate(facts).rounds, search.POLICY.read(decision)
    # Records of another version may hold other facts, and a report is written of them all the same.
    except ValidationError:
        return done
    found = [one.model_copy(update={"followed": None}) for one in done]
    at = len(found)
    # From the end, because a resumed incident may have made a round twice, and the last one counts.
    for number in reversed(range(len(known))):
        at = next((index for index in reversed(range(at)) if _same(found[index], known[number])), -1)
        if at < 0:
            break
        here = result is not None and decision.choice == "follow" and result.round == number
        update = {"strikes": known[number].strikes, "followed": result.hypothesis if result and here else None}
        found[at] = found[at].model_copy(update=update)
    return found


def _same(one: Round, known: search.Looked) -> bool:
    own = one.looked
    return (own.service, len(own.hypotheses)) == (known.service, len(known.hypotheses))


def leading(records: tuple[Record, ...]) -> tuple[Hypothesis, Dossier] | None:
    """Return the hypothesis that is followed, or else the best that is left, with the evidence of its round.

    None where no hypothesis names a cause and stands, or was followed in vain.
    """
    made = rounds(records)
    for one in made:
        if one.followed is not None:
            return one.diagnosis.hypotheses[one.followed], one.dossier
    best = search.leading(tuple(one.looked for one in made))
    if best is None:
        return None
    number, index = best
    return made[number].diagnosis.hypotheses[index], made[number].dossier
