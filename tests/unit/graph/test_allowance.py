"""An incident has one budget: each run gets what the runs before it left, also after a restart."""

from pathlib import Path

import pytest

from graph.config.model_settings import ModelSettings
from graph.evidence import allowance
from graph.reports import document, spending
from incident.ending import Outcome
from incident.record import Answered
from tests.unit.agents import doubles
from tests.unit.graph.desks import INCIDENT, bench
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world


def used(tokens: int, micros: int | None) -> Answered:
    return Answered(
        agent="rca",
        model="m at 127.0.0.1:9",
        prompt="rca 1",
        prompt_digest="d" * 64,
        steps=2,
        tool_calls=(),
        input_tokens=tokens,
        output_tokens=10,
        cost_micros=micros,
        answer={},
    )


def left(folder: Path, thinking: ModelSettings, *runs: Answered) -> tuple[int, int | None]:
    clock = ManualClock()
    at = bench(folder, clock, incident_world(clock), thinking=thinking)
    for run in runs:
        at.context.journal.write("diagnose", run)
    budget = allowance.left(at.context)
    return budget.tokens, budget.cost_micros


def test_a_fresh_incident_has_everything(tmp_path: Path) -> None:
    assert left(tmp_path, ModelSettings(incident_tokens=5_000, incident_cost_micros=900)) == (5_000, 900)


def test_what_earlier_runs_used_up_is_gone(tmp_path: Path) -> None:
    thinking = ModelSettings(incident_tokens=5_000, incident_cost_micros=900)
    assert left(tmp_path, thinking, used(1_000, 300), used(2_000, 200)) == (1_980, 400)


def test_less_than_nothing_is_nothing(tmp_path: Path) -> None:
    thinking = ModelSettings(incident_tokens=500, incident_cost_micros=100)
    assert left(tmp_path, thinking, used(1_000, 300)) == (0, 0)


def test_a_cost_that_is_not_known_leaves_nothing(tmp_path: Path) -> None:
    assert left(tmp_path, ModelSettings(incident_cost_micros=900), used(10, None))[1] == 0


def test_without_a_limit_on_money_there_is_none(tmp_path: Path) -> None:
    assert left(tmp_path, ModelSettings(), used(10, None))[1] is None


@pytest.mark.parametrize("thinking", [ModelSettings(incident_cost_micros=0), ModelSettings(incident_tokens=1)])
def test_an_empty_purse_ends_in_a_person_and_touches_nothing(tmp_path: Path, thinking: ModelSettings) -> None:
    """One token pays for the first question only, and the next run is not begun."""
    clock = ManualClock()
    usage = {"input_tokens": 40, "output_tokens": 10, "total_tokens": 50}
    model = doubles.turns(doubles.call("recent_commits").model_copy(update={"usage_metadata": usage}))
    at = bench(tmp_path, clock, incident_world(clock), model=model, thinking=thinking)
    clock.advance(30)
    assert at.heal().outcome is Outcome.ESCALATED
    assert at.context.ledger.entries(INCIDENT) == ()


def test_the_report_tells_what_each_run_used_up_and_the_sum(tmp_path: Path) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    passed = used(1_000, 1_500).model_copy(update={"passed_over": ("large at host: cannot be reached",)})
    for run in (passed, used(500, 250)):
        at.context.journal.write("diagnose", run)
    text = document.markdown(spending.blocks(tuple(at.records)))
    assert "| rca | m at 127.0.0.1:9 | rca 1 (dddddddd) | 2 | 1000 | 10 | 0.0 | 0.0015 | answered |" in text
    assert "| all |  |  | 4 | 1500 | 20 | 0.0 | 0.0018 |  |" in text
    assert "- rca: large at host: cannot be reached" in text


def test_a_sum_with_an_unknown_part_is_not_known() -> None:
    assert spending.cost(spending.total([used(1, 5), used(1, None)])) == "not known"


@pytest.mark.parametrize(("micros", "text"), [(0, "0"), (7, "0.000007"), (210, "0.0002"), (1_500_000, "1.5000")])
def test_money_never_vanishes_by_rounding(micros: int, text: str) -> None:
    assert spending.cost(micros) == text
