"""Removes the secrets from one text, with every rule that may apply to it.  Pure."""

import base64
import binascii
import functools
import html
import re
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from incident.setting import MARK
from tools.secrets import pairs, prefixes, rows, rules, shapes

Span = tuple[int, int]

_PASSES = 8
"""Taking one secret out may lay the next one bare (a word boundary appears); nearly always two passes are enough."""

_SHORTEST = 6
"""Characters below which a text holds no secret."""

_SHORT = 1_000
"""Characters of a text whose redaction is remembered among very many."""

_LONG = 50_000
"""Characters of a text whose redaction is remembered among a few."""

_LEVELS = 3
"""Encodings inside of each other that are unwrapped."""

_WRAPPED = re.compile(r"[A-Za-z0-9+/_-](?<![A-Za-z0-9+/_-].)[A-Za-z0-9+/_-]{19,}={0,2}(?![A-Za-z0-9+/_=-])")
_HEXADECIMAL = re.compile(r"(?:[0-9a-fA-F]{2}){10,}")
_STANDARD = str.maketrans("-_", "+/")
_READABLE = re.compile(rb"[\t\n\r\x20-\x7e]+")
_ENCODINGS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (re.compile(r"%[0-9A-Fa-f]{2}"), urllib.parse.unquote),
    (
        re.compile(r"\\u00[0-7][0-9A-Fa-f]"),
        lambda text: re.sub(r"\\u(00[0-7][0-9A-Fa-f])", lambda code: chr(int(code[1], 16)), text),
    ),
    (
        re.compile(r"\\x[0-7][0-9A-Fa-f]"),
        lambda text: re.sub(r"\\x([0-7][0-9A-Fa-f])", lambda code: chr(int(code[1], 16)), text),
    ),
    (
        re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]|[\u00ad\u200b-\u200f\u2060\ufeff]"),
        lambda text: re.sub(r"\x1b\[[0-9;]{0,20}[A-Za-z]|[\u00ad\u200b-\u200f\u2060\ufeff]", "", text),
    ),
    (
        re.compile(r"[\uff01-\uff5e]"),
        lambda text: re.sub(r"[\uff01-\uff5e]", lambda wide: chr(ord(wide[0]) - 0xFEE0), text),
    ),
    (re.compile(r"&(?:#\d{1,4}|#x[0-9a-fA-F]{1,4}|quot|amp|apos|lt|gt);"), html.unescape),
)
"""Encodings of a character, each with the function that decodes it."""

_LINES = 5_000
"""Encoded lines that are looked at one by one; of a text with more, all is decoded."""


class Finder(Protocol):
    """Finds the secrets of one kind, in texts in which one of the needles stands in lower case."""

    @property
    def needles(self) -> tuple[str, ...]:
        """Texts of which one must be there before anything is found; with none, one has to look."""

    @property
    def prose(self) -> bool:
        """True for logs and messages only, and not for source text."""

    def spans(self, text: str) -> Iterator[Span]:
        """Spans of the secrets."""


def redact(text: str, *, source: bool = False) -> str:
    """The text without its secrets; `source`: it is source text, in which only literals are secrets."""
    if len(text) < _SHORTEST or text == MARK:
        return text
    # Records say the same strings again and again, and a state is kept after each step with the same long ones.
    if len(text) <= _SHORT:
        return _among_many(text, source=source)
    return _among_few(text, source=source) if len(text) <= _LONG else _redacted(text, source=source)


def _redacted(text: str, *, source: bool, level: int = 0) -> str:
    for _ in range(_PASSES):
        clean = _unwrapped(_cleared(text, source=source), source=source, level=level)
        if clean == text:
            return text
        text = clean
    return text


_among_many = functools.lru_cache(maxsize=16_384)(_redacted)
_among_few = functools.lru_cache(maxsize=128)(_redacted)


