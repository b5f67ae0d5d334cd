"""Whoever reads may be gone, stopped, or short of letters or space: writing neither raises nor waits."""

import contextlib
import errno
import io
import json
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from graph.console import cli
from tools import outlet


class Pipe:
    """A pipe, and an outlet into it."""

    def __init__(self, *, waits: bool = False, limit: int = outlet.LIMIT) -> None:
        self.reader, self.writer = os.pipe()
        stream = os.fdopen(self.writer, "w", encoding="utf-8", closefd=False)
        made = outlet.onto(stream)
        self.outlet = outlet.Outlet(made._send, "utf-8", waits=waits, limit=limit)
        self.outlet.start()

    def fill(self) -> None:
        """Let the pipe be full, as one that nobody has read for a while."""
        os.set_blocking(self.writer, False)
        try:
            while True:
                os.write(self.writer, b"x" * 512)
        except BlockingIOError:
            os.set_blocking(self.writer, True)

    def read(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            found += os.read(self.reader, 65_536)
        return found

    def close(self) -> None:
        with contextlib.suppress(OSError):  # the test may have done so
            os.close(self.reader)
        # Nothing may be left to write: the next pipe will have the same number.
        assert self.outlet.drained(10.0)
        os.close(self.writer)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.close()


def test_what_is_written_arrives_in_order(pipe: Pipe) -> None:
    for number in range(1000):
        pipe.outlet.write(f"{number}\n".encode())
    expected = "".join(f"{number}\n" for number in range(1000)).encode()
    assert pipe.read(len(expected)) == expected
    assert pipe.outlet.drained(None)
    assert pipe.outlet.failure is None


def test_a_reader_who_is_gone_is_counted_and_raises_nothing(pipe: Pipe) -> None:
    os.close(pipe.reader)
    for _ in range(3):
        assert pipe.outlet.write(b"line\n") == 5
    assert pipe.outlet.drained(None)
    assert isinstance(pipe.outlet.failure, BrokenPipeError)
    assert pipe.outlet.failures == 3


def test_control_a_plain_stream_raises_for_a_reader_who_is_gone(pipe: Pipe) -> None:
    os.close(pipe.reader)
    stream = os.fdopen(pipe.writer, "wb", buffering=0, closefd=False)
    with pytest.raises(BrokenPipeError):
        stream.write(b"line\n")


def test_a_reader_who_stopped_keeps_nobody_waiting_and_gets_it_all_when_he_reads_again(pipe: Pipe) -> None:
    pipe.fill()
    for _ in range(100):
        pipe.outlet.write(b"y" * 512)
    assert not pipe.outlet.drained(0.0)
    assert pipe.outlet.failures == 0
    while not pipe.outlet.drained(0.01):
        pipe.read(1)
    assert pipe.outlet.failure is None


def test_control_a_plain_stream_waits_for_a_reader_who_stopped(pipe: Pipe) -> None:
    pipe.fill()
    wrote = threading.Event()

    def write() -> None:
        os.write(pipe.writer, b"y" * 512)
        wrote.set()

    threading.Thread(target=write, daemon=True).start()
    assert not wrote.wait(0.2)
    pipe.read(65_536)
    assert wrote.wait(10.0)


def test_what_finds_no_room_is_left_out_and_counted() -> None:
    pipe = Pipe(limit=1000)
    pipe.fill()
    for _ in range(10):
        pipe.outlet.write(b"z" * 400)
    assert pipe.outlet.failures == 7
    assert isinstance(pipe.outlet.failure, TimeoutError)
    pipe.close()


def test_where_a_full_queue_may_wait_nothing_is_left_out() -> None:
    pipe = Pipe(waits=True, limit=1000)
    writer = threading.Thread(target=lambda: [pipe.outlet.write(b"z" * 400) for _ in range(500)], daemon=True)
    writer.start()
    assert pipe.read(200_000) == b"z" * 200_000
    writer.join(10.0)
    assert pipe.outlet.failures == 0
    pipe.close()


def test_a_descriptor_that_somebody_made_non_blocking_loses_nothing(pipe: Pipe) -> None:
    os.set_blocking(pipe.writer, False)
    pipe.outlet.write(b"w" * 300_000)
    assert pipe.read(300_000) == b"w" * 300_000
    assert pipe.outlet.failure is None


def test_an_outlet_without_a_thread_counts_everything_as_lost() -> None:
    made = outlet.Outlet(lambda _: None, "utf-8", waits=True)
    assert made.write(b"line\n") == 5
    assert (made.failures, made.drained(None)) == (1, True)


def test_a_full_disk_is_named() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 (a device)
        made = outlet.onto(full)
        print("line", file=made.text())
        assert made.drained(None)
        assert isinstance(made.failure, OSError)
        assert made.failure.errno == errno.ENOSPC


def test_a_closed_stream_is_one_that_nobody_reads() -> None:
    made = outlet.onto(None)
    assert not outlet.say(made.text(), "line\n")
    assert isinstance(made.failure, BrokenPipeError)


class Lettered(io.StringIO):
    """A stream in memory with few letters."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._named = encoding

    def __getattribute__(self, name: str) -> Any:
        return super().__getattribute__("_named" if name == "encoding" else name)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "90 % -> 10 %, 3 x caf\\xe9 \\u4e2d \\U0001f600 \\udc80"),
        ("latin-1", "90 % -> 10 %, 3 × café \\u4e2d \\U0001f600 \\udc80"),
        ("utf-8", "90 % → 10 %, 3 × café 中 😀 \\udc80"),
        ("utf-16", "90 % → 10 %, 3 × café 中 😀 \\udc80"),
        ("no-such", "90 % -> 10 %, 3 x caf\\xe9 \\u4e2d \\U0001f600 \\udc80"),
        ("base64", "90 % -> 10 %, 3 x caf\\xe9 \\u4e2d \\U0001f600 \\udc80"),
        ("cp037", "90 % -> 10 %, 3 × café \\u4e2d \\U0001f600 \\udc80"),
    ],
)
def test_a_terminal_gets_the_letters_that_it_has(encoding: str, shown: str) -> None:
    stream = Lettered(encoding)
    made = outlet.onto(stream)
    made.text().write("90 % → 10 %, 3 × café 中 😀 \udc80")
    assert made.drained(None)
    assert stream.getvalue() == shown


def test_control_a_plain_stream_has_no_arrow_in_ascii() -> None:
    with pytest.raises(UnicodeEncodeError):
        io.TextIOWrapper(io.BytesIO(), encoding="ascii").write("→")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "cp1252"])
def test_json_stays_json_in_every_alphabet(encoding: str) -> None:
    stream = Lettered(encoding)
    made = outlet.onto(stream)
    value = {"reason": "→ é ÿ 中 😀 \ud800"}
    made.text().write(json.dumps(value, ensure_ascii=cli.escaped(made.text())))
    assert made.drained(None)
    assert json.loads(stream.getvalue()) == value


def test_a_notice_says_whether_it_arrived(pipe: Pipe) -> None:
    stream = pipe.outlet.text()
    assert outlet.say(stream, "one\n")
    os.close(pipe.reader)
    assert not outlet.say(stream, "two\n")


def test_behind_a_reader_who_stopped_a_notice_is_not_said_to_have_arrived(pipe: Pipe) -> None:
    pipe.fill()
    stream = pipe.outlet.text()
    assert not outlet.say(stream, "one\n")
    assert pipe.outlet.stuck
    assert not outlet.say(stream, "two\n")


def test_a_notice_to_any_other_stream_is_believed_unless_it_objects() -> None:
    stream = io.StringIO()
    assert outlet.say(stream, "one\n")
    assert stream.getvalue() == "one\n"
    stream.close()
    assert not outlet.say(stream, "two\n")
    assert not outlet.say(io.TextIOWrapper(io.BytesIO(), encoding="ascii"), "→\n")


def test_a_signals_handler_may_write_while_a_write_is_under_way() -> None:
    """It runs in the thread that it interrupts, so a lock that is not reentrant would never be let go."""
    made = outlet.onto(io.StringIO())
    with made._changed:
        made.write(b"handler\n")
    assert made.drained(None)
