"""Ports of the sandbox, which runs untrusted code, and of the prover, which proves patches with it."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Literal, Protocol

from incident.capture import Capture
from incident.evidence import Missing, Signature
from incident.proof import Answer, Proof, Reproduction
from incident.remedy import FileEdit, Patch
from incident.value import Value
from tools.ports.platform import Image, Runtime
from tools.ports.repository import Component


class Limits(Value):
    """Limits of one sandboxed run.  A sandbox that cannot apply one of them refuses to run."""

    seconds: float = 20.0
    memory_bytes: int = 512 * 1024 * 1024
    processes: int = 32
    disk_bytes: int = 64 * 1024 * 1024
    output_bytes: int = 1024 * 1024


class Job(Value):
    """A command to run unprivileged, without a network, seeing only what is mounted."""

    argv: tuple[str, ...]
    """The command; the arguments of the runner when there is one."""
    tree: str
    """Folder that is copied in as the working directory (writable there, never outside)."""
    place: str = "/tree"
    """Path of the working directory in the sandbox; see `may_hold_tree`."""
    mounts: tuple[str, ...] = ()
    """Folders visible read-only at their own paths."""
    image: Image | None = None
    """The root file system, read-only, in place of this machine's system folders."""
    files: dict[str, str] = {}
    """More files, by path relative to the working directory, written over the tree."""
    runner: dict[str, str] = {}
    """A Python program of ours by path, with a ``__main__.py``, that the sandbox starts instead of a command.

    It is started isolated, by an interpreter that is neither the tree's nor the service's, and lies where no file of
    the tree can take its place.
    """
    environment: dict[str, str] = {}
    stdin: str = ""
    limits: Limits = Limits()


_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/proc", "/dev", "/sys", "/run")


def may_hold_tree(place: str, mounts: Sequence[str]) -> bool:
    """True when a job's working directory may lie there: nothing that it hides is the system's or a mount's."""
    # PurePosixPath keeps two leading slashes apart from one, as POSIX allows; only the plain spelling may pass.
    path = PurePosixPath(place)
    # The sandbox brings both itself: its root, and a /tmp of limited size.
    if path.root != "/" or ".." in path.parts or str(path) != place or place in ("/", "/tmp"):  # noqa: S108 (in the sandbox)
        return False
    return not any(path.is_relative_to(taken) for taken in (*_SYSTEM, *mounts))


class Ran(Value):
    """Result of a sandboxed command."""

    exit_code: int | None
    """None when it was stopped by a limit."""
    stopped_by: Literal["time", "memory", "output"] | None = None
    stdout: str
    stderr: str
    seconds: float


class Sandbox(Protocol):
    """Runs untrusted code.  Raises Refused (an Unavailable) when it cannot apply every limit."""

    def run(self, job: Job) -> Ran:
        """Run a job to its end or to a limit."""


class Prover(Protocol):
    """Proves patches in a sandbox."""

    def reproduce(
        self,
        base_commit: str,
        component: Component,
        runtime: Runtime,
        failing: tuple[Capture, ...],
        signature: Signature,
        healthy: tuple[Capture, ...] = (),
    ) -> Reproduction | Missing:
        """The smallest recorded request that fails on the base with the same exception at the same place.

        Recorded successes lend their answers to calls that the failing request never came to make.
        """

    def regression_test(self, reproduction: Reproduction, component: Component, patch: Patch | None = None) -> FileEdit:
        """A new test file for the service's own suite that fails on the base and passes when mended.

        Where `patch` refuses the request as the service refuses others, a refusal passes, too.
        """

    def prove(
        self,
        patch: Patch,
        component: Component,
        runtime: Runtime,
        reproduction: Reproduction,
        healthy: tuple[Capture, ...],
    ) -> Proof:
        """Every check of a patch, in one proof bound to the patch's digest and base."""

    def answers(
        self,
        patches: tuple[Patch, ...],
        component: Component,
        runtime: Runtime,
        reproduction: Reproduction,
        healthy: tuple[Capture, ...],
    ) -> tuple[Answer | None, ...]:
        """The answer of each patch to the failing request, in their order, and nothing else.

        None where it is not mended, or mended to something of a shape that was never recorded.  Far cheaper than a proof, and none: it tells which patches are worth one.
        """
