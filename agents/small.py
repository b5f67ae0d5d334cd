"""The smallest question for a patch: one function, its failure, and what stands around it.

Built by code from the dossier and the source, so that a model with a small window, or little patience for tools, sees
what an engineer would look at first and nothing else.
"""

from typing import TypeVar

from pydantic import JsonValue

from agents import rendering, source
from agents.bench import Bench
from agents.source import Place
from agents.toolbox import Terminal, arguments, text
from incident.evidence import ErrorGroup, Traits
from incident.proof import Refusal

A = TypeVar("A")

AROUND = 2_500
"""Characters of the file around the function; constants and docstrings say what a fallback is."""

LONGEST = 3_000
"""Characters of an answer: several times what is needed, and an end for a model that repeats itself."""

REFUSED = 4
"""Refused changes that are shown, the newest; more only tempt a small model to send one of them again."""


def question(bench: Bench, place: Place, refused: tuple[Refusal, ...]) -> dict[str, JsonValue]:
    """The function, the line where it fails, the error, what sets failing requests apart, the file around it, and what was refused."""
    whole = bench.text(place.path)
    return {
        "task": f"Requests fail in this function. Call propose_fix with the corrected function {place.name}, complete.",
        "function": place.key,
        "source": source.cut(whole, place),
        "failures": _failures(bench, place, whole),
        "feedback": rendering.feedback(tuple(item for item in refused if item.function == place.key)[-REFUSED:]),
        "around": rendering.page(source.module_level(whole))[:AROUND],
    }


def _failures(bench: Bench, place: Place, whole: str) -> list[JsonValue]:
    groups = [item.fact for item in bench.dossier.of("error_group") if isinstance(item.fact, ErrorGroup)]
    here = [group for group in groups if _inside(group, place)]
    return [_failure(bench, group, whole.splitlines()) for group in here[:2]]


def _inside(group: ErrorGroup, place: Place) -> bool:
    return group.signature.path == place.path and place.first <= group.signature.line <= place.last


def _failure(bench: Bench, group: ErrorGroup, lines: list[str]) -> JsonValue:
    at = group.signature
    traits = [item.fact for item in bench.dossier.of("traits") if isinstance(item.fact, Traits)]
    return {
        "error": rendering.normalise(f"{at.exception}: {group.message}"),
        "line": lines[at.line - 1].strip() if 0 < at.line <= len(lines) else "",
        "only_in_requests_with": [
            rendering.normalise(trait) for fact in traits if fact.route == at.route for trait in fact.traits[:6]
        ],
    }


def only(ends: tuple[Terminal[A], ...], place: Place) -> tuple[Terminal[A], ...]:
    """The same ways to end, but for this one function: what needs no choice is not asked."""
    return tuple(_narrowed(end, place) if end.name == "propose_fix" else end for end in ends)


def _narrowed(end: Terminal[A], place: Place) -> Terminal[A]:
    schema = arguments(
        end.name,
        # First the thought, then the code: a model writes its arguments in this order.
        why=text(300, "which value is not what the line expects, and what the code should do with it instead"),
        source=text(LONGEST, "the complete corrected function, same name and arguments"),
    )

    def accept(fields: dict[str, object]) -> A:
        return end.accept({**fields, "function": place.key, "template": ""})

    return Terminal(end.name, "Propose the corrected function. It is tested before anything happens.", schema, accept)
