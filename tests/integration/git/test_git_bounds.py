"""A repository is read within bounds: bytes before and after unpacking, files, depth, paths, history, time."""

import hashlib
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from incident.errors import BadInput, Refused, SutureError, Unavailable
from tests.integration.git import hostile, packing
from tests.integration.git.hostile import git
from tools.git.bounds import MIB, Bounds
from tools.git.repository import GitRepository

ASK = """
import sys
from pathlib import Path
from incident.errors import SutureError
from tools.git.repository import GitRepository
repository = GitRepository(Path(sys.argv[1]))
questions = {
    "files": lambda: repository.files("main", "svc"),
    "text": lambda: repository.text("main", "svc/a.py"),
    "log": lambda: repository.log("main", "svc", 50),
    "head": lambda: repository.text("HEAD", "svc/a.py"),
    "export": lambda: repository.export("main", sys.argv[3]),
}
try:
    print("answered", str(questions[sys.argv[2]]())[:80])
except (SutureError, KeyError) as error:
    print(type(error).__name__, error)
status = Path("/proc/self/status").read_text()  # ru_maxrss would count what our parent had
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""


def ask(folder: Path, question: str) -> tuple[str, int]:
    """(what was said, the MiB that it took) in a process of its own."""
    command = [sys.executable, "-c", ASK, str(folder), question, str(folder.parent / f"out-{question}")]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    *lines, memory = said.splitlines()
    return "\n".join(lines), int(memory)


def lay(folder: Path, kind: str, content: bytes) -> str:
    """A loose object, whatever it says."""
    whole = b"%b %d\0" % (kind.encode(), len(content)) + content
    name = hashlib.sha1(whole).hexdigest()
    place = folder / ".git" / "objects" / name[:2] / name[2:]
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(zlib.compress(whole, 1))
    return name


def point(folder: Path, tree: str) -> None:
    """Let main's folder `svc` be a tree."""
    outer = git(folder, "mktree", stdin=f"040000 tree {tree}\tsvc".encode())
    git(folder, "update-ref", "refs/heads/main", git(folder, "commit-tree", "-m", "x", outer))


def tree_of(*blobs: str) -> bytes:
    return b"".join(b"100644 %05d.py\0" % number + bytes.fromhex(name) for number, name in enumerate(blobs))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return hostile.repository(tmp_path / "repository")


@pytest.fixture
def packs(folder: Path) -> Path:
    return folder / ".git" / "objects" / "pack"


def test_many_small_files_that_unpack_to_much_are_refused(folder: Path) -> None:
    """Each is just below a MiB and packed to a KiB, and all are in one folder."""
    blobs = [lay(folder, "blob", f"# {number}\n".encode() + b" " * (MIB - 20)) for number in range(260)]
    point(folder, lay(folder, "tree", tree_of(*blobs)))
    for question in ("files", "export"):
        said, memory = ask(folder, question)
        assert said.startswith("Refused"), said
        assert memory < 250
    out = git(folder, "cat-file", "--batch-check=%(objectsize)", stdin="\n".join(blobs).encode())
    assert sum(map(int, out.split())) > 256 * MIB, "control: plain git has no such bound"


def test_a_file_that_unpacks_to_more_than_its_head_says_is_refused_before_that(folder: Path) -> None:
    blob = git(folder, "rev-parse", "main:svc/a.py")
    place = folder / ".git" / "objects" / blob[:2] / blob[2:]
    place.unlink()
    packer = zlib.compressobj()
    parts = [packer.compress(b"blob 6\0"), *(packer.compress(bytes(MIB)) for _ in range(300)), packer.flush()]
    place.write_bytes(b"".join(parts))
    assert place.stat().st_size < MIB
    assert len(zlib.decompress(place.read_bytes())) > 300 * MIB, "control"
    for question in ("text", "export"):
        said, memory = ask(folder, question)
        assert "damaged" in said
        assert memory < 150


