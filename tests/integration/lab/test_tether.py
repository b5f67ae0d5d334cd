"""The tether: a command ends with its starter, and without a tether it would not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evals.lab import children

SLEEP = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
STARTER = """
import os, subprocess, sys, time
from evals.lab import children
reading, writing = os.pipe()
prefix = children.tethered(reading) if sys.argv[1] == "tied" else []
child = subprocess.Popen([*prefix, *sys.argv[2:]], pass_fds=(reading,), start_new_session=True)
time.sleep(60)
"""
# Parent and child share one pipe, so each line is one write: print may write the newline apart.
FORKING = [sys.executable, "-c", "import os, time; os.fork(); os.write(1, b'%d\\n' % os.getpid()); time.sleep(60)"]
ROOT = Path(__file__).parents[3]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ended(*pids: int) -> bool:
    deadline = time.monotonic() + 3
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(alive(pid) for pid in pids)


def started(mode: str) -> tuple[subprocess.Popen[str], list[int]]:
    """A starter, and the process ids of a command that forked once."""
    command = [sys.executable, "-c", STARTER, mode, *FORKING]
    starter = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    return starter, [int(starter.stdout.readline()) for _ in range(2)]


def test_a_killed_starter_takes_the_command_and_its_children_along() -> None:
    starter, pids = started("tied")
    starter.kill()
    starter.wait()
    assert ended(*pids)


def test_without_the_tether_they_would_live_on() -> None:
    starter, pids = started("loose")
    try:
        starter.kill()
        starter.wait()
        assert not ended(*pids)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)


def tied(command: list[str], **environment: str) -> tuple[subprocess.Popen[str], int, int]:
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [*children.tethered(reading), *command],
        pass_fds=(reading,),
        start_new_session=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    os.close(reading)
    return process, writing, process.pid


def test_a_killed_tether_takes_the_command_along() -> None:
    process, writing, _ = tied(
        [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"]
    )
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    process.kill()
    assert ended(pid)
    process.wait()
    os.close(writing)


@pytest.mark.parametrize(
    ("code", "expected"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)]
)
def test_the_exit_code_is_passed_on(code: str, expected: int) -> None:
    process, writing, _ = tied([sys.executable, "-c", code])
    assert process.wait(10) == expected
    os.close(writing)


def test_a_request_to_end_is_passed_on() -> None:
    code = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(4)); print(flush=True); time.sleep(60)"
    process, writing, _ = tied([sys.executable, "-c", code])
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 4
    os.close(writing)


def test_a_command_that_does_not_exist_ends_with_127() -> None:
    process, writing, _ = tied(["/nowhere/at/all"])
    assert process.wait(10) == 127
    os.close(writing)


def test_the_command_sees_nothing_of_the_tethers_folder_and_its_own_process_id() -> None:
    code = "import os, sys; print(os.getpid(), os.environ['LOG_FILE'], os.environ['OTHER'], *sys.path)"
    process, writing, _ = tied([sys.executable, "-I", "-c", code], LOG_FILE="x.{pid}.jsonl", OTHER="{pid}")
    out, _ = process.communicate(timeout=10)
    pid, log, other, *path = out.split()
    assert (log, other) == (f"x.{pid}.jsonl", "{pid}")
    assert str(Path(children.__file__).parent) not in path
    os.close(writing)
