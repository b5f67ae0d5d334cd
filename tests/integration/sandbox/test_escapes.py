"""What sandboxed code tries, and what it gets.  Each probe is run unguarded too, where it must succeed."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from incident.errors import Refused
from tests.integration.sandbox.conftest import NEEDS_BWRAP, Run
from tests.integration.sandbox.processes import gone, processes_with
from tools import ports
from tools.sandbox import bwrap

pytestmark = NEEDS_BWRAP


def unguarded(code: str, *, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """The control: the same code in an ordinary process."""
    return subprocess.run(
        ["/usr/bin/python3", "-I", "-c", code], input=stdin, capture_output=True, text=True, timeout=30, check=False
    )


@contextmanager
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_hosts_network_cannot_be_reached(run: Run) -> None:
    with listener() as port:
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2); print('connected')"
        assert unguarded(code).stdout == "connected\n"
        ran = run(code)
    assert ran.exit_code == 1
    assert "ConnectionRefusedError" in ran.stderr


def test_there_is_no_interface_but_the_loopback(run: Run) -> None:
    ran = run("import socket; print([name for _, name in socket.if_nameindex()])")
    assert ran.stdout == "['lo']\n"


def test_a_file_of_the_host_cannot_be_read(run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    code = f"print(open({str(secret)!r}).read())"
    assert unguarded(code).stdout == "s3cret\n"
    assert run(code).exit_code == 1


def test_a_file_that_only_its_owner_may_read_stays_closed_even_in_a_mount(run: Run, public: Path) -> None:
    """To root's sandbox the kernel closes it; an ordinary user's has that user's own number, and is refused."""
    secret = public / "secret"
    secret.write_text("s3cret")
    code = f"print(open({str(secret)!r}).read())"
    assert run(code, mounts=(str(public),)).stdout == "s3cret\n"
    secret.chmod(0o600)
    assert unguarded(code).stdout == "s3cret\n"
    if os.geteuid() == 0:
        assert "PermissionError" in run(code, mounts=(str(public),)).stderr
    else:
        with pytest.raises(Refused, match=f"{secret} is not readable by others"):
            run(code, mounts=(str(public),))


def test_password_hashes_and_our_environment_are_not_there(run: Run) -> None:
    ran = run("import os; print(os.path.exists('/etc/shadow'), sorted(os.environ))")
    assert ran.stdout == "False ['HOME', 'LANG', 'PATH', 'PWD', 'TMPDIR']\n"


@pytest.mark.parametrize("path", ["/var/tmp", "/dev", "/usr", "/"])
def test_nothing_outside_the_work_folder_can_be_written(run: Run, path: str, public: Path) -> None:
    code = "import os, sys; p = sys.stdin.read(); os.makedirs(p, exist_ok=True); open(p + '/made', 'w').write('x')"
    assert unguarded(code, stdin=str(public)).returncode == 0
    assert run(code, stdin="/tree").exit_code == 0
    ran = run(code, stdin=path)
    assert ran.exit_code == 1
    assert "Error" in ran.stderr


def test_a_mount_cannot_be_written(run: Run, public: Path) -> None:
    folder = public / "folder"
    folder.mkdir()
    folder.chmod(0o777)
    code = f"open({str(folder / 'made')!r}, 'w').write('x')"
    assert unguarded(code).returncode == 0
    (folder / "made").unlink()
    assert "Read-only" in run(code, mounts=(str(public),)).stderr
    assert not (folder / "made").exists()


def test_other_processes_are_not_seen(run: Run) -> None:
    code = "import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]))"
    assert int(unguarded(code).stdout) > 4
    assert int(run(code).stdout) <= 3


def test_a_process_of_the_host_cannot_be_signalled(run: Run) -> None:
    code = f"import os; os.kill({os.getpid()}, 0); print('there')"
    assert unguarded(code).stdout == "there\n"
    assert "ProcessLookupError" in run(code).stderr


def test_a_fork_bomb_ends_at_the_limit(run: Run) -> None:
    code = """
import os, time
made = 0
try:
    for _ in range(100):
        if os.fork() == 0:
            time.sleep(1)
            os._exit(0)
        made += 1
except OSError:
    pass
print(made)
"""
    assert int(unguarded(code).stdout) == 100
    ran = run(code, processes=20)
    assert 10 <= int(ran.stdout) <= 20


def test_a_memory_bomb_is_stopped(run: Run) -> None:
    code = "held = bytearray(400_000_000); print(len(held))"
    assert run(code, memory_bytes=1_000_000_000).stdout == "400000000\n"
    ran = run(code, memory_bytes=100_000_000)
    assert ran.stopped_by == "memory" or "MemoryError" in ran.stderr
    assert "400000000" not in ran.stdout


def test_memory_of_many_processes_is_added_up(run: Run) -> None:
    code = """
import os, time
for _ in range(5):
    if os.fork() == 0:
        held = bytearray(40_000_000)
        time.sleep(3)
        os._exit(0)
time.sleep(2)
print("survived")
"""
    assert run(code, memory_bytes=900_000_000).stdout == "survived\n"
    assert run(code, memory_bytes=100_000_000).stopped_by == "memory"


