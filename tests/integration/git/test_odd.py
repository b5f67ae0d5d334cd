"""Honest repositories that look odd are read; odd objects are read as git reads them, or not at all."""

import hashlib
import zlib
from pathlib import Path

import pytest

from incident.errors import Refused
from tests.integration.git.hostile import git, repository
from tools.git.bounds import Bounds
from tools.git.repository import GitRepository

ESCAPE = "\x1b[2J"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository")


def _laid(folder: Path, kind: str, content: bytes, stored: bytes | None = None) -> str:
    """The id of an object that is laid loose into the repository, perhaps with something else stored below its id."""
    head = f"{kind} {len(content)}\0".encode()
    name = hashlib.sha1(head + content, usedforsecurity=False).hexdigest()
    place = folder / ".git" / "objects" / name[:2] / name[2:]
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(zlib.compress(head + (content if stored is None else stored)))
    return name


def _commit(folder: Path, tree: str, more: str = "") -> str:
    text = f"tree {tree}\nauthor a <a> 1 +0000\ncommitter a <a> 9 +0000\n{more}\ntold\n"
    return _laid(folder, "commit", text.encode())


def test_a_branch_with_letters_beyond_ascii_is_read(folder: Path) -> None:
    git(folder, "branch", "-m", "größe")
    assert GitRepository(folder).text("HEAD", "svc/a.py") == "x = 1\n"
    git(folder, "pack-refs", "--all")
    assert GitRepository(folder).text("HEAD", "svc/a.py") == "x = 1\n"


def test_files_with_odd_names_are_exported_and_not_listed(folder: Path, tmp_path: Path) -> None:
    odd = ("dev-disk\\x2d1.mount", "Icon\r", f"{ESCAPE}b.py")
    for name in odd:
        (folder / "svc" / name).write_text("x")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "odd")
    repository = GitRepository(folder)
    repository.export("HEAD", str(tmp_path / "tree"))
    assert {path.name for path in (tmp_path / "tree" / "svc").iterdir()} == {"a.py", *odd}
    assert repository.files("HEAD", "svc") == ("svc/a.py",)
    assert not any(ESCAPE in path for path in repository.log("HEAD", "svc", 1)[0].paths)


def test_a_parent_behind_the_committer_is_none_as_it_is_none_for_git(folder: Path) -> None:
    tree, parent = git(folder, "rev-parse", "HEAD^{tree}"), git(folder, "rev-parse", "HEAD")
    lie = _commit(folder, tree, f"parent {parent}\n")
    assert git(folder, "rev-list", "--count", lie) == "1"
    assert [commit.subject for commit in GitRepository(folder).log(lie, "", 9)] == ["told"]


def test_a_branch_is_not_made_on_a_damaged_object(folder: Path) -> None:
    after = "x = 2\n"
    name = _laid(folder, "blob", after.encode(), b"evil()")
    assert git(folder, "cat-file", "-p", name) == "evil()"  # the control: git believes what lies there
    repository = GitRepository(folder)
    with pytest.raises(Refused, match="damaged"):
        repository.commit("suture/one", "HEAD", {"svc/a.py": after}, "mend")
    assert repository.branch("suture/one") is None


def test_folders_of_very_many_files_are_refused_before_they_are_kept(folder: Path) -> None:
    tree = _laid(folder, "tree", b"".join(b"100644 %05x\0" % number + bytes(20) for number in range(101)))
    commit = _commit(folder, tree)
    assert GitRepository(folder, bounds=Bounds(entries=101)).log(commit, "svc", 9) == ()
    with pytest.raises(Refused, match="more than 100 files"):
        GitRepository(folder, bounds=Bounds(entries=100)).log(commit, "svc", 9)
