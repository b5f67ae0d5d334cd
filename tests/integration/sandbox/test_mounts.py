"""What a mount brings into a run, and what stays outside.  Each control: the same reaches its aim under a plain bubblewrap."""

import fcntl
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from incident.errors import Refused, SutureError
from tests.integration.sandbox.conftest import NEEDS_BWRAP, Run, environment
from tools import ports
from tools.sandbox import bwrap

pytestmark = NEEDS_BWRAP

ROOT = Path(bwrap.__file__).resolve().parents[2]


def plain(code: str) -> str:
    """The control: what the code prints under bubblewrap as anybody would use it, with the host mounted read-only."""
    line = ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    done = subprocess.run(
        [*line, "--", "/usr/bin/python3", "-I", "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    return done.stdout


def ran(tree: Path, code: str, *mounts: Path | str, state: Path | None = None) -> str:
    """What the code prints in the sandbox, or why it was refused."""
    job = ports.Job(argv=("/usr/bin/python3", "-I", "-c", code), tree=str(tree), mounts=tuple(map(str, mounts)))
    try:
        return bwrap.Bubblewrap(state=state).run(job).stdout
    except SutureError as error:
        return f"refused: {error}"


ELSEWHERE = (
    "//etc", "//proc", "//home", "//var", "/etc/", "/proc/1", "/proc/self/root/usr/lib", "/proc/self/cwd", "/sys/kernel",
    "/dev/shm", "/run", "/home", "/root", "/boot", "/var", "/var/log", "/var/lib", "/opt", "/srv", "/mnt", "/tmp", "/var/tmp",
    "/usr/..", "/usr/../etc", "/usr/./lib", "/etc/.", "/.", "/..", ".", "", "~", "/etc/ssl", "/usr/share", "/etc/passwd",
)  # fmt: skip


@pytest.mark.parametrize("mount", ELSEWHERE)
def test_a_folder_that_is_no_environment_is_refused(tree: Path, mount: str) -> None:
    assert "refused" in ran(tree, "print('ran')", mount)


@pytest.mark.parametrize("target", ["/", "/proc", "/etc", "/root", "elsewhere"])
@pytest.mark.parametrize("place", ["last", "above"])
def test_a_link_in_the_place_of_an_environment_is_refused(tree: Path, public: Path, target: str, place: str) -> None:
    """The folder of an environment belongs to whoever deploys the service.  Control: the folder itself is mounted."""
    (public / "elsewhere").mkdir()
    real = environment(public / "elsewhere" / "env")
    aim = public / "elsewhere" if target == "elsewhere" else Path(target)
    (public / "venv").symlink_to(aim / "env" if place == "last" and target == "elsewhere" else aim)
    mount = public / "venv" if place == "last" else public / "venv" / "env"
    code = "print('ran')"
    assert ran(tree, code, real) == "ran\n"
    assert "refused" in ran(tree, code, mount)


@contextmanager
def exchanging(folder: Path, other: Path) -> Iterator[None]:
    """Let two folders change places all the time."""
    ended = threading.Event()

    def exchange() -> None:
        aside = folder.with_name("aside")
        while not ended.is_set():
            folder.rename(aside)
            other.rename(folder)
            folder.rename(other)
            aside.rename(folder)

    thread = threading.Thread(target=exchange)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_folder_that_is_exchanged_all_the_time_never_shows_the_other(tree: Path, public: Path) -> None:
    """Control: under a plain bubblewrap the other one is seen sooner or later."""
    env = environment(public / "env")
    (env / "which").write_text("ours")
    (public / "private").mkdir()
    (public / "private" / "which").write_text("s3cret")
    code = f"print(open('{env}/which').read())"
    with exchanging(env, public / "private"):
        found = {ran(tree, code, env) for _ in range(12)}
        until = time.monotonic() + 30
        while "s3cret\n" not in (control := plain(code)):
            assert time.monotonic() < until, control
    assert not any("s3cret" in said for said in found), found


NESTED = """
import ctypes, os, sys
sys.path.insert(0, {root!r})
from tools.sandbox import stage
libc = ctypes.CDLL(None, use_errno=True)
if os.geteuid() == 0:
    assert libc.unshare(0x20000) == 0
    assert libc.mount(b"none", b"/", None, 0x44000, None) == 0
else:
    stage.enter(os.getuid(), os.getgid())
if {over!r} == "a folder":
    assert libc.mount(b"tmpfs", {below!r}.encode(), b"tmpfs", 0, None) == 0
    open({below!r} + "/secret", "w").write("s3cret")
    os.chmod({below!r}, 0o755)
else:
    assert libc.mount({secret!r}.encode(), ({below!r} + "/secret").encode(), None, 0x1000, None) == 0
print("outside", open({below!r} + "/secret").read())
from incident.errors import SutureError
from tools import ports
from tools.sandbox import bwrap
code = "print('inside', open({below!r} + '/secret').read())"
job = ports.Job(argv=("/usr/bin/python3", "-I", "-c", code), tree={tree!r}, mounts=({env!r},))
try:
    print(bwrap.Bubblewrap().run(job).stdout)
except SutureError as error:
    print("refused:", error)
"""


@pytest.mark.parametrize("over", ["a folder", "a file"])
def test_what_is_mounted_below_an_environment_is_not_shown(public: Path, over: str) -> None:
    """Control: outside it is there, and without it the environment is mounted."""
    env, tree = environment(public / "env"), public / "tree"
    for folder in (env / "lib", tree):
        folder.mkdir()
    (env / "lib" / "secret").write_text("nothing")
    (public / "secret").write_text("s3cret")
    assert ran(tree, f"print(open('{env}/lib/secret').read())", env) == "nothing\n"
    names = {"root": str(ROOT), "over": over, "below": str(env / "lib"), "secret": str(public / "secret")}
    code = NESTED.format(**names, tree=str(tree), env=str(env))
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert "outside s3cret" in said.stdout, said
    assert "inside" not in said.stdout
    assert "refused" in said.stdout
    assert "cannot be shown through an overlay" in said.stdout


@pytest.mark.parametrize("mount", [".", "state", "state/keys"])
def test_our_own_state_is_never_mounted_nor_what_holds_it(tree: Path, public: Path, mount: str) -> None:
    """Even where everybody could read it.  Control: with the state elsewhere the same mount shows the key."""
    state = environment(public / "state")
    key = environment(state / "keys") / "audit.key"
    key.write_text("KEY")
    code = f"print(open('{key}').read())"
    assert ran(tree, code, public / mount, state=tree) == "KEY\n"
    assert "refused" in ran(tree, code, public / mount, state=state)


def test_the_state_is_the_one_that_the_environment_names(tree: Path, public: Path) -> None:
    state = environment(public / "state")
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tools import ports
from tools.sandbox import bwrap
job = ports.Job(argv=("/bin/echo", "ran"), tree={str(tree)!r}, mounts=({str(state)!r},))
print(bwrap.Bubblewrap().run(job).stdout)
"""
    for named, runs in ((tree, True), (state, False), (state / "below", False)):
        line = [sys.executable, "-c", code]
        told = {**os.environ, "SUTURE_HOME": str(named)}
        said = subprocess.run(line, env=told, capture_output=True, text=True, timeout=60, check=False)
        assert ("ran" in said.stdout) == runs, said
        assert ("shows too much" in said.stderr) == (not runs), said


@contextmanager
def outside(env: Path) -> Iterator[list[bytes]]:
    """Somebody of the host at the other end of everything that a folder can hold; what he gets is listed."""
    got: list[bytes] = []
    stream, datagrams = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    for server, name in ((stream, "s"), (datagrams, "d")):
        server.bind(str(env / name))
        (env / name).chmod(0o777)
    stream.listen(4)
    os.mkfifo(env / "f")
    (env / "f").chmod(0o777)
    pipe = os.open(env / "f", os.O_RDWR | os.O_NONBLOCK)
    os.write(pipe, b"orders")
    (env / "l").write_text("lock")
    with (env / "l").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        fcntl.lockf(held, fcntl.LOCK_EX, 10)
        threading.Thread(target=_answer, args=(stream, got), daemon=True).start()
        threading.Thread(target=_take, args=(datagrams, got), daemon=True).start()
        yield got
    os.close(pipe)
    for server in (stream, datagrams):
        server.close()


def _answer(server: socket.socket, got: list[bytes]) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with client:
            got.append(client.recv(100))
            client.sendall(b"orders")


def _take(server: socket.socket, got: list[bytes]) -> None:
    while True:
        try:
            got.append(server.recv(100))
        except OSError:
            return


TALKS = {
    "a socket": "s = socket.socket(socket.AF_UNIX)\ns.connect(P + '/s')\ns.sendall(b'out')\nassert s.recv(9) == b'orders'",
    "a socket for datagrams": "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\ns.sendto(b'out', P + '/d')",
    "one of a pair": "a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\na.sendto(b'out', P + '/d')",
    "reading a pipe": "assert os.read(os.open(P + '/f', os.O_RDONLY | os.O_NONBLOCK), 9) == b'orders'",
    "writing a pipe": "os.write(os.open(P + '/f', os.O_WRONLY | os.O_NONBLOCK), b'out')",
    "a lock": "try: fcntl.flock(open(P + '/l'), fcntl.LOCK_SH | fcntl.LOCK_NB)\nexcept BlockingIOError: pass\nelse: assert 0",
    "a lock on a part":
        "try: fcntl.lockf(open(P + '/l'), fcntl.LOCK_SH | fcntl.LOCK_NB, 5)\nexcept BlockingIOError: pass\nelse: assert 0",
}  # fmt: skip


@pytest.mark.parametrize("way", sorted(TALKS))
def test_nobody_outside_is_talked_to_through_a_mount(run: Run, public: Path, way: str) -> None:
    """Read-only keeps nobody from connecting, from a pipe or from a lock."""
    code = f"import fcntl, os, socket\nP = {str(public)!r}\n{TALKS[way]}\nprint('GOT')"
    with outside(public) as got:
        guarded = run(code, mounts=(str(public),))
        assert "GOT" not in guarded.stdout
        assert not got
        assert plain(code) == "GOT\n"


LOCKED = "import fcntl, time\nf = open({path!r})\nfcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)\ntime.sleep(1.5)\nprint('alone')"


@pytest.mark.parametrize("path", ["environment", "/usr/bin/env", "/etc/ld.so.cache", "/proc/1/exe"])
def test_two_runs_at_once_do_not_meet_in_a_lock(tree: Path, public: Path, path: str) -> None:
    """On a file of an environment, of the system, one that every run gets a copy of, or bubblewrap itself."""
    (public / "m.py").touch()
    code = LOCKED.format(path=str(public / "m.py") if path == "environment" else path)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: ran(tree, code, public), range(2))) == ["alone\n"] * 2
        assert sorted(pool.map(lambda _: plain(code), range(2))) == ["", "alone\n"]


LEFT = {
    "a pipe": (
        "import os\nos.write(os.open(P + '/f', os.O_WRONLY | os.O_NONBLOCK), b'left')",
        "import os\nprint(os.read(os.open(P + '/f', os.O_RDONLY | os.O_NONBLOCK), 99))",
    ),
    "shared memory": ("open('/dev/shm/left', 'w').write('left')", "print(open('/dev/shm/left').read())"),
    "a temporary file": ("open('/tmp/left', 'w').write('left')", "print(open('/tmp/left').read())"),
    "the work folder": ("open('/tree/left', 'w').write('left')", "print(open('/tree/left').read())"),
    "the environment": ("open(P + '/left.py', 'w').write('left')", "print(open(P + '/left.py').read())"),
    "the time of the last reading": (
        "open(P + '/old.py').read()",
        "import os\nprint('left' if os.stat(P + '/old.py').st_atime > 2e6 else '')",
    ),
}


@pytest.mark.parametrize("way", sorted(LEFT))
def test_nothing_is_kept_from_one_run_for_the_next(run: Run, public: Path, way: str) -> None:
    """What the run on the base leaves, the run with the patch would read.  Control: within one run it is there, or outside."""
    os.mkfifo(public / "f")
    (public / "f").chmod(0o777)
    keep = os.open(public / "f", os.O_RDWR | os.O_NONBLOCK)
    (public / "old.py").write_text("x")
    os.utime(public / "old.py", (1e6, 1e6))
    leave, look = (f"P = {str(public)!r}\n{part}" for part in LEFT[way])
    run(leave, mounts=(str(public),))
    assert "left" not in run(look, mounts=(str(public),)).stdout
    if way in ("a pipe", "the environment", "the time of the last reading"):
        for part in (leave, look):
            done = subprocess.run(["/usr/bin/python3", "-I", "-c", part], capture_output=True, text=True, check=True)
        assert "left" in done.stdout
    else:
        assert "left" in run(f"{leave}\n{look}").stdout
    os.close(keep)


def test_a_device_in_a_mount_cannot_be_opened(run: Run, public: Path) -> None:
    """Only root can make one; for anybody else the system keeps it from being there."""
    path = public / "device"
    try:
        os.mknod(path, 0o666 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        assert os.geteuid() != 0
        return
    path.chmod(0o666)
    code = f"print(len(open({str(path)!r}, 'rb').read(3)))"
    assert subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, check=True).stdout == b"3\n"
    assert "PermissionError" in run(code, mounts=(str(public),)).stderr


def test_marks_of_an_overlay_that_a_folder_brings_do_not_count(run: Run, public: Path) -> None:
    """Who owns a folder can write its attributes: none redirects into another part of it or hides a file."""
    for name in ("shown", "hidden"):
        (public / name).mkdir()
        (public / name / name).touch()
    for value, key in ((b"/hidden", b"user.overlay.redirect"), (b"y", b"user.overlay.opaque")):
        os.setxattr(public / "shown", key, value)
    assert run(f"import os; print(os.listdir('{public}/shown'))", mounts=(str(public),)).stdout == "['shown']\n"


def test_a_mount_is_what_it_was_when_it_was_checked(tree: Path, public: Path) -> None:
    """Control: unchanged it is shown."""
    env = environment(public / "env")
    assert ran(tree, "print('ran')", env) == "ran\n"
    (public / "env").rename(public / "gone")
    with pytest.raises(Refused, match="no folder here"):
        bwrap.Bubblewrap().run(ports.Job(argv=("/bin/true",), tree=str(tree), mounts=(str(env),)))