def test_a_large_file_is_refused_without_unpacking_it(folder: Path) -> None:
    blob = lay(folder, "blob", bytes(100 * MIB))
    point(folder, lay(folder, "tree", b"100644 a.py\0" + bytes.fromhex(blob)))
    for question, said in (("text", "KeyError"), ("files", "answered ()"), ("export", "Refused")):
        heard, memory = ask(folder, question)
        assert heard.startswith(said), heard
        assert memory < 150


def test_empty_blocks_without_end_are_not_read_to_their_end(folder: Path) -> None:
    """A stream of nothing: each five bytes unpack to none, so no count of unpacked bytes ends it."""
    blob = git(folder, "rev-parse", "main:svc/a.py")
    place = folder / ".git" / "objects" / blob[:2] / blob[2:]
    place.unlink()
    nothing = b"\x00\x00\x00\xff\xff"
    place.write_bytes(b"\x78\x01" + b"\x00\x0d\x00\xf2\xffblob 6\x00x = 1\n" + nothing * (20 * MIB))
    seen = zlib.decompressobj()
    assert seen.decompress(place.read_bytes()) == b"blob 6\0x = 1\n"
    assert not seen.eof, "control: all of it can be unpacked, and there is still no end"
    said, memory = ask(folder, "text")
    assert "damaged" in said
    assert memory < 150


def test_a_delta_that_makes_much_of_little_is_refused(folder: Path, packs: Path) -> None:
    base = packing.blob(b"#" * MIB)
    made = packing.delta(MIB, 2048 * MIB, *[(0, MIB)] * 2048)
    bomb = packing.Packed("ab" * 20, packing.OFFSET_DELTA, made, base=0)
    packing.write(packs, [base, bomb])
    point(folder, lay(folder, "tree", b"100644 a.py\0" + bytes.fromhex(bomb.id)))
    for question, said in (("text", "KeyError"), ("export", "Refused")):
        heard, memory = ask(folder, question)
        assert heard.startswith(said), heard
        assert memory < 150


def test_a_delta_that_says_less_than_it_makes_is_refused(folder: Path, packs: Path) -> None:
    base = packing.blob(b"#" * MIB)
    bomb = packing.Packed("ab" * 20, packing.OFFSET_DELTA, packing.delta(MIB, 10, *[(0, MIB)] * 2048), base=0)
    packing.write(packs, [base, bomb])
    point(folder, lay(folder, "tree", b"100644 a.py\0" + bytes.fromhex(bomb.id)))
    said, memory = ask(folder, "text")
    assert "damaged" in said
    assert memory < 150


@pytest.mark.parametrize(
    "objects",
    [
        [packing.Packed("ab" * 20, packing.ID_DELTA, packing.delta(1, 1, (0, 1)), base="ab" * 20)],
        [
            packing.Packed("ab" * 20, packing.ID_DELTA, packing.delta(1, 1, (0, 1)), base="cd" * 20),
            packing.Packed("cd" * 20, packing.ID_DELTA, packing.delta(1, 1, (0, 1)), base="ab" * 20),
        ],
        [packing.Packed("ab" * 20, packing.OFFSET_DELTA, packing.delta(1, 1, (0, 1)), base=0)],
        [packing.Packed("ab" * 20, packing.BLOB, b"x", size=1 << 60)],
        [packing.Packed("ab" * 20, packing.BLOB, b"x", size=1)],
        [packing.Packed("ab" * 20, 5, b"x")],
        [packing.Packed("ab" * 20, packing.OFFSET_DELTA, b"\xff" * 100, base=0)],
    ],
    ids=["rests on itself", "a circle", "no way back", "claims an exabyte", "another's id", "no kind", "no delta"],
)
def test_a_pack_that_leads_nowhere_is_refused(folder: Path, packs: Path, objects: list[packing.Packed]) -> None:
    packing.write(packs, objects)
    point(folder, lay(folder, "tree", b"100644 a.py\0" + bytes.fromhex("ab" * 20)))
    for ask_it in (GitRepository(folder).text, GitRepository(folder).files):
        with pytest.raises(Unavailable):
            ask_it("main", "svc/a.py")


