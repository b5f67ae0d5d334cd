"""Runs a command where given folders are empty: a mount namespace of its own.

Run by file, so that it is read before it disappears::

    python evals/isolation.py --hide FOLDER --hide FOLDER -- COMMAND ...

Root unshares the mounts alone; anybody else needs a user namespace too.  It becomes the command (same process
id, so signals reach it) and dies with its parent.  Exit code 71 (EX_OSERR) when it cannot hide: nothing ran.
It guards against reading answers by accident or by curiosity, not against root mounting things back.
"""

import argparse
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

CANNOT = 71

_NEWNS, _NEWUSER = 0x00020000, 0x10000000  # CLONE_*, see clone(2)
_BIND, _RDONLY, _REMOUNT, _REC, _PRIVATE = 0x1000, 0x1, 0x20, 0x4000, 0x40000  # MS_*, see mount(2)
_PDEATHSIG = 1  # PR_SET_PDEATHSIG, see prctl(2)


class CannotHide(RuntimeError):
    """The kernel does not let us; the message says what it refused."""


def prefix(hidden: Sequence[Path]) -> tuple[str, ...]:
    """Words before a command that run it with these folders empty."""
    pairs = (word for folder in hidden for word in ("--hide", str(folder)))
    return (sys.executable, "-I", str(Path(__file__).resolve()), *pairs, "--")


def possible() -> bool:
    """True when this machine lets us hide a folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "seen").touch()
        ran = subprocess.run([*prefix([folder]), "/bin/ls", name], capture_output=True, text=True, check=False)
    return ran.returncode == 0 and "seen" not in ran.stdout


def hide(folders: Sequence[Path]) -> None:
    """Make these folders and files look empty to this process and what it starts.  Raises CannotHide."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    _do(libc.unshare(_NEWNS if uid == 0 else _NEWNS | _NEWUSER), "a mount namespace of its own")
    if uid != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    _do(libc.mount(b"none", b"/", None, _REC | _PRIVATE, None), "private mounts")
    for hidden in folders:
        at = os.fsencode(hidden)
        if hidden.is_dir():
            done = libc.mount(b"none", at, b"tmpfs", _RDONLY, b"size=4k,mode=0755")
        else:  # such as the file that stands for the folder .git in a second work tree
            done = libc.mount(b"/dev/null", at, None, _BIND, None)
        _do(done, f"emptying {hidden}")


def _do(result: int, what: str) -> None:
    if result != 0:
        raise CannotHide(f"{what} was refused: {os.strerror(ctypes.get_errno())}")


def main() -> int:
    """Hide, then become the command; returns only when that cannot be done."""
    parser = argparse.ArgumentParser(description="Run a command where some folders are empty.")
    parser.add_argument("--hide", action="append", type=Path, default=[], metavar="FOLDER")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)
    try:
        hide([folder.resolve() for folder in given.hide if folder.exists()])
        os.execvp(given.command[0], given.command)  # noqa: S606 (becoming the command is the point)
    except (CannotHide, OSError) as error:
        sys.stderr.write(f"isolation: {error}\n")
    return CANNOT


if __name__ == "__main__":
    sys.exit(main())
