"""The flight recorder in several processes at once: a forked one and others never share a file."""

import multiprocessing
import os
import time
from pathlib import Path

from tools.embedded.lines import Folder
from tools.recorder.flight_recorder import Tape

LINES = 200


def _write(tape: Tape, mark: str, start: "multiprocessing.synchronize.Barrier") -> None:
    start.wait()
    for number in range(LINES):
        tape.append(f"{mark}{number:04d}{'x' * 500}\n".encode())


def test_a_forked_worker_leaves_its_parents_file(tmp_path: Path) -> None:
    """Each line is whole, in a file of one writer, in the order in which it was written."""
    context = multiprocessing.get_context("fork")
    tape = Tape(str(tmp_path / "orders.v1.17.jsonl"), time.time)
    tape.append(b"P----\n")
    start = context.Barrier(4)
    workers = [context.Process(target=_write, args=(tape, mark, start)) for mark in "ABC"]
    for worker in workers:
        worker.start()
    _write(tape, "P", start)
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    found = {path.name: path.read_text().splitlines() for path in tmp_path.iterdir()}
    assert len(found) == 4
    for lines in found.values():
        (mark,) = {line[0] for line in lines}
        numbers = [line[1:5] for line in lines if line != "P----"]
        assert numbers == [f"{number:04d}" for number in range(LINES)], mark
        assert all(len(line) == 505 for line in lines if line != "P----")


def test_the_reader_sees_the_files_of_all_processes(tmp_path: Path) -> None:
    """What a worker writes beside the file of another counts as that service's and version's."""
    first, second = (Tape(str(tmp_path / "orders.v1.17.jsonl"), time.time) for _ in range(2))
    first.append(b"{}\n")
    second.append(b"{}\n")
    files = Folder(tmp_path).files("orders", "v1")
    assert isinstance(files, tuple)
    assert {file.name for file in files} == {"orders.v1.17.jsonl", f"orders.v1.17-{os.getpid()}.jsonl"}
