"""Difficulties of a world, drawn independently of each other and of the cause."""

from random import Random
from typing import Literal

from pydantic import Field

from evals.bench.diagnosis.grammar.messages import LANGUAGES
from incident.value import Value

Spans = Literal["all", "sampled", "some_services", "absent"]
Words = Literal["plain", "made_up"]


class Difficulties(Value):
    """All that makes a world hard to read, and no part of its cause."""

    ratios_only: bool = False
    """Metrics tell shares of failed requests and no counts."""
    unset_status: bool = False
    """Half of the services set no status on spans, and their protocol has none."""
    spans: Spans = "all"
    no_severity: bool = False
    language: int = Field(default=0, ge=0, lt=len(LANGUAGES))
    """Of messages, by number."""
    messages: bool = True
    """False: lines and attributes are told by nobody; places of exceptions still are."""
    words: Words = "plain"
    decoy: bool = False
    """An innocent change later and nearer than whatever is guilty: on the alert's own service, or next to it."""
    recovers: bool = False
    """It ends before anybody looks."""
    no_metrics: bool = False
    """A third of the services have no series; the alert's own condition is known all the same."""
    no_places: bool = False
    no_requests: bool = False
    noise: float = 1.0
    """Factor on the noise of resources and of times."""


def draw(dice: Random) -> Difficulties:
    """Difficulties of one world."""
    return Difficulties(
        ratios_only=dice.random() < 0.25,
        unset_status=dice.random() < 0.25,
        spans=dice.choices(("all", "sampled", "some_services", "absent"), (4, 3, 2, 1))[0],
        no_severity=dice.random() < 0.3,
        language=dice.randrange(len(LANGUAGES)),
        messages=dice.random() >= 0.1,
        words=dice.choice(("plain", "made_up")),
        decoy=dice.random() < 0.5,
        recovers=dice.random() < 0.15,
        no_metrics=dice.random() < 0.12,
        no_places=dice.random() < 0.2,
        no_requests=dice.random() < 0.4,
        noise=dice.choice((1.0, 1.0, 1.5, 2.5)),
    )
