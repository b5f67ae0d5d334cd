"""Readings of all mechanisms over one observation.  Pure."""

from incident.observed import Observed
from policies.suspects import (
    answers,
    apart,
    change_link,
    change_time,
    change_traffic,
    change_words,
    load,
    machines,
    mentions,
    novelty,
    outside_words,
    own_share,
    own_time,
    resources,
    silent_services,
    symptoms,
)
from policies.suspects.onset import Onset
from policies.suspects.scores import Reading


def of(observed: Observed, onset: Onset) -> tuple[Reading, ...]:
    """The reading of each mechanism, in the order in which tables show them."""
    services = of_services(observed)
    return (
        *services,
        change_time.read(observed, onset),
        change_words.read(observed),
        change_traffic.read(observed),
        change_link.read(observed),
        load.read(observed, onset),
        machines.read(observed, services),
        outside_words.read(observed),
        apart.read(observed),
        answers.read(observed),
    )


def of_services(observed: Observed) -> tuple[Reading, ...]:
    """The readings of mechanisms that compare two stretches of time, whatever was changed."""
    return (
        novelty.read(observed),
        mentions.read(observed),
        own_time.read(observed),
        *own_share.read(observed),
        symptoms.read(observed),
        resources.read(observed),
        silent_services.read(observed),
    )
