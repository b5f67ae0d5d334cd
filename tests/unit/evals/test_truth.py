"""The checker bites: a false sentence of each form is found, and a true record has none."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.truth import __main__ as command
from evals.truth import check, endings, form, reasons, record, reports
from evals.truth.record import Run
from graph.reports import report, vocabulary
from tests.unit.graph.changed import ago, config, played, release
from tests.unit.recorded import Told

EXPLAIN = "(python -m graph.explain inc-test)"

PLANTED: Mapping[str, str] = {
    "no evidence": "No evidence was collected, and no cause was looked for",
    "no diagnosis": "No diagnosis was made",
    "no cause": "No cause is established (hypotheses: 2, rounds of diagnosis: 1)",
    "cause": "The cause, as its fix has shown: AttributeError raised in discount (services/orders/pricing.py:14, orders), "
    "360 of 368 logged errors",
    "struck": "Struck: TimeoutError raised in available (services/orders/app.py:13, orders), 8 of 368 logged errors, "
    "because no stack trace shows services/orders/app.py:available",
    "unchecked": "Named and not checked: TimeoutError raised in available (services/orders/app.py:13, orders), 8 of 368 logged errors",
    "unknown": "In the words of playbook 1 (deterministic, no language model): “the logs of the bank are missing”",
    "source": "The source of orders is not known: suture.toml has no entry for orders",
    "no source": "The source of orders was not looked at: suture.toml has no entry for orders",
    "looked at": "Looked at: 12 requests of orders until 2026-01-01 00:00:30 (0.0% failed)",
    "gaps": "Not to be had: failing requests (none was recorded)",
    "no change": "No change of orders, stock and storefront is recorded from 2025-12-31 22:00:00 to 2026-01-01 00:00:30 UTC",
    "asked changes": "Changes of db.example:5432 asked for from 2025-12-31 23:00:00 to 2026-01-01 00:00:30 UTC: 0 came back",
    "changes": "Changes of orders, stock and storefront recorded from 2025-12-31 23:00:00 to 2026-01-01 00:00:30 UTC: "
    "stock restart of v1 at 2025-12-31 23:59:00",
    "elsewhere": "Changes elsewhere: flag NEW_PRICES from 'off' to 'on' at 2025-12-31 23:59:00",
    "not asked": "Changes of stock could not be asked for (it was asleep)",
    "nothing recorded": "Of what was found nothing is recorded",
    "reason": "Why: every one of 3 candidates was refused: own_tests",
    "healed": "Healed by roll back (service orders): inside the alert's threshold for 8 s, and every other check holds",
    "stopped": "Why: gate: nothing was changed shortly before",
    "own changes": "This incident changed no service",
    "not known": "What became of this incident's last change of orders is not known",
    "no remedy": "No remedy fits: revert_config: no_worse; roll_back: no_worse; patch: no_worse",
    "traffic": "traffic is back on v7 100 %",
    "fate": "orders carries no change of this incident, and nothing was changed",
    "taken back": "what had been changed was taken back before",
    "untold": "and nobody could be told",
    "answered": "Why: rca: model x was asked and it was silent",
    "rounds": "Why: the cause could not be established in 3 investigations, and no more may be made",
    "recovered": "Why: the alert's condition is back inside its threshold, read while a person was asked",
    "waited": "Why: waited 10 s in vain: it changes stock, too",
    "idle": "the replaced version still runs idle: gone",
    "stays": "the change stays",
    "nothing of it": "it had changed nothing, and nothing was changed",
    "merge": "Next: main still has the bug: git merge suture/inc-test in the repository of orders",
    "brought": f"Next: main still holds what v9 brought: mend it before the next release {EXPLAIN}",
    "nothing asked": "Next: nothing is asked of you; every decision: python -m graph.explain inc-test",
    "decide": "Next: decide: python -m graph.approve inc-test --plan ab --as NAME [--reject] [--reason TEXT]",
    "closed gate": "Next: no answer opens this gate: the proposal is yours (python -m graph.explain inc-other); "
    "close it: python -m graph.approve inc-other --as NAME --reject",
    "switch": f"Next: take the kill switch back when it is time: python -m graph.control --start-all --as NAME {EXPLAIN}",
    "read": f"Next: read the function available in services/orders/app.py:13 of orders {EXPLAIN}",
    "blamed change": f"Next: look at the change that is blamed: stock restart of v1 at 2025-12-31 23:59:00 {EXPLAIN}",
    "newest change": f"Next: look at the newest change: stock restart of v1 at 2025-12-31 23:59:00 {EXPLAIN}",
    "resource": f"Next: look at the memory of orders {EXPLAIN}",
    "host": f"Next: ask who runs db.example:5432 {EXPLAIN}",
    "look": "Next: look at orders (python -m graph.explain inc-other)",
}
"""A sentence of each form that is false of the refused incident, or of any."""

WORDS_OF_ERRORS = frozenset(
    {
        "another's", "broken", "chain", "handled", "locked", "mark", "no mark", "not undone", "resumed", "running",
        "tampered", "unbooked", "undoing", "unknown here", "unread", "unsettled", "unwritten",
    }
)  # fmt: skip
"""Forms that quote what a store or the platform answered, of which the journal holds nothing but the sentence."""


@pytest.fixture(scope="module")
def runs(told: Told) -> Mapping[str, Run]:
    """Whole incidents as the checker reads them."""
    return {name: record.read([one.canonical() for one in found], report.render(found)) for name, found in told.items()}


def planted(run: Run, sentence: str) -> Run:
    """The run with one more sentence in its ending."""
    event = run.events[-1]
    assert event.kind == "closed"
    ending = {**event.body["ending"]}
    ending["lines"] = [*ending["lines"], f"{sentence}."]
    ending["reason"] = " ".join(ending["lines"])
    return run._replace(events=(*run.events[:-1], event._replace(body={**event.body, "ending": ending})))


@pytest.mark.parametrize("name", ["healed", "rejected", "stopped"])
def test_what_whole_incidents_told_is_supported(runs: Mapping[str, Run], name: str) -> None:
    found = check.check(runs[name])
    assert found.doubts == ()
    assert found.texts > 50


@pytest.mark.parametrize("name", sorted({one.name for one in endings.FORMS} - WORDS_OF_ERRORS))
def test_control_a_false_sentence_of_each_form_is_found(runs: Mapping[str, Run], name: str) -> None:
    # Of a refused incident it is false that it changed something; of a healed one, that it did not.
    run = runs["healed" if name == "own changes" else "rejected"]
    sentence = PLANTED[name]
    found = check.check(planted(run._replace(report=""), sentence)).doubts
    assert found
    assert {one.sentence for one in found} <= {sentence, *sentence.split("; ")}


@pytest.mark.parametrize("name", sorted(WORDS_OF_ERRORS))
def test_control_what_an_error_said_rules_no_change_out(runs: Mapping[str, Run], name: str) -> None:
    """Such a form takes any words, but none about changes."""
    (pattern,) = [one.pattern for one in endings.FORMS if one.name == name]
    claims = [text for text in ERRORS if pattern.fullmatch(text)]
    assert claims, f"no example of {name}"
    for text in claims:
        assert check.check(planted(runs["rejected"]._replace(report=""), f"{text}, and nothing was changed")).doubts


ERRORS = (
    "the change that stands at orders is another's",
    "it cannot be resumed: torn",
    "the audit chain does not verify: torn",
    "orders is already being handled by inc-other",
    "orders stayed locked by inc-other for 30 s",
    "orders carries a mark of an unfinished change that cannot be believed: odd",
    "no mark of a change stood at it",
    "not undone, because somebody newer owns orders: token 9",
    "could not be resumed in 5 tries since 2026-01-01 00:00 UTC (gone)",
    "what runs there is not known",
    "undo-weights could not be recorded and stands in the emergency log",
    "and undoing it failed: gone",
    "whether orders carries a change of this incident is not known (gone)",
    "the change stays, and settling it failed: gone",
    "not written down: the journal",
    "The record could not be read just now: no space left",
    "46 lines of inc-test's decisions.jsonl are gone",
)


@pytest.mark.parametrize("text", [text for text in ERRORS if "handled by" not in text and "just now" not in text])
def test_control_what_an_error_said_is_in_the_reason_that_the_ending_was_given(
    runs: Mapping[str, Run], text: str
) -> None:
    assert check.check(planted(runs["rejected"]._replace(report=""), text)).doubts


@pytest.mark.parametrize(
    ("name", "true", "false"),
    [
        ("healed", "in the repository of orders", "in the repository of stock"),
        ("healed", "service=orders", "service=stock"),
        ("stopped", "No change of orders, stock", "No change of orders, orders"),
        ("rejected", "Why: ", "Why: gate: the patch is right. Why: "),
    ],
)
def test_control_another_name_in_a_report_is_found(runs: Mapping[str, Run], name: str, true: str, false: str) -> None:
    report_ = runs[name].report
    assert true in report_
    assert any(reports.unsupported(runs[name]._replace(report=report_.replace(true, false, 1))))


def test_control_an_unknown_sentence_counts(runs: Mapping[str, Run]) -> None:
    (doubt,) = check.check(planted(runs["rejected"], "All is well with the world")).doubts
    assert doubt.sentence == "All is well with the world"


@pytest.mark.parametrize(
    "claim",
    [
        "Nothing was changed shortly before",
        "No change was made",
        "Nothing was deployed",
        "No change of orders is recorded from 2025-12-31 23:00:00 to 2026-01-01 00:00:30 UTC",
    ],
)
def test_control_no_change_is_believed_of_some_of_those_it_concerns(runs: Mapping[str, Run], claim: str) -> None:
    """Also of the service alone, when its callees and the failing path were not asked, or are left out."""
    assert check.check(planted(runs["rejected"], claim)).doubts


def test_control_a_change_that_came_back_is_not_hidden(tmp_path: Path) -> None:
    at = played(tmp_path, config(ago(900), "stock"), release(ago(1_800), "orders"))
    run = record.read([one.canonical() for one in at.records])
    assert check.check(run).doubts == ()
    hidden = "No change of orders, stock and storefront is recorded from 2025-12-31 23:00:00 to 2026-01-01 00:00:30 UTC"
    assert check.check(planted(run, hidden)).doubts


def test_control_a_notice_that_says_something_else_is_found(runs: Mapping[str, Run]) -> None:
    run = runs["rejected"]
    (notice,) = run.notices
    other = notice._replace(lines=(*notice.lines[:1], "Why: somebody made a mistake.", notice.lines[2]))
    assert [one.place for one in check.check(run._replace(notices=(other,))).doubts] == ["notice"]
    assert check.check(run._replace(notices=(notice._replace(lines=()),))).doubts


@settings(deadline=None)
@given(data=st.data())
def test_control_any_other_digit_in_a_report_is_found(runs: Mapping[str, Run], data: st.DataObject) -> None:
    run = runs[data.draw(st.sampled_from(("healed", "rejected", "stopped")))]
    places = [at for at, char in enumerate(run.report) if char.isdigit()]
    at = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from("0123456789".replace(run.report[at], "")))
    changed = run._replace(report=f"{run.report[:at]}{other}{run.report[at + 1 :]}")
    assert any(reports.unsupported(changed)), changed.report[max(0, at - 60) : at + 60]


def test_the_forms_of_reasons_are_those_of_the_vocabulary() -> None:
    """Who changes words looks here, too: the checker's own copy says what was looked at."""
    assert set(reasons.forms()) == set(vocabulary.SENTENCES)


