"""The git adapter on real repositories, hostile ones included."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.errors import BadInput, Conflict, Refused, Unavailable
from incident.evidence import Missing
from tests.integration.git.origin import git, write
from tools.git.bounds import Bounds
from tools.git.repository import GitRepository

TOML = """
[services.orders]
path = "services/orders/"
app = "services.orders.app:app"
tests = "services/orders/tests"
schemas = ["services/orders/schema.json"]

[services.loose]
path = "../elsewhere"
app = "x:y"
tests = "t"

[services.half]
path = "services/half"
"""
FILES = {
    "suture.toml": TOML,
    "services/orders/app.py": "def app():\r\n    return 1\n",
    "services/orders/schema.json": "{}",
    "services/orders/tests/test_app.py": "def test_app():\n    assert True\n",
    "README.md": "no newline at the end",
}


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    write(folder, FILES)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Add orders\n\nbody")
    return folder


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file outside `.git/objects`, so that refs, index, configuration and work tree are covered."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "objects" not in path.relative_to(folder).parts
    }


def head(folder: Path) -> str:
    return git(folder, "rev-parse", "HEAD")


def test_a_component_is_what_suture_toml_says(origin: Path) -> None:
    found = GitRepository(origin).component("orders")
    assert not isinstance(found, Missing)
    assert (found.path, found.app, found.schemas) == (
        "services/orders",
        "services.orders.app:app",
        ("services/orders/schema.json",),
    )


@pytest.mark.parametrize(
    ("service", "said"),
    [("billing-api", "no entry"), ("loose", "leaves the repository"), ("half", "invalid entry")],
)
def test_a_component_that_cannot_be_used_is_missing(origin: Path, service: str, said: str) -> None:
    found = GitRepository(origin).component(service)
    assert isinstance(found, Missing)
    assert said in found.reason


def test_broken_or_absent_suture_toml_is_missing(origin: Path) -> None:
    write(origin, {"suture.toml": "[services"})
    git(origin, "commit", "--quiet", "--all", "--message", "Break it")
    broken = GitRepository(origin).component("orders")
    assert isinstance(broken, Missing)
    assert "cannot be read" in broken.reason
    git(origin, "rm", "--quiet", "suture.toml")
    git(origin, "commit", "--quiet", "--message", "Drop it")
    assert isinstance(GitRepository(origin).component("orders"), Missing)


def test_files_and_text_are_the_bytes_of_the_commit(origin: Path) -> None:
    repository = GitRepository(origin)
    base = head(origin)
    assert repository.files(base, "services/orders/tests") == ("services/orders/tests/test_app.py",)
    assert set(repository.files(base, "")) == set(FILES)
    assert {path: repository.text(base, path) for path in FILES} == FILES


@pytest.mark.parametrize(
    "path",
    ["absent.py", "services", "../origin/README.md", "/etc/hostname", "", ".git/config", "--help", "README.md\0"],
)
def test_text_that_is_not_there_is_a_key_error(origin: Path, path: str) -> None:
    with pytest.raises(KeyError):
        GitRepository(origin).text(head(origin), path)


def test_big_and_binary_files_are_neither_listed_nor_read_but_exported(origin: Path, tmp_path: Path) -> None:
    (origin / "big.txt").write_bytes(b"x" * 5_000_000)
    (origin / "image.bin").write_bytes(b"\x00\xff")
    (origin / "latin.txt").write_bytes(b"caf\xe9")
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "Add odd files")
    repository, base = GitRepository(origin), head(origin)
    assert set(repository.files(base, "")) == set(FILES)
    for path in ("big.txt", "image.bin", "latin.txt"):
        with pytest.raises(KeyError):
            repository.text(base, path)
    repository.export(base, str(tmp_path / "out"))
    assert (tmp_path / "out" / "big.txt").stat().st_size == 5_000_000
    assert (tmp_path / "out" / "image.bin").read_bytes() == b"\x00\xff"


def test_the_log_names_commits_that_touched_a_folder_newest_first(origin: Path) -> None:
    write(origin, {"docs/a.md": "a"})
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "Add a page \x1b[31mred\u202e")
    write(origin, {"services/orders/app.py": "app = None\n"})
    git(origin, "commit", "--quiet", "--all", "--message", "Change orders")
    repository = GitRepository(origin)
    orders = repository.log(head(origin), "services/orders", 10)
    assert [commit.subject for commit in orders] == ["Change orders", "Add orders"]
    assert orders[0].paths == ("services/orders/app.py",)
    assert orders[1].paths == tuple(sorted(FILES))
    assert orders[0].at == datetime.fromtimestamp(1_700_000_000, UTC)
    assert [commit.subject for commit in repository.log("main", "", 2)] == ["Change orders", "Add a page red"]


def test_export_restores_every_byte_and_the_executable_bit(origin: Path, tmp_path: Path) -> None:
    (origin / "run.sh").write_text("#!/bin/sh\n")
    (origin / "run.sh").chmod(0o755)
    (origin / "-rf").write_text("a file")
    (origin / "inside").symlink_to("services/orders/app.py")
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "Add a script")
    target = tmp_path / "out"
    GitRepository(origin).export(head(origin), str(target))
    written = {str(p.relative_to(target)): p for p in target.rglob("*") if p.is_file() and not p.is_symlink()}
    assert {path: place.read_bytes() for path, place in written.items()} == {
        **{path: content.encode() for path, content in FILES.items()},
        "run.sh": b"#!/bin/sh\n",
        "-rf": b"a file",
    }
    assert os.access(target / "run.sh", os.X_OK)
    assert not os.access(target / "README.md", os.X_OK)
    assert (target / "inside").readlink() == Path("services/orders/app.py")


def test_export_needs_an_empty_folder(origin: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep")
    with pytest.raises(Unavailable, match="not empty"):
        GitRepository(origin).export(head(origin), str(tmp_path))
    assert (tmp_path / "mine").read_text() == "keep"


def test_a_tree_that_is_too_large_is_refused_for_good(origin: Path, tmp_path: Path) -> None:
    size = sum(len(content.encode()) for content in FILES.values())
    with pytest.raises(Refused, match=f"than {size - 1} bytes"):
        GitRepository(origin, bounds=Bounds(unpacked=size - 1)).export(head(origin), str(tmp_path / "out"))
    GitRepository(origin, bounds=Bounds(unpacked=2 * size + 1000)).export(head(origin), str(tmp_path / "out"))


@pytest.mark.parametrize(
    "target", ["/etc/hostname", "../../outside", "services/../../x", "..", "services/..", "services/../x", "x" * 2000]
)
def test_a_link_that_leaves_the_tree_is_not_exported(origin: Path, tmp_path: Path, target: str) -> None:
    (origin / "trap").symlink_to(target)
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "Add a link")
    with pytest.raises(Refused, match="leaves"):
        GitRepository(origin).export(head(origin), str(tmp_path / "out"))


def test_links_that_leave_the_tree_only_together_are_not_exported(origin: Path, tmp_path: Path) -> None:
    """`link` leads to the top, so `link/..` leads out of it, though the path alone looks as if it stayed."""
    write(origin, {"a/b/c/x": "x", "top/x": "x"})
    (origin / "a/b/c/link").symlink_to("../../../top")
    (origin / "a/b/c/trap").symlink_to("link/../../secret")
    (tmp_path / "secret").write_text("of somebody else")
    assert (origin / "a/b/c/trap").read_text() == "of somebody else", "control"
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "Add links")
    with pytest.raises(Refused, match="leaves"):
        GitRepository(origin).export(head(origin), str(tmp_path / "out"))


@pytest.mark.parametrize("target", ["services/orders/app.py", "../origin", "./README.md", "README.md/.", "x"])
def test_a_link_that_stays_in_the_tree_is_exported_as_it_is(origin: Path, tmp_path: Path, target: str) -> None:
    write(origin, {"deep/er/x": "x"})
    (origin / "deep" / "er" / "link").symlink_to(f"../{target}" if target.startswith("..") else target)
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "Add a link")
    GitRepository(origin).export(head(origin), str(tmp_path / "out"))
    assert (tmp_path / "out/deep/er/link").readlink() == (origin / "deep/er/link").readlink()


def test_a_tree_that_holds_a_name_twice_is_refused(origin: Path, tmp_path: Path) -> None:
    """A link, and a folder of the same name whose files would be written through it."""
    blob, tree = (git(origin, "rev-parse", f"HEAD:{path}") for path in ("README.md", "services"))
    twice = b"120000 a\0" + bytes.fromhex(blob) + b"40000 a\0" + bytes.fromhex(tree)
    command = ["git", "-C", str(origin), "hash-object", "-t", "tree", "-w", "--literally", "--stdin"]
    made = subprocess.run(command, input=twice, check=True, capture_output=True).stdout.decode().strip()
    commit = git(origin, "commit-tree", "-m", "hostile", made)
    with pytest.raises(Refused, match="twice"):
        GitRepository(origin).export(commit, str(tmp_path / "out"))


def test_a_tree_whose_path_leaves_it_is_not_exported(origin: Path, tmp_path: Path) -> None:
    blob = git(origin, "rev-parse", "HEAD:README.md")
    made = subprocess.run(
        ["git", "-C", str(origin), "hash-object", "-t", "tree", "-w", "--literally", "--stdin"],
        input=b"100644 ..\0" + bytes.fromhex(blob),
        check=True,
        capture_output=True,
    ).stdout.decode()
    commit = git(origin, "commit-tree", "-m", "hostile", made.strip())
    with pytest.raises(Refused):
        GitRepository(origin).export(commit, str(tmp_path / "deep" / "out"))
    assert not (tmp_path / "deep" / "README.md").exists()


def test_a_commit_changes_one_branch_and_nothing_else(origin: Path) -> None:
    repository, base = GitRepository(origin), head(origin)
    before = snapshot(origin)
    made = repository.commit("suture/inc-1", base, {"services/orders/app.py": "app = 2\n", "new/x.py": "x\n"}, "Mend")
    after = snapshot(origin)
    new = {path for path in after if after[path] != before.get(path)}
    assert new == {".git/refs/heads/suture/inc-1"}
    assert git(origin, "fsck", "--strict", "--full") == ""
    assert set(before) <= set(after)
    assert git(origin, "status", "--porcelain") == ""
    assert repository.branch("suture/inc-1") == made
    assert repository.text(made, "services/orders/app.py") == "app = 2\n"
    assert git(origin, "diff", "--name-status", base, made).split() == ["A", "new/x.py", "M", "services/orders/app.py"]
    assert git(origin, "show", "--no-patch", "--format=%an <%ae> %at %P|%B", made).startswith(
        f"Suture <suture@localhost> 1700000001 {base}|Mend"
    )
    assert "encoding" not in git(origin, "cat-file", "commit", made)


def test_committing_again_yields_the_same_commit_and_something_else_is_a_conflict(origin: Path) -> None:
    repository, base = GitRepository(origin), head(origin)
    files = {"services/orders/app.py": "app = 2\n"}
    first = repository.commit("suture/inc-1", base, files, "Mend")
    assert GitRepository(origin).commit("suture/inc-1", base, files, "Mend") == first
    with pytest.raises(Conflict):
        repository.commit("suture/inc-1", base, {"services/orders/app.py": "app = 3\n"}, "Mend")
    assert repository.branch("suture/inc-1") == first


def test_the_executable_bit_of_a_patched_file_stays(origin: Path) -> None:
    (origin / "run.sh").write_text("#!/bin/sh\n")
    (origin / "run.sh").chmod(0o755)
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "Add a script")
    made = GitRepository(origin).commit("suture/x", head(origin), {"run.sh": "#!/bin/sh\ntrue\n"}, "Mend")
    assert git(origin, "ls-tree", made, "run.sh").startswith("100755")


@pytest.mark.parametrize(
    "branch",
    [
        "main",
        "suture",
        "suture/",
        "suture/../main",
        "suture/a.lock",
        "suture/a..b",
        "refs/heads/main",
        "--force",
        "suture/a b",
    ],
)
def test_only_branches_under_suture_are_written(origin: Path, branch: str) -> None:
    before = snapshot(origin)
    with pytest.raises(BadInput):
        GitRepository(origin).commit(branch, head(origin), {"README.md": "x"}, "Mend")
    assert snapshot(origin) == before


@pytest.mark.parametrize(
    "path",
    ["../x", "/tmp/x", ".git/hooks/post-checkout", "a/.GIT/config", "a//b", "a/./b", "", "a\\b", "git~1/config",
     ".gitattributes", ".gitmodules", "a/\u200bb", "a\nb", "README.md/x", "services"],
)  # fmt: skip
def test_paths_that_leave_the_tree_are_refused(origin: Path, path: str) -> None:
    before = snapshot(origin)
    with pytest.raises(BadInput):
        GitRepository(origin).commit("suture/x", head(origin), {path: "x"}, "Mend")
    assert snapshot(origin) == before


def test_nothing_is_written_through_a_link(origin: Path) -> None:
    (origin / "link.py").symlink_to("/etc/hostname")
    (origin / "folder").symlink_to("/tmp")
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "Add links")
    for path in ("link.py", "folder/x.py"):
        with pytest.raises(BadInput, match="choose another"):
            GitRepository(origin).commit("suture/x", head(origin), {path: "x"}, "Mend")


def test_a_symbolic_branch_does_not_lead_to_main(origin: Path) -> None:
    git(origin, "symbolic-ref", "refs/heads/suture/trap", "refs/heads/main")
    base = head(origin)
    with pytest.raises(Conflict):
        GitRepository(origin).commit("suture/trap", base, {"README.md": "x"}, "Mend")
    assert git(origin, "rev-parse", "main") == base
    git(origin, "symbolic-ref", "refs/heads/suture/dangling", "refs/heads/elsewhere")
    made = GitRepository(origin).commit("suture/dangling", base, {"README.md": "x"}, "Mend")
    assert GitRepository(origin).branch("elsewhere") is None
    assert git(origin, "rev-parse", "--symbolic-full-name", "suture/dangling") == "refs/heads/suture/dangling"
    assert git(origin, "rev-parse", "suture/dangling") == made


def arm(origin: Path, marker: Path) -> None:
    """Every way we know in which a repository starts a program of its own."""
    script = f"#!/bin/sh\necho fired >> {marker}\ncat\n"
    program = origin / ".git" / "evil"
    program.write_text(script)
    program.chmod(0o755)
    hooks = origin / ".git" / "hooks"
    for hook in ("reference-transaction", "post-commit", "pre-commit", "post-checkout", "post-index-change"):
        (hooks / hook).write_text(f"#!/bin/sh\necho fired >> {marker}\n")
        (hooks / hook).chmod(0o755)
    write(origin, {".gitattributes": "* filter=evil diff=evil export-subst\n", "stamp": "$Format:%H$\n"})
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "Arm")
    for name in ("filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "diff.evil.command",
                 "diff.external", "core.fsmonitor", "core.pager", "gpg.program", "core.sshCommand", "core.editor"):  # fmt: skip
        git(origin, "config", name, str(program))
    git(origin, "config", "commit.gpgSign", "true")
    git(origin, "config", "log.showSignature", "true")
    git(origin, "config", "i18n.commitEncoding", "latin1")
    git(origin, "config", "alias.ls-tree", f"!{program}")
    marker.unlink(missing_ok=True)


def test_no_program_of_the_repository_runs(origin: Path, tmp_path: Path) -> None:
    marker = tmp_path / "fired"
    arm(origin, marker)
    repository = GitRepository(origin)
    base = repository.branch("main")
    assert base is not None
    repository.component("orders")
    repository.files(base, "")
    repository.log(base, "services", 10)
    repository.export(base, str(tmp_path / "out"))
    made = repository.commit("suture/x", base, {"stamp": "mended\n"}, "Mend é")
    assert (tmp_path / "out" / "stamp").read_text() == "$Format:%H$\n"
    assert repository.text(made, "stamp") == "mended\n"
    assert not marker.exists()


def test_control_plain_git_runs_the_programs_of_the_repository(origin: Path, tmp_path: Path) -> None:
    marker = tmp_path / "fired"
    arm(origin, marker)
    git(origin, "update-ref", "refs/heads/other", "main")
    assert marker.read_text().count("fired") >= 1
    marker.unlink()
    git(origin, "archive", "--output", str(tmp_path / "out.tar"), "main")
    assert marker.exists()


def test_an_absent_or_empty_repository_is_one_sentence(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "--quiet")
    for folder in (tmp_path / "absent", tmp_path, empty):
        with pytest.raises(BadInput, match="repository"):
            GitRepository(folder).check()
        with pytest.raises(Unavailable):
            GitRepository(folder).files("HEAD", "")


def test_check_accepts_a_work_tree_and_a_bare_repository(origin: Path, tmp_path: Path) -> None:
    GitRepository(origin).check()
    git(tmp_path, "clone", "--quiet", "--bare", str(origin), "bare.git")
    bare = GitRepository(tmp_path / "bare.git")
    bare.check()
    assert bare.text("HEAD", "README.md") == FILES["README.md"]


@pytest.mark.parametrize("revision", ["--all", "-rf", "main..suture", "HEAD@{1}", "a b", "", "0" * 40, "no-such"])
def test_a_commit_that_does_not_exist_is_unavailable(origin: Path, revision: str) -> None:
    with pytest.raises(Unavailable):
        GitRepository(origin).files(revision, "")


def test_a_tree_is_no_commit(origin: Path) -> None:
    with pytest.raises(Unavailable):
        GitRepository(origin).text(git(origin, "rev-parse", "HEAD^{tree}"), "README.md")


def test_git_that_takes_too_long_is_unavailable(origin: Path) -> None:
    with pytest.raises(Unavailable, match="longer than"):
        GitRepository(origin, seconds=0.0001).files("HEAD", "")


def test_our_diff_is_what_git_applies(origin: Path) -> None:
    repository, base = GitRepository(origin), head(origin)
    before = {path: repository.text(base, path) for path in repository.files(base, "")}
    after = {
        **before,
        "services/orders/app.py": "def app():\r\n    return 2\n",
        "README.md": "now\nwith",
        "new.py": "n\n",
    }
    del after["services/orders/schema.json"]
    patch = repository.diff(before, after)
    subprocess.run(["git", "-C", str(origin), "apply", "-"], input=patch.encode(), check=True)
    assert {path: (origin / path).read_bytes().decode() for path in after} == after
    assert not (origin / "services/orders/schema.json").exists()
    subprocess.run(["git", "-C", str(origin), "apply", "--reverse", "-"], input=patch.encode(), check=True)
    assert {path: (origin / path).read_bytes().decode() for path in before} == before
