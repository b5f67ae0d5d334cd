"""Listed suspects are compared with the record: a row, its figures, and the line above."""

from datetime import UTC, datetime

import pytest

from evals.truth import suspects
from evals.truth.record import Event, Run
from graph.reports import suspects as told
from policies.suspects import asking, ranking
from tests.unit.policies.suspects.worlds import Trouble, shop

FACTS = asking.facts(shop(Trouble(fails={"price": 0.2})))
DECIDED = ranking.rank(FACTS)
BODY = {"facts": FACTS.model_dump(mode="json"), "decision": DECIDED.model_dump(mode="json")}
RUN = Run("inc-test", (Event(datetime(2026, 11, 28, tzinfo=UTC), "gather", "decided", BODY),))
TABLE = told.table(DECIDED.result)


def test_every_row_that_the_report_shows_is_in_the_record() -> None:
    assert all(suspects.row(RUN, row) for row in (TABLE.columns, *TABLE.rows))
    assert suspects.summary(RUN, told.summary(DECIDED.result))


@pytest.mark.parametrize("cell", range(4))
def test_control_another_figure_or_name_is_not(cell: int) -> None:
    row = list(TABLE.rows[0])
    row[cell] = "0.12"
    assert not suspects.row(RUN, tuple(row))


def test_control_nothing_is_true_of_a_record_without_a_ranking() -> None:
    assert not suspects.row(Run("inc-test", ()), TABLE.rows[0])
    assert not suspects.summary(Run("inc-test", ()), told.summary(DECIDED.result))
