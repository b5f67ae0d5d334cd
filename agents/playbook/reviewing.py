"""Answers the checklist by fixed rules, from the diff and the proof."""

import re
from collections.abc import Iterator

from agents.checklist import NO, UNPROVED, is_test
from agents.playbook.conversation import Asked, Reading

NEEDED = frozenset({"reproduces", "fixed", "same_answers", "own_tests", "scope", "inverse"})
"""Checks without which nothing can be said."""

SWALLOWED = re.compile(r"^\s*except\b|contextlib\.suppress|\bsuppress\(")
EVERYTHING = re.compile(r"\bexcept\s*:|\b(?:Base)?Exception(?:Group)?\b|\bsuppress\(")
OPENED = re.compile(
    r"^\s*(?:import|from)\s|\b(?:eval|exec|compile|__import__|getattr\(\s*__builtins__)\b|\bsubprocess\b|os\.system"
)
WEAKENED = re.compile(r"pytest\.(?:skip|xfail|mark\.(?:skip|xfail))|unittest\.skip|assert True\b")
RAISED = re.compile(r"^\s*(?:raise|assert)\b")
STATUS = re.compile(r"status(?:_code)?\s*=\s*2\d\d|,\s*status=2\d\d")


def decide(reading: Reading) -> tuple[Asked, ...]:
    """Answer at once: everything that the rules look at is in the opening."""
    proof = reading.opening.get("proof", {})
    outcomes = {str(check.get("name")): str(check.get("outcome")) for check in proof.get("checks", ())}
    bound = reading.opening.get("proof_is_of_this_patch") is True
    diff = str(reading.opening.get("diff", ""))
    hides, weakens = tuple(_hidden(diff)), tuple(_weakened(diff))
    unsure = sorted(name for name in NEEDED if outcomes.get(name) != "passed")
    said = [
        *(f"{why}: {line[1:].strip()[:80]}" for why, line in hides),
        *([f"not passed: {', '.join(unsure)}"] if unsure else []),
        *([] if bound else ["the proof is of another change"]),
    ]
    return (
        Asked(
            "answer_checklist",
            {
                "comment": "; ".join(said)[:400]
                or "the proof is complete and the diff mends the place without hiding anything",
                # The proof itself refutes these where it can.
                "wrong_cause": _elsewhere(reading, diff) or UNPROVED,
                "hides_error": _named(reading, *(line for _, line in hides)) or NO,
                "changes_meaning": UNPROVED,
                "breaks_data": UNPROVED,
                "weakens_tests": _named(reading, *weakens) or UNPROVED,
            },
        ),
    )


def _named(reading: Reading, *lines: str) -> str:
    """The name of the first of these lines that has one."""
    # Lines are shown to the reviewer cut at 200 characters, so they are looked up like that.
    names = {str(text): str(name) for name, text in reading.opening.get("lines", {}).items()}
    return next((names[line[:200]] for line in lines if line[:200] in names), "")


def _elsewhere(reading: Reading, diff: str) -> str:
    """The function that fails, when the diff touches no file of the failing stack."""
    if _at_cause(reading, diff):
        return ""
    return next(iter(map(str, reading.opening.get("elsewhere", ()))), "")


def _at_cause(reading: Reading, diff: str) -> bool:
    """True when the diff touches a file on the failing stack."""
    cause = reading.opening.get("cause", {})
    stack = {str(frame.get("path")) for _, fact in reading.facts("error_group") for frame in fact.get("frames", ())}
    stack |= {str(fact.get("signature", {}).get("path")) for _, fact in reading.facts("error_group")}
    touched = set(re.findall(r"^\+\+\+ b/(\S+)", diff, flags=re.MULTILINE))
    return bool(touched & (stack | {str(cause.get("path"))}))


def _hidden(diff: str) -> Iterator[tuple[str, str]]:
    """Lines that hide an error, each with the way it is hidden."""
    changed = [item for item in _changed(diff) if not is_test(item[0])]
    # A handler that was there and now catches another exception is not a new one, unless it catches everything.
    exchanged = sum(sign == "-" and bool(SWALLOWED.search(line)) for _, sign, line in changed)
    for _, sign, line in changed:
        if sign == "+" and SWALLOWED.search(line):
            exchanged -= 1
            if exchanged < 0 or EVERYTHING.search(line):
                yield "swallows an exception", sign + line
        if sign == "+" and OPENED.search(line):
            yield "brings in something new", sign + line
        if sign == "+" and STATUS.search(line):
            yield "sets a status of success", sign + line
        if sign == "-" and RAISED.search(line):
            yield "takes a check away", sign + line


def _weakened(diff: str) -> Iterator[str]:
    """Lines that a test lost, or gained and that switch tests off."""
    for path, sign, line in _changed(diff):
        if is_test(path) and (sign == "-" or WEAKENED.search(line)):
            yield sign + line


def _changed(diff: str) -> Iterator[tuple[str, str, str]]:
    path = ""
    for line in diff.splitlines():
        if line.startswith(("+++ b/", "--- a/")):
            path = line[6:]
        elif line[:1] in ("+", "-") and not line.startswith(("+++", "---")):
            yield path, line[0], line[1:]
