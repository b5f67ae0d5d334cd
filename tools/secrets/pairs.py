"""Finds secrets behind a name: ``password=…``, ``"token": "…"``, ``--api-key …``, in logs and in source text.  Pure.

In source text only literals are secrets: ``password = form.get("password")`` shows none.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from incident.setting import MARK
from tools.secrets import names
from tools.secrets import pair_forms as forms

Span = tuple[int, int]

_HINT_WORDS = (
    "pass pwd secret token cred key auth sess cookie bearer jwt mnemonic pepper salt seed otp dsn pw cvv cvc sid sig hmac csrf"
    " xsrf ticket connection webhook psk pat saml _code -code ycode ncode number pin phrase assertion recovery backup"
    " psw kennwort wachtwoord senha contrasena haslo"
)
HINTS = tuple(_HINT_WORDS.split())
"""Every name that `secret_names` knows has one of these in it; a word that has one need not be such a name."""
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
_JUDGED = 128
"""Characters of a value that say whether it is a secret."""
_BRACKETS = 20
"""Closing brackets behind a value that are none of it."""
_LONGEST = 60
"""Characters of a name on either side of what gives it away."""
_INSIDE = 600
"""Characters of a list or an object behind a name."""
_WORDY = ("mnemonic", "phrase", "words")
"""Ends of names whose values are words with blanks between them."""
_HEADERS = ("cookie", "authorization")
"""Ends of names whose values go to the end of the line."""


class _Ends:
    """Ends of words and lines of a text; asked in order, so that a long text is walked through once."""

    def __init__(self, text: str, word: re.Pattern[str]) -> None:
        self._text, self._bare = text, word
        self._word = self._pair = self._line = -1

    def word(self, start: int) -> int:
        """The end of a value without blanks and quotes, or of what stands before the next pair."""
        if self._word < start:
            self._word = self._bare.match(self._text, start).end()  # type: ignore[union-attr]  # it matches nothing, too
        if self._pair < start:
            found = forms.NEXT.search(self._text, start, self._word)
            self._pair = found.start() if found else self._word
        return min(self._pair, self._word)

    def line(self, start: int) -> int:
        """The end of the line, or a quote that closes a value."""
        if self._line < start:
            found = forms.LINE.search(self._text, start)
            self._line = found.start() if found else len(self._text)
        return self._line


class _Place(NamedTuple):
    """A name in a text, and what is known about the value behind it."""

    text: str
    ends: _Ends
    name: str
    plain: bool
    option: bool
    """It is an option of a command, so a blank separates it from its value."""
    folder: bool
    """It is a part of a path."""
    prose: bool
    """It has a blank in it, so a sentence may be about it."""
    source: bool


def spans(text: str, *, source: bool = False) -> Iterator[Span]:
    """Spans of the values behind such names."""
    done, ends = 0, _Ends(text, forms.BARE if source else forms.GLUED)
    for at in _hints(text):
        if at < done:
            continue
        start, done = _around(text, at)
        name = text[start:done].strip(".-")
        kind = names.kind(name)
        before = text[max(0, start - 1) : start]
        prose = kind is None and before == " " and not source
        if prose:
            name = f"{_word_before(text, start - 1)} {name}"
            kind = "doubtful" if names.kind(name) == "plain" else None
        if kind is None:
            continue
        option = "-" in (text[start], before)
        place = _Place(text, ends, name, kind == "plain", option, before == "/", prose, source)
        span = _value(place, done)
        if span is not None and span[0] < span[1] and not _marked(text[span[0] : span[1]]):
            done = span[1]
            yield span


def _hints(text: str) -> list[int]:
    """Places where a name may stand, in order."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters are longer in lower case
        lowered = "".join(char.lower() if char < "\x80" else char for char in text)
    found: list[int] = []
    for hint in HINTS:
        at = lowered.find(hint)
        while at >= 0:
            found.append(at)
            at = lowered.find(hint, at + len(hint))
    found.sort()
    return found


def _around(text: str, at: int) -> Span:
    """The whole name around a place in it."""
    start = end = at
    first, last = max(0, at - _LONGEST), min(len(text), at + _LONGEST)
    while start > first and text[start - 1] in _NAME:
        start -= 1
    while end < last and text[end] in _NAME:
        end += 1
    return start, end


def _marked(value: str) -> bool:
    """True when the value is a mark already, with nothing that goes on behind it."""
    return value.startswith(MARK) and not value[len(MARK) : len(MARK) + 1].isalnum()


def _word_before(text: str, end: int) -> str:
    start = end
    while start > max(0, end - _LONGEST) and text[start - 1] in _NAME:
        start -= 1
    return text[start:end]


def _is_path(place: _Place, separator: re.Match[str]) -> bool:
    return place.folder and separator["sign"] not in ("=", "%3D", "%3d")


def _value(place: _Place, at: int) -> Span | None:
    separator = forms.SEPARATOR.match(place.text, at)
    if separator is None or (separator["block"] and not separator["line"]) or _is_path(place, separator):
        return None
    if separator["tag"]:
        return _tagged(place, separator.end())
    many = forms.LIST.match(place.text, separator.end())
    if many is not None and separator["sign"]:
        return _listed(place, many)
    opening = forms.QUOTE.match(place.text, separator.end())
    if opening is not None:
        return _quoted(place, separator, opening)
    if separator["sign"] and not place.source and place.name.lower().endswith((*_WORDY, *_HEADERS)):
        return _line(place, separator.end())
    return _bare(place, separator)


