"""Services that one service's requests go through, by traced calls.  Pure."""

from collections.abc import Iterable

from incident.observed import Calls


def below(calls: Iterable[Calls]) -> dict[str, frozenset[str]]:
    """Everything that each caller reaches, directly or not, without itself."""
    direct: dict[str, set[str]] = {}
    for one in calls:
        if one.caller and one.caller != one.callee:
            direct.setdefault(one.caller, set()).add(one.callee)
    return {name: _reached(name, direct) for name in direct}


def _reached(name: str, direct: dict[str, set[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(direct.get(name, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(direct.get(one, ()))
    # Services may call each other in a circle.
    return frozenset(found - {name})
