"""Finds the line that names an exception above its first frame, for runtimes that print the frames below it.

The lines between are the rest of its message, and may look like such a line themselves; a name that ends as
exceptions are named is therefore believed before one that only could be a class.
"""

import re
from collections.abc import Sequence

MAX_GAP = 30
"""Lines between the one that names the exception and its first frame: the rest of its message."""


def nearest(gap: Sequence[str], *patterns: re.Pattern[str]) -> tuple[int, re.Match[str]] | None:
    """The lowest line that the first pattern finds, else the second, and so on; with how far above the end it stands."""
    for pattern in patterns:
        for back in range(1, min(len(gap), MAX_GAP) + 1):
            found = pattern.search(gap[-back])
            if found is not None:
                return back, found
    return None
