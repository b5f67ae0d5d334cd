"""Whoever is killed, nothing of a sandbox stays: no process, no control group, no file."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.sandbox.conftest import NEEDS_BWRAP
from tests.integration.sandbox.processes import gone, processes_with
from tools import ports
from tools.sandbox import bwrap, cgroup

pytestmark = NEEDS_BWRAP

ROOT = Path(bwrap.__file__).resolve().parents[2]

STARTER = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell started us in the background
sys.path.insert(0, {root!r})
from tools import ports
from tools.sandbox import bwrap
code = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', {mark!r}]); time.sleep(60)"
bwrap.Bubblewrap(groups={groups}).run(ports.Job(argv=("/usr/bin/python3", "-I", "-c", code, {mark!r}), tree={tree!r}))
"""


def started(tree: Path, mark: str, *, groups: bool = True) -> subprocess.Popen[bytes]:
    """A process of its own that runs a sandbox with two sleeping processes, once both are there."""
    code = STARTER.format(root=str(ROOT), mark=mark, tree=str(tree), groups=groups)
    starter = subprocess.Popen([sys.executable, "-c", code])
    until = time.monotonic() + 20
    while sum(b"time.sleep" in line(process) for process in inside(mark)) < 2:
        assert starter.poll() is None, "the sandbox did not run"
        assert time.monotonic() < until, "the sandboxed processes did not appear"
        time.sleep(0.02)
    return starter


def line(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def inside(mark: str) -> tuple[int, ...]:
    return tuple(process for process in processes_with(mark) if line(process).startswith(b"/usr/bin/python3"))


def keepers(starter: int) -> tuple[int, ...]:
    return tuple(int(item) for item in Path(f"/proc/{starter}/task/{starter}/children").read_text().split())


def groups_left() -> list[Path]:
    return [folder for folder in Path("/sys/fs/cgroup").glob(f"**/{cgroup.PREFIX}*") if folder.is_dir()]


def groups_of(keeper: int) -> list[Path]:
    return [folder for folder in groups_left() if folder.name.startswith(f"{cgroup.PREFIX}{keeper}-")]


def settled(keeper: int) -> bool:
    """Whether a keeper and its groups go within five seconds."""
    until = time.monotonic() + 5
    while (groups_of(keeper) or cgroup.started(keeper)) and time.monotonic() < until:
        time.sleep(0.02)
    return not groups_of(keeper) and not cgroup.started(keeper)


def test_killing_the_starter_ends_the_sandbox(tree: Path) -> None:
    mark = f"mark-{os.getpid()}-{time.monotonic_ns()}"
    starter = started(tree, mark)
    (keeper,) = keepers(starter.pid)
    starter.kill()
    starter.wait()
    assert gone(mark)
    assert settled(keeper)


def test_killing_the_keeper_ends_the_sandbox_too(tree: Path) -> None:
    mark = f"mark-{os.getpid()}-{time.monotonic_ns()}"
    starter = started(tree, mark, groups=False)
    (keeper,) = keepers(starter.pid)
    os.kill(keeper, signal.SIGKILL)
    assert starter.wait(timeout=10) != 0  # Unavailable, never a result
    assert gone(mark)


def test_killing_both_leaves_groups_that_the_next_run_sweeps(tree: Path) -> None:
    mark = f"mark-{os.getpid()}-{time.monotonic_ns()}"
    starter = started(tree, mark)
    (keeper,) = keepers(starter.pid)
    grouped = bool(groups_of(keeper))
    os.kill(starter.pid, signal.SIGSTOP)
    os.kill(keeper, signal.SIGKILL)
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    assert gone(mark)
    assert bool(groups_of(keeper)) == grouped, "the control: a killed keeper cannot remove its groups"
    bwrap.Bubblewrap().run(ports.Job(argv=("/bin/true",), tree=str(tree)))
    assert not groups_of(keeper)


def test_an_interrupt_ends_the_sandbox(tree: Path) -> None:
    mark = f"mark-{os.getpid()}-{time.monotonic_ns()}"
    starter = started(tree, mark)
    starter.send_signal(signal.SIGINT)
    starter.wait(timeout=10)
    assert gone(mark)


def test_the_thread_that_starts_a_run_need_not_be_the_main_one(tree: Path) -> None:
    """The kernel's death signal follows the thread that forked, and pools end theirs."""
    job = ports.Job(argv=("/bin/sh", "-c", "sleep 0.5; echo slept"), tree=str(tree))
    with ThreadPoolExecutor(3) as pool:
        assert [ran.stdout for ran in pool.map(bwrap.Bubblewrap().run, [job] * 3)] == ["slept\n"] * 3
    kept: list[ports.Ran] = []
    thread = threading.Thread(target=lambda: kept.append(bwrap.Bubblewrap().run(job)))
    thread.start()
    thread.join()
    assert kept[0].stdout == "slept\n"


def test_a_run_leaves_the_tree_and_the_temporary_folder_alone(tree: Path) -> None:
    before = sorted(Path("/tmp").glob("sandbox*")), sorted(tree.rglob("*"))
    job = ports.Job(argv=("/bin/sh", "-c", "rm -rf pkg; echo x > new; ls"), tree=str(tree), files={"more/b.txt": "b"})
    ran = bwrap.Bubblewrap().run(job)
    assert ran.stdout == "more\nnew\n"
    assert (sorted(Path("/tmp").glob("sandbox*")), sorted(tree.rglob("*"))) == before


MAPPINGS = """
import ctypes, os, sys, time
libc = ctypes.CDLL(None)
libc.mmap.restype, libc.mmap.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
reading, writing = os.pipe()
for _ in range(24):
    if os.fork() == 0:
        start = libc.mmap(None, 65_000 * 4096, 0, 0x22, -1, 0)
        for place in range(0, 65_000, 2):
            libc.mprotect(start + place * 4096, 4096, 1)
        os.write(writing, b"x")
        time.sleep(60)
for _ in range(24):
    os.read(reading, 1)
"""


@pytest.mark.parametrize("groups", [True, False])
def test_nothing_is_left_of_processes_that_the_kernel_takes_long_to_end(tmp_path: Path, *, groups: bool) -> None:
    """Each has 65,000 mappings, which are given back one by one."""
    (tmp_path / "x.py").write_text(MAPPINGS)
    mark = f"mappings-{os.getpid()}-{groups}"
    job = ports.Job(argv=("/usr/bin/python3", "-I", "x.py", mark), tree=str(tmp_path))
    assert bwrap.Bubblewrap(groups=groups).run(job).exit_code == 0
    assert inside(mark) == ()
