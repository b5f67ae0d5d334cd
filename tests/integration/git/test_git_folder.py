"""Whose repositories are opened, by which way, and what stands where git would look elsewhere."""

import itertools
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from incident.errors import BadInput, Refused, SutureError, Unavailable
from tests.integration.git import hostile
from tests.integration.git.hostile import SECRET, git
from tools.audit.anchor_git import GitAnchor
from tools.git.repository import GitRepository

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
NOBODY = 65534

READ = """
import sys
from pathlib import Path
from tools.git.repository import GitRepository
print(GitRepository(Path(sys.argv[1])).text("HEAD", "svc/a.py"))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return hostile.repository(tmp_path / "repository")


def test_a_repository_of_another_user_is_refused_unless_he_is_named(folder: Path) -> None:
    """Root gives it away; anybody else becomes the only user of a namespace, in which root's files are a stranger's."""
    if os.geteuid() != 0:
        command = ["unshare", "--user", "--map-root-user", sys.executable, "-c", READ]
        for place, said in (("/usr", "belongs to another user"), (str(folder), "")):
            done = subprocess.run([*command, place], capture_output=True, text=True, check=False, env=ENVIRONMENT)
            assert said in done.stderr
            assert (done.returncode == 0) == (not said), done.stderr
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    with pytest.raises(Refused, match=f"uid {NOBODY}"):
        GitRepository(folder).text("main", "svc/a.py")
    assert GitRepository(folder, owners=[NOBODY]).text("main", "svc/a.py") == "x = 1\n"


def test_the_git_folder_of_another_user_is_refused_too(folder: Path) -> None:
    if os.geteuid() != 0:
        assert GitRepository(folder).text("main", "svc/a.py") == "x = 1\n"
        return
    os.chown(folder / ".git", NOBODY, NOBODY)
    with pytest.raises(Refused, match="belongs to another user"):
        GitRepository(folder).text("main", "svc/a.py")


def test_what_root_writes_belongs_to_the_repositorys_owner(folder: Path) -> None:
    owner = NOBODY if os.geteuid() == 0 else os.geteuid()
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner, owner, follow_symlinks=False)
    GitRepository(folder, owners=[owner]).commit("suture/inc-1", "main", {"svc/new/b.py": "b\n"}, "m")
    assert {path.lstat().st_uid for path in folder.rglob("*")} == {owner}
    assert not list(folder.rglob("*.lock"))
    assert not list(folder.rglob("tmp_*"))


def test_a_link_in_the_place_of_the_repository_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert git(tmp_path / "link", "show", "main:svc/a.py") == "x = 1", "control"
    with pytest.raises(Refused, match="link"):
        GitRepository(tmp_path / "link").text("main", "svc/a.py")


def test_a_link_of_ours_on_the_way_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(folder.parent)
    (tmp_path / "turn").symlink_to("way")
    assert GitRepository(tmp_path / "turn" / folder.name).text("main", "svc/a.py") == "x = 1\n"
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(Unavailable):
        GitRepository(tmp_path / "circle" / folder.name).text("main", "svc/a.py")


def test_a_link_of_somebody_else_on_the_way_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(folder.parent)
    if os.geteuid() == 0:
        os.chown(tmp_path / "way", NOBODY, NOBODY, follow_symlinks=False)
        with pytest.raises(Refused, match="way"):
            GitRepository(tmp_path / "way" / folder.name).text("main", "svc/a.py")
    else:
        assert GitRepository(tmp_path / "way" / folder.name).text("main", "svc/a.py") == "x = 1\n"


def test_gits_own_variables_change_nothing(tmp_path: Path) -> None:
    at = hostile.ground(tmp_path)
    given = {"GIT_DIR": f"{at.private}/.git", "GIT_OBJECT_DIRECTORY": f"{at.private}/.git/objects",
             "GIT_ALTERNATE_OBJECT_DIRECTORIES": f"{at.private}/.git/objects", "GIT_COMMON_DIR": f"{at.private}/.git",
             "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": str(at.program)}  # fmt: skip
    command = [sys.executable, "-c", READ, str(at.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**ENVIRONMENT, **given})
    assert done.stdout == "x = 1\n\n"
    assert SECRET in git(at.folder, "show", "HEAD:svc/a.py", environment=given), "control"


REMEDIES = {
    "a linked worktree": ("worktree", "add", "-q", "../other", "HEAD"),
    "a shared clone": ("clone", "-q", "--shared", ".", "../other"),
    "a reference": ("clone", "-q", "--reference", ".", "--no-local", ".", "../other"),
    "a separate git folder": ("clone", "-q", "--separate-git-dir=../elsewhere", ".", "../other"),
    "a submodule": ("submodule", "add", "-q", "./", "sub"),
}


@pytest.mark.parametrize("name", REMEDIES)
def test_an_honest_repository_that_keeps_a_part_elsewhere_is_refused_with_a_remedy(
    folder: Path, tmp_path: Path, name: str
) -> None:
    git(folder, "-c", "protocol.file.allow=always", *REMEDIES[name])
    other = folder / "sub" if name == "a submodule" else tmp_path / "other"
    with pytest.raises(Refused, match=r"git repack|name the folder of the main repository"):
        GitRepository(other).text("HEAD", "svc/a.py")
    with pytest.raises(BadInput, match="it is refused: "):
        GitRepository(other).check()


def test_a_shared_clone_is_read_after_what_the_refusal_says_was_done(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(folder, "clone", "-q", "--shared", ".", "../other")
    git(other, "repack", "-a", "-d", "-q")
    (other / ".git" / "objects" / "info" / "alternates").unlink()
    assert GitRepository(other).text("HEAD", "svc/a.py") == "x = 1\n"


def test_a_partial_clone_is_read_as_far_as_it_goes(folder: Path, tmp_path: Path) -> None:
    git(folder, "config", "uploadpack.allowFilter", "true")
    git(folder, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{folder}", "../other")
    repository = GitRepository(tmp_path / "other")
    assert len(repository.log("HEAD", "svc", 5)) == 2
    with pytest.raises(Refused, match="partial clone"):
        repository.text("HEAD", "svc/a.py")
    assert git(tmp_path / "other", "show", "HEAD:svc/a.py") == "x = 1", "control: git fetches it"


def test_a_shallow_clone_ends_where_it_ends(folder: Path, tmp_path: Path) -> None:
    git(folder, "clone", "-q", "--depth=1", f"file://{folder}", "../other")
    found = GitRepository(tmp_path / "other").log("HEAD", "svc", 5)
    assert [commit.subject for commit in found] == ["two"]
    assert "svc/a.py" in found[0].paths


def test_what_is_swapped_while_it_is_read_does_not_lead_elsewhere(tmp_path: Path) -> None:
    at = hostile.ground(tmp_path)
    (at.folder / ".git" / "refs" / "heads" / "main").write_text(git(at.private, "rev-parse", "HEAD") + "\n")
    place, real, link = (at.folder / ".git" / name for name in ("objects", "real", "link"))
    link.symlink_to(at.private / ".git" / "objects")
    over = threading.Event()

    def swap() -> None:
        for turn in itertools.count():
            if over.is_set():
                return
            place.rename(real)
            link.rename(place)
            if turn % 10 == 0:  # long enough for git to read all that it needs
                time.sleep(0.005)
            place.rename(link)
            real.rename(place)

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        heard = [_tried(at.folder) for _ in range(1500)]
        seen = any(SECRET in git(at.folder, "show", "main:svc/a.py", check=False) for _ in range(3000))
    finally:
        over.set()
        swapping.join()
    assert not any(SECRET in one for one in heard)
    assert any("link" in one for one in heard), "it was met"
    assert seen, "control"


def _tried(folder: Path) -> str:
    try:
        return GitRepository(folder).text("main", "svc/a.py")
    except SutureError as error:
        return str(error)


def test_an_anchor_is_opened_with_the_same_care(tmp_path: Path) -> None:
    for name in ("a hook", "a file in the place of .git", "objects of another repository", "new objects elsewhere"):
        at = hostile.ground(tmp_path / name.replace(" ", "-"))
        hostile.TRAPS[name].lay(at)
        anchor = GitAnchor(at.folder, "refs/suture/audit")
        line = b'{"at":"2026-01-01T00:00:00+00:00"}'
        for _ in range(2):
            try:
                anchor.add(line, anchor.last())
            except SutureError:
                break
        assert not hostile.harm(at, "")
