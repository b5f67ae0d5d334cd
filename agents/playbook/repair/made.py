"""Asks templates, and builds one candidate from one change of expressions."""

import functools
import re
from collections.abc import Callable, Iterator, Mapping

from agents.playbook.repair.fault import Candidate, Fault, Grounds, Template
from agents.playbook.repair.syntax import Code, N, parse

Offer = Callable[[Code, Fault], Iterator[Candidate]]


def applies(*exceptions: str, said: str | re.Pattern[str] = "") -> Callable[[Offer], Template]:
    """Ask a template only about a function that parses and raised one of these, with a message that has `said` in it."""

    def asked(offer: Offer) -> Template:
        @functools.wraps(offer)
        def candidates(fault: Fault) -> tuple[Candidate, ...]:
            fits = fault.exception in exceptions and re.search(
                said, fault.message, re.DOTALL if isinstance(said, str) else 0
            )
            code = parse(fault.source) if fits else None
            return () if code is None else tuple(offer(code, fault))

        return candidates

    return asked


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
