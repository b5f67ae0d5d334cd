"""A run in an image: its root file system instead of the host's, under every limit, and nothing of the host beside."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from incident.errors import Refused
from incident.proof import Reproduction
from tests.integration.sandbox import images, sample
from tests.integration.sandbox.conftest import NEEDS_BWRAP
from tools import ports
from tools.proof.prover import Prover
from tools.sandbox import bwrap

pytestmark = NEEDS_BWRAP

LOOKS = """
import json, os, socket
def tried(act):
    try:
        return str(act())
    except OSError as error:
        return error.strerror
print(json.dumps({
    "top": sorted(os.listdir("/")),
    "image": tried(lambda: open("/etc/of-the-image").read()),
    "tree": sorted(os.listdir("/app")),
    "host": os.path.exists("/etc/debian_version") or os.path.exists("/usr/share"),
    "user": os.getuid(),
    "write": tried(lambda: open("/opt/x", "w")),
    "place": tried(lambda: open("/app/new", "w").name),
    "network": tried(lambda: socket.create_connection(("192.0.2.1", 80), 1)),
}))
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> ports.Image:
    return images.of_python(tmp_path_factory.mktemp("layout"))


@pytest.fixture(scope="module")
def shelf() -> Iterator[Path]:
    """A folder that the sandbox's own user can reach; pytest's are private."""
    place = Path("/var/tmp") / f"suture-tests-images-{os.getuid()}-{os.getpid()}"
    yield place
    shutil.rmtree(place, ignore_errors=True)


def job(image: ports.Image, tree: Path, *argv: str, **more: object) -> ports.Job:
    return ports.Job.model_validate(
        {"argv": argv, "tree": str(tree), "place": "/app", "image": image, **more, "limits": {"processes": 8}}
    )


@pytest.mark.parametrize("groups", [True, False], ids=["control-groups", "user-limits"])
def test_a_command_sees_the_image_and_its_tree_and_nothing_else(
    image: ports.Image, shelf: Path, tree: Path, *, groups: bool
) -> None:
    sandbox = bwrap.Bubblewrap(images=shelf, groups=groups)
    done = sandbox.run(job(image, tree, "/opt/bin/python3", "-I", "-S", "-c", LOOKS))
    assert done.exit_code == 0, done.stderr
    seen = json.loads(done.stdout)
    assert {"app", "bin", "etc", "opt", "proc", "tmp"} <= set(seen["top"])
    assert (seen["image"], seen["tree"], seen["host"]) == ("yes", ["pkg"], False)
    assert seen["user"] not in (0,)
    assert seen["write"] == "Read-only file system"
    assert seen["place"] == "/app/new"
    assert seen["network"] == "Network is unreachable"


def test_our_own_program_runs_beside_it_by_the_hosts_interpreter(image: ports.Image, shelf: Path, tree: Path) -> None:
    """As a proof is made: our runner starts the service's interpreter, which is the image's."""
    program = (
        "import subprocess, sys\n"
        "print(sys.prefix, flush=True)\n"
        "subprocess.run(['/opt/bin/python3', '-I', '-S', '-c', 'import sys; print(sys.prefix)'], check=True)\n"
    )
    done = bwrap.Bubblewrap(images=shelf).run(job(image, tree, runner={"__main__.py": program}))
    assert done.stdout.split() == ["/.suture", "/opt"], done.stderr


def test_a_time_limit_ends_it(image: ports.Image, shelf: Path, tree: Path) -> None:
    slow = job(image, tree, "/opt/bin/python3", "-I", "-S", "-c", "import time; time.sleep(60)")
    done = bwrap.Bubblewrap(images=shelf).run(slow.model_copy(update={"limits": ports.Limits(seconds=1.0)}))
    assert done.stopped_by == "time"


def test_mounts_beside_an_image_are_refused(image: ports.Image, shelf: Path, tree: Path) -> None:
    with pytest.raises(Refused, match="no mounts"):
        bwrap.Bubblewrap(images=shelf).run(job(image, tree, "/bin/python3", mounts=("/usr",)))


def test_an_image_that_was_changed_after_it_was_unpacked_into_a_place_of_others_is_refused(
    image: ports.Image, tree: Path, shelf: Path
) -> None:
    """The way to the root obeys the rules of mounts."""
    open_to_all = shelf.with_name(f"{shelf.name}-open")
    open_to_all.mkdir()
    try:
        open_to_all.chmod(0o777)
        with pytest.raises(Refused, match="may write"):
            bwrap.Bubblewrap(images=open_to_all).run(job(image, tree, "/bin/python3"))
    finally:
        shutil.rmtree(open_to_all)


@pytest.mark.timeout(300)  # two whole proofs, each with an image to unpack
@pytest.mark.skipif(not sample.same_minor(), reason="the system's interpreter cannot use our pytest")
def test_a_patch_is_proved_in_the_image_that_serves(tmp_path: Path, shelf: Path) -> None:
    """Reproduced, mended and tested by the image's interpreter; the wrong patch, as a control, is not proved."""
    host = sample.runtime()
    runtime = ports.Runtime(
        kind="image",
        python="/opt/bin/python3",
        mounts=(),
        environment={**host.environment, "PYTHONPATH": "/app:/opt/site"},
        image=images.of_python(tmp_path / "layout", Path(host.mounts[0])),
        root="/app",
    )
    prover = Prover(sample.Shelf(sample.BASE), bwrap.Bubblewrap(images=shelf), tmp_path / "scratch")
    assert prover.imported(sample.COMMIT, sample.COMPONENT, runtime) == ""
    found = prover.reproduce(
        sample.COMMIT, sample.COMPONENT, runtime, (sample.GUEST,), sample.SIGNATURE, sample.HEALTHY
    )
    assert isinstance(found, Reproduction), found
    test = prover.regression_test(found, sample.COMPONENT)
    for after, passes in ((sample.RIGHT, True), (sample.RIGHT.replace("return 10 if", "return 11 if"), False)):
        patch = sample.patch(after, test)
        proof = prover.prove(patch, sample.COMPONENT, runtime, found, sample.HEALTHY)
        failed = [f"{check.name}: {check.detail}" for check in proof.checks if check.outcome != "passed"]
        assert bool(failed) != passes, failed
