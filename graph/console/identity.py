"""Who says something: the name that a person gives, and the operating system's user behind it."""

import os
import pwd
from pathlib import Path

from incident.errors import BadInput
from tools import text

LONGEST = 80
"""Characters of a name."""
LONGEST_REASON = 500

OURS = "suture"
"""Stands in the record for what no person said."""

_LOGIN = Path("/proc/self/loginuid")
_UNSET = 2**32 - 1
"""Stands in `loginuid` of a process that no login started."""


def name(given: str) -> str:
    """The name given with ``--as``, without characters that nobody sees.  Raises BadInput for none."""
    found = text.normalise(given, LONGEST)
    if found.casefold() == OURS:
        raise BadInput("--as", given, "say your own name: this is what the record calls what nobody said")
    if not found:
        raise BadInput("--as", given, "say who you are: a name, as it shall stand in the record")
    return found


def reason(given: str) -> str:
    """A reason as it may stand in a record: one line of visible characters."""
    return text.normalise(given, LONGEST_REASON)


def os_user() -> str:
    """The operating system's user; a number when it has no name.  The environment is not asked: anybody sets that."""
    return _named(os.getuid())


def account(login: Path = _LOGIN) -> str:
    """The operating system's user, and who logged in when that was somebody else (``sudo``, say)."""
    user = os_user()
    try:
        number = int(login.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return user
    return user if number in (_UNSET, os.getuid()) else f"{user} (logged in as {_named(number)})"


def _named(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
