"""The laid-out repository: real git, the same every time, tests that pass at every commit."""

import subprocess
from pathlib import Path

import pytest

from evals.lab import faults, repository
from incident.errors import BadInput
from tests.integration.shop import laid_out

ALL = (None, *faults.names())


def load(name: str | None) -> faults.Fault | None:
    return faults.load(name) if name else None


def git(root: Path, *arguments: str) -> str:
    ran = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


@pytest.mark.parametrize("name", ALL)
def test_the_same_fault_gives_the_same_commits(tmp_path: Path, name: str | None) -> None:
    first = repository.lay_out(tmp_path / "a", load(name))
    second = repository.lay_out(tmp_path / "b", load(name))
    assert first.model_copy(update={"root": second.root}) == second


def test_history_tags_and_author_are_real(tmp_path: Path) -> None:
    layout = repository.lay_out(tmp_path / "shop", None)
    assert len(git(layout.root, "rev-list", "main").splitlines()) >= 6
    assert git(layout.root, "rev-parse", "payment/v1.4.0") == layout.versions["payment"].commit
    assert layout.versions["payment"].name == "v1.4.0"
    assert layout.previous["payment"].name == "v1.3.0"
    assert git(layout.root, "log", "--format=%an", "main").splitlines()[0] == "Shop Team"
    assert git(layout.root, "status", "--porcelain") == ""
    assert set(layout.versions) >= {"gateway", "checkout", "payment", "pricing", "inventory", "fraud", "ledger"}


def test_every_running_version_holds_its_place_in_suture_toml(tmp_path: Path) -> None:
    layout = repository.lay_out(tmp_path / "shop", None)
    for service, version in layout.versions.items():
        text = git(layout.root, "show", f"{version.commit}:suture.toml")
        assert f"[services.{service}]" in text
        entry = "server.mjs" if service == "ratings" else "app.py"
        assert git(layout.root, "show", f"{version.commit}:services/{service}/{entry}")


@pytest.mark.parametrize("name", ["null-membership", "open-voucher"])
def test_a_dormant_bug_is_as_old_as_its_file(tmp_path: Path, name: str) -> None:
    fault = faults.load(name)
    assert fault.overlay is not None
    layout = repository.lay_out(tmp_path / "shop", fault)
    ((path, planted),) = fault.files(fault.overlay).items()
    service = path.split("/")[1]
    for version in (layout.versions[service], layout.previous[service]):
        text = git(layout.root, "show", f"{version.commit}:{path}")
        marker = '["membership"]["tier"]' if service == "payment" else 'voucher["minimum_cents"]'
        assert marker in text
        assert marker in planted.decode()


def test_a_bad_release_is_a_commit_on_main_with_a_tag_and_is_not_running(tmp_path: Path) -> None:
    layout = repository.lay_out(tmp_path / "shop", faults.load("bad-warehouse-release"))
    assert len(layout.releases) == 1
    assert layout.releases[0].commit == layout.head == git(layout.root, "rev-parse", "inventory/v1.5.0")
    assert layout.versions["inventory"].name == "v1.4.2"
    changed = git(layout.root, "diff", "--name-only", "HEAD~1", "HEAD").splitlines()
    assert all(path.startswith("services/inventory/") for path in changed)


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(BadInput, match="empty"):
        repository.lay_out(tmp_path, None)


@pytest.mark.parametrize("name", ALL)
def test_the_shops_own_tests_pass_at_every_commit_of_one_history_and_at_the_head_of_all(
    tmp_path: Path, name: str | None
) -> None:
    layout = repository.lay_out(tmp_path / "shop", load(name))
    every = git(layout.root, "rev-list", "main").splitlines()
    for commit in every if name == "null-membership" else every[:1]:
        git(layout.root, "checkout", "--quiet", commit)
        ran = laid_out.own_tests(layout.root)
        assert ran.returncode == 0, (commit, ran.stdout)
