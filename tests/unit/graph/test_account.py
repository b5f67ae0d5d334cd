"""What a person who was asleep reads: the account of an incident, and what sets two apart."""

import json

import pytest

from graph.reports import account, compare, document, report, wording
from incident.decision import because
from incident.ending import Outcome
from incident.record import Decided
from policies import registry
from tests.unit.graph.desks import INCIDENT
from tests.unit.recorded import Told


def test_the_paragraph_says_what_happened_what_was_done_what_runs_and_what_is_left(told: Told) -> None:
    whole = account.account(told["healed"])
    for part in ("HighErrorRate fired (service=orders)", "failed", "AttributeError", "The proposal was to patch"):
        assert part in whole.paragraph
    assert "It is healed" in whole.paragraph
    assert "Now runs: v1-suture-c-test" in whole.paragraph
    assert whole.left == (f"main still has the bug: git merge suture/{INCIDENT} in the repository of orders",)


def test_every_decision_is_told_once_and_looks_are_folded(told: Told) -> None:
    records = told["healed"]
    decided = [record for record in records if isinstance(record.event, Decided)]
    steps = account.account(records).steps
    assert sum(step.times for step in steps) == len(decided)
    assert len(steps) < len(decided)
    assert [step.sequence for step in steps] == sorted(step.sequence for step in steps)
    for step in steps:
        assert step.question != step.policy, f"{step.policy} asks nothing that a person would understand"
        assert step.answer
        assert step.why


def test_only_looks_are_folded(told: Told) -> None:
    for step in account.account(told["healed"]).steps:
        assert step.times == 1 or step.policy in account.LOOKS


def test_the_switches_are_told_once_while_they_allow(told: Told) -> None:
    """They are asked before each effect; the same answer every time is one line."""
    asked = [step for step in account.account(told["healed"]).steps if step.policy == "autonomy.may_act"]
    assert [step.choice for step in asked] == ["allow"]
    assert asked[0].times >= 4


def test_the_factors_add_up_to_what_they_are(told: Told) -> None:
    steps = {step.policy: step for step in account.account(told["healed"]).steps}
    assert steps["risk.assess"].total == "risk"
    assert steps["evidence_gate.judge"].total == "confidence"
    assert "| confidence |" in document.markdown(account.blocks(account.account(told["healed"])))


def test_the_gates_say_what_would_have_flipped_them(told: Told) -> None:
    """The gate Reach in the facts that the risk was scored from, not in the score."""
    steps = {step.policy: step for step in account.account(told["healed"]).steps}
    for policy in ("evidence_gate.judge", "reach_gate.judge", "gates.open"):
        assert steps[policy].counterfactuals, policy
    variations = {
        turn.variation for counterfactual in steps["reach_gate.judge"].counterfactuals for turn in counterfactual.turns
    }
    assert "services that depend on it" in variations
    assert "risk" not in variations


def test_a_refusal_says_what_would_have_opened_it(told: Told) -> None:
    """The kill switch: what is told first is what would have let it through."""
    reach = next(step for step in account.account(told["stopped"]).steps if step.policy == "reach_gate.judge")
    assert reach.verdict == "deny"
    assert any("ada" in item for item in reach.against)
    first = reach.counterfactuals[0]
    assert first.verdict == "allow"
    assert [(turn.variation, turn.after) for turn in first.turns] == [("kill switch", "not set")]
    assert account.counterfactual_line(first) == (
        "if kill switch had been “not set” instead of “set”, it would have gone ahead"
    )


def test_what_was_not_done_says_why(told: Told) -> None:
    ranked = next(step for step in account.account(told["healed"]).steps if step.policy == "remedies.rank")
    assert {item.name for item in ranked.alternatives} >= {"roll_back", "ask_human"}
    assert all(item.why_not for item in ranked.alternatives)


@pytest.mark.parametrize("name", ["healed", "rejected", "stopped"])
def test_every_form_tells_every_step(told: Told, name: str) -> None:
    whole = account.account(told[name])
    plain, marked = document.text(account.blocks(whole)), document.markdown(account.blocks(whole))
    for number, step in enumerate(whole.steps, start=1):
        assert f"{number}. {step.question}" in plain
        assert f"### {number}. {step.question}" in marked
    assert max(map(len, plain.splitlines())) <= document.WIDTH + 20
    assert "BROKEN" not in plain + marked
    assert json.loads(json.dumps(whole.model_dump(mode="json")))["incident"] == INCIDENT
    assert account.Account.model_validate_json(whole.canonical()) == whole


def test_a_refused_incident_says_what_to_look_at_and_how(told: Told) -> None:
    assert account.account(told["rejected"]).left == (
        f"read the function discount in services/orders/pricing.py:14 of orders (python -m graph.explain {INCIDENT})",
    )


def test_markup_in_what_a_workload_wrote_does_not_get_through(told: Told) -> None:
    """A log line may hold anything; a table or a tag is not to come of it."""
    records = list(told["stopped"])
    index, record = next((n, r) for n, r in enumerate(records) if isinstance(r.event, Decided))
    assert isinstance(record.event, Decided)
    nasty = record.event.decision.verdict.model_copy(
        update={"reason": because("handled_by", incident="<script>|x|`y`\n# z")}
    )
    event = record.event.model_copy(
        update={"decision": record.event.decision.model_copy(update={"verdict": nasty, "constraints": ()})}
    )
    records[index] = record.model_copy(update={"event": event})
    said = document.markdown(account.blocks(account.account(tuple(records))))
    assert "<script>" not in said
    assert "\n# z" not in said


def test_the_report_calls_the_total_by_its_name(told: Told) -> None:
    assert "| risk |" in report.render(told["healed"])


def test_every_policy_has_a_question() -> None:
    assert set(wording.QUESTIONS) == set(registry.POLICIES)


def test_an_incident_is_like_itself(told: Told) -> None:
    same = compare.compare(told["healed"], told["healed"])
    assert same.parted == ""
    assert not any(row.differs for rows in (same.facts, same.decisions, same.factors, same.times) for row in rows)
    assert "They took the same course." in document.text(compare.blocks(same))


def test_two_incidents_part_where_the_first_decision_differs(told: Told) -> None:
    found = compare.compare(told["healed"], told["stopped"])
    assert "Gate Reach" in found.parted
    assert "ada" in found.parted
    unlike = {row.what for row in found.facts if row.differs}
    assert {"ending", "left to do"} <= unlike
    assert "cause" not in unlike
    for said in (document.text(compare.blocks(found)), document.markdown(compare.blocks(found))):
        assert "Gate Reach" in said
        assert "alike" in said


def test_one_that_ended_earlier_is_told_so(told: Told) -> None:
    found = compare.compare(told["healed"], told["rejected"])
    assert found.parted
    rows = {row.what: row for row in found.decisions}
    assert rows["Is the service healed?"].other == "—"
    assert Outcome.REJECTED.value in next(row.other for row in found.facts if row.what == "ending")


def test_no_records_make_no_account() -> None:
    """An incident that was opened and never began."""
    nothing = account.account(())
    assert (nothing.steps, nothing.left) == ((), ())
    assert compare.compare((), ()).parted == ""
