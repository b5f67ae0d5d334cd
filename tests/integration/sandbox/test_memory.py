"""Memory that a process holds without having it among its own pages counts as well, by control groups and without.

Control: each gets what it asks for unguarded, or with more room.
"""

import subprocess

import pytest

from tests.integration.sandbox.conftest import NEEDS_BWRAP, Run
from tools.sandbox import memory

pytestmark = NEEDS_BWRAP

SHARED = """
import mmap, os, time
held = mmap.mmap(OPENED, 200 << 20)
for at in range(0, len(held), 8 << 20):
    held[at : at + (8 << 20)] = b"x" * (8 << 20)
    held.madvise(mmap.MADV_DONTNEED, at, 8 << 20)  # the pages stay, and are in nobody's resident memory
time.sleep(0.3)
print("GOT" if held[-1] == ord("x") else "")
"""

SEMAPHORES = """
import ctypes, time
libc = ctypes.CDLL(None)
made = []
while len(made) < 60 and (one := libc.semget(0, 32000, 0o1600)) >= 0:
    made.append(one)
time.sleep(0.3)
print("GOT" if len(made) == 60 else made)
for one in made:
    libc.semctl(one, 0, 0)
"""

OF_A_THREAD = """
import os, threading, time
def work():
    children = []
    for _ in range(5):
        children.append(os.fork())
        if children[-1] == 0:
            held = bytearray(40 << 20)
            time.sleep(1.5)
            os._exit(0)
    time.sleep(1)
    print("GOT", flush=True)
    for child in children:
        os.waitpid(child, 0)
thread = threading.Thread(target=work)  # its children are on no list of the main thread
thread.start()
thread.join()
"""

PAGE_TABLES = """
import ctypes, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
size = 100 << 30
place = libc.mmap(None, size, 1, 0x4022, -1, 0)  # to be read alone: no data, and a table for each two megabytes
libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(size), 15)  # no huge pages
for at in range(0, size, 2 << 20):
    ctypes.string_at(place + at, 1)
time.sleep(0.3)
print("GOT")
"""

SOCKETS = """
import os, socket, time
children = []
for _ in range(5):
    children.append(os.fork())
    if children[-1] == 0:
        held = [socket.socketpair() for _ in range(60)]
        for one in [one for pair in held for one in pair]:
            one.setblocking(False)
            try:
                while True:
                    one.send(b"x" * 32768)
            except BlockingIOError:
                pass
        time.sleep(1.5)
        os._exit(0)
time.sleep(1.2)
print("GOT", flush=True)
for child in children:
    os.waitpid(child, 0)
"""

NETWORK = """
import socket, time
server = socket.create_server(("127.0.0.1", 0), backlog=100)
held, sent = [], 0
for _ in range(70):
    client = socket.create_connection(server.getsockname())
    other, _ = server.accept()
    for one in (client, other):
        held.append(one)
        one.setblocking(False)
        for _ in range(4):
            try:
                while sent < 200_000_000:  # the kernel makes buffers larger as it likes: some machines take gigabytes
                    sent += one.send(b"x" * 65536)
            except BlockingIOError:
                time.sleep(0.002)
time.sleep(0.3)
print("GOT" if sent > 150_000_000 else sent)
"""

HUNGRY = {
    "pages shared without a file": SHARED.replace("OPENED", "-1"),
    "pages shared through a device": SHARED.replace("OPENED", "os.open('/dev/zero', os.O_RDWR)"),
    "semaphores": SEMAPHORES,
    "children of a thread": OF_A_THREAD,
    "page tables": PAGE_TABLES,
    "local sockets": SOCKETS,
    "connections": NETWORK,
}


@pytest.mark.parametrize("what", sorted(HUNGRY))
def test_memory_that_is_no_processs_own_counts_as_well(run: Run, what: str) -> None:
    ran = run(HUNGRY[what], memory_bytes=100 << 20, seconds=20)
    assert "GOT" not in ran.stdout, ran
    line = ["/usr/bin/python3", "-I", "-c", HUNGRY[what]]
    control = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert "GOT" in control.stdout, control


@pytest.mark.parametrize("what", ["children of a thread", "local sockets", "connections", "page tables"])
def test_with_more_room_it_is_allowed(run: Run, what: str) -> None:
    """What is counted, and not refused."""
    assert "GOT" in run(HUNGRY[what], memory_bytes=1 << 30, seconds=20).stdout


def test_a_socket_holds_no_more_than_it_is_taken_to_hold(run: Run) -> None:
    """A machine may allow megabytes to whoever asks; then the control gets them."""
    code = """
import socket
one, other = socket.socketpair()
one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 100 << 20)
one.setblocking(False)
sent = 0
try:
    while True:
        sent += one.send(b"x" * 4096)
except BlockingIOError:
    print(sent)
"""
    control = subprocess.run(["/usr/bin/python3", "-I", "-c", code], capture_output=True, text=True, check=True)
    assert int(run(code).stdout) < min(int(control.stdout), memory.SOCKET)


def test_what_services_do_with_shared_memory_still_works(run: Run) -> None:
    """The library's own shared memory, queues, pools and locks lie in files."""
    code = """
import multiprocessing, sqlite3
from multiprocessing import shared_memory
def work(number):
    return number * 2
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(work, [1, 2]))
    block = shared_memory.SharedMemory(create=True, size=4096)
    block.buf[0] = 7
    array, value = multiprocessing.Array("i", 3), multiprocessing.Value("i", 5)
    with multiprocessing.Manager() as manager:
        print(manager.dict(a=1), block.buf[0], list(array), value.value)
    block.unlink()
    database = sqlite3.connect("/tmp/x.db")
    database.execute("create table t (a)")
    with database:
        database.execute("insert into t values (1)")
    print(database.execute("select a from t").fetchall())
"""
    ran = run(code)
    assert ran.stdout.splitlines() == ["[2, 4]", "{'a': 1} 7 [0, 0, 0] 5", "[(1,)]"], ran


def test_what_services_do_with_the_network_still_works(run: Run) -> None:
    """Loops, servers, name look-ups and interfaces."""
    code = """
import asyncio, socket, subprocess, threading
async def main():
    async def serve(reader, writer):
        writer.write(await reader.read(9))
        writer.close()
    server = await asyncio.start_server(serve, "localhost", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    writer.write(b"hello")
    writer.write_eof()
    print((await reader.read()).decode(), await asyncio.to_thread(len, "abc"))
    process = await asyncio.create_subprocess_exec("/bin/echo", "child", stdout=subprocess.PIPE)
    print((await process.communicate())[0].decode().strip())
asyncio.run(main())
print(socket.getaddrinfo("localhost", 80)[0][4][1], [name for _, name in socket.if_nameindex()])
"""
    ran = run(code)
    assert ran.stdout.splitlines() == ["hello 3", "child", "80 ['lo']"], ran
