"""The checklist by fixed rules, from the diff and the proof."""

import re
from collections.abc import Iterator

from agents.playbook.reading import Asked, Reading

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
    hides = tuple(_hidden(diff))
    proved = bound and outcomes.get("reproduces") == outcomes.get("fixed") == "passed"
    unsure = sorted(name for name in NEEDED if outcomes.get(name) != "passed")
    said = [
        *hides,
        *([f"not passed: {', '.join(unsure)}"] if unsure else []),
        *([] if bound else ["the proof is of another change"]),
    ]
    return (
        Asked(
            "answer_checklist",
            {
                "right_cause": proved and _at_cause(reading, diff),
                "hides_error": bool(hides) or not diff,
                "changes_meaning": outcomes.get("same_answers") != "passed",
                "compatible_data": outcomes.get("same_answers") == "passed" and outcomes.get("inverse") == "passed",
                "tests_meaningful": outcomes.get("own_tests") == "passed" and not _tests_touched(diff),
                "comment": "; ".join(said)[:600]
                or "the proof is complete and the diff mends the place without hiding anything",
            },
        ),
    )


def _at_cause(reading: Reading, diff: str) -> bool:
    """Whether the diff touches a file on the failing stack."""
    cause = reading.opening.get("cause", {})
    stack = {str(frame.get("path")) for _, fact in reading.facts("error_group") for frame in fact.get("frames", ())}
    stack |= {str(fact.get("signature", {}).get("path")) for _, fact in reading.facts("error_group")}
    touched = set(re.findall(r"^\+\+\+ b/(\S+)", diff, flags=re.MULTILINE))
    return bool(touched & (stack | {str(cause.get("path"))}))


def _hidden(diff: str) -> Iterator[str]:
    changed = [item for item in _changed(diff) if not _is_test(item[0])]
    # A handler that was there and now catches another exception is not a new one, unless it catches everything.
    exchanged = sum(sign == "-" and bool(SWALLOWED.search(line)) for _, sign, line in changed)
    for _, sign, line in changed:
        if sign == "+" and SWALLOWED.search(line):
            exchanged -= 1
            if exchanged < 0 or EVERYTHING.search(line):
                yield f"swallows an exception: {line.strip()[:80]}"
        if sign == "+" and OPENED.search(line):
            yield f"brings in something new: {line.strip()[:80]}"
        if sign == "+" and STATUS.search(line):
            yield f"sets a status of success: {line.strip()[:80]}"
        if sign == "-" and RAISED.search(line):
            yield f"takes a check away: {line.strip()[:80]}"


def _tests_touched(diff: str) -> bool:
    """Whether a test lost a line, or gained one that switches tests off."""
    return any(_is_test(path) and (sign == "-" or WEAKENED.search(line)) for path, sign, line in _changed(diff))


def _changed(diff: str) -> Iterator[tuple[str, str, str]]:
    path = ""
    for line in diff.splitlines():
        if line.startswith(("+++ b/", "--- a/")):
            path = line[6:]
        elif line[:1] in ("+", "-") and not line.startswith(("+++", "---")):
            yield path, line[0], line[1:]


def _is_test(path: str) -> bool:
    return "/tests/" in f"/{path}" or path.rpartition("/")[2].startswith("test_")
