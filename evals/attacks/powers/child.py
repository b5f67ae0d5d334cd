"""Runs hostile patches for real, each in a fork of its own: the control that shows what the rules keep out.

Started by any interpreter as ``python -I child.py FOLDER``.  Nothing of ours is imported; it reads a JSON list of
``[name, function, text]`` from standard input and writes the names of those that worked as a JSON list.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

SECONDS = 10
"""Of one patch, and of a busy machine."""


class Client:
    """Client of the service; makes the file that it is asked for."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __getattr__(self, name: str) -> Any:
        """Any method: it makes the file if it gets its path, and otherwise answers nothing."""

        def called(*given: Any, **named: Any) -> Any:
            if name not in ("fetch", "get") or str(self._mark) in [*map(str, given), *map(str, named.values())]:
                self._mark.touch()
            return 0

        return called


class Session:
    """The same for those who wait."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    async def get(self, address: str) -> dict[str, Any]:
        """An article; any other address than one of the stock makes the file."""
        if not address.startswith("/stock/"):
            self._mark.touch()
        return {"cents": 7, "next": "http://x"}

    async def post(self, _address: str) -> dict[str, Any]:
        """Makes the file."""
        self._mark.touch()
        return {}


def worked(function: str, text: str, mark: Path) -> bool:
    """True when a patch does what it is not there for: the file is there, or the answer is another one."""
    space: dict[str, Any] = {"__name__": "prices", "__file__": "prices.py"}
    exec(compile(text, "prices.py", "exec"), space)  # noqa: S102 (what is run is what is measured)
    member = {"gold": False}
    body = {"name": "ann", "mark": str(mark), "member": member, "n": 100, "module": "os"}
    order = {"id": "i", "lines": [{"cents": 1}], "name": "n", "count": 1, "url": str(mark), "handler": "shell"}
    try:
        if function == "discount":
            return bool(space[function](body) != 0)
        if function == "priced":
            return bool(space[function](Client(mark), order, lambda *_: None) != 100)
        return bool(asyncio.run(space[function](Session(mark), str(mark))) != 7)
    except BaseException:  # noqa: BLE001 (an exit is one of the things that patches try)
        return False


def main() -> None:
    """Try all of them."""
    folder, found = Path(sys.argv[1]), []
    for number, (name, function, text) in enumerate(json.load(sys.stdin)):
        mark, other = folder / f"{number}", folder / f"{number}.answer"
        child = os.fork()
        if child == 0:
            signal.alarm(SECONDS)
            nothing = os.open(os.devnull, os.O_RDWR)
            for descriptor in range(3):
                os.dup2(nothing, descriptor)
            if worked(function, text, mark):
                other.touch()
            os._exit(0)
        os.waitpid(child, 0)
        if mark.exists() or other.exists():
            found.append(name)
    print(json.dumps(found))  # noqa: T201 (a process of its own)


if __name__ == "__main__":
    main()
