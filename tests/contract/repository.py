"""What every repository promises.  Subclasses say how one is made from a series of commits."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from incident.errors import BadInput, Conflict, Refused, Unavailable
from incident.evidence import Missing
from tools import ports
from tools.scripted import source

APP = "services/orders/app.py"
COMMITS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("Add orders", {**source.FILES, "docs/a.md": "a\n"}),
    ("Change a page", {**source.FILES, "docs/a.md": "b\n"}),
    ("Change orders", {**source.FILES, "docs/a.md": "b\n", APP: source.APP + "\n# more\n"}),
)


class WithoutRemote:
    """Base of a test's own repository in which nothing lies between commits, and nothing is sent anywhere."""

    def between(self, base: str, head: str, folder: str) -> tuple[ports.Commit, ...]:
        return ()

    def patch(self, commit: str) -> str:
        return ""

    def publish(self, branch: str, remote: str) -> str:
        raise NotImplementedError

    def propose(self, branch: str, remote: str, title: str, body: str) -> ports.Proposal:
        raise NotImplementedError


class RepositoryContract:
    """Each test gets a repository whose branch ``main`` holds the three commits.

    A subclass makes one from commits, oldest first, each a subject and the files after it; and an empty remote that it
    may publish to, as its address.
    """

    def remote(self, folder: Path) -> str:
        raise NotImplementedError

    def make(self, folder: Path, commits: Sequence[tuple[str, Mapping[str, str]]]) -> ports.Repository:
        raise NotImplementedError

    @pytest.fixture
    def repository(self, tmp_path: Path) -> ports.Repository:
        return self.make(tmp_path / "repository", COMMITS)

    def head(self, repository: ports.Repository) -> str:
        found = repository.branch("main")
        assert found is not None
        return found

    def test_a_component_is_found_and_an_unknown_one_missing(self, repository: ports.Repository) -> None:
        found = repository.component("orders")
        assert not isinstance(found, Missing)
        assert found.path == "services/orders"
        assert isinstance(repository.component("billing-api"), Missing)

    def test_files_below_a_folder_are_listed_and_read(self, repository: ports.Repository) -> None:
        head = self.head(repository)
        assert repository.files(head, "services/orders/tests") == (
            "services/orders/tests/__init__.py",
            "services/orders/tests/test_pricing.py",
        )
        assert repository.files(head, "services/ord") == ()
        assert {path: repository.text(head, path) for path in repository.files(head, "")} == COMMITS[-1][1]

    def test_a_file_that_is_not_there_is_a_key_error(self, repository: ports.Repository) -> None:
        for path in ("absent.py", "services", "../x", ""):
            with pytest.raises(KeyError):
                repository.text(self.head(repository), path)

    def test_a_commit_that_is_not_there_is_unavailable(self, repository: ports.Repository) -> None:
        for ask in (repository.files, repository.text):
            with pytest.raises(Unavailable):
                ask("0" * 40, APP)
        with pytest.raises(Unavailable):
            repository.log("no-such", "", 5)

    def test_the_log_of_a_folder_is_newest_first(self, repository: ports.Repository) -> None:
        head = self.head(repository)
        assert [one.subject for one in repository.log(head, "services/orders", 9)] == ["Change orders", "Add orders"]
        assert [one.subject for one in repository.log(head, "docs", 9)] == ["Change a page", "Add orders"]
        assert [one.id for one in repository.log(head, "", 1)] == [head]
        assert repository.log(head, "services/orders", 1)[0].paths == (APP,)
        assert repository.log(head, "services/orders", 0) == ()

    def test_an_export_holds_every_byte(self, repository: ports.Repository, tmp_path: Path) -> None:
        target = tmp_path / "out"
        repository.export(self.head(repository), str(target))
        found = {str(place.relative_to(target)): place.read_text() for place in target.rglob("*") if place.is_file()}
        assert found == COMMITS[-1][1]
        with pytest.raises(Unavailable):
            repository.export(self.head(repository), str(target))

    def test_a_commit_goes_to_its_own_branch_and_leaves_main(self, repository: ports.Repository) -> None:
        head = self.head(repository)
        made = repository.commit("suture/inc-1", head, {APP: "x = 1\n", "new.py": "y = 2\n"}, "Mend\n\nbody")
        assert repository.branch("suture/inc-1") == made != head
        assert self.head(repository) == head
        assert repository.text(made, APP) == "x = 1\n"
        assert repository.text(made, "docs/a.md") == "b\n"
        newest = repository.log(made, "", 1)[0]
        assert (newest.id, newest.subject, newest.paths) == (made, "Mend", ("new.py", APP))

    def test_the_same_commit_again_is_the_same_and_another_a_conflict(self, repository: ports.Repository) -> None:
        head = self.head(repository)
        made = repository.commit("suture/inc-1", head, {APP: "x = 1\n"}, "Mend")
        assert repository.commit("suture/inc-1", head, {APP: "x = 1\n"}, "Mend") == made
        with pytest.raises(Conflict):
            repository.commit("suture/inc-1", head, {APP: "x = 2\n"}, "Mend")
        assert repository.branch("suture/inc-1") == made

    def test_only_branches_under_suture_and_paths_inside_the_tree_are_written(
        self, repository: ports.Repository
    ) -> None:
        head = self.head(repository)
        for branch, path in (("main", APP), ("suture/", APP), ("suture/../main", APP), ("suture/x", "../x"),
                             ("suture/x", "/x"), ("suture/x", ".git/config"), ("suture/x", "")):  # fmt: skip
            with pytest.raises(BadInput):
                repository.commit(branch, head, {path: "x"}, "Mend")
        with pytest.raises(BadInput):
            repository.commit("suture/x", head, {}, "Mend")
        assert self.head(repository) == head
        assert repository.branch("suture/x") is None

    def test_a_diff_names_both_sides(self, repository: ports.Repository) -> None:
        found = repository.diff({"a.py": "x = 1\n"}, {"a.py": "x = 2\n", "b.py": "y\n"})
        assert "--- a/a.py\n+++ b/a.py\n" in found
        assert "-x = 1\n+x = 2\n" in found
        assert "--- /dev/null\n+++ b/b.py\n" in found
        assert repository.diff({"a.py": "x"}, {"a.py": "x"}) == ""

    def test_commits_between_two_are_those_that_only_the_newer_one_has(self, repository: ports.Repository) -> None:
        head = self.head(repository)
        newest, middle, oldest = repository.log(head, "", 9)
        assert repository.between(oldest.id, head, "") == (newest, middle)
        assert repository.between(oldest.id, head, "services/orders") == (newest,)
        assert repository.between(middle.id, head, "docs") == ()
        assert repository.between(head, head, "") == repository.between(head, oldest.id, "") == ()
        branched = repository.commit("suture/inc-1", middle.id, {APP: "x = 1\n"}, "Mend")
        assert [one.id for one in repository.between(head, branched, "")] == [branched]
        with pytest.raises(Unavailable):
            repository.between("0" * 40, head, "")

    def test_a_patch_is_the_diff_of_one_commit(self, repository: ports.Repository) -> None:
        head = self.head(repository)
        newest, middle, oldest = repository.log(head, "", 9)
        assert repository.patch(middle.id) == repository.diff({"docs/a.md": "a\n"}, {"docs/a.md": "b\n"})
        assert repository.patch(oldest.id) == repository.diff({}, COMMITS[0][1])
        assert "+# more\n" in repository.patch(newest.id)
        with pytest.raises(Unavailable):
            repository.patch("0" * 40)

    def test_a_patch_is_capped_and_says_so(self, repository: ports.Repository) -> None:
        files = {f"big/{number:03}.txt": "x" * 1000 + "\n" for number in range(99)}
        made = repository.commit("suture/inc-1", self.head(repository), files, "Add much")
        patch = repository.patch(made)
        assert ports.MAX_PATCH - 2000 < len(patch) < ports.MAX_PATCH + 2000
        assert patch.count("# not shown: ") == 21

    def test_publishing_a_branch_again_changes_nothing(self, repository: ports.Repository, tmp_path: Path) -> None:
        remote = self.remote(tmp_path / "remote")
        made = repository.commit("suture/inc-1", self.head(repository), {APP: "x = 1\n"}, "Mend")
        assert repository.publish("suture/inc-1", remote) == made
        assert repository.publish("suture/inc-1", remote) == made

    def test_only_branches_of_ours_are_published_and_only_to_an_address(
        self, repository: ports.Repository, tmp_path: Path
    ) -> None:
        remote = self.remote(tmp_path / "remote")
        repository.commit("suture/inc-1", self.head(repository), {APP: "x = 1\n"}, "Mend")
        for branch, place in (("main", remote), ("suture/absent", remote), ("suture/inc-1", "nowhere")):
            with pytest.raises(BadInput):
                repository.publish(branch, place)

    def test_a_proposal_is_found_again_by_its_branch(self, repository: ports.Repository, tmp_path: Path) -> None:
        remote = self.remote(tmp_path / "remote")
        made = repository.commit("suture/inc-1", self.head(repository), {APP: "x = 1\n"}, "Mend")
        with pytest.raises(Refused):
            repository.propose("suture/inc-1", remote, "Mend orders", "why")
        repository.publish("suture/inc-1", remote)
        first = repository.propose("suture/inc-1", remote, "Mend orders", "why")
        assert (first.head, first.title) == (made, "Mend orders")
        assert repository.propose("suture/inc-1", remote, "Another title", "") == first
