"""What a deploy brought is asked of the repository: cut, without secrets, for reading only, or a gap that says why not."""

from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from graph.evidence import deploys
from graph.evidence.answers import Found
from incident.errors import Refused, Unavailable
from incident.evidence import Change, Gap, Missing, Origin
from tools import ports, suture_toml, unset
from tools.scripted import repository, source
from tools.scripted.clock import ManualClock
from tools.scripted.repository import History, ScriptedRepository

NOW = ManualClock().now()
PLACE = "services/orders/pricing.py"


def grown(*commits: tuple[str, Mapping[str, str]]) -> tuple[ScriptedRepository, list[str]]:
    """A repository whose service orders was there first, and then got these commits; and the ids of all."""
    history, files, ids = History(), dict(source.FILES), list[str]()
    for number, (subject, changed) in enumerate((("Add orders", {}), *commits)):
        files |= changed
        history = repository.grown(history, "main", NOW + timedelta(minutes=number), subject, files)
        ids.append(history.branches["main"])
    return ScriptedRepository(history), ids


def deploy(commit: str | None, previous: str | None, **fields: Any) -> Change:
    named = {"service": "orders", "at": NOW, "version": "v2", "previous": "v1", **fields}
    return Change(what="deploy", commit=commit, previous_commit=previous, **named)


def told(source_of: Any, *changes: Change) -> tuple[list[Change], list[Gap]]:
    """The changes with what they brought, and the gaps."""
    context: Any = SimpleNamespace(world=SimpleNamespace(repository=source_of))
    gaps: list[Gap] = []
    found: list[Found] = [("platform", Origin.PLATFORM, change) for change in changes]
    filled = deploys.with_commits(context, "orders", found, gaps)
    return [fact for *_, fact in filled if isinstance(fact, Change)], gaps


def test_the_commits_between_two_versions_are_told_newest_first_with_their_patch() -> None:
    kept, ids = grown(
        ("Price in cents", {PLACE: "A = 1\n"}),
        ("Stock counts", {"services/stock/app.py": "B = 1\n"}),
        ("Round down", {PLACE: "A = 2\n", "libs/money.py": "C = 1\n"}),
    )
    (change,), gaps = told(kept, deploy(ids[-1], ids[0]))
    assert change.commits == (f"{ids[3][:12]} Round down", f"{ids[1][:12]} Price in cents")
    assert "-A = 1\n+A = 2\n" in change.patch
    assert change.patch.index(ids[3][:12]) < change.patch.index(ids[1][:12])
    assert gaps == []
    assert "Stock counts" not in str(change)
    # A file of others is named, not shown.
    assert "# not shown: libs/money.py" in change.patch
    assert "C = 1" not in change.patch


def test_a_deploy_that_goes_back_brought_nothing_and_lacks_nothing() -> None:
    kept, ids = grown(("Price in cents", {PLACE: "A = 1\n"}))
    assert told(kept, deploy(ids[0], ids[1])) == ([deploy(ids[0], ids[1])], [])


def test_many_commits_and_a_long_patch_are_cut_and_say_so() -> None:
    texts = [(f"Change {number} " + "x" * 300, {PLACE: f"A = {number}\n" * 40}) for number in range(30)]
    kept, ids = grown(*texts)
    (change,), gaps = told(kept, deploy(ids[-1], ids[0]))
    assert len(change.commits) == deploys.COMMITS + 1
    assert change.commits[-1] == "# not shown: 10 older commits"
    assert max(map(len, change.commits)) <= 13 + deploys.SUBJECT
    assert len(change.patch) <= deploys.PATCH
    assert change.patch.endswith(deploys.CUT)
    assert gaps == []


def test_of_more_commits_than_the_repository_counts_no_number_is_made_up() -> None:
    kept, ids = grown(*((f"Change {number}", {PLACE: f"A = {number}\n"}) for number in range(ports.MAX_LOG + 5)))
    (change,), _ = told(kept, deploy(ids[-1], ids[0]))
    assert change.commits[-1] == f"# not shown: {ports.MAX_LOG - deploys.COMMITS} or more older commits"


PEM = "-----BEGIN RSA PRIVATE KEY-----\n{}-----END RSA PRIVATE KEY-----\n"


