"""Match of a sentence with a recorded reason: its code's own form, and every value in one of a number's spellings."""

import math
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from evals.truth.record import Body, flat

CUT = "…"
"""End of a text that was too long for its place: it is compared as far as it goes."""

JOINTS = ("; ", ", ", "→", " or ")


class Said(NamedTuple):
    """A text that is compared; a cut one only as far as it goes."""

    words: str
    cut: bool


@cache
def forms() -> dict[str, str]:
    """The form of each code."""
    found: dict[str, str] = tomllib.loads(Path(__file__).with_name("reasons.toml").read_text(encoding="utf-8"))
    return found


def says(reason: Body, text: str) -> bool:
    """True when the text says this reason and nothing else; its first letter may be a capital."""
    cut = text.endswith(CUT)
    whole = text.removesuffix(CUT)
    tried = {whole, f"{whole[:1].lower()}{whole[1:]}"}
    return any(len(one) in _ends(reason, Said(one, cut=cut), 0) for one in tried)


def _ends(reason: Body, text: Said, at: int) -> set[int]:
    """Every place where the reason's words may end, from a place in the text on."""
    form = forms().get(reason["code"])
    if form is None:
        # An older record's reason is a sentence of its own, which nothing supports.
        return set()
    places = {at}
    for literal, name, spec, _ in string.Formatter().parse(form):
        places = {end for place in places for end in _literal(flat_ends(literal), text, place)}
        if name is not None:
            value = reason["values"].get(name)
            places = {end for place in places for end in _value(value, spec or "", text, place)}
    return places


def flat_ends(literal: str) -> str:
    """A piece of a form as a report shows it, its blanks at the ends kept."""
    lead = literal[: len(literal) - len(literal.lstrip(" "))]
    tail = literal[len(literal.rstrip(" ")) :] if literal.strip() else ""
    return f"{lead}{flat(literal)}{tail}"


def _literal(piece: str, text: Said, at: int) -> Iterator[int]:
    if text.words.startswith(piece, at):
        yield at + len(piece)
    elif text.cut and piece.startswith(text.words[at:]):
        yield len(text.words)


def _value(value: Any, spec: str, text: Said, at: int) -> Iterator[int]:
    match value:
        case {"code": str()}:
            yield from _ends(value, text, at)
        case list():
            yield from _items(value, text, at)
        case _:
            for spelled in spellings(value, spec):
                # Also as it came: an ending keeps characters that a report exchanges.
                for piece in {flat(spelled), spelled}:
                    yield from _literal(piece, text, at)


def _items(values: list[Any], text: Said, at: int) -> Iterator[int]:
    if not values:
        yield at
        return
    for joint in JOINTS:
        places = {at}
        for index, value in enumerate(values):
            if index:
                places = {end for place in places for end in _literal(joint, text, place)}
            places = {end for place in places for end in _value(value, "", text, place)}
        yield from places


def spellings(value: Any, spec: str = "") -> set[str]:
    """The ways in which a recorded value may be written."""
    if isinstance(value, bool):
        return {"yes" if value else "no"}
    if value is None:
        return {str(value)}
    if "|" in spec:
        return {f"{value} {spec.split('|')[value != 1]}"}
    if isinstance(value, str):
        return {value or spec.removeprefix("or ") if spec else value}
    if spec == "e":
        return {f"{math.exp(min(float(value), 23.0)):.3g}"}
    found = {f"{value}", f"{value:g}", f"{value:.0f}", f"{value:.1f}", f"{value:.4f}", f"{value:.6g}"}
    found |= {f"{value:+.1f}", f"{value:.1%}", f"{value:.0%}", f"{value:g} s", f"{value / 86_400:g} days"}
    found |= {f"{value / 10_000:.4f}".rstrip("0").rstrip(".")}
    return found
