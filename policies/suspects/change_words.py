"""Words of each change against the words of what is new since the onset.  Pure.

Identifiers are split.  A word counts by how new the line, series or feature is that has it, and by its rarity among
the changes of the window (inverse document frequency, Spärck Jones 1972); words of lines that were there before
count for nothing.

Limits: people write both sides in one language, or in one set of names; a message that a caller repeats is counted
at the place of the change, wherever it was logged; whoever can write a log line can blame any change with it, so
words convict nobody whose time or place is wrong.
"""

import math

from incident.decision import SCALE, because
from incident.observed import Observed
from policies.suspects import apart, changes, deviation, novelty, scores, words
from policies.suspects.scores import Reading

HALF = 1.5
"""Weighted words in common with the symptoms that make nearly two thirds of a full score."""

TOLD = 5
"""Words that the reason names, the heaviest."""


def read(observed: Observed) -> Reading:
    """Score changes by the words that they share with what is new."""
    told = {one: words.of_change(change, observed.services) for one, change in changes.suspects(observed)}
    if not any(told.values()):
        return scores.silence("change_words", because("no_words_of_changes"))
    new = symptoms(observed)
    if not new:
        return scores.silence("change_words", because("nothing_new_to_compare"))
    count = len(told)
    found: list[scores.Score] = []
    for suspect, said in told.items():
        shared = {word: new[word] * _rarity(word, list(told.values()), count) for word in said & new.keys()}
        weight = math.fsum(shared.values())
        heaviest = sorted(shared, key=lambda word: (-shared[word], word))[:TOLD]
        found.append(
            scores.Score(
                suspect=suspect,
                strength=round(SCALE * (1 - math.exp(-weight / HALF))),
                why=because("words_shared", words=tuple(heaviest)),
            )
        )
    return scores.reading("change_words", found)


def symptoms(observed: Observed) -> dict[str, float]:
    """Words of what is new since the onset, each with its weight from 0 to 1."""
    surprising = novelty.surprises(observed)
    new: dict[str, float] = {}
    changed = {(one.service, one.what, one.text) for _, one in surprising}
    for surprise, one in surprising:
        _add(new, one.text, min(1.0, surprise / novelty.FULL))
    for track in observed.tracks:
        if not track.version and deviation.of(track, observed) is not None:
            _add(new, track.name, 0.5)
    for found in apart.features(observed):
        _add(new, found.feature, found.failing - found.healthy)
    usual: set[str] = set()
    for one in observed.logged:
        if (one.service, one.what, one.text) not in changed:
            usual |= words.of(one.text)
    places = frozenset().union(*(words.of(name) for name in observed.services))
    return {word: weight for word, weight in new.items() if word not in usual and word not in places}


def _add(new: dict[str, float], text: str, weight: float) -> None:
    for word in words.of(text):
        new[word] = max(weight, new.get(word, 0.0))


def _rarity(word: str, all_words: list[frozenset[str]], count: int) -> float:
    """1.0 for a word of one change among many, less for one that many changes have."""
    return math.log(1 + count / sum(word in one for one in all_words)) / math.log(1 + count)
