"""Which remedy is chosen, and what the others are told."""

from typing import Any

import pytest

from incident import setting
from incident.decision import Decision, because
from incident.diagnosis import ResourceCause, UnknownCause
from incident.evidence import Dossier
from incident.remedy import RemedyKind, Restart, RevertConfig, RollBack
from incident.windows import Windows
from policies import limits
from policies.diagnosis import changes
from policies.policy import Judgement
from policies.remedy import ranking
from tests.unit.policies import given
from tests.unit.policies.given import CONFIG, DEPENDENCY, DEPLOY, configured, deployed, dossier, errors, hypothesis

LIMITS = limits.Remedies()


def ranked(**changed: Any) -> Judgement[RemedyKind, ranking.Result]:
    facts: dict[str, Any] = {
        "hypothesis": hypothesis(),
        "dossier": dossier(errors()),
        "workload": given.workload(),
        "previous_good": ("v1", "a" * 40),
        "reproduction": True,
        "tried": (),
        "limits": LIMITS,
    }
    return ranking.rank(ranking.Facts.model_validate(facts | changed))


def why_not(decision: Decision, name: str) -> str:
    return next(item.why_not.code for item in decision.alternatives if item.name == name)


def test_a_dormant_bug_is_patched() -> None:
    decision = ranked()
    assert decision.choice == "patch"
    assert decision.result == ranking.Result(service="orders", remedy=None)
    assert why_not(decision, "roll_back") == "no_fresh_deploy"


def test_a_fresh_deploy_is_rolled_back_although_a_patch_would_fit_too() -> None:
    decision = ranked(dossier=dossier(errors(), deployed()))
    assert decision.choice == "roll_back"
    assert decision.result.remedy == RollBack(service="orders", from_version="v2", to_version="v1", to_commit="a" * 40)
    assert why_not(decision, "patch") == "another_comes_first"


def test_a_blamed_deploy_is_rolled_back() -> None:
    assert ranked(hypothesis=hypothesis(DEPLOY), dossier=dossier(errors(), deployed())).choice == "roll_back"


BACK = RollBack(service="orders", from_version="v2", to_version="v1", to_commit="a" * 40)
REVERTED = RevertConfig(service="orders", version="v2", key="TIMEOUT_MS", now="5", back_to="500")
STALE = LIMITS.fresh_seconds + 1


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"dossier": dossier(errors(), deployed(-STALE))}, "no_fresh_deploy"),
        ({"dossier": dossier(errors(), deployed(LIMITS.onset_slack_seconds + 1))}, "no_fresh_deploy"),
        ({"dossier": dossier(errors(), deployed(version="v3", previous="v2"))}, "no_fresh_deploy"),
        ({"dossier": dossier(errors(versions=("v1",)), deployed())}, "deploy_innocent"),
        ({"dossier": dossier(errors(versions=("v1", "v2")), deployed())}, "deploy_innocent"),
        ({"dossier": dossier(errors(first=-60.0), deployed())}, "deploy_innocent"),
        ({"previous_good": None}, "no_earlier_version"),
        ({"previous_good": ("v2", "a" * 40)}, "runs_now"),
        ({"dossier": dossier(errors(), deployed(), given.signals(30, 100, version="v1"))}, "failed_as_well"),
        ({"tried": (BACK.digest(),)}, "tried_before"),
    ],
    ids=[
        "the deploy is old",
        "the deploy came after the onset",
        "another version runs",
        "the errors come from the version before",
        "both versions fail",
        "the errors were there before",
        "no good version known",
        "the good version runs already",
        "the good version was bad too",
        "rolled back already",
    ],
)
def test_one_fact_turns_a_rollback_into_a_patch(changed: dict[str, Any], reason: str) -> None:
    fresh: dict[str, Any] = {"dossier": dossier(errors(), deployed())}
    assert ranked(**fresh).choice == "roll_back"
    decision = ranked(**(fresh | changed))
    assert decision.choice == "patch"
    assert why_not(decision, "roll_back") == reason


@pytest.mark.parametrize(
    ("seconds", "want"),
    [
        (-LIMITS.fresh_seconds, "roll_back"),
        (-LIMITS.fresh_seconds - 1, "patch"),
        (LIMITS.onset_slack_seconds, "roll_back"),
        (LIMITS.onset_slack_seconds + 1, "patch"),
    ],
)
def test_the_edges_of_a_fresh_deploy(seconds: float, want: str) -> None:
    assert ranked(dossier=dossier(errors(first=seconds), deployed(seconds))).choice == want


@pytest.mark.parametrize(("failed", "want"), [(4, "roll_back"), (5, "patch")])
def test_the_version_to_go_back_to_may_not_have_failed_itself(failed: int, want: str) -> None:
    served = given.signals(failed, 100, version="v1")
    assert ranked(dossier=dossier(errors(), deployed(), served)).choice == want


