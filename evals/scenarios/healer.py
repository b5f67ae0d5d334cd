"""Runs our commands as a user would: the real command line, as a process, without sight of evals and tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from evals import isolation
from evals.judging.seen import Said
from evals.scenarios.stage import PROJECT, Places
from incident.errors import BadInput

HIDDEN = (PROJECT / "evals", PROJECT / "tests", PROJECT / ".git")
"""The repository's history holds the answers too."""
ENDS_WITHIN = 30.0
"""Seconds that a healer gets to take back what it did when its time is up."""


class Healer:
    """Starts commands for one run."""

    def __init__(
        self,
        places: Places,
        url: str,
        environment: Mapping[str, str],
        *,
        isolated: bool,
        hidden: Sequence[Path] = (),
    ) -> None:
        """`hidden` are further folders with answers.  Raises BadInput for one that holds the run's own folder."""
        self._places, self._isolated = places, isolated
        for folder in hidden:
            if places.root.resolve().is_relative_to(folder.resolve()):
                raise BadInput("folder", str(folder), "move faults and scenarios to a folder that holds no run")
        # Of two folders of which one holds the other, the outer one hides both.
        self._hidden = _outermost((*HIDDEN, places.hidden, *hidden))
        self._environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(places.root),
            "SUTURE_HOME": str(places.home),
            "PYTHONDONTWRITEBYTECODE": "1",
            # The world was started by somebody else: that we may act alone there, and by the lab's short times, is said.
            **({"SUTURE_WORLD_URL": url, "SUTURE_AUTONOMY": "auto", "SUTURE_PROFILE": "lab"} if url else {}),
            **environment,
        }

    def start(self, module: str, *arguments: str) -> "subprocess.Popen[str]":
        """Start ``python -m MODULE``; its process id is the command's own, so that it can be signalled."""
        before = isolation.prefix(self._hidden) if self._isolated else ()
        return subprocess.Popen(
            [*before, sys.executable, "-m", module, *arguments],
            cwd=PROJECT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, name: str, module: str, *arguments: str, within: float = 60.0) -> Said:
        """Run a command to its end, or stop it when its time is up."""
        return self.finish(name, self.start(module, *arguments), within=within)

    def finish(self, name: str, process: "subprocess.Popen[str]", *, within: float) -> Said:
        """Wait for a command that was started."""
        started, begun = datetime.now(UTC), time.monotonic()
        in_time = True
        try:
            out, err = process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            in_time = False
            out, err = _stop(process)
        except BaseException:  # an interrupted suite leaves no healer behind
            _stop(process)
            raise
        return Said(
            name=name,
            argv=tuple(str(word) for word in process.args) if isinstance(process.args, list) else (),
            exit_code=process.returncode if in_time else None,
            stdout=out,
            stderr=err,
            started=started,
            seconds=time.monotonic() - begun,
        )


def _outermost(folders: Sequence[Path]) -> tuple[Path, ...]:
    found = dict.fromkeys(folder.resolve() for folder in folders)
    return tuple(one for one in found if not any(other in one.parents for other in found))


def _stop(process: "subprocess.Popen[str]") -> tuple[str, str]:
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()


def written(path: Path, text: str) -> Path:
    """A file for a command to read."""
    path.write_text(text, encoding="utf-8")
    return path
