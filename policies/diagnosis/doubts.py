"""Doubts of people: whether what a hypothesis blames, or a remedy changes, is said to be innocent.  Pure.

A doubt holds for a person and disproves nothing: whoever doubts the guilty may be wrong.
"""

from collections.abc import Iterable

from incident.diagnosis import ConfigCause, DependencyCause, DeployCause, Hypothesis
from incident.remedy import Remedy, RevertConfig, RollBack
from incident.steering import Steering


def of(hypothesis: Hypothesis, words: Iterable[Steering]) -> tuple[Steering, ...]:
    """Return the doubts about what a hypothesis blames, or about its service."""
    nodes, change = {hypothesis.service}, ""
    match hypothesis.cause:
        case DependencyCause(host=host):
            nodes.add(host)
        case DeployCause(version=version):
            change = f"deploy {version}"
        case ConfigCause(key=key):
            change = f"config {key}"
    return _about(words, nodes, change, hypothesis.service)


def about(remedy: Remedy, words: Iterable[Steering]) -> tuple[Steering, ...]:
    """Return the doubts about what a remedy changes or takes back, or about its service."""
    change = ""
    match remedy:
        case RollBack(from_version=version):
            change = f"deploy {version}"
        case RevertConfig(key=key):
            change = f"config {key}"
    return _about(words, {remedy.service}, change, remedy.service)


def _about(words: Iterable[Steering], nodes: set[str], change: str, service: str) -> tuple[Steering, ...]:
    return tuple(
        word
        for word in words
        if word.said == "doubt" and (any(map(word.names_node, nodes)) or word.names_change(change, service))
    )
