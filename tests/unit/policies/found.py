"""Findings of the rules about powers, in one function ``f`` of a small file; the pages lie in ``whole``."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial

from incident.decision import Reason
from policies.patch import case as patch_case
from policies.patch import destinations, kind_evidence, powers, uses
from policies.patch.case import Case, Finding
from policies.patch.kind_evidence import Evidence
from policies.patch.kinds import Kinds
from policies.patch.scope import Function
from tests.unit.policies import moves, pairs, pieces, state_pieces

PATH = "shop/prices.py"

HEAD = """\
import heapq
import logging
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cmp_to_key, reduce
from typing import NamedTuple

from shop import clock, stock
from shop.errors import BadOrder

log = logging.getLogger(__name__)
audit = stock.recorder()
WORD = re.compile("[a-z]+")
RATES = {"DE": 19}
SEEN = []
LIMIT = 3
START = -LIMIT
ENDS = ((1, 2), "a" + "b")
RATE = Decimal("0.19") + 1


def price_of(line):
    return line["price"] or rounded(line)


def rounded(line):
    return round(line["cost"])


def put(rows, line):
    rows.append(line)


def taken(box, key):
    return box.get(key)


def sent(line):
    return subprocess.run(["send", line])


def relayed(line):
    return sent(line)


@audit.kept
def kept(line):
    return line


class Plain:
    size = 1

    def __init__(self, line):
        self.line = line

    def price(self):
        return price_of(self.line)

    def send(self):
        return sent(self.line)


class Above(Plain):
    pass


class Missing(BadOrder, LookupError):
    pass


class Bare:
    unit = "g"

    def doubled(self, line):
        return line + line


class Lower(Bare):
    pass


class Wrong(LookupError):
    pass


@dataclass(frozen=True)
class Row(NamedTuple):
    sku: str


class Made(Bare, metaclass=stock.Kept):
    pass


@audit.kept
class Kept(Bare):
    pass


class Part(stock.Part):
    pass


class Sending:
    def __init__(self, line):
        sent(line)


class Below(Bare, Sending):
    pass


def elsewhere(line, unit):
    log.warning("x")
    clock.now()
    stock.find(line)._total
    line.kept.size
    line.ship()
    try:
        return unit.grams, stock.LIMIT
    except subprocess.TimeoutExpired:
        raise Missing(unit) from None


"""

OLD = """\
def f(order, client, key, rates):
    for line in order:
        log.info("line %s", line)
    answer = client.post("/prices", key, timeout=2)
    found = stock.find(order["sku"], default=None)
    best = sorted(found["all"], key=key)
    total = sum(answer.rows, rates["DE"])
    return total + len(best)
"""


def parsed(text: str) -> tuple[Function, ast.Module]:
    """A file and its last function, which is the one that the patch is of."""
    module = ast.parse(text)
    function = module.body[-1]
    assert isinstance(function, Function)
    return function, module


def told(what: str | Reason) -> str:
    """A piece of code as it is; a reason as its code and its values."""
    if isinstance(what, str):
        return what
    values = (f"{name}={_value(value)}" for name, value in what.values.items())
    return " ".join((what.code, *values))


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return "+".join(map(_value, value))
    return told(value) if isinstance(value, Reason) else str(value)


@cache
def unchanged(text: str) -> tuple[Case, Function, Evidence]:
    """The case of a file's last function as it is: most of it does not depend on the patch, and takes the time."""
    before, module = parsed(text)
    same = patch_case.case(before, before, module, PATH, {}, ("shop.stock.grams",), powers.clean)
    return same, before, kind_evidence.of(before, module, same.known, {})


def judged(new: str, old: str, head: str) -> tuple[Case, Function]:
    """The case of a function that is patched, and the function before."""
    same, before, evidence = unchanged(head + old)
    after, _ = parsed(new)
    kinds, rebound = Kinds(same.known, evidence, after), uses.rebound(before, after)
    return replace(same, function=after, kinds=kinds, rebound=rebound), before


def findings(new: str, old: str = OLD) -> list[str]:
    """Each finding with the rule that it breaks; a person's to judge without one."""
    case, _ = judged(new, old, HEAD)
    return [_finding(one) for one in powers.findings(case)]


def destinations_of(new: str, old: str, head: str) -> list[str]:
    """What the rules of destinations find."""
    case, before = judged(new, old, head)
    broken = (one for one in destinations.constraints(case, before) if not one.held)
    doubts = destinations.doubts(case, before)
    return [*(f"{one.name}: {told(one.detail)}" for one in broken), *(f"a person: {told(one)}" for one in doubts)]


def _finding(one: Finding) -> str:
    return f"{one.rule or 'a person'}: {told(one.what)}"


def added(*lines: str, old: str = OLD) -> str:
    """The old function with lines before its return; a pattern stands below what it is matched with."""
    body, answer = old.rsplit("    return", 1)
    told = "".join(f"    {line}\n" for line in lines).replace(": case ", ":\n        case ")
    return f"{body}{told}    return{answer}"


def _of_piece(piece: str) -> list[str]:
    return findings(added(*piece.split("; "))) or ["nothing"]


def _of_move(old: str, new: str) -> list[str]:
    assert moves.OLD.count(old) == 1, old
    return destinations_of(moves.OLD.replace(old, new), moves.OLD, moves.HEAD) or ["nothing"]


def _of_pair(old: str, new: str) -> list[str]:
    assert pairs.OLD.count(old) == 1, old
    return findings(pairs.OLD.replace(old, new), pairs.OLD) or ["nothing"]


def _page(text: str) -> Mapping[str, Callable[[], list[str]]]:
    return {piece: partial(_of_piece, piece) for piece in text.strip().splitlines()}


PAGES: Mapping[str, Mapping[str, Callable[[], list[str]]]] = {
    "findings about what is handed on": _page(pieces.HANDED),
    "findings about callees": _page(pieces.CALLEES),
    "findings about classes and values": _page(state_pieces.KNOWN),
    "findings against what was there": {
        name: partial(_of_pair, old, new) for old, found in pairs.CHANGED.items() for name, new in found
    },
    "findings about state": _page(state_pieces.STATE),
    "findings about destinations": {
        f"{old} becomes {new}": partial(_of_move, old, new) for old, found in moves.MOVED.items() for new in found
    },
}
