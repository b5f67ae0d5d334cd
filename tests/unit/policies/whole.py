"""Decisions, flips and knobs as text, so that a test can compare all of them with what was read and found right.

``python -m tests.unit.policies.pages`` writes the texts anew.  A difference under the same version of a policy
means that decisions recorded yesterday no longer replay byte for byte: then the version has to be raised too.
"""

import difflib
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from incident.decision import Decision, Hold
from incident.value import Value
from policies import flips

FOLDER = Path(__file__).with_name("whole")

Pages = dict[str, dict[str, list[str]]]
"""Page, title, lines."""


@functools.cache
def read(page: str) -> dict[str, list[str]]:
    """The titles of a page and the lines below each."""
    found: dict[str, list[str]] = {}
    for line in (FOLDER / f"{page}.txt").read_text().splitlines():
        if line.startswith("## "):
            found[line[3:]] = lines = []
        elif line:
            lines.append(line)
    return found


def write(pages: Pages) -> None:
    """Write all pages, and nothing else."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for page, told in pages.items():
        text = "\n".join(line for title, lines in told.items() for line in (f"## {title}", *lines, ""))
        (FOLDER / f"{page}.txt").write_text(text)


def decision(made: Decision, *, held: bool = True, views: bool = True) -> list[str]:
    """A whole decision, one thing a line; without `held` only what broke, without `views` no pros and cons."""
    liftable = " (a person may lift it)" if isinstance(made.verdict, Hold) and made.verdict.liftable else ""
    lines = (f"{made.verdict.kind}{liftable}: {made.verdict.reason}", *_parts(made, held=held, views=views))
    return [_line(line) for line in lines]


def _parts(made: Decision, *, held: bool, views: bool) -> Iterator[str]:
    yield f"{made.policy} {made.version} chooses {made.choice!r}"
    if made.reasoning != made.verdict.reason:
        yield f"because {made.reasoning}"
    for factor in made.factors:
        yield f"factor {factor.name}: {factor.value} × {factor.weight} = {factor.contribution} ({factor.note})"
    for constraint in made.constraints:
        if held or not constraint.held:
            yield f"{'held' if constraint.held else 'BROKEN'} {constraint.name}: {constraint.detail}"
    for other in made.alternatives:
        seen = f" [+ {'; '.join(other.pros)}] [- {'; '.join(other.cons)}]" if views else ""
        yield f"not {other.name}: {other.why_not}{seen}"
    for name, value in sorted(made.data.items()):
        yield f"data {name} = {json.dumps(value, sort_keys=True, ensure_ascii=False)}"


def flip(found: flips.Flip) -> str:
    """One flip: what would have had to be, how far that is, and what would have been decided."""
    turns = "; ".join(
        f"{turn.knob}: {turn.before} → {turn.after} ({turn.steps}, {turn.effort})" for turn in found.turns
    )
    return _line(f"{turns} → {found.verdict} {found.choice!r}")


def knob(turned: flips.Knob[Any], facts: Value) -> list[str]:
    """A knob, and the facts turned as far as it goes and by one step, each way."""
    down, up = turned.range(facts)
    lines = [f"{turned.name} [{down}..{up}]: {turned.shown(facts)}"]
    for steps in dict.fromkeys(steps for steps in (down, max(down, -1), min(up, 1), up) if steps):
        after = turned.turn(facts, steps)
        found = _differences("", facts.model_dump(mode="json"), after.model_dump(mode="json"))
        lines.append(f"  {steps:+d}: {turned.shown(after)}; {'; '.join(found)}")
    return [_line(line) for line in lines]


def _line(text: str) -> str:
    """Text that may hold anything, on one line."""
    return text.replace("\n", "⏎").rstrip()


def _differences(path: str, one: Any, two: Any) -> Iterator[str]:
    """Where two values in JSON's types differ, from the outside to the inside."""
    if one == two:
        return
    if isinstance(one, dict) and isinstance(two, dict):
        for key in sorted({*one, *two}):
            yield from _differences(f"{path}.{key}" if path else key, one.get(key, "nothing"), two.get(key, "nothing"))
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for index, (before, after) in enumerate(zip(one, two, strict=True)):
            yield from _differences(f"{path}.{index}", before, after)
    elif isinstance(one, list) and isinstance(two, list):
        old, new = ([json.dumps(item, sort_keys=True, ensure_ascii=False) for item in items] for items in (one, two))
        for kind, a, b, c, d in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
            if kind != "equal":
                yield _turned(path, ", ".join(old[a:b]) or "nothing", ", ".join(new[c:d]) or "nothing")
    else:
        yield _turned(path, *(json.dumps(value, sort_keys=True, ensure_ascii=False) for value in (one, two)))


def _turned(path: str, before: str, after: str) -> str:
    return f"{path} {_short(before)} → {_short(after)}"


def _short(text: str) -> str:
    return text if len(text) <= 400 else f"{text[:200]}…{text[-100:]} ({len(text)})"
