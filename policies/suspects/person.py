"""Words of people on suspects: a look speaks for one, a doubt against it, and a doubt wins.

Limits: a person may be wrong, so a word moves a weight by half a nat and no standing; and it makes nobody a suspect
of whom nothing was seen.
"""

from collections.abc import Iterable

from incident.decision import SCALE, because
from incident.steering import Steering
from policies.suspects.scores import Reading, Score, Suspect, reading


def read(words: Iterable[Steering], suspects: Iterable[Suspect]) -> Reading:
    """The reading of the words over those of whom something was seen."""
    said = tuple(words)
    return reading("person", (score for one in suspects for score in _scores(one, said)))


def _scores(one: Suspect, words: tuple[Steering, ...]) -> Iterable[Score]:
    found = [word for word in words if _names(word, one)]
    if found:
        worst = min(found, key=lambda word: word.said != "doubt")
        strength = -SCALE if worst.said == "doubt" else SCALE
        yield Score(suspect=one, strength=strength, why=because("said_of_it", said=worst.said, person=worst.by))


def _names(word: Steering, one: Suspect) -> bool:
    if one.kind == "change":
        return word.names_change(one.name, one.service)
    return one.kind != "place" and word.names_node(one.name)