def test_secrets_and_what_nobody_sees_are_taken_out_before_anything_is_cut() -> None:
    # The cut would go through one of the keys.
    keys = "".join(PEM.format(f"MIIEpAIBAAKCAQEA{number:04}abcdefghijklmnop\n" * 20) for number in range(12))
    text = f'PASSWORD = "hunter2hunter2"\nNAME = "a\u202eb"\n{keys}'
    kept, ids = grown(("Log in, password=hunter2hunter2 \x1b[2J", {PLACE: text}))
    (change,), _ = told(kept, deploy(ids[-1], ids[0]))
    shown = "\n".join((*change.commits, change.patch))
    assert "hunter2" not in shown
    assert "MIIE" not in shown
    assert "\u202e" not in shown
    assert "\x1b" not in shown
    assert "[redacted]" in change.patch


def test_what_a_platform_says_of_commits_itself_is_not_taken() -> None:
    kept, ids = grown(("Price in cents", {PLACE: "A = 1\n"}))
    forged = {"commits": ("roll back payment",), "patch": "x" * 100_000}
    config = Change(service="orders", at=NOW, what="config", key="A", new="1", **forged)
    found, _ = told(kept, deploy(ids[1], ids[0], **forged), config)
    assert found[0].commits == (f"{ids[1][:12]} Price in cents",)
    assert len(found[0].patch) < 1_000
    assert (found[1].commits, found[1].patch) == ((), "")


class Gone(ScriptedRepository):
    """A repository that stops answering at one question."""

    def __init__(self, history: History, question: str) -> None:
        super().__init__(history)
        setattr(self, question, self._silent)

    def _silent(self, *_: object) -> Any:
        raise Unavailable("the repository does not answer")


def _unset() -> Any:
    return unset.Unset(ports.Repository, "the port repository is not set", Refused)


def _gone(question: str) -> Any:
    return Gone(grown(("Price in cents", {PLACE: "A = 1\n"}))[0].history, question)


def _without_component() -> Any:
    return grown(("Forget", {suture_toml.NAME: ""}))[0]


KNOWN = tuple(grown(("Price in cents", {PLACE: "A = 1\n"}))[1])
OTHER = "b" * 40


@pytest.mark.parametrize(
    ("kept", "change", "sought", "reason"),
    [
        (_unset(), deploy(KNOWN[1], KNOWN[0]), "commits", "the port repository is not set"),
        (_gone("component"), deploy(KNOWN[1], KNOWN[0]), "commits", "does not answer"),
        (_gone("between"), deploy(KNOWN[1], KNOWN[0]), "commits", "does not answer"),
        (_gone("patch"), deploy(KNOWN[1], KNOWN[0]), "patches", "does not answer"),
        (grown()[0], deploy(OTHER, grown()[1][0]), "commits", f"has no commit '{OTHER}'"),
        (grown()[0], deploy(grown()[1][0], OTHER), "commits", f"has no commit '{OTHER}'"),
        (_without_component(), deploy(KNOWN[1], KNOWN[0]), "commits", "has no entry for orders"),
        (grown()[0], deploy(KNOWN[0], None), "commits", "does not name the commits"),
        (grown()[0], deploy(None, None), "commits", "does not name the commits"),
    ],
    ids=["unset", "gone", "gone between", "gone patch", "unknown", "unknown before", "no component", "no base", "none"],
)
def test_what_is_not_known_is_a_gap(kept: Any, change: Change, sought: str, reason: str) -> None:
    (found,), (gap,) = told(kept, change)
    assert found.patch == ""
    assert bool(found.commits) is (sought == "patches")
    assert (gap.source, gap.sought) == ("repository", f"{sought} that orders v2 brought")
    assert reason in gap.reason


def test_one_reason_is_one_gap_and_many_deploys_are_not_all_looked_into() -> None:
    kept, ids = grown(("Price in cents", {PLACE: "A = 1\n"}))
    others = [deploy(None, None, service=f"s{number}", at=NOW + timedelta(seconds=number)) for number in range(7)]
    own = deploy(ids[1], ids[0], at=NOW - timedelta(hours=1))
    found, gaps = told(kept, *others, own)
    # The service's own comes first, however old.
    assert found[-1].commits
    assert [gap.sought for gap in gaps] == [
        "commits that s6 v2, s5 v2, s4 v2 and s3 v2 brought",
        "commits that s2 v2, s1 v2 and s0 v2 brought",
    ]
    assert gaps[1].reason == f"only {deploys.DEPLOYS} deploys are looked into"


def test_no_repository_is_asked_where_nothing_was_deployed() -> None:
    config = Change(service="orders", at=NOW, what="config", key="A", new="1")
    assert told(_unset(), config) == ([config], [])


def test_a_change_without_commits_is_written_as_it_was_before_there_were_any() -> None:
    plain = deploy(KNOWN[1], KNOWN[0])
    assert not {"commits", "patch", "target"} & set(plain.model_dump(mode="json"))
    assert isinstance(grown()[0].component("stock"), Missing)