def _cleared(text: str, *, source: bool) -> str:
    """The text without the secrets that stand in it in clear."""
    lowered = text.lower()
    # Taking something out brings no new keyword in.
    places = {place for needle, having in _places().items() if needle in lowered for place in having}
    finders = [_finders()[place] for place in sorted(places)]
    live = [finder for finder in finders if not (source and finder.prose)]
    for _ in range(_PASSES):
        spans = [span for finder in live for span in finder.spans(text)]
        clean = _cut(text, [*spans, *pairs.spans(text, source=source)])
        if clean == text:
            return text
        text = clean
    return text


@functools.cache
def _finders() -> tuple[Finder, ...]:
    return (*shapes.SHAPES, rows.Rows(), *prefixes.TOKENS, *rules.rules())


@functools.cache
def _places() -> dict[str, tuple[int, ...]]:
    """Places of the finders by needle: many share one, which is looked for once.  Every text has the empty needle."""
    found: dict[str, list[int]] = {}
    for place, finder in enumerate(_finders()):
        for needle in finder.needles or ("",):
            found.setdefault(needle, []).append(place)
    return {needle: tuple(places) for needle, places in found.items()}


def _cut(text: str, spans: Iterable[Span]) -> str:
    """The text with a mark in the place of each span; its line ends stay, so that places by line stay true."""
    out: list[str] = []
    at = 0
    for start, end in sorted(set(spans)):
        if end <= at or text[start:end] == MARK:
            continue
        # What begins in the span before it goes on behind it.
        first = max(start, at)
        out.append(text[at:first] + MARK + "\n" * text.count("\n", first, end))
        at = end
    return "".join(out) + text[at:] if out else text


def _unwrapped(text: str, *, source: bool, level: int) -> str:
    """The text with encoded parts redacted as what they decode to."""
    # Each layer may hold encoded text again, and whoever writes a log chooses how many.
    if level >= _LEVELS:
        return text
    for sign, decode in _ENCODINGS:
        if sign.search(text):
            text = _decoded(text, decode, source=source, level=level)
    return _WRAPPED.sub(functools.partial(_opened, level=level), text)


def _decoded(text: str, decode: Callable[[str], str], *, source: bool, level: int) -> str:
    """The text as it is, unless it holds a secret when it is decoded: then in clear, without it."""
    plain = decode(text)
    clean = _redacted(plain, source=source, level=level + 1)
    if clean == plain or not 0 < text.rstrip("\n").count("\n") < _LINES:
        return text if clean == plain else clean
    lines = [_decoded(line, decode, source=source, level=level) for line in text.splitlines(keepends=True)]
    # Decoded on its own no line may hold what they hold together.
    return clean if "".join(lines) == text else "".join(lines)


def _opened(found: re.Match[str], *, level: int) -> str:
    """A mark, if what is wrapped in base64 or hexadecimal digits holds a secret."""
    text = found.group()
    plain = _plain(text)
    return text if plain is None or _redacted(plain, source=False, level=level + 1) == plain else MARK


def _plain(text: str) -> str | None:
    """The readable text that is wrapped; None when there is none."""
    if _HEXADECIMAL.fullmatch(text):
        raw = bytes.fromhex(text)
        return raw.decode("ascii") if _READABLE.fullmatch(raw) else None
    padded = text.translate(_STANDARD).rstrip("=")[: len(text) - len(text) % 4 or None]
    try:
        # Its first 48 bytes tell most binary data apart, before all of it is decoded.
        if not _READABLE.fullmatch(_narrow(base64.b64decode(padded[: min(len(padded) // 4 * 4, 64)]))):
            return None
        raw = _narrow(base64.b64decode(padded + "=" * (-len(padded) % 4)))
    except (binascii.Error, ValueError):
        return None
    return raw.decode("ascii") if _READABLE.fullmatch(raw) else None


def _narrow(raw: bytes) -> bytes:
    """The letters of a text of two bytes a letter (UTF-16), and any other as it is."""
    return raw[::2] if raw[1::2].count(0) == len(raw) // 2 else raw
