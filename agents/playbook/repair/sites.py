"""Functions in which a failure may be mended: the failing one, and the caller of a private helper that fails.

Both are read with the expressions of private helpers in the place of their calls (`agents.playbook.repair.helpers`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from agents.playbook.repair import catalogue, helpers
from agents.playbook.repair.fault import Candidate, Fault, Grounds


@dataclass(frozen=True)
class Site:
    """A function by its dotted name, and the fault as it is seen there: its source, and the line that fails in it."""

    function: str
    fault: Fault


def candidates(failing: Site, caller: Site | None = None) -> tuple[tuple[str, Candidate], ...]:
    """Candidates, each with the name of the function that it replaces; the most plausible first, each source once.

    `caller` is the function that called the failing one.  It is looked at only where the failing one is a helper.
    """
    own = (*catalogue.candidates(failing.fault), *_read(failing.fault))
    found = [(failing.function, item) for item in own]
    if caller is not None:
        # What mends the failing function as well is not written into its caller, nor a None, which is its own to return.
        founded = (item for item in _read(caller.fault, failing.function) if item.grounds is not Grounds.NONE)
        found += [(caller.function, item) for item in founded if not any(_covers(one, item) for one in own)]
    ordered = sorted(found, key=lambda pair: catalogue.rank(pair[1]))
    distinct: dict[tuple[str, str], Candidate] = {}
    for function, item in ordered:
        distinct.setdefault((function, item.source), item)
    return tuple((function, item) for (function, _), item in distinct.items())[: catalogue.MOST]


def _covers(one: Candidate, other: Candidate) -> bool:
    """True for a candidate of the same template that is founded as well."""
    return one.template == other.template and one.grounds <= other.grounds


def _read(fault: Fault, helper: str = "") -> Iterator[Candidate]:
    """Candidates of a function that is read with its helpers in place; none where `helper` is not among these."""
    reading = helpers.read(fault.source, fault.module)
    if reading is None or (helper and helper not in {item.name for item in reading.helpers}):
        return
    for item in catalogue.candidates(fault.model_copy(update={"source": reading.source})):
        source = reading.back(item.source)
        if source is not None:
            yield item.model_copy(update={"source": source})
