"""Paths inside a repository's tree, checked before anything is written to them."""

import unicodedata

MAX_PATH = 1024
"""Characters of a path; longer ones are refused."""


def objection(path: str) -> str | None:
    """Reason that this is no path that may be written below a tree's root, or None when it is one.

    A relative path with forward slashes, without ``..``, without any part that git or a file system
    could take for ``.git`` (case, trailing dots and short names included).
    """
    if "\\" in path or (len(path) > 1 and path[1] == ":"):
        return "is not relative"
    plain = path.isascii() and path.isprintable()
    if not plain and any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Cn") for char in path):
        return "holds characters that nobody sees"
    return outside(path)


def outside(path: str) -> str | None:
    """Reason that a path of a tree may not be laid out in a folder of ours, or None when it may.

    A file system takes any other name for a name, so fewer paths are refused here.
    """
    if not path or len(path) > MAX_PATH:
        return "is empty" if not path else "is too long"
    if path.startswith("/"):
        return "is not relative"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return "does not name a place below the root"
        if _git(part):
            return "belongs to git"
    return None


def _git(part: str) -> bool:
    # Windows drops trailing dots and spaces, shortens `.git` to `git~1`, and knows streams behind a colon
    # (CVE-2019-1352).
    bare = part.casefold().rstrip(". ").split(":")[0]
    return bare == ".git" or bare.startswith("git~")


def prefixes(path: str) -> tuple[str, ...]:
    """The folders above a path, outermost first, and the path itself."""
    parts = path.split("/")
    return tuple("/".join(parts[: index + 1]) for index in range(len(parts)))