@pytest.mark.parametrize("offset", [0, 1, 1 << 20, (1 << 31) + 5, (1 << 63) + 1, (1 << 64) - 1])
def test_an_index_that_points_out_of_its_pack_is_refused(folder: Path, packs: Path, offset: int) -> None:
    one = packing.blob(b"hello")
    packing.write(packs, [one], {one.id: offset})
    point(folder, lay(folder, "tree", b"100644 a.py\0" + bytes.fromhex(one.id)))
    with pytest.raises(Refused, match="damaged"):
        GitRepository(folder).text("main", "svc/a.py")


def test_a_long_chain_of_deltas_is_read_and_a_longer_one_refused(folder: Path, packs: Path) -> None:
    base = packing.blob(b"hello")
    same = packing.delta(5, 5, (0, 5))
    names = [*(f"{number:040x}" for number in range(200)), base.id]
    chain = [base._replace(id="f" * 40)]
    chain += [packing.Packed(name, packing.OFFSET_DELTA, same, base=number) for number, name in enumerate(names)]
    packing.write(packs, chain)
    point(folder, lay(folder, "tree", b"100644 a.py\0" + bytes.fromhex(base.id)))
    assert GitRepository(folder).text("main", "svc/a.py") == "hello"
    with pytest.raises(Refused, match="damaged"):
        GitRepository(folder, bounds=Bounds(chain=200)).text("main", "svc/a.py")


def test_a_tree_of_the_same_trees_over_and_over_is_refused(folder: Path) -> None:
    name = lay(folder, "tree", tree_of(git(folder, "rev-parse", "main:svc/a.py")))
    for _ in range(12):
        inner = b"".join(b"40000 %02d\0" % number + bytes.fromhex(name) for number in range(30))
        name = lay(folder, "tree", inner)
    point(folder, name)
    for question in ("files", "export", "log"):
        said, memory = ask(folder, question)
        assert "more than 100000 files and folders" in said
        assert memory < 250
    with pytest.raises(subprocess.TimeoutExpired):  # control
        subprocess.run(
            ["git", "-C", folder, "ls-tree", "-r", "main"], stdout=subprocess.DEVNULL, check=False, timeout=2
        )


def test_a_deep_tree_and_a_long_path_are_refused(folder: Path) -> None:
    blob, names = git(folder, "rev-parse", "main:svc/a.py"), {}
    for part, depth in ((b"d", 500), (b"d" * 250, 5)):
        name = lay(folder, "tree", tree_of(blob))
        for _ in range(depth):
            name = lay(folder, "tree", b"40000 %b\0" % part + bytes.fromhex(name))
        names[part] = name
    for name in names.values():
        point(folder, name)
        repository = GitRepository(folder)
        with pytest.raises(Refused):
            repository.files("main", "svc")
        with pytest.raises(Refused):
            repository.log("main", "svc", 5)
        with pytest.raises(Refused):
            repository.export("main", str(folder.parent / "out"))


def test_history_is_walked_so_far_and_no_further(folder: Path) -> None:
    """Only the first of many commits touched the service."""
    lines = ["commit refs/heads/main\ncommitter n <n> 1700000001 +0000\ndata 1\nm\nfrom refs/heads/main^0\n"]
    lines += ["commit refs/heads/main\ncommitter n <n> 1700000001 +0000\ndata 1\nm\n"] * 3000
    git(folder, "fast-import", "--quiet", stdin="".join(lines).encode())
    assert len(GitRepository(folder).log("main", "svc", 5)) == 2
    assert GitRepository(folder, bounds=Bounds(commits=3000)).log("main", "svc", 5) == ()
    assert len(GitRepository(folder, bounds=Bounds(commits=3000)).log("main", "", 50)) == 50


