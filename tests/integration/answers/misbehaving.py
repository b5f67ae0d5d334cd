"""A server that answers each connection with a move, however long it is listened to."""

import contextlib
import gzip
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

MIB = 1 << 20

Move = Callable[[socket.socket], None]


@contextlib.contextmanager
def serving(move: Move) -> Iterator[str]:
    """The address of a server that plays the move on every connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    taken: list[socket.socket] = []
    players: list[threading.Thread] = []

    def play(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(1 << 20)
            move(connection)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 20):  # what closes with something unread resets, and takes the answer back
                pass

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                taken.append(listening.accept()[0])
                players.append(threading.Thread(target=play, args=(taken[-1],), daemon=True))
                players[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        accepting.join()
        listening.close()
        for connection in taken:  # a move that goes on and on ends here, and whoever listens to it
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for player in players:
            player.join()


_HIGH = """
import json, sys
from pathlib import Path
from incident.errors import SutureError

def high():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024

def told(ask):
    before = high()
    try:
        said = "answered " + repr(ask())[:80]
    except SutureError as error:
        said = f"{type(error).__name__}: {error}"
    print(json.dumps([said, high() - before]))

"""


def in_a_process(code: str, moves: Mapping[str, Move]) -> dict[str, tuple[str, int]]:
    """What was said to each move, and by how many MiB that raised the peak of one process that met them all.

    The code calls `told` with a question for each of the addresses in ``sys.argv``.
    """
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with contextlib.ExitStack() as stack:
        urls = [stack.enter_context(serving(move)) for move in moves.values()]
        command = [sys.executable, "-c", _HIGH + code, *urls]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert not ran.returncode, ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    return {name: (said, memory) for name, (said, memory) in zip(moves, lines, strict=True)}


def head(*more: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    """The beginning of an answer."""
    return "\r\n".join([f"HTTP/1.1 {status}", f"content-type: {kind}", *more, "", ""]).encode()


def bomb(size: int, packer: str = "gzip") -> bytes:
    """A JSON document of blanks, packed."""
    if packer == "deflate":
        made = zlib.compressobj()
        return b"".join([*(made.compress(b" " * MIB) for _ in range(size // MIB)), made.compress(b"{}"), made.flush()])
    held = io.BytesIO()
    with gzip.GzipFile(fileobj=held, mode="wb", compresslevel=1) as file:
        for _ in range(size // MIB):
            file.write(b" " * MIB)
        file.write(b"{}")
    return held.getvalue()


def whole(body: bytes, *more: str, status: str = "200 OK", kind: str = "application/json") -> Move:
    """An answer with this body."""
    return lambda there: there.sendall(head(f"content-length: {len(body)}", *more, status=status, kind=kind) + body)


def packed(size: int, packer: str, times: int = 1) -> Move:
    """A packed answer, made when it is asked for."""

    def play(there: socket.socket) -> None:
        body = bomb(size, packer)
        for _ in range(times - 1):
            body = gzip.compress(body, 1)
        whole(body, f"content-encoding: {', '.join([packer] * times)}")(there)

    return play


def endless(there: socket.socket) -> None:
    """A body that never ends."""
    there.sendall(head(f"content-length: {1 << 40}"))
    while True:
        there.sendall(b" " * MIB)


def endless_chunks(there: socket.socket) -> None:
    """The same in chunks, whose number nobody says."""
    there.sendall(head("transfer-encoding: chunked"))
    while True:
        there.sendall(b"%x\r\n%b\r\n" % (MIB, b" " * MIB))


def dripping(there: socket.socket) -> None:
    """A byte of the body now and then."""
    there.sendall(head("content-length: 1000000"))
    while True:
        there.sendall(b" ")
        time.sleep(0.1)


def dripping_head(there: socket.socket) -> None:
    """A byte of the head now and then."""
    there.sendall(b"HTTP/1.1 200 OK\r\nx-drip: ")
    while True:
        there.sendall(b"x")
        time.sleep(0.1)


def not_yet(there: socket.socket) -> None:
    """One answer after the other that says that the answer is to come."""
    while True:
        there.sendall(b"HTTP/1.1 102 Processing\r\n\r\n" * 100)


def dripping_trailer(there: socket.socket) -> None:
    """A body that ends, and what follows it does not."""
    there.sendall(head("transfer-encoding: chunked") + b"2\r\n{}\r\n0\r\nx-drip: ")
    while True:
        there.sendall(b"x")
        time.sleep(0.1)


SLOW: dict[str, Move] = {
    "a body that drips": dripping,
    "a head that drips": dripping_head,
    "a trailer that drips": dripping_trailer,
    "an answer that is to come": not_yet,
}
LARGE: dict[str, Move] = {
    "a body without end": endless,
    "chunks without end": endless_chunks,
    "a packed body": packed(200 * MIB, "gzip"),
    "a body packed in the other way": packed(200 * MIB, "deflate"),
    "a body packed twice": packed(200 * MIB, "gzip", 2),
    "a body packed in a way that nobody knows": whole(b"{}", "content-encoding: x-own"),
    "very many headers": whole(b"{}", *(f"x-{number}: y" for number in range(2000))),
    "a very long header": whole(b"{}", "x-long: " + "y" * MIB),
    "very many lists": whole(b"[" + b"[]," * (2 * MIB) + b"[]]"),
    "lists in lists": whole(b"[" * 90_000 + b"]" * 90_000),
    "lists in lists, as many as the parser takes": whole(b"[" * 300 + b"]" * 300),
    "objects in objects": whole(b'{"a":' * 5000 + b"1" + b"}" * 5000),
    "a very long number": whole(b"9" * 100_000),
}
