"""Applying a patch and its inverse."""

from pathlib import Path

import pytest

from incident.remedy import FileEdit
from tools.proof.checks import inverse


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "pkg").mkdir(parents=True)
    (folder / "pkg" / "a.py").write_bytes(b"one\r\ntwo\n")
    (folder / "pkg" / "run.sh").write_text("x")
    (folder / "pkg" / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("pkg/a.py")
    return folder


def edit(path: str, before: str | None, after: str) -> FileEdit:
    return FileEdit(path=path, before=before, after=after)


def test_the_inverse_restores_every_byte_and_leaves_the_tree_alone(tree: Path, tmp_path: Path) -> None:
    before = inverse.digests(tree)
    found = inverse.check(tree, (edit("pkg/a.py", "one\r\ntwo\n", "x"), edit("new/b.py", None, "b")), tmp_path)
    assert (found.outcome, found.detail) == ("passed", "3 files are restored byte for byte")
    assert inverse.digests(tree) == before
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ((edit("pkg/a.py", "one\ntwo\n", "x"),), "not restored: pkg/a.py"),
        ((edit("pkg/a.py", None, "x"),), "not restored: pkg/a.py"),
        ((edit("pkg/none.py", "was never there", "x"),), "not restored: pkg/none.py"),
        ((edit("pkg/a.py", "one\r\ntwo\n", "one\r\ntwo\n"),), "changes nothing"),
        ((edit("link", "pkg/a.py", "x"),), "symbolic link"),
    ],
)
def test_what_is_not_restored_is_named(tree: Path, tmp_path: Path, edits: tuple[FileEdit, ...], said: str) -> None:
    found = inverse.check(tree, edits, tmp_path)
    assert (found.outcome, said in found.detail) == ("failed", True), found


def test_a_changed_mode_shows(tree: Path) -> None:
    before = inverse.digests(tree)
    (tree / "pkg" / "a.py").chmod(0o755)
    assert inverse.digests(tree) != before
