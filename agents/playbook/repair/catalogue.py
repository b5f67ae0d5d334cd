"""Catalogue of all templates, and the one order of their candidates."""

import ast

from agents.playbook.repair.fault import Candidate, Fault, Grounds, Template
from agents.playbook.repair.templates import (
    bound_index,
    caught,
    close_function,
    close_key,
    close_name,
    convert_type,
    edge_comparison,
    first_entry,
    guard_none,
    iterate_none,
    join_text,
    missing_call,
    missing_key,
    near_literal,
    none_operand,
    normalise_key,
    not_in_list,
    swapped_arguments,
    unpacked,
    wrapped,
    zero_division,
)

TEMPLATES: tuple[Template, ...] = (
    normalise_key.candidates,
    close_key.candidates,
    close_key.silent,
    close_name.candidates,
    close_function.candidates,
    swapped_arguments.candidates,
    edge_comparison.candidates,
    caught.candidates,
    missing_call.candidates,
    wrapped.candidates,
    unpacked.candidates,
    not_in_list.candidates,
    convert_type.candidates,
    join_text.candidates,
    guard_none.candidates,
    first_entry.candidates,
    missing_key.candidates,
    iterate_none.candidates,
    none_operand.candidates,
    bound_index.candidates,
    zero_division.candidates,
    near_literal.candidates,
)
"""Templates in order: one that finds the right value comes before one that does without it."""

MOST = 24
"""Candidates of one fault; a fault with more is not understood."""


def candidates(fault: Fault) -> tuple[Candidate, ...]:
    """Candidates of all templates, the most plausible first, each source once.

    Those that the data points at come first, then those that are founded in the code, then the order of templates.
    """
    found = [(order, item) for order, template in enumerate(TEMPLATES) for item in template(fault)]
    ordered = sorted(found, key=lambda pair: (rank(pair[1]), pair[0]))
    distinct: dict[str, Candidate] = {}
    for _, item in ordered:
        # Only what the candidate adds counts: the function may have done so before.
        if _written_none(item.source) <= _written_none(fault.source):
            distinct.setdefault(item.source, item)
    return tuple(distinct.values())[:MOST]


def rank(item: Candidate) -> tuple[bool, Grounds]:
    """Place of a candidate among others: the least is the most plausible."""
    return (not item.named, item.grounds)


def _written_none(source: str) -> int:
    """Number of None values that may be written into a text.

    Nobody wants to read that, and no check of shapes sees it.
    """
    texts = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr)]
    chosen = [part for text in texts for part in ast.walk(text) if isinstance(part, ast.IfExp)]
    return sum(isinstance(end, ast.Constant) and end.value is None for one in chosen for end in (one.body, one.orelse))
