"""Makes text that a workload wrote harmless before a person, a prompt or a terminal sees it.

Whoever can reach a service can write into its log: terminal escapes, text that reads backwards,
characters that nobody sees.  Nothing here makes such text trustworthy; it only makes it visible.
"""

import re
import unicodedata

_ESCAPES = re.compile(
    r"""
      (?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]            # CSI: colours, cursor, erase
    | (?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?  # OSC, DCS, SOS, PM, APC with their text
    | \x1b[ -/]*[0-~]                             # every other escape
    """,
    re.VERBOSE,
)
"""Terminal sequences of ECMA-48."""

_UNSEEN = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0})
"""Characters that are letters or marks by category and yet show nothing (Unicode Default_Ignorable, and blank braille)."""

_DROPPED = frozenset({"Cf", "Cs", "Co", "Cn"})
"""Format characters (bidi, zero width, tags), lone surrogates, private and unassigned ones."""

_VARIABLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("<email>", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")),
    ("<uuid>", re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")),
    ("<ip>", re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b")),
    ("<ip>", re.compile(r"(?<![\w:])(?:[0-9a-fA-F]{1,4}:){2,7}(?::?[0-9a-fA-F]{1,4})+(?![\w:])")),
    ("<hex>", re.compile(r"\b0[xX][0-9a-fA-F]+\b|\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}\b")),
)
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")
_NUMBER = re.compile(r"(?<![\w<])[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?|\d+")
_LONG_NUMBER = re.compile(r"\d(?:[ .-]?\d){4,}")


def normalise(text: str, limit: int) -> str:
    """One line of visible characters, at most `limit` of them; cut text ends in ``…``.

    Control characters, terminal sequences, bidi and zero-width characters are dropped; line breaks
    and tabs become one space, so that a message cannot forge a second line.  Idempotent.
    """
    single = " ".join((text if text.isascii() and text.isprintable() else visible(text)).split())
    return single if len(single) <= limit else single[: max(limit - 1, 0)].rstrip() + "…"[:limit]


def visible(text: str) -> str:
    """The text without what nobody sees, as one line: each line break, tab and exotic space is one space."""
    # Before the sequences: an invisible character inside of one would hide it from the expression.
    seen = "".join(char for char in text if not _invisible(char))
    return "".join(_flattened(char) for char in _ESCAPES.sub("", seen))


def template(message: str, limit: int = 300) -> str:
    """The message with every variable part replaced, so that two of a kind compare equal.

    >>> template("order 17 of 'ann' from 10.0.0.7 failed")
    'order <n> of <text> from <ip> failed'
    """
    text = _QUOTED.sub("<text>", normalise(message, 8 * limit))
    return normalise(_NUMBER.sub("<n>", _placed(text)), limit)


def mask(message: str, limit: int = 300) -> str:
    """The message without what may name a person or a thing, still readable for the one who mends the code.

    Quoted words that could be identifiers stay (``'NoneType' object has no attribute 'tier'``), and so do short numbers.

    >>> mask("'NoneType' object has no attribute 'tier' for card 4111 1111 1111 1111 of 'Ann Lee'")
    "'NoneType' object has no attribute 'tier' for card <n> of <text>"
    """
    text = _QUOTED.sub(_kept, normalise(message, 8 * limit))
    return normalise(_LONG_NUMBER.sub("<n>", _placed(text)), limit)


def _placed(text: str) -> str:
    for name, pattern in _VARIABLES:
        text = pattern.sub(name, text)
    return text


def _kept(match: re.Match[str]) -> str:
    return match.group() if _WORD.fullmatch(match.group()[1:-1]) else "<text>"


def _invisible(char: str) -> bool:
    if char < "\x7f":
        return False
    point = ord(char)
    variation = 0xFE00 <= point <= 0xFE0F or 0xE0100 <= point <= 0xE01EF or 0x180B <= point <= 0x180F
    return variation or point in _UNSEEN or unicodedata.category(char) in _DROPPED


def _flattened(char: str) -> str:
    """A space for line breaks, tabs and exotic spaces; nothing for other control characters."""
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) == "Cc" else char
