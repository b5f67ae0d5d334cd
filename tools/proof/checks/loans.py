"""Answers and readings of recorded successes, lent to a request that failed before it could ask for its own."""

import re
from collections import Counter

from incident.capture import Call, Capture, LocalRead
from incident.proof import Reproduction
from tools import ports

_URL = re.compile(r"(https?)://([^/?#@]+)")


def _lenders(capture: Capture, healthy: tuple[Capture, ...]) -> tuple[Capture, ...]:
    # What was refused on purpose lends, too, after the successes: the mended request may be refused like it.
    good = (other for other in healthy if other.outcome == "ok" and other.status < 500 and not other.truncated)
    return tuple(
        sorted((other for other in good if other.route == capture.route), key=lambda other: other.status >= 400)
    )


def reads(capture: Capture, healthy: tuple[Capture, ...]) -> tuple[LocalRead, ...]:
    """Readings of the success that took most of them, beyond those that this request took itself."""
    longest = max(_lenders(capture, healthy), key=lambda other: len(other.reads), default=None)
    taken, lent = Counter(read.name for read in capture.reads), []
    for read in longest.reads if longest else ():
        if taken[read.name] > 0:
            taken[read.name] -= 1
        else:
            lent.append(read)
    return tuple(lent)


def completed(reproduction: Reproduction, healthy: tuple[Capture, ...]) -> Capture:
    """The failing request with the readings that were lent to it."""
    lent = reproduction.lent_reads or reads(reproduction.capture, healthy)
    return reproduction.capture.model_copy(update={"reads": (*reproduction.capture.reads, *lent)})


def calls(capture: Capture, healthy: tuple[Capture, ...]) -> tuple[Call, ...]:
    """Answers of the route's recorded requests to calls that this request did not make, one of each kind."""
    made = {(call.method, call.host, call.path) for call in capture.calls}
    found: dict[tuple[str, str, str], Call] = {}
    for other in _lenders(capture, healthy):
        for call in other.calls:
            key = (call.method, call.host, call.path)
            if key not in made and call.status is not None and call.status < 400:
                found.setdefault(key, call)
    return tuple(found[key] for key in sorted(found))[:64]


def borrowed(reproduction: Reproduction, healthy: tuple[Capture, ...]) -> tuple[Call, ...]:
    """The reproduction's own loans, and those of these successes where it has none."""
    lent = {(call.method, call.host, call.path): call for call in calls(reproduction.capture, healthy)}
    lent.update({(call.method, call.host, call.path): call for call in reproduction.borrowed})
    return tuple(lent[key] for key in sorted(lent))


def addresses(runtime: ports.Runtime, calls: tuple[Call, ...]) -> dict[str, str]:
    """The service's variables that hold the address of a recorded host."""
    hosts = {call.host for call in calls}
    return {name: value for name, value in sorted(runtime.environment.items()) if _dialled(value) & hosts}


def _dialled(value: str) -> set[str]:
    """The ``name:port`` forms under which a recorder may have noted a URL; empty for what is no URL."""
    found = _URL.match(value)
    if found is None:
        return set()
    scheme, host = found.groups()
    return {host, f"{host}:{'80' if scheme == 'http' else '443'}"}
