"""Floor of the repair bench: one prompt with the function and its traceback, no tools, no sandbox, no second try."""

import re

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from agents.view import source
from evals.bench.repair import incident, places
from evals.bench.repair.attempt import Attempt, Used
from evals.bench.repair.planted import Bug
from evals.bench.repair.stage import BugWorld
from incident.errors import SutureError, ToolMistake
from incident.remedy import FileEdit
from tools import ports

SYSTEM = (
    "You repair Python code. You get a function and the traceback of a request that failed. "
    "Answer with the complete corrected function in one Markdown code block, and nothing else."
)


def shoot(
    bug: Bug, world: BugWorld, model: BaseChatModel, clock: ports.Clock
) -> tuple[Attempt, tuple[incident.Edits, ...]]:
    """Ask once for the function at the innermost place of the traceback; an answer that is no function is none."""
    began = clock.monotonic()
    frame = [item for item in world.seen.failure.frames if item.path.startswith(f"services/{bug.service}/")][-1]
    text = world.repository.text(world.commit, frame.path)
    place = places.around(frame.path, text, frame.line)
    edits: tuple[FileEdit, ...] = ()
    used, why = Used(), ""
    try:
        prompt = f"```python\n{source.cut(text, place)}```\n\n{_traceback(world)}"
        reply = model.invoke([SystemMessage(SYSTEM), HumanMessage(prompt)])
        counted = getattr(reply, "usage_metadata", None) or {}
        used = Used(
            input_tokens=int(counted.get("input_tokens", 0)),
            output_tokens=int(counted.get("output_tokens", 0)),
            questions=1,
        )
        after = source.replace(text, place, _code(str(reply.content)))
        edits = (FileEdit(path=frame.path, before=text, after=after),)
    except (SutureError, ToolMistake) as error:
        why = f"{type(error).__name__}: {error}"
    attempt = Attempt(
        bug=bug.name,
        located=places.is_wrong(bug, frame.path, place.name),
        plausible=None,
        proposed=bool(edits),
        let_through=False,
        correct=False,
        used=used,
        seconds=round(clock.monotonic() - began, 1),
        function=place.key,
        diff=world.repository.diff({frame.path: text}, {frame.path: edits[0].after}) if edits else "",
        ended=why or "answered",
    )
    return attempt, (edits,) if edits else ()


def _traceback(world: BugWorld) -> str:
    failure = world.seen.failure
    own = [frame for frame in failure.frames if frame.path.startswith("services/")]
    lines = [f'  File "{frame.path}", line {frame.line}, in {frame.function}\n    {frame.code}' for frame in own]
    return "\n".join(["Traceback (most recent call last):", *lines, f"{failure.type}: {failure.message}"])


def _code(text: str) -> str:
    """Text of the first code block, or everything."""
    block = re.search(r"```(?:python)?\n(.*?)```", text, flags=re.DOTALL)
    return block.group(1) if block else text