def versions(earlier: tuple[int, int], running: tuple[int, int]) -> dict[str, Any]:
    """A fresh deploy of v2, with (errors, requests) of v1 before it and of v2 since the onset."""
    return {
        "dossier": dossier(errors(), deployed()),
        "earlier": given.signals(*earlier, version="v1"),
        "running": given.signals(*running, version="v2"),
    }


@pytest.mark.parametrize(
    ("earlier", "running", "want"),
    [
        ((6, 2_000), (15, 100), "roll_back"),
        ((6, 2_000), (2, 100), "patch"),
        ((6, 2_000), (0, 100), "patch"),
        ((60, 2_000), (3, 100), "patch"),
        ((60, 2_000), (15, 100), "roll_back"),
        ((0, 2_000), (1, 100), "patch"),
        ((0, 2_000), (3, 100), "roll_back"),
        ((30, 10_000), (450, 30_000), "roll_back"),
    ],
    ids=str,
)
def test_a_fresh_deploy_that_fails_no_more_than_the_version_before_is_not_to_blame(
    earlier: tuple[int, int], running: tuple[int, int], want: str
) -> None:
    """Both versions failing alike speaks for the traffic, for a dependency, for chance: never for the release."""
    decision = ranked(**versions(earlier, running))
    assert decision.choice == want
    if want == "patch":
        assert why_not(decision, "roll_back") == "no_worse"


def test_what_nobody_measured_is_left_to_the_proof() -> None:
    assert ranked(**{**versions((6, 2_000), (0, 100)), "earlier": None}).choice == "roll_back"
    assert ranked(**{**versions((6, 2_000), (0, 100)), "running": None}).choice == "roll_back"


def test_a_blamed_deploy_that_is_no_worse_is_a_question_that_says_so() -> None:
    decision = ranked(**versions((60, 2_000), (3, 100)), hypothesis=hypothesis(DEPLOY))
    assert decision.choice == "ask_human"
    assert decision.verdict.reason.values["why"] == because(
        "no_worse",
        running=because("version_failed", version="v2", errors=3, requests=100),
        earlier=because("version_failed", version="v1", errors=60, requests=2000),
    )


@pytest.mark.parametrize("size", [1, 100, 50_000])
def test_versions_that_fail_alike_are_told_apart_by_chance_only_once_in_a_thousand(size: int) -> None:
    """Worse by three standard deviations and more is worse, by one it is not, however many were asked."""
    one = given.signals(size, 20 * size, version="v1")
    spread = (size * 0.95 * 2) ** 0.5
    few, many = (given.signals(round(size + spread * times) + 1, 20 * size, version="v2") for times in (1.0, 5.0))
    assert not changes.worse(one, few)
    assert changes.worse(one, many) is (size > 1)


def test_another_services_deploy_is_not_ours() -> None:
    elsewhere = deployed().model_copy(update={"service": "stock"})
    assert ranked(dossier=dossier(errors(), elsewhere)).choice == "patch"


def test_the_clocks_may_differ_by_the_slack_before_a_deploy_is_innocent() -> None:
    slack = Windows().slack.total_seconds()
    assert ranked(dossier=dossier(errors(first=-10.0 - slack), deployed(-10.0))).choice == "roll_back"
    assert ranked(dossier=dossier(errors(first=-10.5 - slack), deployed(-10.0))).choice == "patch"


HERRING = dossier(configured(), deployed(-20.0), errors(versions=("v2",), first=-4.0))


def test_a_guilty_config_change_beside_an_innocent_deploy_is_reverted() -> None:
    decision = ranked(hypothesis=hypothesis(CONFIG), dossier=HERRING)
    assert decision.choice == "revert_config"
    assert decision.result.remedy == RevertConfig(
        service="orders", version="v2", key="TIMEOUT_MS", now="5", back_to="500"
    )
    assert why_not(decision, "roll_back") == "no_version_to_blame"


@pytest.mark.parametrize(
    "changed",
    [
        {"dossier": dossier(configured(-STALE), errors())},
        {"dossier": dossier(errors())},
        {"dossier": dossier(configured(old=None), errors())},
        {"dossier": dossier(configured(new="7"), errors())},
        {"workload": given.workload(config={"TIMEOUT_MS": "500"})},
        {"workload": given.workload(config={"OTHER": "5"})},
        {"tried": (REVERTED.digest(),)},
    ],
    ids=["old", "not recorded", "nothing before it", "another value", "set back already", "gone", "tried"],
)
def test_a_config_change_without_an_exact_inverse_goes_to_a_person(changed: dict[str, Any]) -> None:
    assert ranked(hypothesis=hypothesis(CONFIG), dossier=HERRING).choice == "revert_config"
    assert ranked(**({"hypothesis": hypothesis(CONFIG), "dossier": HERRING} | changed)).choice == "ask_human"


