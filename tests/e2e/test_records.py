"""The records of a live incident: whole as they are, and any changed byte is found and its place named."""

import shutil
from pathlib import Path

import pytest

from evals.scenarios.healer import Healer
from evals.scenarios.stage import Places
from tests.e2e import live

pytestmark = pytest.mark.timeout(600)

FILES = ("decisions.jsonl", "report.md", "patch.diff", "trace.jsonl")


@pytest.fixture(scope="module")
def healed(shared_root: Path) -> tuple[Path, str]:
    """The home of a healed incident and its id; the world is gone by then."""
    with live.world(shared_root, "null-membership", "payment") as lab:
        lab.heal()
        assert live.judged(lab.look(), *live.NULL_MEMBERSHIP_HEALED) == []
        incident = lab.incident()
    return shared_root / "home", incident


def check(root: Path, home: Path) -> tuple[Healer, Path]:
    """A copy of the home to break, and how to check it."""
    places = Places(root=root)
    shutil.copytree(home, places.home)
    places.home.chmod(0o700)
    return Healer(places, "", {}, isolated=True), places.home


def flip(path: Path, at: int) -> None:
    """Change one byte."""
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1
    path.write_bytes(bytes(content))


def test_untouched_records_verify_without_a_world(healed: tuple[Path, str], tmp_path: Path) -> None:
    healer, _ = check(tmp_path, healed[0])
    assert healer.run("replay", "graph.replay", healed[1]).exit_code == 0
    assert healer.run("audit", "graph.audit", "verify").exit_code == 0
    assert healer.run("explain", "graph.explain", healed[1]).exit_code == 0


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("part", [0.0, 0.37, 0.99])
def test_a_changed_byte_of_a_record_is_found_and_named(
    healed: tuple[Path, str], tmp_path: Path, name: str, part: float
) -> None:
    healer, home = check(tmp_path, healed[0])
    path = home / "incidents" / healed[1] / name
    flip(path, int(len(path.read_bytes()) * part))
    said = healer.run("replay", "graph.replay", healed[1])
    assert said.exit_code == 1, said.stdout + said.stderr
    assert name in said.stdout


@pytest.mark.parametrize("part", [0.0, 0.37, 0.99])
def test_a_changed_byte_of_the_chain_is_found_and_named(healed: tuple[Path, str], tmp_path: Path, part: float) -> None:
    healer, home = check(tmp_path, healed[0])
    path = home / "audit.jsonl"
    flip(path, int(len(path.read_bytes()) * part))
    said = healer.run("audit", "graph.audit", "verify")
    assert said.exit_code == 1, said.stdout + said.stderr
    assert "audit.jsonl" in said.stdout
    assert healer.run("replay", "graph.replay", healed[1]).exit_code != 0


def test_a_record_file_that_is_gone_or_new_is_found(healed: tuple[Path, str], tmp_path: Path) -> None:
    healer, home = check(tmp_path, healed[0])
    folder = home / "incidents" / healed[1]
    (folder / "patch.diff").unlink()
    assert "patch.diff" in healer.run("replay", "graph.replay", healed[1]).stdout
    shutil.copy2(healed[0] / "incidents" / healed[1] / "patch.diff", folder / "patch.diff")
    assert healer.run("replay", "graph.replay", healed[1]).exit_code == 0
    (folder / "more.md").write_text("x")
    assert "more.md" in healer.run("replay", "graph.replay", healed[1]).stdout
