"""The healer's view: no evals, no tests, no history; a command outside sees them."""

import subprocess
import sys
from pathlib import Path

import pytest

from evals import isolation
from evals.lab import faults
from evals.scenarios import healer, stage
from incident.errors import BadInput

ORACLE = faults.FOLDER / faults.names()[0] / "oracle.yaml"
READ = (sys.executable, "-c", "import sys; print(len(open(sys.argv[1]).read()))", str(ORACLE))


def ran(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def hidden() -> tuple[str, ...]:
    if not isolation.possible():
        pytest.skip("the kernel lets nobody hide a folder here; evals.run then refuses without --no-isolation")
    return isolation.prefix(healer.HIDDEN)


def test_an_oracle_can_be_read_outside() -> None:
    assert ran(*READ).returncode == 0


def test_an_oracle_cannot_be_read_from_the_healers_view(hidden: tuple[str, ...]) -> None:
    seen = ran(*hidden, *READ)
    assert seen.returncode != 0
    assert "FileNotFoundError" in seen.stderr


def test_nor_can_the_history_that_holds_it(hidden: tuple[str, ...]) -> None:
    root = str(stage.PROJECT)
    assert ran("git", "-C", root, "rev-parse", "HEAD").returncode == 0
    assert ran(*hidden, "git", "-C", root, "rev-parse", "HEAD").returncode != 0


def test_the_product_is_still_there(hidden: tuple[str, ...]) -> None:
    assert ran(*hidden, "ls", str(stage.PROJECT / "graph" / "run.py")).returncode == 0


def test_nothing_can_be_written_where_the_answers_were(hidden: tuple[str, ...]) -> None:
    assert ran(*hidden, "touch", str(stage.PROJECT / "evals" / "x")).returncode != 0


def test_hiding_ends_with_the_command(hidden: tuple[str, ...]) -> None:
    ran(*hidden, "true")
    assert ORACLE.is_file()


def test_a_file_is_hidden_as_well(tmp_path: Path) -> None:
    """In a second work tree ``.git`` is one."""
    file = tmp_path / "file"
    file.write_text("where the answers are")
    assert ran(*isolation.prefix([file]), "cat", str(file)).stdout == ""


def test_what_cannot_be_hidden_runs_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    refused = ran(*isolation.prefix([Path("/proc/self/fd/1")]), "touch", str(mark))  # a pipe has no place to mount on
    assert refused.returncode == isolation.CANNOT
    assert not mark.exists()


def test_folders_from_outside_are_hidden_from_the_healer_and_one_that_holds_the_run_is_refused(tmp_path: Path) -> None:
    if not isolation.possible():
        pytest.skip("the kernel lets nobody hide a folder here; evals.run then refuses without --no-isolation")
    answers = tmp_path / "answers"
    (answers / "odd").mkdir(parents=True)
    (answers / "odd" / "oracle.yaml").write_text("the right answers")
    places = stage.Places(root=tmp_path / "run")
    places.root.mkdir()
    # Two that are given twice, or lie in one that is hidden anyway, must not keep anything from being hidden.
    more = (answers, answers / "odd", healer.HIDDEN[0] / "scenarios")
    ours = healer.Healer(places, "", {}, isolated=True, hidden=more)
    process = ours.start("timeit", "-n1", "-r1", f"open({str(answers / 'odd' / 'oracle.yaml')!r})")
    assert "FileNotFoundError" in process.communicate()[1]
    seen = healer.Healer(places, "", {}, isolated=False, hidden=more)
    control = seen.start("timeit", "-n1", "-r1", f"open({str(answers / 'odd' / 'oracle.yaml')!r})")
    control.communicate()
    assert control.returncode == 0
    with pytest.raises(BadInput):
        healer.Healer(places, "", {}, isolated=True, hidden=(tmp_path,))
