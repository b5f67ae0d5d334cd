"""How scenarios are read, and what none of them can leave out."""

from pathlib import Path

import pytest
import yaml

from agents.models import scripted
from evals.judging import registry
from evals.scenarios import script, spec
from incident.errors import BadInput
from tests.unit.evals.worlds import but, healed

FIRST = (1, 2, 7, 9, 12, 21, 23)
GOOD = {
    "id": 99,
    "title": "A title",
    "promised": "auto-fix",
    "happens": "something",
    "lab": {},
    "expect": {"outcomes": ["healed"], "exit_codes": [0]},
    "judges": ["oracle_answers", {"serves": {"service": "orders", "version": "v1-suture-*"}}],
}


def written(folder: Path, body: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.yaml").write_text(yaml.safe_dump(body))
    return folder


def test_the_first_scenarios_are_there() -> None:
    assert set(FIRST) <= {scenario.id for scenario in spec.every()}


@pytest.mark.parametrize("scenario", spec.every(), ids=lambda item: f"{item.id:02}")
def test_each_scenario_is_put_before_judges_that_hear_it(scenario: spec.Scenario) -> None:
    findings = registry.hear(scenario.calls(), healed())
    assert {item.judge for item in findings} >= set(registry.ALWAYS)
    assert not [item.detail for item in findings if item.detail.startswith("arguments:")]


@pytest.mark.parametrize("scenario", spec.every(), ids=lambda item: f"{item.id:02}")
def test_no_scenario_passes_on_a_world_whose_services_are_gone(scenario: spec.Scenario) -> None:
    seen = healed()
    gone = but(seen, settled=seen.settled.model_copy(update={"workloads": {}, "routed": {}}), asked=(), rates={})
    assert not all(item.passed for item in registry.hear(scenario.calls(), gone))


def test_a_scenario_is_a_folder(tmp_path: Path) -> None:
    written(tmp_path / "99_one", GOOD)
    (scenario,) = spec.chosen((99,), spec.every((tmp_path,)))
    assert all(item.passed for item in registry.hear(scenario.calls(), healed()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"judges": []},
        {"judges": ["no_such_judge"]},
        {"judges": [{"serves": {"service": "orders"}}]},
        {"judges": [{"serves": {"service": "orders", "version": "v1", "colour": "red"}}]},
        {"judges": [{"serves": {}, "alive": {}}]},
        {"expect": {"outcomes": ["glorious"], "exit_codes": [0]}},
        {"expect": {"outcomes": [], "exit_codes": [0]}},
        {"seconds": 100_000},
        {"surprise": 1},
        {"scripted": "the patch agent's answer"},
        {"script": {"name": "n", "patch": []}},
    ],
    ids=str,
)
def test_a_scenario_that_does_not_fit_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        spec.load(written(tmp_path / "99_one", {**GOOD, **wrong}))


def test_a_number_is_used_once(tmp_path: Path) -> None:
    written(tmp_path / "99_one", GOOD)
    written(tmp_path / "99_two", GOOD)
    with pytest.raises(BadInput, match="number of its own"):
        spec.every((tmp_path,))


def test_an_unknown_number_is_refused() -> None:
    with pytest.raises(BadInput):
        spec.chosen((1, 4711), spec.every())


def test_a_judge_whose_argument_has_the_wrong_type_fails_the_run() -> None:
    (finding,) = registry.hear((registry.call("within", {"seconds": "soon"}),), healed())
    assert not finding.passed


@pytest.mark.parametrize("scenario", [item for item in spec.every() if item.script], ids=lambda item: f"{item.id:02}")
def test_a_script_answers_as_the_patch_agent_only(scenario: spec.Scenario) -> None:
    assert scenario.script is not None
    fault = scenario.fault()
    assert fault is not None
    model = scripted.load(script.text(scenario.script, fault))
    (turn,) = model.script.agents["patch"]
    assert len(turn.tool_calls) == len(scenario.script.patch)
    assert set(model.script.agents) == {"patch"}
    assert model.script.others == "playbook"