def _listed(place: _Place, opening: re.Match[str]) -> Span | None:
    """Span of a list or an object in which a text looks like a secret."""
    start, depth, quote, at = opening.end(), sum(map(opening.group().count, "[{(")), "", 0
    end, found = min(len(place.text), start + _INSIDE), False
    if "{" in opening.group() and not place.plain:
        return None
    looks = _random if place.source else names.looks_secret
    for mark in forms.MARKS.finditer(place.text, start, end):
        said = mark.group()
        if quote == said:
            found = found or looks(place.text[at : mark.start()])
            quote = ""
        elif not quote and said[-1] in "\"'":
            quote, at = said, mark.end()
        elif not quote:
            depth += 1 if said in "[{(" else -1
            if not depth:
                end = mark.start()
                break
    return (start, end) if found else None


def _tagged(place: _Place, start: int) -> Span | None:
    """Span between ``<password>`` and the next tag."""
    end = place.text.find("<", start, start + 400)
    return (
        (start, end)
        if end > start and _secret(place, place.text[start:end], plain=place.plain and not place.source)
        else None
    )


def _inside(text: str, opening: re.Match[str]) -> Span:
    """Span between the quotes; to the end of the line where they are not closed."""
    quote, start = opening["quote"], opening.end()
    if len(quote) > 1:
        end = text.find(quote, start)
    else:
        end = start
        while end < len(text) and (text[end] not in (quote, "\n") or (end > start and forms.DOUBLED.match(text, end))):
            end += 2 if text[end] in ("\\", quote) else 1
    if end < 0 or end > len(text):
        line = text.find("\n", start)
        end = len(text) if line < 0 else line
    return start, end


def _quoted(place: _Place, separator: re.Match[str], opening: re.Match[str]) -> Span | None:
    """Span of a value in quotes."""
    start, end = span = _inside(place.text, opening)
    if separator["comma"] and place.text[end + 1 : end + 9].lstrip().startswith(":"):
        return None  # it is the next name of an object
    value = place.text[start:end]
    scheme = forms.SCHEME.match(value)
    if scheme is not None:
        return None if names.trivial(value[scheme.end() :]) else span
    if place.source and (("{" in value and "f" in opening["prefix"].lower()) or names.kind(value)):
        return None
    if place.source and re.search(r"[\s,()]", value):
        return span if any(map(_random, re.split(r"[\s,()]+", value))) else None
    # Prose may quote what it talks about, and puts a blank before it; a list may have names in a row.
    sure = place.plain and not separator["comma"] and (separator["blank"] is None or place.option)
    return span if _secret(place, value, plain=sure) else None


def _line(place: _Place, start: int) -> Span | None:
    """The rest of the line, where it is no prose about the name."""
    end = place.ends.line(start)
    while end > start and place.text[end - 1] in " ,;})":
        end -= 1
    value = place.text[start : min(end, start + _JUDGED)]
    scheme = forms.SCHEME.match(value)
    said = value[scheme.end() :] if scheme else value
    if said.startswith(MARK) or names.trivial(said):
        return None
    words = said.replace(";", " ").split()
    wanted = place.name.lower().endswith(_WORDY) or any("=" in word or _random(word) for word in words)
    return (start, end) if wanted else None


def _bare(place: _Place, separator: re.Match[str]) -> Span | None:
    """Span of a value without quotes."""
    start = separator.end()
    end = _closed(place.text, start, place.ends.word(start))
    value = place.text[start : min(end, start + _JUDGED)]
    if not value or (separator["line"] and place.text[end - 1] == ":"):
        return None
    if place.source:
        if separator["line"] and not separator["block"]:
            return None  # the next statement
        return (start, end) if _literal(place.text, start, end, separator) else None
    if separator["blank"] is None:
        tight = separator["sign"] in ("=", "%3D", "%3d") and separator.end() - separator.start() <= 3
        return (start, end) if _secret(place, value, plain=place.plain, tight=tight) else None
    if place.option and not separator["blank"].strip():
        return (start, end) if not value.startswith("-") and _secret(place, value, plain=True) else None
    return (start, end) if (place.plain or place.prose) and _random(value) else None


def _closed(text: str, start: int, end: int) -> int:
    """The end before brackets that the value did not open, and before a comma behind it."""
    start = max(start, end - _JUDGED)
    for _ in range(_BRACKETS):
        if end <= start or not (text[end - 1] in ";," or _unopened(text, start, end)):
            break
        end -= 1
    return end


def _unopened(text: str, start: int, end: int) -> bool:
    opening = {")": "(", "]": "[", "}": "{"}.get(text[end - 1])
    return opening is not None and text.count(text[end - 1], start, end) > text.count(opening, start, end)


def _literal(text: str, start: int, end: int, separator: re.Match[str]) -> bool:
    """True when a bare value in source text is a literal, as in a file of settings, and no expression."""
    value = text[start : min(end, start + _JUDGED)]
    if not _random(value) or not forms.LITERAL.fullmatch(value) or text[end : end + 1] in ("(", "[", "'", '"'):
        return False
    tight = separator["sign"] == "=" and len(separator.group()) == 1
    return tight or separator["sign"] == ":" or not forms.DOTTED.fullmatch(value)


def _secret(place: _Place, value: str, *, plain: bool, tight: bool = False) -> bool:
    """True when the value is a secret.

    `plain`: by its name; `tight`: hardly anything but a value stands so close to a name.
    """
    if _marked(value) or (place.prose and not _random(value)):
        return False
    if names.hides(place.name, value, plain=plain):
        return True
    return tight and len(value) >= 4 and not forms.NUMBER.fullmatch(value) and not names.trivial(value)


def _random(value: str) -> bool:
    """True when the value looks random; stricter than `looks_secret`, as prose stands before and after it."""
    return any(map(str.isalpha, value)) and any(map(str.isdigit, value)) and names.looks_secret(value)
