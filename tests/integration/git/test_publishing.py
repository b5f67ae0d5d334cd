"""Branches that are published to a real remote repository, seen by git itself."""

from pathlib import Path

import pytest

from incident.errors import BadInput, Conflict, Refused, Unavailable
from tests.integration.git.origin import git, write
from tools.git import publication
from tools.git.repository import GitRepository

BRANCH = "suture/inc-1"


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    write(folder, {"a/b/deep.py": "x = 1\n", "run.sh": "true\n", "README.md": "r\n"})
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("README.md")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Begin")
    return folder


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    return tmp_path / "remote.git"


def branched(origin: Path, text: str = "x = 2\n") -> tuple[GitRepository, str]:
    repository = GitRepository(origin)
    return repository, repository.commit(BRANCH, git(origin, "rev-parse", "main"), {"a/b/deep.py": text}, "Mend")


def test_git_reads_every_byte_of_what_was_published(origin: Path, remote: Path) -> None:
    repository, made = branched(origin)
    assert repository.publish(BRANCH, f"git:{remote}") == made
    assert git(remote, "rev-parse", BRANCH) == made
    assert git(remote, "fsck", "--strict", "--full") == ""
    assert git(remote, "ls-tree", "-r", made) == git(origin, "ls-tree", "-r", made)
    assert git(remote, "log", "--format=%H %s", BRANCH) == git(origin, "log", "--format=%H %s", BRANCH)


def test_a_remote_that_has_the_base_gets_only_the_new_objects(origin: Path, remote: Path) -> None:
    git(origin, "push", "--quiet", str(remote), "main")
    git(remote, "gc", "--quiet")
    repository, made = branched(origin)
    repository.publish(BRANCH, f"git:{remote}")
    assert git(remote, "count-objects").startswith("5 objects")  # a blob, three trees, a commit
    assert git(remote, "fsck", "--full") == ""
    assert git(remote, "rev-parse", BRANCH) == made


def test_a_branch_of_somebody_else_is_left_alone(origin: Path, remote: Path) -> None:
    git(origin, "push", "--quiet", str(remote), f"main:refs/heads/{BRANCH}")
    repository, _ = branched(origin)
    with pytest.raises(Conflict):
        repository.publish(BRANCH, f"git:{remote}")
    assert git(remote, "rev-parse", BRANCH) == git(origin, "rev-parse", "main")


def test_a_proposal_is_a_tag_that_git_shows(origin: Path, remote: Path) -> None:
    repository, made = branched(origin)
    repository.publish(BRANCH, f"git:{remote}")
    found = repository.propose(BRANCH, f"git:{remote}", "Mend deep", "It was wrong.")
    assert found.id == "refs/suture/proposals/inc-1"
    assert git(remote, "rev-parse", f"{found.id}^{{commit}}") == made
    assert "Mend deep\n\nIt was wrong." in git(remote, "cat-file", "tag", found.id)
    assert git(remote, "fsck", "--full") == ""
    assert git(remote, "tag", "--list") == ""


@pytest.mark.parametrize("place", ["git:relative", "https://h/x", "", "git:/nowhere/at/all"])
def test_what_is_no_repository_here_is_refused(origin: Path, place: str) -> None:
    repository, _ = branched(origin)
    with pytest.raises((BadInput, Unavailable)):
        repository.publish(BRANCH, place)


def test_a_remote_without_a_common_history_is_refused(
    origin: Path, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "MAX_COMMITS", 2)
    for number in range(3):
        git(origin, "commit", "--quiet", "--allow-empty", "--message", f"{number}")
    repository, _ = branched(origin)
    with pytest.raises(Refused, match="right one"):
        repository.publish(BRANCH, f"git:{remote}")
    assert git(remote, "for-each-ref") == ""


def test_commits_between_two_are_those_that_git_lists(origin: Path) -> None:
    """Branches, a merge, and clocks that disagree."""
    for branch, start in (("one", "main"), ("two", "main"), ("three", "one")):
        git(origin, "checkout", "--quiet", "-b", branch, start)
        for number in range(3):
            write(origin, {f"a/{branch}.txt": f"{number}"})
            git(origin, "add", "--all")
            git(origin, "commit", "--quiet", "--message", f"{branch} {number}")
    git(origin, "merge", "--quiet", "--no-edit", "two")
    repository = GitRepository(origin)
    names = ("main", "one", "two", "three")
    for base in names:
        for head in names:
            listed = set(git(origin, "rev-list", f"{base}..{head}").split())
            ours = repository.between(git(origin, "rev-parse", base), git(origin, "rev-parse", head), "")
            assert {one.id for one in ours} == listed, (base, head)


def test_a_patch_names_what_is_no_text(origin: Path) -> None:
    write(origin, {"text.py": "y\n"})
    (origin / "image.png").write_bytes(b"\x89PNG\0")
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "Add an image")
    patch = GitRepository(origin).patch("HEAD")
    assert "+++ b/text.py" in patch
    assert patch.endswith("# not shown: image.png\n")
