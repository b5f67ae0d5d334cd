"""Check ``inverse``: a patch and then its inverse restore every byte of the base's tree."""

import hashlib
import shutil
from pathlib import Path

from incident.proof import Check
from incident.remedy import FileEdit
from tools.proof.checks import scratch


def check(tree: Path, edits: tuple[FileEdit, ...], place: Path) -> Check:
    """The check ``inverse``, on a copy of the tree and by the digests of all its files."""
    for edit in edits:
        # The copy keeps links as links, so a write through one would land outside of it.
        if any((tree / part).is_symlink() for part in (edit.path, *map(str, Path(edit.path).parents))):
            return Check(name="inverse", outcome="failed", detail=f"{edit.path} is or lies behind a symbolic link")
    with scratch.folder(place, "inverse") as fresh:
        shutil.copytree(tree, fresh / "tree", symlinks=True)
        return _compare(fresh / "tree", edits)


def _compare(tree: Path, edits: tuple[FileEdit, ...]) -> Check:
    before = digests(tree)
    for edit in edits:
        _write(tree, edit.path, edit.after)
    if digests(tree) == before:
        return Check(name="inverse", outcome="failed", detail="the patch changes nothing")
    for edit in reversed(edits):
        _write(tree, edit.path, edit.before)
    after = digests(tree)
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    if changed:
        return Check(name="inverse", outcome="failed", detail=f"not restored: {', '.join(changed)[:300]}")
    return Check(name="inverse", outcome="passed", detail=f"{len(after)} files are restored byte for byte")


def digests(tree: Path) -> dict[str, str]:
    """Mode and SHA-256 of every file and target of every link, by relative path."""
    found = {}
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree).as_posix()
        if path.is_symlink():
            found[name] = f"link {path.readlink()}"
        # Folders do not count: git stores none, and one that a new file made stays behind empty.
        elif path.is_file():
            found[name] = f"{path.stat().st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return found


def _write(tree: Path, name: str, text: str | None) -> None:
    path = tree / name
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
