"""Identity of a person at a command: the name given, and the operating system's user behind it."""

import os
import pwd
from pathlib import Path

from incident.errors import BadInput
from tools import text

LONGEST = 80
"""Most characters of a name."""
LONGEST_REASON = 500

OURS = "suture"
"""Name in the record for what no person said."""

_LOGIN = Path("/proc/self/loginuid")
_UNSET = 2**32 - 1
"""Value of `loginuid` for a process that no login started."""


def name(given: str) -> str:
    """Return the name given with ``--as``, without invisible characters.  Raises BadInput for none."""
    found = text.normalise(given, LONGEST)
    if found.casefold() == OURS:
        raise BadInput("--as", given, "say your own name: this is what the record calls what nobody said")
    if not found:
        raise BadInput("--as", given, "say who you are: a name, as it shall stand in the record")
    return found


def reason(given: str) -> str:
    """Return a reason as a record may hold it: one line of visible characters."""
    return text.normalise(given, LONGEST_REASON)


def os_user() -> str:
    """Return the operating system's user; a number when it has no name."""
    # Not from the environment, which anybody can set.
    return _named(os.getuid())


def account(login: Path = _LOGIN) -> str:
    """Return the operating system's user, with the login when that was another one (as with ``sudo``)."""
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
