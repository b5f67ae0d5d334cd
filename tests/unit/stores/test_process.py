"""Telling a holder that lives from one that died and whose number was given to another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.stores import process


def stat(folder: Path, pid: int, name: str, state: str, started: int) -> None:
    (folder / str(pid)).mkdir(exist_ok=True)
    fields = [state, *["0"] * 18, str(started), "0"]
    (folder / str(pid) / "stat").write_text(f"{pid} ({name}) {' '.join(fields)}\n")


def test_this_process_lives() -> None:
    assert process.alive(process.holder(os.getpid()))


def test_a_process_that_ended_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process.holder(child.pid)
    assert process.alive(name)
    child.communicate(b"\n")
    assert not process.alive(name)


def test_a_process_that_nobody_waited_for_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process.holder(child.pid)
    assert child.stdin is not None
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not process.alive(name)
    child.wait()


@pytest.mark.parametrize(
    ("state", "started", "lives"),
    [("S", 77, True), ("R", 77, True), ("T", 77, True), ("Z", 77, False), ("X", 77, False), ("S", 78, False)],
    ids=["asleep", "running", "stopped", "zombie", "gone", "another process of this number"],
)
def test_state_and_start_decide(tmp_path: Path, state: str, started: int, lives: bool) -> None:
    stat(tmp_path, 5, "a (b) c", state, started)
    assert process.alive("5:77", tmp_path) is lives


def test_the_start_is_read_behind_a_name_with_parentheses(tmp_path: Path) -> None:
    stat(tmp_path, 5, ") S 1 2 (", "S", 123)
    assert process.holder(5, tmp_path) == "5:123"


def test_a_process_that_is_not_there_has_no_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no process"):
        process.holder(5, tmp_path)


def test_a_name_that_cannot_be_read_counts_as_alive() -> None:
    assert process.alive("garbage")
    assert process.alive("12")


def test_without_proc_the_number_decides(tmp_path: Path) -> None:
    missing = tmp_path / "no-proc"
    assert process.holder(os.getpid(), missing) == f"{os.getpid()}:0"
    assert process.alive(f"{os.getpid()}:0", missing)
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert not process.alive(f"{child.pid}:0", missing)
