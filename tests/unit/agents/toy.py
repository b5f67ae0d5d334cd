"""The tools of a toy agent: a reader that looks, and a terminal that says."""

from typing import Any

from agents.view.toolbox import Terminal, arguments, one_of, reader, text
from incident.errors import ToolMistake


def look(where: str) -> str:
    """A reader that knows two places and dislikes one of them."""
    if where == "under":
        raise ToolMistake("nobody looks under things")
    return f"seen {where}"


READERS = (reader("look", "Look somewhere.", arguments("look", where=one_of(("up", "under"), "where")), look),)


def accept(fields: dict[str, Any]) -> str:
    if fields["word"] == "wrong":
        raise ToolMistake("that word is wrong")
    return str(fields["word"])


SAY = Terminal("say", "Say it.", arguments("say", word=text(20, "the word")), accept)
