"""Small questions for models with a small window: one function, its failure, and what stands around it.

Built by code from the dossier and the source, so that a model with a small window, or little patience for tools, sees
what an engineer would look at first and nothing else.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from langchain_core.language_models import BaseChatModel
from pydantic import JsonValue

from agents.budget import Budget
from agents.models import factory
from agents.view import rendering, source
from agents.view.incident_view import View
from agents.view.source import Place
from agents.view.toolbox import Terminal, arguments, text
from incident.errors import ToolMistake
from incident.evidence import ErrorGroup, Traits
from incident.proof import Proof, Refusal
from incident.remedy import Patch

A = TypeVar("A")

AROUND = 2_500
"""Characters of the file around the function; constants and docstrings say what a fallback is."""

FENCE = re.compile(r"^```[a-zA-Z]*[ ]*$", re.MULTILINE)

LONGEST = 3_000
"""Characters of an answer: several times what is needed, and an end for a model that repeats itself."""

MISTAKES = 2
"""Useless answers in a row; a model that is told of its mistake either mends it or sends it again for ever."""

REFUSED = 3
"""Refusals that are told, the newest."""


def question(view: View, place: Place, refused: tuple[Refusal, ...], values: Mapping[str, str]) -> str:
    """Text of the question about one function.

    It holds the file around it, the function, where and with what values it fails, what sets those requests apart, and
    what was refused.
    """
    whole = view.text(place.path)
    parts = [
        f"Some requests fail in `{place.name}` ({place.path}). The file around it, without bodies:",
        _block(source.module_level(whole)[:AROUND]),
        "The function:",
        _block(source.cut(whole, place)),
        *_told(view, place, whole),
    ]
    if values:
        parts.append("The values there: " + "; ".join(f"`{name}` is {kind}" for name, kind in values.items()))
    if not_again := _refused(refused, place):
        parts.append("Earlier answers were wrong:\n" + "\n".join(f"- {_quoted(why)}" for why in not_again))
    return "\n\n".join(rendering.page(part) for part in parts)


def _block(code: str) -> str:
    return f"```python\n{code.strip()}\n```"


def _quoted(text: str) -> str:
    """Text of others as one line that cannot end its own quotation."""
    return "«" + rendering.normalise(text).replace("«", "<").replace("»", ">").replace("```", "'''") + "»"


def _told(view: View, place: Place, whole: str) -> list[str]:
    found = []
    for failure in _failures(view, place, whole):
        found.append(f"It fails in the line `{failure.line}` with {_quoted(failure.error)}.")
        if failure.traits:
            found.append("Only in requests with: " + ", ".join(map(_quoted, failure.traits)))
    return found


class _Failure(NamedTuple):
    error: str
    line: str
    traits: tuple[str, ...]


def _failures(view: View, place: Place, whole: str) -> list[_Failure]:
    groups = [item.fact for item in view.dossier.of("error_group") if isinstance(item.fact, ErrorGroup)]
    here = [group for group in groups if _inside(group, place)]
    return [_failure(view, group, whole.splitlines()) for group in here[:2]]


def _refused(refused: tuple[Refusal, ...], place: Place) -> list[str]:
    """Faults of earlier answers, without their code and without the templates': a small model copies what it sees."""
    own = [item for item in refused if item.function == place.key and not item.template]
    return list(dict.fromkeys(rendering.normalise(item.why, 300) for item in own))[-REFUSED:]


def _inside(group: ErrorGroup, place: Place) -> bool:
    return group.signature.path == place.path and place.first <= group.signature.line <= place.last


def _failure(view: View, group: ErrorGroup, lines: list[str]) -> _Failure:
    at = group.signature
    traits = [item.fact for item in view.dossier.of("traits") if isinstance(item.fact, Traits)]
    told = [trait for fact in traits if fact.route == at.route for trait in fact.traits[:6]]
    line = lines[at.line - 1].strip() if 0 < at.line <= len(lines) else ""
    return _Failure(f"{at.exception}: {group.message}", line, tuple(told))


def change(view: View, patch: Patch, proof: Proof) -> dict[str, JsonValue]:
    """A change for review: the function before and after it, what failed, and what the sandbox says."""
    (edit,) = [edit for edit in patch.edits if edit.path == patch.path]
    before = next((at for at in view.places if at.key == f"{patch.path}::{patch.function}"), None)
    after = next((at for at in source.outline(patch.path, edit.after) if at.name == patch.function), None)
    return {
        "before": source.cut(edit.before or "", before) if before else "",
        "after": source.cut(edit.after, after) if after else "",
        "failures": [rendering.normalise(item.error) for item in _failures(view, before, edit.before or "")]
        if before
        else [],
        "proof": {check.name: check.outcome for check in proof.checks},
    }


def only_small(model: BaseChatModel, budget: Budget) -> bool:
    """True for a language model with a small window: it gets small questions and no tools."""
    return factory.asks(model) and not budget.roomy


def patience(budget: Budget) -> Budget:
    """The budget of a small question: who cannot answer it twice in a row will not."""
    return budget.model_copy(update={"mistakes": min(budget.mistakes, MISTAKES)})


def only(propose: Terminal[A], place: Place, *, prose: bool) -> Terminal[A]:
    """One way to end, in prose: the corrected function in a code block.

    Scripts have no prose and call the tool.  Giving up is not offered: the sandbox says no well enough, and a small model says it too soon.
    """
    schema = arguments(
        propose.name,
        source=text(LONGEST, "the complete corrected function"),
        why=text(400, "what was wrong"),
    )

    def accept(fields: dict[str, Any]) -> A:
        return propose.accept({**fields, "function": place.key, "template": ""})

    reading = (lambda said: read(said, place.name)) if prose else None
    return Terminal(propose.name, propose.description, schema, accept, prose=reading)


def read(said: str, name: str) -> dict[str, Any]:
    """The function in the answer's code, and the words before it.  Raises ToolMistake when there is none."""
    before, *blocks = FENCE.split(said)
    # Prose between two blocks is among them; it holds no function and falls out.
    short = name.rpartition(".")[2]
    found = [code for block in blocks if (code := source.function_named(block, short))]
    if not found:
        raise ToolMistake(f"write the complete corrected function {short} in one ```python block")
    return {"source": found[-1], "why": rendering.normalise(before, 400) or "no reason given"}
