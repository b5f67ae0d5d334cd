"""All templates, and the one order of their candidates."""

from agents.repair import (
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
    membership,
    missing_call,
    missing_key,
    near_literal,
    none_operand,
    normalise_key,
    swapped_arguments,
    unpacked,
    wrapped,
    zero_division,
)
from agents.repair.fault import Candidate, Fault, Template

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
    membership.candidates,
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
"""What finds the right value comes before what does without it."""

MOST = 24
"""Candidates of one fault; a fault with more is not understood."""


def candidates(fault: Fault) -> tuple[Candidate, ...]:
    """Candidates of all templates, the most plausible first, each source once.

    What the data points at comes first, then what is founded in the code, then the order of templates.
    """
    found = [(order, item) for order, template in enumerate(TEMPLATES) for item in template(fault)]
    ordered = sorted(found, key=lambda pair: (not pair[1].named, pair[1].grounds, pair[0]))
    distinct: dict[str, Candidate] = {}
    for _, item in ordered:
        distinct.setdefault(item.source, item)
    return tuple(distinct.values())[:MOST]