def test_a_commit_with_a_huge_message_is_refused(folder: Path) -> None:
    huge = git(folder, "commit-tree", "-F", "-", "-p", "HEAD", "HEAD^{tree}", stdin=b"x\n" * (5 * MIB))
    git(folder, "update-ref", "refs/heads/main", huge)
    for question in ("log", "files"):
        said, memory = ask(folder, question)
        assert said.startswith("Refused")
        assert memory < 150


@pytest.mark.parametrize(
    "name", ["HEAD", "packed-refs", "refs/heads/main", "config", "shallow", "objects/info/alternates"]
)
def test_a_file_of_the_git_folder_without_end_is_refused(folder: Path, name: str) -> None:
    place = folder / ".git" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    os.truncate(place, 1 << 40)
    if name == "packed-refs":
        (folder / ".git" / "refs" / "heads" / "main").unlink()
    said, memory = ask(folder, "head" if name == "HEAD" else "log")
    assert said.startswith("Refused"), said
    assert memory < 350


def test_very_many_branches_are_no_burden(folder: Path) -> None:
    head = git(folder, "rev-parse", "HEAD")
    (folder / ".git" / "packed-refs").write_text("".join(f"{head} refs/heads/b{n:06}\n" for n in range(200_000)))
    repository = GitRepository(folder)
    assert repository.branch("b199999") == head
    assert repository.branch("b200000") is None
    assert repository.commit("suture/x", "b000001", {"new.py": "x\n"}, "m")


@pytest.mark.parametrize("name", ["HEAD", "config", "refs/heads/main", "packed-refs", "objects"])
def test_a_pipe_in_the_git_folder_is_refused_and_not_waited_for(folder: Path, name: str) -> None:
    place = folder / ".git" / name
    if place.is_dir():
        place.rename(place.with_name("old"))
    place.unlink(missing_ok=True)
    os.mkfifo(place)
    if name == "packed-refs":
        (folder / ".git" / "refs" / "heads" / "main").unlink()
    with pytest.raises(SutureError):
        GitRepository(folder, seconds=5.0).text("HEAD", "svc/a.py")
    if name != "objects":
        with pytest.raises(subprocess.TimeoutExpired):  # control
            subprocess.run(["git", "-C", folder, "show", "HEAD:svc/a.py"], capture_output=True, check=False, timeout=2)


def test_refs_that_lead_in_a_circle_are_refused(folder: Path) -> None:
    (folder / ".git" / "refs" / "heads" / "main").write_text("ref: refs/heads/other\n")
    (folder / ".git" / "refs" / "heads" / "other").write_text("ref: refs/heads/main\n")
    with pytest.raises(Refused):
        GitRepository(folder).text("HEAD", "svc/a.py")


@pytest.mark.parametrize("target", ["../../outside", "/etc/hostname", "refs/../../../outside", "config", "HEAD"])
def test_a_ref_that_leads_to_another_file_is_refused(folder: Path, target: str) -> None:
    (folder / "outside").write_text(git(folder, "rev-parse", "HEAD") + "\n")
    (folder / ".git" / "HEAD").write_text(f"ref: {target}\n")
    with pytest.raises(Refused):
        GitRepository(folder).text("HEAD", "svc/a.py")


def test_too_many_packs_are_refused_with_what_helps(folder: Path, packs: Path) -> None:
    for number in range(4):
        packing.write(packs, [packing.blob(b"%d" % number)])
    with pytest.raises(BadInput, match="git gc"):
        GitRepository(folder, bounds=Bounds(packs=3)).check()


def test_time_is_bounded_whatever_is_asked(folder: Path) -> None:
    repository = GitRepository(folder, seconds=0.000001)
    for ask_it in (lambda: repository.files("HEAD", ""), lambda: repository.log("HEAD", "svc", 5)):
        with pytest.raises(Unavailable, match="longer than"):
            ask_it()
