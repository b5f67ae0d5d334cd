"""Names of others in lines that are new: a caller that complains of a callee, a peer or a machine.  Pure.

Limits: the complaint names whom the caller reached for, who may be a victim further down; a name that is a common
word is taken for one, so whole names only are looked for, and never the writer's own.
"""

import math
import re

from incident.decision import SCALE, because
from incident.observed import Observed
from policies.suspects import novelty, scores
from policies.suspects.scores import Reading, Score, Suspect

SHORTEST = 3
"""Letters of the shortest name that is looked for."""


def read(observed: Observed) -> Reading:
    """Score services, peers and machines by new lines of others that name them."""
    if not observed.logged:
        return scores.silence("mentions", because("no_lines_counted"))
    names = _names(observed)
    if not names:
        return scores.silence("mentions", because("no_names_known"))
    pattern = re.compile("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in sorted(names, key=_longest)))
    heaviest: dict[Suspect, dict[str, float]] = {}
    for surprise, one in novelty.surprises(observed):
        for name in set(pattern.findall(f"{one.text}\n{one.example}")):
            if name != one.service:
                by = heaviest.setdefault(names[name], {})
                by[one.service] = max(surprise, by.get(one.service, 0.0))
    return scores.reading(
        "mentions",
        (
            Score(
                suspect=suspect,
                strength=round(SCALE * (1 - math.exp(-min(max(by.values()), novelty.FULL) / novelty.FULL))),
                why=because("named_by", services=tuple(sorted(by)), nats=round(max(by.values()), 1)),
                explains=tuple(sorted(by)),
            )
            for suspect, by in heaviest.items()
        ),
    )


def _longest(name: str) -> tuple[int, str]:
    return -len(name), name


def _names(observed: Observed) -> dict[str, Suspect]:
    found: dict[str, Suspect] = {}
    for placement in observed.placements:
        for name in (*placement.databases, *placement.queues, *placement.third_parties):
            found[name] = Suspect(kind="outside", name=name)
        for pod in placement.pods:
            if pod.node:
                found[pod.node] = Suspect(kind="place", name=pod.node)
    for calls in observed.calls:
        found[calls.callee] = Suspect(kind="outside", name=calls.callee)
    found |= {name: scores.service(name) for name in observed.services}
    return {name: suspect for name, suspect in found.items() if len(name) >= SHORTEST}
