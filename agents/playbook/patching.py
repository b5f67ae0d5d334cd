"""Writes patches by repair templates, from the source and the evidence that the tools return."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue

from agents.playbook.conversation import Asked, Reading
from agents.playbook.repair import evidence, sites
from agents.playbook.repair.fault import Candidate, Fault
from agents.view import source

FILES = 8
"""Schemas and tests that are read for the keys and defaults of the data."""

AT_ONCE = 12
"""Proposals of one answer."""


def decide(reading: Reading) -> tuple[Asked, ...]:
    """Read the blamed function, its file and its schemas; then propose, leaving out what was refused."""
    function = str(reading.opening.get("function", ""))
    path = function.partition("::")[0]
    if not function or not _groups(reading, path):
        return (Asked("no_fix", {"reason": "no error has its place in a function of this service"}),)
    if reading.turns == 0:
        return tuple(_looks(reading, function, path))
    found = _candidates(reading, function, path)
    refused = len(reading.opening.get("feedback", ()))
    # The rules find the same candidates in the same order each time, so the number of refusals says where to go on.
    fresh = found[refused : refused + min(AT_ONCE, int(reading.opening.get("candidates", AT_ONCE)))]
    if not fresh:
        said = "no repair template fits this failure" if not found else "every candidate of the templates was refused"
        return (Asked("no_fix", {"reason": said}),)
    return tuple(_proposal(f"{path}::{name}", item) for name, item in fresh)


def _looks(reading: Reading, function: str, path: str) -> Iterator[Asked]:
    yield Asked("read_function", {"function": function})
    yield Asked("read_file", {"path": path})
    for schema in reading.opening.get("schemas", ())[:FILES]:
        yield Asked("read_file", {"path": str(schema)})
    if "request_shapes" in reading.bound:
        yield Asked("request_shapes", {"outcome": "failed"})
        yield Asked("request_shapes", {"outcome": "ok"})


def _proposal(function: str, item: Candidate) -> Asked:
    args: dict[str, JsonValue] = {
        "function": function,
        "source": item.source,
        "why": f"{item.template}: {item.rationale}"[:400],
        "template": item.template,
    }
    return Asked("propose_fix", args)


def _candidates(reading: Reading, function: str, path: str) -> tuple[tuple[str, Candidate], ...]:
    """Candidates of every failure whose place lies in the function, the most frequent failure first.

    Each comes with the dotted name of the function that it replaces: that one, or its caller.
    """
    shown = reading.answer("read_function", function=function)
    module = (reading.answer("read_file", path=path) or "").partition("\n---\n")[2]
    if shown is None:
        return ()
    head, _, rest = shown.partition("\n--- source\n")
    text = rest.partition("--- rest of the file, without bodies\n")[0]
    # `read_function` puts the lines of the file before the source; the error's line counts in the file.
    first, _, last = head.rpartition("lines: ")[2].partition("-")
    if not first.isdecimal() or not last.isdecimal():
        return ()
    own, places = (int(first), int(last)), source.outline(path, module)
    found: dict[tuple[str, str], Candidate] = {}
    for group in _groups(reading, path):
        line = int(group["signature"]["line"])
        if own[0] <= line <= own[1]:
            fault = _fault(reading, group, text, line - own[0] + 1, module)
            failing = sites.Site(function.partition("::")[2], fault)
            for name, item in sites.candidates(failing, _caller(group, fault, path, own, places)):
                found.setdefault((name, item.source), item)
    return tuple((name, item) for (name, _), item in found.items())


def _caller(
    group: dict[str, Any], fault: Fault, path: str, own: tuple[int, int], places: tuple[source.Place, ...]
) -> sites.Site | None:
    """The function of the same file that called the failing one, and the failure as it is seen there."""
    frames = [(str(frame.get("path")), int(frame.get("line", 0))) for frame in reversed(group.get("frames", ()))]
    inside = [at for at, (file, line) in enumerate(frames) if file == path and own[0] <= line <= own[1]]
    # A comprehension has a frame of its own before Python 3.12, so it is the last one inside that was called.
    above = frames[inside[-1] + 1 :][:1] if inside else []
    for file, line in above:
        around = [place for place in places if file == path and place.first <= line <= place.last]
        for place in sorted(around, key=lambda item: item.last - item.first)[:1]:
            seen = {"source": source.cut(fault.module, place), "line": line - place.first + 1}
            return sites.Site(place.name, fault.model_copy(update=seen))
    return None


def _fault(reading: Reading, group: dict[str, Any], own: str, line: int, module: str) -> Fault:
    at = group["signature"]
    route = [fact for _, fact in reading.facts("traits") if fact.get("route") == at.get("route")]
    answers = [
        text
        for tool, args, text in reading.answers
        if tool == "read_file" and args.get("path") in reading.opening.get("schemas", ())
    ]
    return Fault(
        source=own,
        line=line,
        exception=str(at.get("exception", "")).rpartition(".")[2],
        message=str(group.get("message", "")),
        traits=tuple(str(trait) for fact in route for trait in fact.get("traits", ())),
        module=module,
        schemas=tuple(text.partition("\n---\n")[2] for text in answers),
        keys=tuple(_keys(reading)),
    )


def _keys(reading: Reading) -> Iterator[str]:
    """Keys in the shapes of recorded requests."""
    for tool, _, text in reading.answers:
        if tool != "request_shapes":
            continue
        try:
            shapes = json.loads(text).get("shapes", {})
        except (ValueError, AttributeError):
            continue
        for traits in shapes.values():
            yield from evidence.data_keys(tuple(str(trait) for trait in traits))


def _groups(reading: Reading, path: str) -> list[dict[str, Any]]:
    """Error groups whose place lies in a file, the most frequent first."""
    found = [fact for _, fact in reading.facts("error_group") if fact.get("signature", {}).get("path") == path]
    return sorted(found, key=lambda fact: -int(fact.get("count", 0)))
