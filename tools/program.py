"""Names of the commands, as the user calls them, and the command line that starts one as a child.

They are the same from a checkout and from an installation, where the code lies below one package.
"""

import sys
from pathlib import Path

_HOUSE = Path(__file__).parents[1]
_DOOR = next(
    (door for door in (_HOUSE / "suture" / "__main__.py", _HOUSE.parent / "__main__.py") if door.is_file()), None
)


_OF_EVALS = frozenset({"demo", "lab"})


def called(command: str) -> str:
    """A command as the user of this process calls it: ``suture run``, or ``python -m graph.run``."""
    return f"suture {command}" if _by_name() else f"python -m {'evals' if command in _OF_EVALS else 'graph'}.{command}"


def line(module: str, *arguments: str) -> list[str]:
    """The command line that runs a module in a child, wherever the child is started."""
    command = module.removeprefix("graph.")
    named = [command] if _by_name() and command != module else ["-m", module]
    # -P: a folder called `agents` where the child is started must not be taken for ours.
    return [sys.executable, "-P", str(_DOOR), *named, *arguments]


def _by_name() -> bool:
    return sys.argv[0].startswith("suture ")
