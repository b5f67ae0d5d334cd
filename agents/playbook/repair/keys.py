"""Keys named in error messages and in the data."""

import ast

from agents.playbook.repair import evidence, surroundings
from agents.playbook.repair.fault import Fault


def missing(fault: Fault) -> object:
    """The key that a KeyError names, as a value; the message itself when it is no literal."""
    try:
        return ast.literal_eval(fault.message.strip())
    except (ValueError, SyntaxError):
        return fault.message.strip()


def in_data(fault: Fault) -> tuple[str, ...]:
    """Keys that the data is known to have: what failing requests show first."""
    fields = tuple(field.name for field in surroundings.schema_fields(fault.schemas))
    return tuple(dict.fromkeys([*evidence.data_keys(fault.traits), *fault.keys, *fields]))
