"""Sandbox port over bubblewrap: each run has one keeper process, tied to this one by a pipe.

Neither this process nor its threads are bubblewrap's parent, so it does not matter which thread asks.
"""

import contextlib
import fcntl
import json
import os
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from incident.errors import Refused, Unavailable
from tools import ports
from tools.records import home
from tools.sandbox import archive, confine, image, interpreter, private
from tools.sandbox.spec import Spec, dumped

_SLACK = 10.0
"""Seconds beyond a job's own limit after which a keeper that says nothing is given up."""

_ROOT = Path(__file__).resolve().parents[2]

_KEEPER = "import sys; sys.path.insert(0, sys.argv[1]); from tools.sandbox import keeper; keeper.main()"

_OPEN = 0
_CLOSED = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


class Bubblewrap:
    """Runs jobs as an unprivileged user without a network, or not at all.

    `program` is bubblewrap's name or path.  `groups` off limits memory and processes per user instead of by control
    groups; that is what happens anyway where no control group can be made.  `state` is the folder that no mount may show
    (by default the one that the environment names), `owners` are users besides root and us who may own an environment.
    `images` is the folder of unpacked images, which everybody can read: images hold no secrets of ours.
    """

    def __init__(
        self,
        program: str = "bwrap",
        *,
        groups: bool = True,
        state: Path | None = None,
        owners: tuple[int, ...] = (),
        images: Path | None = None,
    ) -> None:
        self._images = images or Path(f"/var/tmp/suture-images-{os.geteuid()}")  # noqa: S108 (checked in `image`)
        self._program, self._groups, self._state, self._owners = program, groups, state, owners

    def run(self, job: ports.Job) -> ports.Ran:
        """Run a job to its end or to a limit.

        Raises Refused when bubblewrap is missing, when any limit cannot be applied, when the tree does not fit, and
        when a mount cannot be read by the unprivileged user or shows too much; Unavailable when the machine was too
        busy, which asking again may mend; BadInput when nothing names our state folder.
        """
        return self._keep(job)[0]

    def enforcement(self) -> str:
        """The way memory and processes are limited on this machine, in words.  Raises as `run` does."""
        with tempfile.TemporaryDirectory() as empty:
            return self._keep(ports.Job(argv=("/bin/true",), tree=empty))[1]

    def _keep(self, job: ports.Job) -> tuple[ports.Ran, str]:
        program = shutil.which(self._program)
        if program is None:
            raise Refused(f"{self._program} is not installed: apt-get install bubblewrap (or dnf, pacman)")
        if job.runner:
            job = _isolated(job)
        if job.image and job.mounts:
            raise Refused("a run in an image has no mounts besides it: name what the image lacks in the image")
        if not ports.may_hold_tree(job.place, job.mounts):
            raise Refused(f"{job.place} is no place for the work folder: it would hide the system's files or a mount")
        with contextlib.ExitStack() as stack:
            packed = archive.pack(Path(job.tree), job.files, _room(job.limits))
            tree = stack.enter_context(_memory(packed))
            stdin = stack.enter_context(_memory(job.stdin.encode()))
            runner = stack.enter_context(_memory(archive.program(job.runner), _CLOSED)) if job.runner else -1
            return _keep(self._spec(job, str(Path(program).resolve()), (tree, stdin, runner)))

    def _spec(self, job: ports.Job, program: str, held: tuple[int, int, int]) -> Spec:
        tree, stdin, runner = held
        # A user namespace in which root has no number shows what is root's as somebody else's: as the root folder is.
        owners = (0, os.geteuid(), Path("/").stat().st_uid, *self._owners)
        folders = private.folders(self._state or home.default(os.environ), owners)
        return Spec(
            argv=job.argv,
            mounts=tuple(dict.fromkeys(job.mounts)),
            root=str(image.unpacked(job.image, self._images)) if job.image else "",
            environment=job.environment,
            archive=tree,
            stdin=stdin,
            seconds=job.limits.seconds,
            memory=job.limits.memory_bytes,
            processes=job.limits.processes,
            disk=job.limits.disk_bytes,
            output=job.limits.output_bytes,
            program=program,
            runner=runner,
            place=job.place,
            groups=self._groups,
            owners=owners,
            private=folders.private,
            above=folders.above,
            homes=folders.homes,
        )


