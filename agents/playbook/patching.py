"""Writes patches by repair templates, from the source and the evidence that the tools return."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue

from agents.playbook.conversation import Asked, Reading
from agents.playbook.repair import catalogue, evidence
from agents.playbook.repair.fault import Candidate, Fault

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
    return tuple(_proposal(function, item) for item in fresh)


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


def _candidates(reading: Reading, function: str, path: str) -> tuple[Candidate, ...]:
    """Candidates of every failure whose place lies in the function, the most frequent failure first."""
    shown = reading.answer("read_function", function=function)
    module = (reading.answer("read_file", path=path) or "").partition("\n---\n")[2]
    if shown is None:
        return ()
    head, _, rest = shown.partition("\n--- source\n")
    source = rest.partition("--- rest of the file, without bodies\n")[0]
    # `read_function` puts the lines of the file before the source; the error's line counts in the file.
    first, _, last = head.rpartition("lines: ")[2].partition("-")
    if not first.isdecimal() or not last.isdecimal():
        return ()
    found: list[Candidate] = []
    for group in _groups(reading, path):
        line = int(group["signature"]["line"])
        if int(first) <= line <= int(last):
            fault = _fault(reading, group, source, line - int(first) + 1, module)
            found += [
                item for item in catalogue.candidates(fault) if item.source not in {known.source for known in found}
            ]
    return tuple(found)


def _fault(reading: Reading, group: dict[str, Any], source: str, line: int, module: str) -> Fault:
    at = group["signature"]
    route = [fact for _, fact in reading.facts("traits") if fact.get("route") == at.get("route")]
    answers = [
        text
        for tool, args, text in reading.answers
        if tool == "read_file" and args.get("path") in reading.opening.get("schemas", ())
    ]
    return Fault(
        source=source,
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
