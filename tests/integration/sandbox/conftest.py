"""What the sandbox's tests share: a tree, both ways of limiting, and a place that everybody may read."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools import ports
from tools.sandbox import bwrap

NEEDS_BWRAP = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

Run = Callable[..., ports.Ran]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "pkg").mkdir(parents=True)
    (folder / "pkg" / "a.txt").write_text("a")
    return folder


def environment(folder: Path) -> Path:
    """Make a folder that may be mounted: it has an interpreter, and everybody may read it."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python3").symlink_to("/usr/bin/python3")
    for made in (folder, folder / "bin"):
        made.chmod(0o755)
    return folder


@pytest.fixture
def public() -> Iterator[Path]:
    """An environment that an unprivileged user can read; pytest's own folders are private."""
    place = Path("/var/tmp") / f"suture-tests-{os.getuid()}" / f"public-{os.getpid()}"
    place.parent.mkdir(exist_ok=True)
    place.parent.chmod(0o755)
    yield environment(place)
    shutil.rmtree(place)


@pytest.fixture(params=[True, False], ids=["control-groups", "user-limits"])
def run(request: pytest.FixtureRequest, tree: Path) -> Run:
    """Run Python code in the sandbox, limited by control groups where they can be made, and by user limits."""
    sandbox = bwrap.Bubblewrap(groups=request.param)

    def runs(code: str, *, stdin: str = "", mounts: tuple[str, ...] = (), **limits: float) -> ports.Ran:
        return sandbox.run(
            ports.Job(
                argv=("/usr/bin/python3", "-I", "-c", code),
                tree=str(tree),
                mounts=mounts,
                stdin=stdin,
                limits=ports.Limits.model_validate(limits),
            )
        )

    return runs
