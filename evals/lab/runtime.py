"""The shop's own interpreter environment, shared by all labs of one user on one machine.

It lies in a world-readable place, because an unprivileged sandbox must be able to start the same
interpreter; a base interpreter below a private home is copied there for the same reason.  Everything is
keyed by content and made under a file lock, so that labs that start together make it once.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evals.lab import children

_SYSTEM = ("/usr/bin/python3.11", "/usr/bin/python3.12", "/usr/bin/python3.13")
_DONE = ".complete"
_STANDS_ALONE = """
import asyncio, ctypes, pathlib, ssl, sys
loaded = pathlib.Path("/proc/self/maps").read_text()
sys.exit(f"its copy still loads files of {sys.argv[1]}" if sys.argv[1] + "/" in loaded else 0)
"""


PROGRAMS = {".mjs": "node"}
"""The program that runs a service whose entry point ends so; every other service is Python's."""


class NoRuntime(RuntimeError):
    """The shop's environment cannot be made; the message says why."""


@dataclass(frozen=True)
class Shop:
    """The environment that services run in."""

    python: Path
    mounts: tuple[Path, ...]
    """Folders that must be visible for the interpreter to start."""


def home() -> Path:
    """The folder of this user's labs: world-readable, writable by the user alone.

    Raises NoRuntime when somebody else owns the place or may write there.
    """
    folder = Path("/var/tmp") / f"suture-lab-{os.getuid()}"  # noqa: S108 (owner and mode are checked below)
    folder.mkdir(mode=0o755, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise NoRuntime(f"{folder} must be a folder that only its owner, user {os.getuid()}, may write")
    folder.chmod(0o755)
    return folder


def ensure(requirements: Path, place: Path) -> Shop:
    """The environment for these hashed requirements, made when it is not there yet.  Raises NoRuntime."""
    base, base_mount = _base(place)
    digest = hashlib.sha256(requirements.read_bytes() + str(base).encode()).hexdigest()[:16]
    folder = place / f"shop-{digest}"
    with _locked(place / f"shop-{digest}.lock"):
        if not (folder / _DONE).exists():
            _make(folder, base, requirements)
    return Shop(python=folder / "bin" / "python", mounts=(folder, base_mount))


def missing(app: str) -> str | None:
    """Program that a service with this entry point needs and this machine has not, or None."""
    program = PROGRAMS.get(Path(app).suffix)
    return program if program is not None and shutil.which(program) is None else None


def line(app: str, python: Path) -> list[str]:
    """Command that serves an entry point: an ASGI application of Python, or a file of another language.

    Raises NoRuntime when its program is missing.
    """
    program = PROGRAMS.get(Path(app).suffix)
    if program is None:
        return [str(python), "-m", "shopkit.serve", app]
    found = shutil.which(program)
    if found is None:
        raise NoRuntime(f"{app} needs {program}: install it")
    return [found, app]


def tree_environment(root: Path) -> dict[str, str]:
    """The variables with which a program runs in a laid-out tree."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "PYTHONPATH": f"{root}:{root / 'libs'}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MODEL_MS": "1",
    }


def own_tests(
    python: Path, root: Path, folder: str = "services", *, seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run the services' own tests in a laid-out tree, as their developers do.  Raises subprocess.TimeoutExpired."""
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", folder]
    return subprocess.run(
        command, cwd=root, env=tree_environment(root), capture_output=True, text=True, check=False, timeout=seconds
    )


def _make(folder: Path, base: Path, requirements: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    uv = Path(sys.executable).with_name("uv")
    _run([str(uv), "venv", "--quiet", "--no-project", "--python", str(base), str(folder)])
    python = str(folder / "bin" / "python")
    sync = ["pip", "sync", "--quiet", "--python", python, "--require-hashes", "--link-mode", "copy"]
    _run([str(uv), *sync, "--compile-bytecode", str(requirements)])
    (folder / _DONE).touch()


def _base(place: Path) -> tuple[Path, Path]:
    """An interpreter that anybody can start, and its prefix."""
    own = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    for candidate in (own, *(Path(name) for name in _SYSTEM)):
        if candidate.exists() and reachable(candidate.resolve()):
            return candidate.resolve(), candidate.resolve().parent.parent
    copied = _copy(Path(sys.base_prefix), place)
    return copied / "bin" / own.name, copied


def reachable(path: Path) -> bool:
    """True when users other than the owner may walk to this file and read it."""
    modes = [part.stat().st_mode for part in (path, *path.parents)]
    return bool(modes[0] & stat.S_IROTH) and all(mode & stat.S_IXOTH for mode in modes)


def _copy(prefix: Path, place: Path) -> Path:
    """Copy an interpreter's prefix, without what was installed into it."""
    folder = place / f"python-{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    with _locked(folder.with_suffix(".lock")):
        if not (folder / _DONE).exists():
            shutil.rmtree(folder, ignore_errors=True)
            left_out = shutil.ignore_patterns("site-packages", "test", "__pycache__", "share", "idlelib", "*.a")
            shutil.copytree(prefix, folder, symlinks=True, ignore=left_out)
            python = folder / "bin" / f"python3.{sys.version_info.minor}"
            try:
                _run([str(python), "-I", "-c", _STANDS_ALONE, str(prefix)])
            except NoRuntime as error:
                raise NoRuntime(f"no interpreter that all users can start: install python3.11 ({error})") from error
            (folder / _DONE).touch()
    return folder


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a file lock; the kernel gives it back when the holder dies."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(command: list[str]) -> None:
    """Run a command that ends with us, however we end."""
    rope, ours = os.pipe()
    try:
        ran = subprocess.run(
            [*children.tethered(rope), *command],
            capture_output=True,
            text=True,
            check=False,
            umask=0o022,
            stdin=subprocess.DEVNULL,
            pass_fds=(rope,),
            start_new_session=True,
        )
    finally:
        os.close(ours)
        os.close(rope)
    if ran.returncode:
        raise NoRuntime(f"{' '.join(command[:3])} failed: {ran.stderr.strip()[-600:]}")
