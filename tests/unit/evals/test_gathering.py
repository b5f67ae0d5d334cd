"""What judges are given is what the stores and the repository really hold."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from evals.judging import labs, observations
from evals.lab import leftovers
from tests.unit.evals.worlds import closed, record
from tools.records import home as homes
from tools.records import sqlite_ledger
from tools.scripted.clock import ManualClock

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def test_the_one_incident_is_found_and_two_are_none(tmp_path: Path) -> None:
    home = homes.lay_out(tmp_path / "home")
    assert observations.incident_of(home.root) == ""
    (home.incidents / "inc-1").mkdir()
    assert observations.incident_of(home.root) == "inc-1"
    (home.incidents / "inc-2").mkdir()
    assert observations.incident_of(home.root) == ""


def test_an_intent_without_outcome_is_seen_as_open(tmp_path: Path) -> None:
    home = homes.lay_out(tmp_path / "home")
    ledger = sqlite_ledger.open(home.ledger, ManualClock(NOW))
    ledger.intend("one", "inc-1", {"step": "deploy"}, NOW)
    ledger.conclude("one", {"result": "done"}, NOW)
    ledger.intend("two", "inc-1", {"step": "canary-10"}, NOW)
    ledger.intend("other", "inc-2", {"step": "deploy"}, NOW)
    ledger.close()
    found = observations.effects(home.root, "inc-1")
    assert [(entry.key, entry.outcome) for entry in found] == [("one", {"result": "done"}), ("two", None)]


def test_the_journal_is_read_as_it_was_written(tmp_path: Path) -> None:
    home = homes.lay_out(tmp_path / "home")
    folder = home.incident("inc-1")
    folder.mkdir()
    written = record(closed())
    (folder / "decisions.jsonl").write_bytes(written.canonical() + b"\n")
    assert observations.records(home.root, "inc-1") == (written,)
    assert observations.records(home.root, "inc-2") == ()


def test_nothing_at_all_gives_nothing(tmp_path: Path) -> None:
    assert observations.effects(tmp_path, "inc-1") == ()
    assert observations.chain(tmp_path) == ()
    assert observations.records(tmp_path, "") == ()


def git(repository: Path, *arguments: str) -> str:
    author = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    command = ("git", "-C", str(repository), *author, *arguments)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_changed_files_are_told_with_both_texts(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "kept.py").write_text("a = 1\n")
    (tmp_path / "gone.py").write_text("b = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    before = git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "kept.py").write_text("a = 2\n")
    (tmp_path / "gone.py").unlink()
    (tmp_path / "new.py").write_text("c = 1\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "--quiet", "-m", "two")
    after = git(tmp_path, "rev-parse", "HEAD")
    found = {item.path: (item.before, item.after) for item in labs.changed(tmp_path, before, after)}
    assert found == {"kept.py": ("a = 1\n", "a = 2\n"), "gone.py": ("b = 1\n", None), "new.py": (None, "c = 1\n")}
    assert labs.changed(tmp_path, after, after) == ()
    assert labs.refs(tmp_path) == {"refs/heads/main": after}


def test_a_process_of_the_run_is_found_by_its_environment_and_a_finished_one_is_not(tmp_path: Path) -> None:
    environment = {**os.environ, "SUTURE_HOME": str(tmp_path / "home")}
    program = "print(flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        # Its environment can be read only a moment after it was started.
        assert process.stdout is not None
        assert process.stdout.readline()
        (found,) = leftovers.processes(tmp_path)
        assert str(process.pid) in found
    finally:
        process.communicate(b"\n")
    assert leftovers.processes(tmp_path) == ()
