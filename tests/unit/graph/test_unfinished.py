"""Which incidents are taken up again, with how much leave, and how often."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from graph.console import cli
from graph.runtime import resumption, unfinished
from graph.runtime import scanner as scanning
from graph.runtime.unfinished import Unfinished
from tests.unit.graph.desks import bench
from tests.unit.graph.rows import AT, row
from tools import ports
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("known", "lives", "why"),
    [
        pytest.param(row(), True, None, id="somebody works on it"),
        pytest.param(row(), False, "its process is gone", id="its process was killed"),
        pytest.param(row(holder=""), False, "nobody holds it", id="it was let go without an ending"),
        pytest.param(row(status="waiting", holder=""), False, None, id="a person is asked"),
        pytest.param(row(status="waiting"), False, "its process is gone", id="killed while going on after an answer"),
        pytest.param(row(status="waiting"), True, None, id="somebody goes on after an answer"),
        pytest.param(row(status="closed", holder=""), False, None, id="it ended"),
        pytest.param(row(status="closed"), False, None, id="it ended as its process was killed"),
    ],
)
def test_what_is_unfinished(known: ports.Row, lives: bool, why: str | None) -> None:
    found = unfinished.among([known], lambda _: lives, AT, HOUR)
    assert [item.why for item in found] == ([] if why is None else [why])


@pytest.mark.parametrize(("minutes", "found"), [(59, 0), (60, 0), (61, 1)])
def test_an_unanswered_question_is_looked_at_again_once_it_is_too_old(minutes: int, found: int) -> None:
    waiting = row(status="waiting", holder="")
    now = AT + timedelta(minutes=minutes)
    assert len(unfinished.among([waiting], lambda _: True, now, HOUR)) == found


def test_tries_count_those_from_the_same_place_in_a_row(tmp_path: Path) -> None:
    clock = ManualClock()
    audit = bench(tmp_path, clock, incident_world(clock)).context.audit

    def resumed(incident: str, place: str) -> None:
        audit.append(clock.now(), "suture", "resumed", {"incident": incident, "place": place})

    assert resumption.tries(audit, "inc-1", "a") == 0
    for place in ("b", "a", "b", "b"):
        resumed("inc-1", place)
    resumed("inc-2", "c")
    assert resumption.tries(audit, "inc-1", "b") == 2
    assert resumption.tries(audit, "inc-1", "a") == 0, "it got further in between"


class Tries:
    """Answers in turn what a resuming process said, and remembers which incidents were started."""

    def __init__(self, *outcomes: str) -> None:
        self.outcomes = list(outcomes)
        self.started: list[str] = []

    def __call__(self, item: Unfinished) -> scanning.Resumed:
        self.started.append(item.row.id)
        outcome = self.outcomes.pop(0) if self.outcomes else "unresumed"
        said = {"incident": item.row.id, "service": "orders", "why": item.why, "outcome": outcome, "reason": "r"}
        return scanning.Resumed.model_validate(said)


def looks(scanner: scanning.Scanner, count: int, every: timedelta) -> list[scanning.Resumed]:
    """Look so often, each time taking in what ended."""
    found: list[scanning.Resumed] = []
    with ThreadPoolExecutor(1) as pool:
        for number in range(count):
            now = AT + every * number
            scanner.look(pool, now)
            while not scanner.idle:
                found += scanner.collect(now, every)
    return found


LOST = Unfinished(row=row(), why="its process is gone")


def test_an_incident_that_is_being_resumed_is_not_started_again() -> None:
    tries = Tries("healed")
    scanner = scanning.Scanner(lambda: (LOST, LOST), tries, lambda _: None, lambda item: item)
    with ThreadPoolExecutor(1) as pool:
        scanner.look(pool, AT)
        scanner.look(pool, AT)
    assert tries.started == ["inc-1"]


def test_an_unreachable_incident_is_tried_again_after_pauses_that_double_up_to_an_hour() -> None:
    tries = Tries()
    told: list[scanning.Resumed] = []
    scanner = scanning.Scanner(lambda: (LOST,), tries, told.append, lambda item: item)
    minute = timedelta(minutes=1)
    looks(scanner, 16, minute)
    assert len(tries.started) == 4, "at minutes 0, 2, 6 and 14"
    looks(scanner, 600, minute)
    assert len(tries.started) == 4 + 2 + 8, "at minutes 30 and 62, and then every hour"
    assert {item.exit_code for item in told} == {5}


def test_an_incident_that_could_be_resumed_in_between_starts_with_short_pauses_again() -> None:
    tries = Tries("unresumed", "unresumed", "waiting", "unresumed")
    scanner = scanning.Scanner(lambda: (LOST,), tries, lambda _: None, lambda item: item)
    found = looks(scanner, 10, timedelta(seconds=1))
    assert [item.outcome for item in found[:4]] == ["unresumed", "unresumed", "waiting", "unresumed"]
    assert len(found) == 5, "the pause after the fourth is as short as after the first"


@pytest.mark.parametrize(
    ("code", "out", "err", "outcome", "reason"),
    [
        (0, '{"outcome": "healed", "reason": "well"}', "", "healed", "well"),
        (6, '{"outcome": "waiting", "reason": "may I?"}', "suture: x", "waiting", "may I?"),
        (2, "", "suture: its world does not answer\n", "unresumed", "its world does not answer"),
        (
            1,
            "",
            f"suture: internal error (please report): x\nsuture: {cli.HINT}\n",
            "unresumed",
            "internal error (please report): x",
        ),
        (-9, "", "", "unresumed", "its process ended with -9 and said nothing"),
        (0, "[]", "", "unresumed", "its process ended with 0 and said nothing"),
        (0, '{"outcome": "wonderful", "reason": ""}', "", "unresumed", "its process ended with 0 and said nothing"),
    ],
)
def test_only_an_ending_counts_as_resumed(code: int, out: str, err: str, outcome: str, reason: str) -> None:
    heard = scanning.heard(LOST, code, out, err)
    assert (heard.outcome, heard.reason) == (outcome, reason)
