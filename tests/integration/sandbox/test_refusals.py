"""A limit that cannot be applied ends in a refusal for good.  The control: the same job under an honest bubblewrap runs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from incident.errors import Refused, Unavailable
from tests.integration.sandbox.conftest import NEEDS_BWRAP, environment
from tools import ports
from tools.sandbox import bwrap

pytestmark = NEEDS_BWRAP

LIAR = """#!/usr/bin/python3 -I
import os, sys
dropped, count = {dropped!r}, {count}
line, rest = [], sys.argv[1:]
while rest:
    if rest[0] == "--":
        line += rest
        break
    if rest[: len(dropped)] == dropped:
        rest = rest[len(dropped) + count :]
        continue
    line.append(rest.pop(0))
os.execv("/usr/bin/bwrap", ["bwrap", *{instead!r}, *line])
"""

IGNORED = [
    (["--size"], 1, [], "may grow beyond"),
    (["--unshare-all"], 0, ["--unshare-pid", "--unshare-ipc", "--unshare-uts"], "the net namespace is the host's"),
    (["--unshare-all"], 0, ["--unshare-net", "--unshare-pid", "--unshare-uts"], "the ipc namespace is the host's"),
    (["--tmpfs", "/tmp"], 0, [], "/tmp"),
    (["--remount-ro", "/"], 0, [], "the root folder is writable"),
    (["--cap-drop", "ALL"], 0, ["--cap-add", "CAP_NET_ADMIN"], "capabilities were kept"),
    (["--no-such-option"], 0, ["--ro-bind", "/etc", "/mnt"], "/mnt is mounted, and was not asked for"),
    (["--ro-bind", "/tmp/0", "/usr"], 0, ["--ro-bind", "/usr", "/usr"], "/usr is not shown through an overlay"),
]


def job(tree: Path, **changed: object) -> ports.Job:
    fields: dict[str, object] = {"argv": ("/bin/echo", "ran"), "tree": str(tree)}
    return ports.Job.model_validate({**fields, **changed})


def liar(public: Path, dropped: list[str], count: int, instead: list[str]) -> str:
    path = public / "bwrap"
    path.write_text(LIAR.format(dropped=dropped, count=count, instead=instead))
    path.chmod(0o755)
    return str(path)


def test_an_honest_wrapper_runs(tree: Path, public: Path) -> None:
    assert bwrap.Bubblewrap(liar(public, ["--no-such-option"], 0, [])).run(job(tree)).stdout == "ran\n"


@pytest.mark.parametrize("groups", [True, False], ids=["control-groups", "user-limits"])
@pytest.mark.parametrize(("dropped", "count", "instead", "said"), IGNORED, ids=[case[3] for case in IGNORED])
def test_a_bubblewrap_that_ignores_a_limit_is_found_out(
    tree: Path, public: Path, dropped: list[str], count: int, instead: list[str], said: str, groups: bool
) -> None:
    if dropped == ["--tmpfs", "/tmp"]:
        dropped, count, instead = ["--size", "8388608", "--tmpfs", "/tmp"], 0, []
    sandbox = bwrap.Bubblewrap(liar(public, dropped, count, instead), groups=groups)
    with pytest.raises(Refused, match="could not be applied") as refusal:
        sandbox.run(job(tree))
    assert said in str(refusal.value)


def test_a_wrapper_that_gives_up_says_why(tree: Path, public: Path) -> None:
    path = public / "bwrap"
    path.write_text("#!/bin/sh\necho bwrap: no user namespaces here >&2\nexit 1\n")
    path.chmod(0o755)
    with pytest.raises(Refused, match="no user namespaces here"):
        bwrap.Bubblewrap(str(path)).run(job(tree))


@pytest.mark.parametrize(
    "late",
    ["while :; do :; done", "sleep 60", "echo 'bwrap: Creating new namespace failed: Resource temporarily unavailable' >&2; exit 1"],
    ids=["a busy machine", "no word", "no room"],
)  # fmt: skip
def test_a_wrapper_that_is_only_late_may_be_asked_again(tree: Path, public: Path, late: str) -> None:
    path = public / "bwrap"
    path.write_text(f"#!/bin/sh\n{late}\n")
    path.chmod(0o755)
    with pytest.raises(Unavailable) as refusal:
        bwrap.Bubblewrap(str(path)).run(job(tree))
    assert not isinstance(refusal.value, Refused)


def test_it_says_how_memory_and_processes_are_limited() -> None:
    assert bwrap.Bubblewrap().enforcement().startswith(("control groups, version", "user limits ("))
    assert bwrap.Bubblewrap(groups=False).enforcement() == "user limits (control groups switched off)"


def test_a_missing_bubblewrap_is_one_sentence_with_the_command(tree: Path) -> None:
    with pytest.raises(Refused, match="apt-get install bubblewrap"):
        bwrap.Bubblewrap("bwrap-that-is-not-there").run(job(tree))


def test_a_mount_that_others_cannot_read_is_named(tree: Path, public: Path) -> None:
    inner = environment(public / "env")
    assert bwrap.Bubblewrap().run(job(tree, mounts=(str(inner),))).stdout == "ran\n"
    if os.geteuid() == 0:
        inner.chmod(0o700)
        with pytest.raises(Refused, match=f"{inner} is not readable by the"):
            bwrap.Bubblewrap().run(job(tree, mounts=(str(inner),)))


@pytest.mark.parametrize("mount", ["/", "/etc", "/proc", "/root", "relative", "/var/../etc"])
def test_a_mount_that_shows_too_much_is_refused(tree: Path, mount: str) -> None:
    with pytest.raises(Refused, match=r"shows too much|is no place for the work folder"):
        bwrap.Bubblewrap().run(job(tree, mounts=(mount,)))


def test_a_mount_that_is_not_there_is_named(tree: Path) -> None:
    with pytest.raises(Refused, match="/srv/nowhere"):
        bwrap.Bubblewrap().run(job(tree, mounts=("/srv/nowhere",)))


def test_a_tree_beyond_the_disk_limit_is_refused(tree: Path) -> None:
    (tree / "big").write_bytes(b"x" * 1_000_000)
    small = ports.Limits(disk_bytes=1_000_000)
    with pytest.raises(Refused, match="disk limit leaves"):
        bwrap.Bubblewrap().run(job(tree, limits=small))
    (tree / "big").unlink()
    assert bwrap.Bubblewrap().run(job(tree, limits=small)).stdout == "ran\n"


AS_ANOTHER = """
import io, os, sys, tarfile
sys.path.insert(0, {code!r})
from tools.sandbox import keeper, spec
held = io.BytesIO()
tarfile.open(fileobj=held, mode="w").close()
archive, stdin = os.memfd_create("a"), os.memfd_create("b")
os.write(archive, held.getvalue())
os.lseek(archive, 0, 0)
limits = dict(seconds=5, memory=100_000_000, processes=10, disk=10_000_000, output=1000)
probe = "import os; print(os.getuid(), open('/proc/self/limits').read().split('Max processes')[1].split()[0])"
seen = keeper.keep(
    spec.Spec(
        ("/usr/bin/python3", "-I", "-c", probe), {mounts!r}, {{}}, archive, stdin,
        program="/usr/bin/bwrap", groups=False, owners=(0, {owner}, os.getuid()), **limits,
    ),
    0,
)
print(seen.refused, seen.enforced, seen.kept)
"""
STRANGER = 64999


def as_ordinary_user(public: Path, *mounts: str) -> tuple[int, str]:
    """Run a keeper as an ordinary user: ourselves, or a stranger when we are root.  His number, and what is said."""
    code = public / "code"
    folder = Path(bwrap.__file__).parent
    shutil.copytree(folder, code / "tools" / "sandbox", ignore=shutil.ignore_patterns("__pycache__"))
    (code / "tools" / "__init__.py").touch()
    text = AS_ANOTHER.format(code=str(code), mounts=mounts, owner=os.geteuid())
    drop = ["/usr/bin/setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"]
    lifeline, held = os.pipe()
    done = subprocess.run(
        [*(drop if os.geteuid() == 0 else []), "/usr/bin/python3", "-B", "-c", text],
        capture_output=True,
        text=True,
        stdin=lifeline,
        timeout=30,
        check=False,
        cwd="/",
    )
    os.close(lifeline)
    os.close(held)
    return STRANGER if os.geteuid() == 0 else os.geteuid(), done.stdout + done.stderr


def test_an_ordinary_user_gets_the_same_limits(public: Path) -> None:
    user, said = as_ordinary_user(public)
    assert "user limits" in said
    assert f"{user} 12" in said, said


def test_an_ordinary_user_is_refused_a_mount_with_something_of_his_own(public: Path) -> None:
    """His own number is that of the sandbox: the kernel would let it read whatever is his."""
    env = environment(public / "env")
    assert "user limits" in as_ordinary_user(public, str(env))[1]
    shutil.rmtree(public / "code")
    (env / "key").touch(mode=0o640)
    assert f"{env}/key is not readable by others" in as_ordinary_user(public, str(env))[1]
