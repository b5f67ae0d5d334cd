"""Signed heads on a ref of a real git repository."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.errors import BadInput, Tampered, Unavailable
from tests.contract.anchor import AnchorContract, line
from tools import ports
from tools.audit import chain, chain_file
from tools.audit.anchor_git import REF, GitAnchor, parse
from tools.records import home
from tools.scripted.clock import ManualClock


def git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True).stdout


def repository(folder: Path, *options: str) -> Path:
    path = folder / "anchors"
    subprocess.run(["git", "init", "-q", *options, path], check=True)
    return path


@pytest.mark.parametrize("options", [(), ("--bare",), ("--object-format=sha256",)], ids=["tree", "bare", "sha256"])
class TestGitAnchor(AnchorContract):
    @pytest.fixture
    def pair(self, tmp_path: Path, options: tuple[str, ...]) -> tuple[ports.Anchor, ports.Anchor]:
        path = repository(tmp_path, *options)
        return GitAnchor(path), GitAnchor(path)


def test_a_chain_is_anchored_on_a_ref_and_an_older_copy_of_it_is_found(tmp_path: Path) -> None:
    place, anchor = home.lay_out(tmp_path / "home"), GitAnchor(repository(tmp_path))
    audit = chain_file.open_with(place.audit, place.audit_key, anchor, ManualClock(), every=2)
    older = b""
    for number in range(7):
        audit.append(datetime(2026, 1, 1, tzinfo=UTC), "a", "b", {"n": number})
        older = older or place.audit.read_bytes()
    audit.verify()
    audit.close()
    assert not place.audit_anchor.exists()
    place.audit.write_bytes(older)
    with pytest.raises(Tampered, match="entry 7 was"):
        audit.verify()
    with pytest.raises(Tampered, match="entry 7 was there before"):
        chain_file.open_with(place.audit, place.audit_key, anchor, ManualClock())


def test_the_verifier_reads_what_git_log_prints(tmp_path: Path) -> None:
    path = repository(tmp_path)
    anchor = GitAnchor(path)
    anchor.add(line(0), b"")
    anchor.add(line(5), line(0))
    printed = git(path, "log", "--reverse", "--format=%B", REF)
    kept = b"".join(one + b"\n" for one in printed.split(b"\n") if one)
    assert kept == anchor.read()
    assert len(chain.anchors(b"k" * 32, kept)) == 2


def test_a_commit_is_a_child_of_the_one_before_so_a_remote_can_refuse_anything_else(tmp_path: Path) -> None:
    path, remote = repository(tmp_path), tmp_path / "remote"
    subprocess.run(["git", "init", "-q", "--bare", remote], check=True)
    git(remote, "config", "receive.denyNonFastForwards", "true")
    anchor = GitAnchor(path)
    anchor.add(line(0), b"")
    anchor.add(line(5), line(0))
    branch = "refs/heads/suture-audit"
    git(path, "push", "-q", str(remote), f"{REF}:{branch}")
    git(path, "update-ref", REF, f"{REF}~1")
    with pytest.raises(subprocess.CalledProcessError):
        git(path, "push", "-q", "--force", str(remote), f"{REF}:{branch}")
    assert GitAnchor(remote, branch).last() == line(5)


def test_a_repository_that_is_gone_is_unavailable_and_not_an_empty_anchor(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.raises(Unavailable):
        GitAnchor(tmp_path / "nothing").read()


@pytest.mark.parametrize("text", ["relative", "/does/not/exist", "/tmp#main", "/tmp#refs/heads/main"])
def test_a_setting_that_names_no_repository_or_somebody_elses_ref_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="SUTURE_AUDIT_ANCHOR"):
        parse(text)
