"""What is read is what git reads, whatever form the repository has; and damage is refused, whatever it is."""

import contextlib
import random
from pathlib import Path

import pytest

from incident.errors import SutureError
from tests.integration.git import hostile
from tests.integration.git.hostile import git
from tools.git.repository import GitRepository
from tools.ports import MAX_LOG

FORMS = {
    "loose": (),
    "packed": ("gc", "-q", "--aggressive", "--prune=now"),
    "deltas by id": ("-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"),
    "several packs": ("repack", "-q"),
    "packed branches": ("pack-refs", "--all"),
}


def grown(folder: Path, seed: int, commits: int = 60, form: tuple[str, ...] = (), sha: str = "sha1") -> Path:
    """A repository with branches and merges, some files of which grow by a line now and then."""
    chance = random.Random(seed)
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main", f"--object-format={sha}")
    stream, files, made = [], [f"{part}/{name}.py" for part in ("a", "a/b", "c") for name in ("x", "y")], 0
    texts = {path: [f"{path} {number}" for number in range(200)] for path in files}
    for number in range(1, commits + 1):
        path = chance.choice(files)
        texts[path].insert(chance.randrange(200), f"line {number} {chance.random()}")
        branch = chance.choice(["main", "other"]) if number > 1 else "main"
        content = "\n".join(texts[path])
        stream.append(
            f"commit refs/heads/{branch}\nmark :{number}\ncommitter n <n> {1_700_000_000 + chance.randrange(900)} +0000"
        )
        stream.append(f"data 3\nc{number:02}")
        if branch == "other" and not made:
            stream.append("from :1")
        if number > 5 and chance.random() < 0.3:
            stream.append(f"merge :{chance.randrange(2, number)}")
        made += branch == "other"
        stream.append(f"M 100644 inline {path}\ndata {len(content)}\n{content}\n")
    git(folder, "-c", "fastimport.unpackLimit=10000", "fast-import", "--quiet", stdin="\n".join(stream).encode())
    git(folder, "tag", "-a", "-m", "t", "told", "main~3")
    git(folder, "tag", "light", "main~2")
    if form:
        git(folder, *form)
    return folder


@pytest.mark.parametrize("sha", ["sha1", "sha256"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_repository_is_read_as_git_reads_it(tmp_path: Path, form: str, sha: str) -> None:
    folder = grown(tmp_path / "repository", 1, form=FORMS[form], sha=sha)
    repository = GitRepository(folder)
    for revision in ("HEAD", "main", "other", "told", "light", "refs/heads/other", "tags/told", git(folder, "rev-parse", "main~1"),
                     git(folder, "rev-parse", "--short=9", "main~4"), git(folder, "rev-parse", "--short=8", "main~7")):  # fmt: skip
        paths = git(folder, "ls-tree", "-r", "--name-only", revision).splitlines()
        assert list(repository.files(revision, "")) == sorted(paths)
        for path in paths:
            assert repository.text(revision, path).rstrip("\n") == git(folder, "show", f"{revision}:{path}")
    made = repository.commit("suture/x", "main", {"a/new/z.py": "z\n", "c/x.py": "x\n"}, "m")
    assert git(folder, "fsck", "--strict") == ""
    assert git(folder, "diff", "--name-status", "main", made).split() == ["A", "a/new/z.py", "M", "c/x.py"]


@pytest.mark.parametrize("seed", range(6))
def test_the_history_is_what_rev_list_says(tmp_path: Path, seed: int) -> None:
    folder = grown(tmp_path / "repository", seed, form=FORMS["packed"] if seed % 2 else ())
    repository = GitRepository(folder)
    for path in ("", "a", "a/b", "c", "a/x.py", "nothing"):
        for branch in ("main", "other"):
            expected = git(
                folder, "rev-list", f"--max-count={MAX_LOG}", branch, "--", *([path] if path else [])
            ).split()
            found = repository.log(branch, path, MAX_LOG)
            assert [commit.id for commit in found] == expected
            for commit in found[:10]:
                first = git(
                    folder,
                    "diff-tree",
                    "-r",
                    "-m",
                    "--root",
                    "--no-commit-id",
                    "--name-only",
                    commit.id,
                    f"{commit.id}^",
                    check=False,
                )
                assert commit.paths == tuple(
                    sorted((first or git(folder, "ls-tree", "-r", "--name-only", commit.id)).splitlines())
                )


def test_an_ambiguous_or_too_short_name_is_no_commit(tmp_path: Path) -> None:
    folder = grown(tmp_path / "repository", 3, form=FORMS["packed"])
    head = git(folder, "rev-parse", "main")
    repository = GitRepository(folder)
    assert repository.files(head[:12], "a")
    for name in (head[:3], head[:-1] + ("0" if head[-1] != "0" else "1"), git(folder, "rev-parse", "main:a")):
        with pytest.raises(SutureError):
            repository.files(name, "a")


@pytest.mark.parametrize("form", ["loose", "packed", "deltas by id"])
def test_whatever_byte_is_changed_the_truth_is_told_or_nothing(tmp_path: Path, form: str) -> None:
    """Random damage anywhere in the git folder never ends in anything but an answer that is true, or a refusal."""
    chance = random.Random(form)
    origin = grown(tmp_path / "repository", 7, commits=25, form=FORMS[form])
    head = git(origin, "rev-parse", "main")
    repository = GitRepository(origin)
    paths = repository.files(head, "")
    truth = {path: repository.text(head, path) for path in paths}
    history = {commit.id for commit in repository.log(head, "", MAX_LOG)}
    spots = [path.relative_to(origin) for path in sorted((origin / ".git").rglob("*")) if path.is_file()]
    spots = [path for path in spots if path.parts[1] not in ("hooks", "info", "logs", "description")]
    told = refused = 0
    for _ in range(250):
        place = origin / chance.choice(spots)
        place.chmod(0o600)
        whole = place.read_bytes()
        content = bytearray(whole)
        for _ in range(chance.choice((1, 1, 3))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        place.write_bytes(content[: chance.randrange(len(content))] if chance.random() < 0.2 else content)
        try:
            assert repository.files(head, "") == paths
            assert {path: repository.text(head, path) for path in paths} == truth
            assert {commit.id for commit in repository.log(head, "", MAX_LOG)} <= history
            told += 1
        except SutureError:
            refused += 1
        for name in ("main", head):
            with contextlib.suppress(SutureError):
                repository.commit("suture/x", name, {"a/new.py": "x\n"}, "m")
                repository.log(name, "a", 5)
        place.write_bytes(whole)
        (origin / ".git" / "refs" / "heads" / "suture" / "x").unlink(missing_ok=True)
    assert told > 10
    assert refused > 10


def test_the_damage_of_the_last_test_misleads_plain_git(tmp_path: Path) -> None:
    at = hostile.ground(tmp_path)
    hostile.wrong_content(at)
    name = git(at.folder, "rev-parse", "HEAD:svc/a.py")
    assert hostile.LIE in git(at.folder, "cat-file", "--batch", stdin=f"{name}\n".encode())
