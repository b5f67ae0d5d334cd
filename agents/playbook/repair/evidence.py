"""Evidence about an expression: the keys that are null in the data, and the keys that are there."""

import difflib
import re

import libcst as cst

from agents.playbook.repair.fault import Fault
from agents.playbook.repair.syntax import Code, key_of


def null_keys(traits: tuple[str, ...]) -> frozenset[str]:
    """Last keys of the paths that are null in failing requests: ``body.customer.profile:null`` gives profile."""
    return frozenset(key for trait in traits if trait.endswith(":null") for key in (_last(trait),) if key)


def data_keys(traits: tuple[str, ...]) -> tuple[str, ...]:
    """All keys that the paths of traits name, in order."""
    found = [key for trait in traits if not trait.startswith("call ") for key in _path(trait)]
    return tuple(dict.fromkeys(found))


def _path(trait: str) -> list[str]:
    path = trait.rpartition(":")[0]
    # "answer GET /stock/7.items[].sku": the keys begin behind the last slash of the request's path.
    keys = path.rpartition("/")[2] if path.startswith("answer ") else path
    return [part.replace("[]", "") for part in keys.split(".")[1:] if part.replace("[]", "")]


def _last(trait: str) -> str:
    parts = _path(trait)
    return parts[-1] if parts else ""


def is_null(code: Code, node: cst.BaseExpression, fault: Fault) -> bool:
    """True when the data says that this expression's value is null in failing requests."""
    nulls = null_keys(fault.traits)
    if not nulls:
        return False
    key = key_of(node)
    origin = _origin(code, node.value) if isinstance(node, cst.Name) else None
    return key in nulls or (origin is not None and key_of(origin) in nulls)


def _origin(code: Code, name: str) -> cst.BaseExpression | None:
    """The expression that a variable is assigned from, when there is one place."""
    found = [
        item.value
        for item in code.every(cst.Assign)
        if any(isinstance(each.target, cst.Name) and each.target.value == name for each in item.targets)
    ]
    return found[0] if len(found) == 1 else None


def flat(name: str) -> str:
    """A name without case and separators, so that ``postCode``, ``post_code`` and ``POSTCODE`` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def closeness(one: str, other: str) -> float:
    """Similarity of two names, 0 to 1; words in common count as much as letters in common."""
    if flat(one) == flat(other):
        return 0.99
    letters = difflib.SequenceMatcher(None, flat(one), flat(other)).ratio()
    first, second = set(re.findall(r"[a-z0-9]+", _spaced(one))), set(re.findall(r"[a-z0-9]+", _spaced(other)))
    shared = len(first & second) / max(len(first), len(second), 1)
    return max(letters, 0.4 + 0.6 * shared if shared >= 0.5 else 0.0)


def _spaced(name: str) -> str:
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().replace("_", " ")


def close(name: str, known: tuple[str, ...], least: float = 0.7) -> tuple[str, ...]:
    """The known names that are alike, the closest first, at most three."""
    scored = [(closeness(name, item), item) for item in dict.fromkeys(known) if item != name]
    return tuple(item for score, item in sorted(scored, key=lambda pair: (-pair[0], pair[1])) if score >= least)[:3]
