"""A scratch folder is swept when its process is gone, whatever its number, and never before."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.proof.checks import scratch

ROOT = Path(scratch.__file__).resolve().parents[3]

HOLDING = """
import sys
from pathlib import Path
from tools.proof.checks import scratch
with scratch.folder(Path(sys.argv[1]), "export") as made:
    print(made, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path) -> "subprocess.Popen[str]":
    """Another process with a folder of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_folder_of_a_living_process_stays_and_that_of_a_killed_one_goes(
    tmp_path: Path, other: "subprocess.Popen[str]"
) -> None:
    assert other.stdout is not None
    theirs = Path(other.stdout.readline().strip())
    scratch.sweep(tmp_path)
    assert theirs.is_dir()
    other.kill()
    other.communicate()
    scratch.sweep(tmp_path)
    assert not theirs.exists()


def test_ones_own_folder_stays_while_it_is_in_use_and_is_gone_afterwards(tmp_path: Path) -> None:
    with scratch.folder(tmp_path, "inverse") as made:
        scratch.sweep(tmp_path)
        assert made.is_dir()
    assert not made.exists()


def test_a_folder_may_be_renamed_and_so_kept(tmp_path: Path) -> None:
    with scratch.folder(tmp_path, "export") as made:
        made.rename(tmp_path / "tree-abc")
    scratch.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["tree-abc"]


def test_the_newest_trees_stay(tmp_path: Path) -> None:
    for number in range(scratch.KEPT + 3):
        (tmp_path / f"tree-{number}").mkdir()
    scratch.sweep(tmp_path)
    assert len(list(tmp_path.iterdir())) == scratch.KEPT
