"""No repository runs a program, shows what is not its own, writes elsewhere, or is believed beyond its objects."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from incident.errors import SutureError
from tests.integration.git import hostile
from tools.git.repository import GitRepository


def answers(folder: Path, target: Path) -> str:
    """Everything that can be asked of a repository, and everything that can be written to it: what came back."""
    repository = GitRepository(folder)
    heard: list[object] = []

    def ask(question: Callable[[], object]) -> None:
        try:
            heard.append(question())
        except (SutureError, KeyError) as error:
            heard.append(str(error))

    for revision in ("HEAD", "main"):
        ask(partial(repository.component, "svc"))
        ask(partial(repository.files, revision, "svc"))
        ask(partial(repository.text, revision, "svc/a.py"))
        ask(partial(repository.log, revision, "svc", 10))
        ask(partial(repository.export, revision, str(target / revision)))
        ask(partial(repository.commit, "suture/inc-1", revision, {"svc/b.py": "b\n"}, "m"))
    ask(partial(repository.branch, "main"))
    ask(partial(repository.branch, "suture/inc-1"))
    ask(repository.check)
    written = (path.read_text(errors="replace") for path in sorted(target.rglob("*")) if path.is_file())
    return repr(heard) + "".join(written)


@pytest.mark.parametrize("name", hostile.TRAPS)
def test_a_trap_does_not_snap(tmp_path: Path, name: str) -> None:
    at = hostile.ground(tmp_path)
    hostile.TRAPS[name].lay(at)
    heard = answers(at.folder, tmp_path / "target")
    assert not hostile.harm(at, heard), heard


@pytest.mark.parametrize("name", hostile.TRAPS)
def test_control_plain_git_falls_for_it(tmp_path: Path, name: str) -> None:
    trap = hostile.TRAPS[name]
    honest, at = (hostile.ground(tmp_path / which) for which in ("honest", "hostile"))
    assert not hostile.harm(honest, trap.walk(honest))
    trap.lay(at)
    assert hostile.harm(at, trap.walk(at))


def test_the_honest_repository_answers(tmp_path: Path) -> None:
    at = hostile.ground(tmp_path)
    heard = answers(at.folder, tmp_path / "target")
    assert "x = 1" in heard
    assert "Refused" not in heard
    assert hostile.git(at.folder, "fsck", "--strict") == ""
    assert hostile.git(at.folder, "show", "suture/inc-1:svc/b.py") == "b"
