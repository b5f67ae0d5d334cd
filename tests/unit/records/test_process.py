"""Telling a holder that lives from one that died, from one elsewhere, and from one whose number was given to another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.records import process
from tools.records.process import Place

HERE = process.here()
AT = Place(host="h1", boot="b1", pids="4026531836", clock="c1")


def stat(proc: Path, pid: int, name: str, state: str, started: int) -> Path:
    (proc / str(pid)).mkdir(parents=True, exist_ok=True)
    fields = [state, *["0"] * 18, str(started), "0"]
    (proc / str(pid) / "stat").write_text(f"{pid} ({name}) {' '.join(fields)}\n")
    return proc / str(pid)


def contained(proc: Path, pid: int, pids: str, inside: int, state: str, started: int) -> None:
    """A process that this /proc shows, and that counts itself as another number in a namespace of its own."""
    folder = stat(proc, pid, "worker", state, started)
    (folder / "ns").mkdir()
    (folder / "ns" / "pid").symlink_to(f"pid:[{pids}]")
    (folder / "status").write_text(f"Name:\tworker\nNSpid:\t{pid}\t{inside}\n")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A /proc of our own namespace."""
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "self").symlink_to(str(os.getpid()))
    return tmp_path / "proc"


def test_this_process_lives() -> None:
    assert process.fate(process.holder(os.getpid()), HERE) == "alive"


def test_a_process_that_ended_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process.holder(child.pid)
    assert process.fate(name, HERE) == "alive"
    child.communicate(b"\n")
    assert process.fate(name, HERE) == "dead"


def test_a_process_that_nobody_waited_for_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process.holder(child.pid)
    assert child.stdin is not None
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process.fate(name, HERE) == "dead"
    child.wait()


@pytest.mark.parametrize(
    ("state", "started", "fate"),
    [
        ("S", 77, "alive"),
        ("R", 77, "alive"),
        ("T", 77, "alive"),
        ("Z", 77, "dead"),
        ("X", 77, "dead"),
        ("S", 78, "dead"),
    ],
    ids=["asleep", "running", "stopped", "zombie", "gone", "another process of this number"],
)
@pytest.mark.parametrize("name", ["5:77@h1/b1/4026531836/c1", "5:77"], ids=["of this place", "of an older version"])
def test_state_and_start_decide_in_our_own_namespace(
    proc: Path, state: str, started: int, fate: str, name: str
) -> None:
    stat(proc, 5, "a (b) c", state, started)
    assert process.fate(name, AT, proc) == fate


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        pytest.param("5:77@h2/b2/4026531836/c1", "unknown", id="another host"),
        pytest.param("5:77@h1/b0/4026531836/c1", "dead", id="this host before it was restarted"),
        pytest.param("5:77@/b0/4026531836/c1", "unknown", id="another boot of a host without an id"),
        pytest.param("5:77@h1//4026531836/c1", "unknown", id="a boot that could not be read"),
        pytest.param("5:77@h1/b1/4026532000/c1", "unknown", id="another namespace of this boot"),
        pytest.param("5:77@h9/b1/4026532000/c1", "unknown", id="a container with a name of its own"),
        pytest.param("5:77@h1/b1//c1", "unknown", id="a namespace that could not be read"),
        pytest.param("garbage", "unknown", id="no name"),
        pytest.param("12", "unknown", id="half a name"),
        pytest.param("", "unknown", id="nothing"),
    ],
)
def test_what_cannot_be_seen_from_here_is_unknown_and_never_dead(proc: Path, name: str, fate: str) -> None:
    stat(proc, 5, "somebody else of this number", "S", 1)
    assert process.fate(name, AT, proc) == fate


def test_places_without_an_id_are_not_taken_for_one(proc: Path) -> None:
    """Nothing known of either: that is no sign that both are the same."""
    assert process.fate("5:77@///c1", Place(), proc) == "unknown"


@pytest.mark.parametrize(
    ("state", "inside", "started", "fate"),
    [
        pytest.param("T", 5, 77, "alive", id="stopped, and seen from around its namespace"),
        pytest.param("Z", 5, 77, "unknown", id="a zombie"),
        pytest.param("S", 6, 77, "unknown", id="another number there"),
        pytest.param("S", 5, 78, "unknown", id="another process of this number there"),
    ],
)
def test_a_process_of_a_namespace_within_ours_lives_if_it_is_seen(
    proc: Path, state: str, inside: int, started: int, fate: str
) -> None:
    contained(proc, 900, "4026532000", inside, state, started)
    assert process.fate("5:77@h1/b1/4026532000/c1", AT, proc) == fate


def test_a_hidden_process_of_our_namespace_is_not_taken_for_dead(proc: Path) -> None:
    """/proc may be mounted with hidepid; the number answers all the same."""
    name = f"{os.getpid()}:77@h1/b1/4026531836/c1"
    assert process.fate(name, AT, proc) == "unknown"


def test_a_start_on_another_clock_is_not_compared_with_one_on_ours(proc: Path) -> None:
    """A time namespace shifts what /proc says of when a process started."""
    stat(proc, os.getpid(), "we", "S", 99)
    assert process.fate(f"{os.getpid()}:77@h1/b1/4026531836/c1", AT, proc) == "dead"
    assert process.fate(f"{os.getpid()}:77@h1/b1/4026531836/c2", AT, proc) == "unknown"


def test_a_proc_of_another_namespace_is_not_asked_about_numbers_of_ours(tmp_path: Path) -> None:
    """Its number 5 is somebody else: only whether ours answers counts, and a reused number may."""
    other = tmp_path / "proc"
    stat(other, os.getpid(), "somebody else", "S", 1)
    assert process.fate(f"{os.getpid()}:77@h1/b1/4026531836/c1", AT, other) == "unknown"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert process.fate(f"{ended.pid}:77@h1/b1/4026531836/c1", AT, other) == "dead"


def test_the_start_is_read_behind_a_name_with_parentheses(proc: Path) -> None:
    stat(proc, 5, ") S 1 2 (", "S", 123)
    assert process.holder(5, proc, AT) == "5:123@h1/b1/4026531836/c1"


def test_a_process_that_is_not_there_has_no_name(proc: Path) -> None:
    with pytest.raises(ValueError, match="no process"):
        process.holder(5, proc)


def test_without_proc_the_number_alone_proves_no_life(tmp_path: Path) -> None:
    missing = tmp_path / "no-proc"
    assert process.holder(os.getpid(), missing, AT) == f"{os.getpid()}:0@h1/b1/4026531836/c1"
    assert process.fate(f"{os.getpid()}:0", AT, missing) == "unknown"
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert process.fate(f"{child.pid}:0", AT, missing) == "dead"


def test_a_host_without_an_id_has_none(tmp_path: Path) -> None:
    """An image may be without one, or with an empty one; two such hosts are not the same."""
    (tmp_path / "machine-id").write_text("\n")
    assert process.here(machine=(tmp_path / "machine-id", tmp_path / "missing")).host == ""
    (tmp_path / "machine-id").write_text("0123456789abcdef\n")
    assert process.here(machine=(tmp_path / "machine-id",)).host != ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("5:77@h1/b1/4026531836/c1", "process 5"),
        ("5:77", "process 5"),
        ("5:77@h1/b1/4026532000/c1", "PID namespace"),
        ("5:77@h1/b0/4026531836/c1", "before it was restarted"),
        ("5:77@h2/b2/4026531836/c1", "another machine"),
        ("garbage", "process garbage"),
    ],
)
def test_a_person_is_told_where_to_look(name: str, words: str) -> None:
    assert words in process.told(name, AT)
