"""Coverage of a patch: the changed lines that the service's own tests ran.

A measure of the proof's strength, no check.
"""

import difflib
from types import CodeType

from incident.proof import Coverage
from incident.remedy import Patch
from tools.proof.checks.trial import Suite


def measured(patch: Patch, suite: Suite | None) -> Coverage | None:
    """The changed lines that can run, and those that the tests ran; None when it was not measured."""
    edit = next((edit for edit in patch.edits if edit.path == patch.path), None)
    if suite is None or suite.lines is None or edit is None or edit.before is None:
        return None
    touched = changed(edit.before, edit.after)
    return Coverage(changed=touched, ran=tuple(line for line in touched if line in set(suite.lines)))


def changed(before: str, after: str) -> tuple[int, ...]:
    """Numbers, in the new text, of the changed lines that can run.

    Where lines were only taken away, the line that follows stands for them: that it is reached is what changed.
    """
    runs = _executable(after)
    found: set[int] = set()
    # Without `autojunk`, which takes lines that are frequent in a file of 200 lines or more for noise.
    codes = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False).get_opcodes()
    for tag, _, _, start, end in codes:
        if tag == "delete":
            found.update([min((line for line in runs if line > start), default=0)])
        elif tag != "equal":
            found.update(range(start + 1, end + 1))
    return tuple(sorted(found & runs))


def _executable(text: str) -> set[int]:
    """The lines that a program may stop at; none when the text does not compile."""
    try:
        pending: list[CodeType] = [compile(text, "patched", "exec", dont_inherit=True)]
    except (SyntaxError, ValueError):
        return set()
    found: set[int] = set()
    while pending:
        code = pending.pop()
        # PEP 626: a step without a line has None here, and a module's first one has 0.
        found.update(line for _, _, line in code.co_lines() if line)
        pending.extend(constant for constant in code.co_consts if isinstance(constant, CodeType))
    return found
