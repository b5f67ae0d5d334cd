r"""Unified diffs of whole files, in the form that ``git apply`` reads.

Lines end at ``\n`` and nowhere else: a form feed or U+2028 inside a line is part of that line.
"""

import difflib
from collections.abc import Mapping, Sequence

_NO_NEWLINE = "\\ No newline at end of file\n"


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """The diff from one set of files to another, by path; empty when nothing differs."""
    paths = sorted({*before, *after})
    return "".join(_file(path, before.get(path), after.get(path)) for path in paths)


NAMED = 20
"""Most files that are named as left out."""


def omitted(paths: Sequence[str]) -> str:
    """Lines that name the files that a diff leaves out; empty when there are none."""
    lines = [f"# not shown: {path}\n" for path in paths[:NAMED]]
    more = len(paths) - NAMED
    return "".join(lines) + (f"# not shown: {more} more files\n" if more > 0 else "")


def _file(path: str, before: str | None, after: str | None) -> str:
    if before == after:
        return ""
    head = f"diff --git a/{path} b/{path}\n"
    if before is None:
        head += "new file mode 100644\n"
    if after is None:
        head += "deleted file mode 100644\n"
    old, new = _lines(before or ""), _lines(after or "")
    source = f"a/{path}" if before is not None else "/dev/null"
    target = f"b/{path}" if after is not None else "/dev/null"
    body = "".join(
        line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}"
        for line in difflib.unified_diff(old, new, source, target)
    )
    return head + body


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    whole = [f"{part}\n" for part in parts[:-1]]
    return [*whole, parts[-1]] if parts[-1] else whole
