"""Hostile probes as data: what each tries, and what tells that it got its way.

A probe is Python code that prints `GOT` when it succeeds.  It is run twice: unguarded, where it must succeed, and in
the sandbox, where it must not.  A probe that would hurt this machine unguarded is run with `roomy` limits instead.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Probe(NamedTuple):
    """One attempt.  `{port}`, `{pid}`, `{secret}` and `{folder}` in the code are filled in by the test."""

    code: str
    tight: Mapping[str, float] = {}
    """Limits under which it must fail."""
    roomy: Mapping[str, float] | None = None
    """Limits of the sandbox under which it succeeds; None: the control runs in an ordinary process."""
    root: bool = False
    """Whether the control needs root."""


def _tried(code: str, errors: str = "OSError") -> str:
    """Code that says GOT when it ran to its end, and nothing when the system refused."""
    body = "\n".join(f"    {line}" for line in code.strip().splitlines())
    return f"try:\n{body}\n    print('GOT')\nexcept ({errors}) as error:\n    print(type(error).__name__)\n"


def _made(get: str, end: str) -> str:
    """A System V object through libc, which is removed again."""
    return (
        f"import ctypes\nlibc = ctypes.CDLL(None)\nmade = libc.{get}\nprint('GOT' if made != -1 else '')\nlibc.{end}\n"
    )


def _libc(call: str) -> str:
    """A system call through libc that must not return -1."""
    return f"import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nprint('GOT' if libc.{call} != -1 else ctypes.get_errno())\n"


NETWORK: Mapping[str, Probe] = {
    "tcp to the host": Probe(_tried("import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)")),
    "udp to the host": Probe(
        _tried(
            "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.connect(('127.0.0.1', {port}))\n"
            "s.settimeout(0.5)\ns.send(b'x')\nassert s.recv(1) == b'y'",
            "OSError, AssertionError",
        )
    ),
    "unix socket of the host": Probe(
        _tried("import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('{folder}/socket')")
    ),
    "abstract unix socket": Probe(
        _tried("import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('\\0suture-probe-{port}')")
    ),
    "a route to the internet": Probe(
        "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        + _tried(
            "s.connect(('127.0.0.1', {port}))\nname = [n for _, n in socket.if_nameindex() if n != 'lo']\nassert name",
            "OSError, AssertionError",
        )
    ),
    "http by the library": Probe(
        _tried("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:{port}/', timeout=2)", "OSError")
    ),
    "a packet socket": Probe(_tried("import socket\nsocket.socket(socket.AF_PACKET, socket.SOCK_RAW)"), root=True),
    "a raw socket": Probe(
        _tried("import socket\nsocket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)"), root=True
    ),
}

FILES: Mapping[str, Probe] = {
    "a file of the host": Probe(_tried("assert open('{secret}').read() == 's3cret'")),
    "a file by way of the root in proc": Probe(_tried("assert open('/proc/self/root{secret}').read() == 's3cret'")),
    "a file by climbing": Probe(_tried("import os\nos.chdir('/')\nassert open('../../..{secret}').read() == 's3cret'")),
    "a link to a file": Probe(
        _tried(
            "import os, tempfile\nd = tempfile.mkdtemp()\nos.symlink('{secret}', d + '/l')\nassert open(d + '/l').read() == 's3cret'"
        )
    ),
    "the list of users": Probe(
        _tried("assert len(open('/etc/passwd').read().splitlines()) > 8", "OSError, AssertionError")
    ),
    "password hashes": Probe(_tried("open('/etc/shadow').read()"), root=True),
    "the host's name of the machine": Probe(_tried("open('/etc/machine-id').read()\nopen('/etc/hostname').read()")),
    "writing into the system": Probe(
        _tried("import os\np = '/usr/lib/suture-probe'\nopen(p, 'w').write('x')\nos.unlink(p)"), root=True
    ),
    "writing into a home": Probe(_tried("import os\nopen('{folder}/made', 'w').write('x')")),
    "the environment of the starter": Probe(_tried("import os\nassert 'SUTURE_PROBE' in os.environ", "AssertionError")),
    "a file left behind in the temporary folder": Probe(_tried("open('{folder}/../left-{port}', 'w').write('x')")),
    "a link left behind": Probe(_tried("import os\np = '{folder}/link-{port}'\nos.symlink('/etc', p)\nos.unlink(p)")),
    "a set-user-id program": Probe(
        _tried("import os\nopen('{folder}/suid', 'w').write('x')\nos.chmod('{folder}/suid', 0o4755)")
    ),
}

PROCESSES: Mapping[str, Probe] = {
    "seeing others": Probe(_tried("import os\nassert os.path.isdir('/proc/{pid}')", "AssertionError")),
    "signalling others": Probe(_tried("import os\nos.kill({pid}, 0)")),
    "reading another's environment": Probe(
        _tried("assert open('/proc/{pid}/environ', 'rb').read()", "OSError, AssertionError")
    ),
    "a descriptor of another": Probe(
        _tried("import os\nassert os.listdir('/proc/{pid}/fd')", "OSError, AssertionError")
    ),
    "scheduling another": Probe(
        _tried("import os\nos.getpriority(os.PRIO_PROCESS, {pid})\nos.sched_getaffinity({pid})")
    ),
    "more right to the processor": Probe(_tried("import os\nos.nice(-5)"), root=True),
    "real time": Probe(_tried("import os\nos.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))"), root=True),
    "being root": Probe(_tried("import os\nos.setuid(0)\nassert os.getuid() == 0"), root=True),
}

KERNEL: Mapping[str, Probe] = {
    "a user namespace": Probe(_libc("unshare(0x10000000)")),
    "a network namespace": Probe(_libc("unshare(0x40000000)"), root=True),
    "tracing": Probe(_libc("ptrace(0, 0, 0, 0)")),
    "memory behind a descriptor": Probe(_libc("memfd_create(b'x', 0)")),
    "key rings": Probe(_libc("syscall(250, 0, -3, 1)")),
    "userfaultfd": Probe(_libc("syscall(323, 1)"), root=True),
    "a personality": Probe(_libc("syscall(135, 0x0008)")),
    "another root": Probe(_tried("import os\nos.chroot('/')"), root=True),
    "a device": Probe(
        _tried(
            "import os, stat\np = '{folder}/device-{port}'\nos.mknod(p, 0o600 | stat.S_IFCHR, os.makedev(1, 5))\nos.unlink(p)"
        ),
        root=True,
    ),
    "the host's devices": Probe(
        _tried(
            "import os\nassert set(os.listdir('/dev')) & {{'fuse', 'kmsg', 'mem', 'loop-control', 'vda', 'sda', 'hwrng', 'mqueue'}}",
            "OSError, AssertionError",
        )
    ),
    "kernel settings": Probe(
        _tried("import os\nassert os.access('/proc/sys/kernel/hostname', os.W_OK)", "AssertionError"), root=True
    ),
    "the names of keys": Probe(_tried("assert open('/proc/keys').read()", "OSError, AssertionError")),
    "System V semaphores": Probe(_made("semget(0, 1, 0o1600)", "semctl(made, 0, 0)")),
    "System V messages": Probe(_made("msgget(0, 0o1600)", "msgctl(made, 0, None)")),
    "System V memory": Probe(_made("shmget(0, 4096, 0o1600)", "shmctl(made, 0, None)")),
    "a message queue": Probe(
        _made("mq_open(b'/suture-{port}', 0o102, 0o600, None)", "mq_unlink(b'/suture-{port}')"),
    ),
    "watching files": Probe(_libc("inotify_init1(0)")),
    "a lease": Probe(
        _tried(
            "import fcntl, os, tempfile\nf, name = tempfile.mkstemp()\nos.close(f)\nfcntl.fcntl(os.open(name, os.O_RDONLY), 1024, 0)"
        )
    ),
    "a notice of changes": Probe(_tried("import fcntl, os\nfcntl.fcntl(os.open('/tmp', os.O_RDONLY), 1026, 1)")),
    "a larger pipe": Probe(_tried("import fcntl, os\nfcntl.fcntl(os.pipe()[1], 1031, 1 << 18)")),
    "splicing": Probe(_tried("import os\na, b = os.pipe(), os.pipe()\nos.write(a[1], b'x')\nos.splice(a[0], b[1], 1)")),
    "memory in a pipe": Probe(
        "import os\n"
        + _libc("vmsplice(os.pipe()[1], (ctypes.c_size_t * 2)(ctypes.addressof(ctypes.c_int(1)), 1), 1, 0)")
    ),
    "a descriptor of a process": Probe(
        _tried(
            "import ctypes, os\nassert ctypes.CDLL(None).syscall(438, os.pidfd_open(os.getpid()), 1, 0) > 0",
            "AssertionError",
        )
    ),
    "memory shared without a file": Probe(_tried("import mmap\nmmap.mmap(-1, 4096)")),
    "memory shared through a device": Probe(
        _tried("import mmap, os\nmmap.mmap(os.open('/dev/zero', os.O_RDWR), 4096)")
    ),
    "a terminal": Probe(_tried("import os\nos.openpty()")),
    "the machine below this one": Probe(
        "import errno, socket\ntry:\n    socket.socket(40, socket.SOCK_STREAM)\n    print('GOT')\n"
        "except OSError as error:\n    print('GOT' if error.errno == errno.EAFNOSUPPORT else '')\n"
    ),
    "events of the kernel": Probe(_tried("import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)")),
    "control groups": Probe(_tried("import os\nassert os.listdir('/sys/fs/cgroup')", "OSError, AssertionError")),
    "the kernel's own view": Probe(_tried("import os\nassert os.listdir('/sys/kernel')", "OSError, AssertionError")),
}

_FORKS = """
import os, time
made = 0
try:
    for _ in range(60):
        if os.fork() == 0:
            time.sleep(1)
            os._exit(0)
        made += 1