def test_memory_behind_a_descriptor_is_refused(run: Run) -> None:
    code = "import os; print(os.memfd_create('x') > 0)"
    assert unguarded(code).stdout == "True\n"
    assert "PermissionError" in run(code).stderr


@pytest.mark.parametrize("folder", ["/tree", "/tmp", "/dev/shm"])
def test_a_disk_bomb_hits_the_wall(run: Run, folder: str) -> None:
    code = f"""
total = 0
try:
    for number in range(8):
        with open("{folder}/" + str(number), "wb", buffering=0) as file:
            for _ in range(8):
                total += file.write(b"x" * 500_000)
except OSError as error:
    print(error.strerror)
print(total)
"""
    roomy = run(code, disk_bytes=400_000_000)
    assert roomy.stdout == "32000000\n"
    tight = run(code, disk_bytes=16_000_000)
    assert tight.stdout.startswith("No space left on device\n")
    assert int(tight.stdout.splitlines()[1]) <= 16_000_000


def test_all_writable_folders_together_hold_no_more_than_the_limit(run: Run) -> None:
    code = "import os; print(sum(s.f_blocks * s.f_frsize for s in map(os.statvfs, ('/tree', '/tmp', '/dev/shm'))))"
    assert int(run(code, disk_bytes=10_000_000).stdout) <= 10_000_000


def test_an_output_bomb_is_cut(run: Run) -> None:
    code = "import sys\nfor _ in range(300): sys.stdout.write('x' * 1000)"
    assert len(run(code, output_bytes=1_000_000).stdout) == 300_000
    ran = run(code, output_bytes=100_000)
    assert ran.stopped_by == "output"
    assert ran.exit_code is None
    assert len(ran.stdout) == 100_000


def test_both_outputs_share_the_cap(run: Run) -> None:
    ran = run(
        "import sys\nfor _ in range(60): print('x' * 999); print('y' * 999, file=sys.stderr)", output_bytes=100_000
    )
    assert ran.stopped_by == "output"
    assert len(ran.stdout) + len(ran.stderr) == 100_000


def test_an_endless_loop_is_stopped(run: Run) -> None:
    code = "import time\nend = time.monotonic() + 1\nwhile time.monotonic() < end: pass"
    assert run(code, seconds=20).exit_code == 0
    ran = run("while True: pass", seconds=1)
    assert (ran.stopped_by, ran.exit_code) == ("time", None)
    assert 1.0 <= ran.seconds < 3.0


def test_a_daemon_does_not_survive(run: Run) -> None:
    mark = f"daemon-{os.getpid()}-{time.monotonic_ns()}"
    code = f"""
import os, subprocess, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        subprocess.Popen([sys.executable, "-I", "-c", "import time; time.sleep(20)", {mark!r}],
                         stdin=-3, stdout=-3, stderr=-3, start_new_session=True)
    os._exit(0)
os.wait()
print("left")
"""
    assert unguarded(code).stdout == "left\n"
    until = time.monotonic() + 5
    while not (alive := [p for p in processes_with(mark) if b"time.sleep" in Path(f"/proc/{p}/cmdline").read_bytes()]):
        assert time.monotonic() < until, "the control's daemon never started"
    for process in alive:
        os.kill(process, signal.SIGKILL)
    assert gone(mark)
    assert run(code).stdout == "left\n"
    assert gone(mark, 1.0)


def test_descriptors_of_the_starter_are_not_inherited(run: Run, tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        ran = run("import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd'))[:4])")
    assert ran.stdout == "[0, 1, 2, 3]\n"  # 3 is the listing itself


@pytest.mark.parametrize(
    ("before", "call"),
    [
        ("", "unshare(0x10000000)"),
        ("libc.unshare(0x10020000)", "mount(b'x', b'/tmp', b'tmpfs', 0, None)"),
        ("", "ptrace(0, 0, 0, 0)"),
    ],
    ids=["user namespace", "mount", "ptrace"],
)
def test_deep_system_calls_are_refused(run: Run, before: str, call: str) -> None:
    """The control that mounts has namespaces of its own."""
    code = f"import ctypes\nlibc = ctypes.CDLL(None)\n{before}\nprint(libc.{call})"
    assert unguarded(code).stdout == "0\n"
    assert run(code).stdout == "-1\n"


def test_no_identity_or_capability_is_left(run: Run) -> None:
    ran = run(
        "print(*[l.split(':')[1].split()[0] for l in open('/proc/self/status') if l[:3] in ('Uid', 'Cap', 'NoN')])"
    )
    user, *capabilities, no_new = ran.stdout.split()
    assert user != "0"
    assert set(capabilities) == {"0" * 16}
    assert no_new == "1"


def test_the_services_variables_are_on_no_command_line(tree: Path) -> None:
    """Control: the variable is there, for the program."""
    job = ports.Job(
        argv=("/bin/sh", "-c", "echo $PASSWORD; cat /proc/1/cmdline"),
        tree=str(tree),
        environment={"PASSWORD": "s3cret"},
    )
    told, _, command = bwrap.Bubblewrap().run(job).stdout.partition("\n")
    assert told == "s3cret"
    assert "--clearenv" in command
    assert "s3cret" not in command
