"""Services that one service's requests go through, by traced calls.  Pure."""

from collections.abc import Iterable

from incident.calls import reached
from incident.observed import Calls


def below(calls: Iterable[Calls]) -> dict[str, frozenset[str]]:
    """Everything that each caller reaches, directly or not, without itself."""
    direct: dict[str, set[str]] = {}
    for one in calls:
        if one.caller and one.caller != one.callee:
            direct.setdefault(one.caller, set()).add(one.callee)
    return {name: reached(name, direct) for name in direct}
