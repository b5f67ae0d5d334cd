"""Parts of a report: rounds with struck hypotheses, the traceback, a failing request, and no stale alternative."""

import re

from graph.reports import failure, found, report, searched, summary
from graph.reports.document import Code, markdown
from incident.ending import Outcome
from incident.evidence import ErrorGroup, Gap
from incident.record import Closed, Decided, Diagnosed, Gathered, Received, Record
from incident.stacks import Chained, Frame
from tests.unit.recorded import Told

BEHIND = Chained(
    relation="cause",
    exception="KeyError",
    message="'since'",
    frames=(Frame(path="services/orders/members.py", line=7, function="parsed", code="row['since']"),),
)


def changed(records: tuple[Record, ...], **update: object) -> tuple[Record, ...]:
    """The records with another dossier."""
    done = []
    for record in records:
        event = record.event
        if isinstance(event, Gathered):
            dossier = event.dossier.model_copy(update=update)
            record = record.model_copy(update={"event": Gathered(dossier=dossier)})  # noqa: PLW2901 (the changed one)
        done.append(record)
    return tuple(done)


def chained(records: tuple[Record, ...], *behind: Chained) -> tuple[Record, ...]:
    """The records with exceptions behind each logged error."""
    (gathered,) = (record.event for record in records if isinstance(record.event, Gathered))
    evidence = tuple(
        item.model_copy(update={"fact": item.fact.model_copy(update={"chain": behind})})
        if isinstance(item.fact, ErrorGroup)
        else item
        for item in gathered.dossier.evidence
    )
    return changed(records, evidence=evidence)


def test_the_traceback_is_told_with_what_stands_behind_it(told: Told) -> None:
    whole = report.render(chained(told["rejected"], BEHIND))
    stack = whole[whole.index("```text") : whole.index("## Failing request")]
    assert (
        stack.index("KeyError: 'since'") < stack.index("direct cause of the following") < stack.index("AttributeError:")
    )
    assert 'File "services/orders/members.py", line 7, in parsed' in stack
    assert stack.count("Traceback (most recent call last):") == 2


def test_a_workload_cannot_end_the_block_that_its_traceback_stands_in(told: Told) -> None:
    nasty = BEHIND.model_copy(update={"message": "```\n# Healed <script>"})
    blocks = tuple(failure.blocks(chained(told["rejected"], nasty)))
    (code,) = (block for block in blocks if isinstance(block, Code))
    assert "```" not in code.text
    assert "<script>" not in markdown(blocks)
    assert "\n# Healed" not in markdown(blocks)


def test_one_failing_request_is_shown_by_its_shape_alone(told: Told) -> None:
    whole = report.render(told["rejected"])
    assert "POST /orders: body.customer.membership:null sets 200 failing apart" in whole
    assert "- body.customer.id:string" in whole
    assert "- call GET /stock/a-1:200" in whole


def test_a_struck_hypothesis_says_why(told: Told) -> None:
    whole = report.render(told["rejected"])
    assert re.search(r"2\. TimeoutError raised in available .*: struck, because disproved by errors_elsewhere", whole)
    assert re.search(r"1\. AttributeError raised in discount .*: struck, because every one of 2 candidates was", whole)
    healed = report.render(told["healed"])
    assert re.search(r"1\. AttributeError raised in discount .*: stands:", healed)


def test_every_round_is_told_in_its_order(told: Told) -> None:
    """A first round about another service, whose hypotheses were all struck, stays in the report."""
    records = told["rejected"]
    start = next(index for index, record in enumerate(records) if isinstance(record.event, Gathered))
    end = next(
        index
        for index, record in enumerate(records)
        if isinstance(record.event, Decided) and record.event.decision.policy == "assertions.check"
    )
    first = changed(
        records[start : end + 1], service="storefront", gaps=(Gap(source="logs", sought="errors", reason="none"),)
    )
    both = (*records[:start], *first, *records[start:])
    assert [(one.dossier.service, one.checked) for one in searched.rounds(both)] == [
        ("storefront", True),
        ("orders", True),
    ]
    whole = report.render(both)
    assert whole.index(": storefront\n") < whole.index(": orders\n")
    assert "- errors (none)" in whole


def test_what_is_not_shown_to_be_the_cause_is_not_called_so(told: Told) -> None:
    """Raised in: the frame that raises is where it surfaces, and no more until its fix has healed."""
    assert found.cause(told["rejected"], Outcome.REJECTED).startswith(
        "leading hypothesis, not shown to be the cause: AttributeError raised"
    )
    assert found.cause(told["healed"], Outcome.HEALED).startswith("the cause, as its fix has shown: ")
    assert found.cause(told["healed"], Outcome.ROLLED_BACK).startswith(
        "leading hypothesis, not shown to be the cause: "
    )


def test_an_alert_is_told_with_its_own_labels_and_not_with_the_service_that_was_looked_into(told: Told) -> None:
    """An alert about a caller leads to the service behind it, of which it said nothing."""
    first, *rest = told["rejected"]
    assert isinstance(first.event, Received)
    (one,) = first.event.payload.alerts
    echo = one.model_copy(update={"labels": {**one.labels, "service": "storefront"}})
    payload = first.event.payload.model_copy(update={"alerts": (echo,)})
    records = (first.model_copy(update={"event": first.event.model_copy(update={"payload": payload})}), *rest)
    (row,) = [line for line in report.render(records).splitlines() if line.startswith("| alert |")]
    assert "service=storefront" in row
    assert "orders" not in row
    assert "(service=storefront" in summary.paragraph(records)


def test_what_a_model_chose_among_the_rules_findings_is_in_the_rules_words(told: Told) -> None:
    (record,) = [record for record in told["rejected"] if isinstance(record.event, Diagnosed)]
    assert isinstance(record.event, Diagnosed)
    diagnosis = record.event.diagnosis.model_copy(update={"model": "gpt", "ruled": (0,)})
    assert found.said_by(diagnosis, 0) == "the rules"
    assert found.said_by(diagnosis, 1) == "gpt"


def test_causes_that_came_to_no_check_are_told_as_that(told: Told) -> None:
    """As after a model that did not answer: the rules' findings are there, and nobody looked whether they stand."""
    records = tuple(
        record
        for record in told["rejected"]
        if not (
            isinstance(record.event, Decided) and record.event.decision.policy in ("assertions.check", "search.next")
        )
    )
    said = tuple(found.unchecked(records))
    assert said[0].startswith("named and not checked: AttributeError raised in discount")
    assert tuple(found.unchecked(told["rejected"])) == ()


def test_the_next_step_after_the_kill_switch_is_the_switch(told: Told) -> None:
    ending = [record.event for record in told["stopped"] if isinstance(record.event, Closed)][-1].ending
    assert "--start-all" in ending.lines[-1]


def test_no_reason_of_an_alternative_outlives_what_was_chosen(told: Told) -> None:
    """A patch came first when it was chosen; after it was refused that is no reason any more."""
    whole = report.render(told["rejected"])
    part = whole[whole.index("## Considered and not done") : whole.index("## Models")]
    assert "fits and comes first" not in part
    assert "ask_human" not in part
    assert "when patch was chosen:" in part


def test_a_diagnosis_that_was_not_checked_says_so(told: Told) -> None:
    records = tuple(
        record
        for record in told["rejected"]
        if not (isinstance(record.event, Decided) and record.event.decision.policy == "assertions.check")
    )
    assert ": not checked:" in report.render(records)
    assert "no cause is established" in found.cause(records, Outcome.ESCALATED)