def test_no_form_of_an_ending_is_without_its_control() -> None:
    assert {one.name for one in endings.FORMS} == set(PLANTED) | WORDS_OF_ERRORS
    assert {one.name for one in endings.FORMS} >= form.CLAIMING


@pytest.mark.parametrize("false", [False, True])
def test_the_command_counts_what_is_in_the_folders(
    told: Told, runs: Mapping[str, Run], tmp_path: Path, capsys: pytest.CaptureFixture[str], false: bool
) -> None:
    folder = tmp_path / "home" / "incidents" / "inc-test"
    folder.mkdir(parents=True)
    (folder / "decisions.jsonl").write_bytes(b"".join(one.canonical() + b"\n" for one in told["rejected"]))
    text = runs["rejected"].report + ("\nNothing was deployed.\n" if false else "")
    (folder / "report.md").write_text(text)
    assert command.main([str(tmp_path), "--json", str(tmp_path / "found.json")]) == int(false)
    assert f"{int(false)} unsupported sentences" in capsys.readouterr().out
    assert json.loads((tmp_path / "found.json").read_text())["unsupported"] == int(false)


def test_nothing_to_check_is_no_pass(tmp_path: Path) -> None:
    assert command.main([str(tmp_path)]) == 1
    assert command.main([str(tmp_path / "none")]) == 2
