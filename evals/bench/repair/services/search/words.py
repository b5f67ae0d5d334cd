"""Words of a text."""

import re

STOP = frozenset({"a", "an", "and", "of", "the", "to"})


def words(text: str) -> list[str]:
    """The words of a text in lower case, without stop words."""
    return [word for word in re.findall(r"\w+", text.lower()) if word not in STOP]


def counts(text: str) -> dict[str, int]:
    """How often each word stands in a text."""
    found: dict[str, int] = {}
    for word in words(text):
        found[word] = found.get(word, 0) + 1
    return found


def frequent(text: str, least: int) -> dict[str, int]:
    """The words that stand in a text at least so often."""
    found = counts(text)
    for word in list(found):
        if found[word] < least:
            del found[word]
    return found


def highlight(text: str, word: str) -> str:
    """The text with a word in square brackets wherever it stands, whatever its case; the word is no pattern."""
    return re.sub(re.escape(word), lambda match: f"[{match.group()}]", text, flags=re.IGNORECASE)


def initial(text: str) -> str:
    """The letter under which a title is filed: its first one, in upper case; ``#`` for an empty title."""
    return text.strip()[:1].upper() or "#"