def _isolated(job: ports.Job) -> ports.Job:
    """The job as a command: its program, started by an interpreter that no file of the tree can change."""
    trusted = interpreter.trusted()
    if any(PurePosixPath(mount).is_relative_to(job.place) for mount in trusted.mounts):
        raise Refused(f"{job.place} is no place for the work folder: Suture's interpreter lies there")
    if job.image and trusted.mounts:
        raise Refused("an image is run only where the system has a whole /usr/bin/python3: install python3")
    start = [str(Path(trusted.command[0]).resolve()), *trusted.command[1:]]
    command = (*(confine.hosted(start) if job.image else trusted.command), f"/proc/self/fd/{confine.RUNNER}", *job.argv)
    return job.model_copy(update={"argv": command, "mounts": (*job.mounts, *trusted.mounts)})


def _room(limits: ports.Limits) -> int:
    return limits.disk_bytes - 2 * (limits.disk_bytes // 8)


@contextlib.contextmanager
def _memory(content: bytes, seals: int = fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL) -> Iterator[int]:
    """A descriptor on these bytes.  Whoever gets it may empty it, and not keep things in it that no limit counts."""
    descriptor = os.memfd_create("sandbox", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
        yield descriptor
    finally:
        os.close(descriptor)


def _keep(spec: Spec) -> tuple[ports.Ran, str]:
    """Start a keeper, hand it the spec, and read its report.  Closing its input ends it and all that it runs."""
    text = dumped(spec)
    with _memory(b"", _OPEN) as complaints:
        keeper = subprocess.Popen(  # noqa: S603 (our own interpreter on our own module)
            [sys.executable, "-I", "-S", "-c", _KEEPER, str(_ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            pass_fds=(spec.archive, spec.stdin, *((spec.runner,) if spec.runner >= 0 else ())),
            start_new_session=True,
            cwd="/",
            env={},
        )
        try:
            report = _report(keeper, struct.pack("=I", len(text)) + text, spec.seconds + _SLACK)
        finally:
            _close(keeper)
        if len(report) < 4:
            os.lseek(complaints, 0, os.SEEK_SET)
            said = os.read(complaints, 4000).decode("utf-8", "replace").strip().splitlines()
            raise Unavailable(f"the sandbox's keeper ended without a report: {said[-1] if said else 'no reason given'}")
    return _read(report)


def _report(keeper: subprocess.Popen[bytes], text: bytes, seconds: float) -> bytes:
    if keeper.stdin is None or keeper.stdout is None:
        raise Unavailable("the sandbox's keeper has no pipes")
    until = time.monotonic() + seconds
    try:
        keeper.stdin.write(text)
        keeper.stdin.flush()
    except BrokenPipeError:
        return b""
    os.set_blocking(keeper.stdout.fileno(), False)
    report = bytearray()
    while (left := until - time.monotonic()) > 0:
        part = _next(keeper.stdout.fileno(), left)
        if part is None:
            break
        if not part:
            return bytes(report)
        report += part
    raise Unavailable(f"the sandbox's keeper did not answer for {seconds:.0f} s")


def _next(descriptor: int, seconds: float) -> bytes | None:
    poll = select.poll()  # select() itself fails with descriptors above 1023
    poll.register(descriptor, select.POLLIN)
    return os.read(descriptor, 1 << 20) if poll.poll(seconds * 1000) else None


def _close(keeper: subprocess.Popen[bytes]) -> None:
    for pipe in (keeper.stdin, keeper.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    try:
        keeper.wait(timeout=5.0)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()


def _read(report: bytes) -> tuple[ports.Ran, str]:
    (size,) = struct.unpack("=I", report[:4])
    head = json.loads(report[4 : 4 + size])
    if head["refused"]:
        raise (Refused if head["lasting"] else Unavailable)(f"the sandbox refused to run: {head['refused']}")
    middle = 4 + size + head["sizes"][0]
    ran = ports.Ran(
        exit_code=head["exit_code"],
        stopped_by=head["stopped_by"],
        stdout=report[4 + size : middle].decode("utf-8", "replace"),
        stderr=report[middle:].decode("utf-8", "replace"),
        seconds=round(head["seconds"], 3),
    )
    return ran, str(head["enforced"])