except OSError:
    pass
print('GOT' if made == 60 else made)
"""
_THREADS = """
import threading, time
made = 0
try:
    for _ in range(60):
        threading.Thread(target=time.sleep, args=(1,), daemon=True).start()
        made += 1
except RuntimeError:
    pass
print('GOT' if made == 60 else made)
"""
_FILES = """
import shutil, tempfile
folder = tempfile.mkdtemp()
made = 0
try:
    for number in range(50_000):
        open(folder + '/' + str(number), 'w').close()
        made += 1
except OSError as error:
    print(error.strerror)
shutil.rmtree(folder)
print('GOT' if made == 50_000 else made)
"""
_DISK = """
made = 0
try:
    with open('/tmp/big', 'wb', buffering=0) as file:
        for _ in range(60):
            made += file.write(b'x' * 500_000)
except OSError as error:
    print(error.strerror)
print('GOT' if made == 30_000_000 else made)
"""
_DESCRIPTORS = """
import os
held = []
try:
    for _ in range(600):
        held.append(os.open('/dev/null', os.O_RDONLY))
except OSError as error:
    print(error.strerror)
print('GOT' if len(held) == 600 else len(held))
"""

BOMBS: Mapping[str, Probe] = {
    "processes": Probe(_FORKS, {"processes": 20}),
    "threads": Probe(_THREADS, {"processes": 20}),
    "memory": Probe(
        "held = bytearray(300_000_000)\nprint('GOT')", {"memory_bytes": 100_000_000}, {"memory_bytes": 900_000_000}
    ),
    "disk": Probe(_DISK, {"disk_bytes": 16_000_000}, {"disk_bytes": 400_000_000}),
    "descriptors": Probe(_DESCRIPTORS),
    "output": Probe(
        "import sys\nsys.stdout.write('x' * 300_000)\nprint()\nprint('GOT')",
        {"output_bytes": 100_000},
        {"output_bytes": 900_000},
    ),
    "time": Probe("import time\ntime.sleep(3)\nprint('GOT')", {"seconds": 1}, {"seconds": 20}),
    "a busy loop": Probe(
        "import time\nend = time.monotonic() + 3\nwhile time.monotonic() < end: pass\nprint('GOT')",
        {"seconds": 1},
        {"seconds": 30},
    ),
    "inodes": Probe(_FILES),
}

ALL: Mapping[str, Probe] = {
    **{f"network: {name}": probe for name, probe in NETWORK.items()},
    **{f"files: {name}": probe for name, probe in FILES.items()},
    **{f"processes: {name}": probe for name, probe in PROCESSES.items()},
    **{f"kernel: {name}": probe for name, probe in KERNEL.items()},
    **{f"bombs: {name}": probe for name, probe in BOMBS.items()},
}
"""Every one of them."""