@pytest.mark.parametrize(("old", "new"), [(setting.MARK, "5"), ("500", setting.MARK), (setting.MARK, setting.MARK)])
def test_a_setting_whose_values_are_not_known_is_never_set_back(old: str, new: str) -> None:
    """Two marks look alike and say nothing about two values; a mark set as a value would be the next incident."""
    unknown = hypothesis(CONFIG.model_copy(update={"old": old, "new": new}))
    facts = {
        "dossier": dossier(configured(old=old, new=new), errors()),
        "workload": given.workload(config={"TIMEOUT_MS": new}),
    }
    assert ranked(hypothesis=unknown, **facts).choice == "ask_human"
    digests = setting.hidden("0" * 64), setting.hidden("1" * 64)
    known = hypothesis(CONFIG.model_copy(update={"old": digests[0], "new": digests[1]}))
    facts = {
        "dossier": dossier(configured(old=digests[0], new=digests[1]), errors()),
        "workload": given.workload(config={"TIMEOUT_MS": digests[1]}),
    }
    assert ranked(hypothesis=known, **facts).choice == "revert_config"


def test_the_latest_of_two_changes_is_the_one_that_is_undone() -> None:
    twice = dossier(configured(-60.0, "100", "5"), configured(-5.0, "500", "5"), errors())
    remedy = ranked(hypothesis=hypothesis(CONFIG), dossier=twice).result.remedy
    assert isinstance(remedy, RevertConfig)
    assert remedy.back_to == "500"


def test_an_unproved_patch_is_not_written() -> None:
    decision = ranked(reproduction=False)
    assert decision.choice == "ask_human"
    assert why_not(decision, "patch") == "not_reproduced"


def test_a_patch_that_could_not_be_proved_says_what_the_reproduction_missed() -> None:
    decision = ranked(reproduction=False, unreproduced="the request needs a clock")
    (patch,) = [item for item in decision.alternatives if item.name == "patch"]
    assert patch.why_not == because("not_reproduced_because", why="the request needs a clock")


@pytest.mark.parametrize("reproduction", [True, False])
def test_what_belongs_to_somebody_else_is_not_patched_here(reproduction: bool) -> None:
    blamed = hypothesis(DEPENDENCY)
    facts = dossier(errors(), deployed(), configured())
    decision = ranked(hypothesis=blamed, dossier=facts, reproduction=reproduction)
    assert decision.choice == "ask_human"
    assert decision.verdict.reason.values["host"] == "rates.example:443"


def test_an_unknown_cause_is_a_question() -> None:
    unknown = hypothesis().model_copy(update={"cause": UnknownCause(reason="no logs")})
    decision = ranked(hypothesis=unknown, dossier=dossier(errors(), deployed()))
    assert decision.choice == "ask_human"
    assert decision.verdict.kind == "hold"


@pytest.mark.parametrize(
    ("resource", "want"), [("memory", "restart"), ("connections", "restart"), ("cpu", "scale"), ("disk", "ask_human")]
)
def test_a_short_resource(resource: str, want: str) -> None:
    short = hypothesis().model_copy(update={"cause": ResourceCause.model_validate({"resource": resource})})
    assert ranked(hypothesis=short).choice == want


def test_what_hangs_is_restarted_as_it_is() -> None:
    decision = ranked(hypothesis=hypothesis(given.HANG), dossier=dossier(given.unready()))
    assert decision.choice == "restart"
    assert decision.result.remedy == Restart(service="orders", version="v2")


def test_a_restart_is_not_tried_twice() -> None:
    short = hypothesis().model_copy(update={"cause": ResourceCause(resource="memory")})
    assert ranked(hypothesis=short, tried=(Restart(service="orders", version="v2").digest(),)).choice == "ask_human"


@pytest.mark.parametrize("facts", [dossier(), dossier(errors()), HERRING], ids=["nothing", "errors", "changes"])
@pytest.mark.parametrize("cause", [given.CODE, DEPLOY, CONFIG, DEPENDENCY], ids=lambda cause: cause.kind)
def test_every_remedy_is_either_chosen_or_told_why_not(cause: Any, facts: Dossier) -> None:
    decision = ranked(hypothesis=hypothesis(cause), dossier=facts)
    names = {decision.choice, *(item.name for item in decision.alternatives)}
    assert names == set(ranking.ORDER)
    assert all(item.why_not and item.pros and item.cons for item in decision.alternatives)


def test_nothing_serving_leaves_nothing_to_go_back_from() -> None:
    empty = given.workload().model_copy(update={"versions": ()})
    assert ranked(workload=empty, dossier=dossier(errors(), deployed())).choice == "patch"
