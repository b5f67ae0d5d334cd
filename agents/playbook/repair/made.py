"""Builds one candidate from one change of expressions."""

from collections.abc import Iterator, Mapping

from agents.playbook.repair.fault import Candidate, Grounds
from agents.playbook.repair.syntax import Code, N


def made(
    code: Code,
    template: str,
    changes: Mapping[N, str],
    why: str,
    grounds: Grounds,
    *,
    named: bool = False,
) -> Iterator[Candidate]:
    """The candidate, or nothing when the change does not parse or changes nothing."""
    source = code.swapped(changes)
    if source is not None:
        yield Candidate(template=template, rationale=why, source=source, grounds=grounds, named=named)
