"""Running git on a repository that nobody vouches for."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from incident.errors import Unavailable
from tools import text

_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.attributesFile": "/dev/null",
    "core.excludesFile": "/dev/null",
    "core.splitIndex": "false",
    "core.sparseCheckout": "false",
    "core.untrackedCache": "false",
    "index.sparse": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "i18n.commitEncoding": "UTF-8",
    "log.showSignature": "false",
    "protocol.allow": "never",
}
"""Settings that win over the repository's own, because they could start a program or change bytes."""


class Git:
    """Git with everything switched off that would run the repository's own programs."""

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._seconds = seconds

    def run(self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> bytes:
        """What the command printed.  Raises Unavailable when it fails or takes too long."""
        done = self._start(arguments, stdin, environment or {})
        if done.returncode != 0:
            said = text.normalise(done.stderr.decode("utf-8", "replace"), 160)
            raise Unavailable(f"git {arguments[0]} failed: {said or done.returncode}")
        return done.stdout

    def peek(self, *arguments: str) -> str | None:
        """The one line that the command printed, or None when it says no."""
        done = self._start(arguments, b"", {})
        return done.stdout.decode("ascii", "replace").strip() if done.returncode == 0 else None

    def _start(
        self, arguments: tuple[str, ...], stdin: bytes, environment: Mapping[str, str]
    ) -> "subprocess.CompletedProcess[bytes]":
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        inner = self._path / ".git"
        folder = inner if inner.exists() else self._path
        command = ["git", *settings, "--no-pager", "--literal-pathspecs", f"--git-dir={folder}", *arguments]
        try:
            return subprocess.run(  # noqa: S603 (a fixed program; every argument is checked or an object id)
                command,
                input=stdin,
                capture_output=True,
                check=False,
                timeout=self._seconds,
                cwd="/",
                env={**_environment(), **environment},
            )
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"git {arguments[0]} took longer than {self._seconds:g} s") from error
        except OSError as error:
            raise Unavailable(f"git could not be started: {error.strerror}") from error


def _environment() -> dict[str, str]:
    """Nothing of ours reaches git but the path to it."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_GRAFT_FILE": "/dev/null",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
    }
