"""Decisions, counterfactuals and variations, a line each, so that a test can compare all of them with what was found right.

``python -m tests.unit.policies.pages`` writes the tables anew.  A page about pieces of code, whose titles stand in the
tests, is a table without titles: the names of the rules that found something, and a digest.  A decision's line holds its verdict, choice and broken
constraints, and a digest of every code and number in it: how they are said is `graph.reports.vocabulary`.  The lines
of counterfactuals and variations end in a digest of all that they are.  A difference under the same version of a policy means that
yesterday's decisions come out otherwise today: then the version has to be raised too.
"""

import functools
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from incident.decision import Decision, Hold
from incident.value import Value
from policies.counterfactual import counterfactuals

FOLDER = Path(__file__).with_name("whole")

Pages = dict[str, dict[str, list[str]]]
"""Page, title, lines."""


@functools.cache
def lines(page: str) -> tuple[str, ...]:
    """The lines of a page without titles, in the order of what it is about."""
    return tuple((FOLDER / f"{page}.txt").read_text().splitlines())


def short(told: list[str]) -> str:
    """The names of the rules that found something, and a digest of all that they found."""
    return " ".join((*dict.fromkeys(line.partition(":")[0] for line in told if ":" in line), _digest(told)))


@functools.cache
def read(page: str) -> dict[str, list[str]]:
    """The titles of a page and the lines of each."""
    found: dict[str, list[str]] = {}
    title = ""
    for line in (FOLDER / f"{page}.txt").read_text().splitlines():
        if line.startswith(" "):
            found[title].append(line.strip())
        else:
            title, _, row = line.partition(" |")
            found[title] = [row.strip()] if row else []
    return found


def write(pages: Pages, untitled: Pages) -> None:
    """Write all pages, those without titles too, and nothing else."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for page, told in pages.items():
        rows = [row for title, lines in told.items() for row in _rows(title, lines)]
        (FOLDER / f"{page}.txt").write_text("\n".join((*rows, "")))
    for page, told in untitled.items():
        (FOLDER / f"{page}.txt").write_text("\n".join((*map(short, told.values()), "")))


def _rows(title: str, lines: list[str]) -> list[str]:
    return [f"{title} | {lines[0]}"] if len(lines) == 1 else [f"{title} |", *(f" {line}" for line in lines)]


def decision(made: Decision) -> list[str]:
    """Verdict, choice where it is another word, what broke, and a digest of the codes and numbers."""
    liftable = ", liftable" if isinstance(made.verdict, Hold) and made.verdict.liftable else ""
    broken = ", ".join(item.name for item in made.constraints if not item.held)
    rest = [
        [made.policy, made.version],
        [[item.name, item.value, item.weight, item.contribution] for item in made.factors],
        [[item.name, item.held] for item in made.constraints],
        [item.name for item in made.alternatives],
        made.data,
        made.verdict.reason.model_dump(mode="json"),
        [item.detail.model_dump(mode="json") for item in made.constraints],
        [item.why_not.model_dump(mode="json") for item in made.alternatives],
        [item.note.model_dump(mode="json") for item in made.factors],
    ]
    choice = made.choice if made.choice != made.verdict.kind else ""
    return [" | ".join(filter(None, (f"{made.verdict.kind}{liftable}", choice, broken, _digest(rest))))]


def counterfactual(found: counterfactuals.Counterfactual) -> str:
    """How far each fact would have had to be turned, and what would have been decided."""
    turns = ", ".join(f"{turn.steps:+d}/{turn.effort}" for turn in found.turns)
    choice = f" {found.choice}" if found.choice != found.verdict else ""
    return f"{turns} {found.verdict}{choice} {_digest(found.model_dump(mode='json'))}"


def variation(turned: counterfactuals.Variation[Any], facts: Value) -> str:
    """How far a variation goes, and which facts are others at its ends and one step away."""
    down, up = turned.range(facts)
    before = facts.model_dump(mode="json")
    ways = [
        (steps, turned.turn(facts, steps)) for steps in dict.fromkeys((down, max(down, -1), min(up, 1), up)) if steps
    ]
    told = [[steps, turned.shown(after), after.model_dump(mode="json")] for steps, after in ways]
    paths = sorted({path for *_, after in told for path in _differing("", before, after)})
    return f"[{down}..{up}] {','.join(paths)} {_digest([turned.name, turned.shown(facts), told])}"


def _digest(value: Any) -> str:
    return f"{zlib.crc32(json.dumps(value, sort_keys=True).encode()):08x}"[2:]


def _differing(path: str, one: Any, two: Any) -> Iterator[str]:
    """Where two values in JSON's types differ, from the outside to the inside."""
    if one == two:
        return
    if isinstance(one, dict) and isinstance(two, dict):
        for key in sorted({*one, *two}):
            yield from _differing(f"{path}.{key}" if path else key, one.get(key), two.get(key))
    else:
        yield path
