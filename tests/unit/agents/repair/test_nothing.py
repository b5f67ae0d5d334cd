"""What stands for a missing item is what the file takes elsewhere where there is none, if it takes one thing."""

import pytest

from agents.playbook.repair import catalogue, nothing
from agents.playbook.repair.fault import Fault
from tests.unit.agents.repair import bench

LIMITS = """
NO_LIMIT = 100
SHUT = 0
"""


@pytest.mark.parametrize(
    "code",
    [
        "def low(found): return min(found, default=NO_LIMIT)",
        "def high(found): return max(found, key=abs, default=NO_LIMIT)",
        "def first(found): return next(iter(found), NO_LIMIT)",
        "def first(found): return found[0] if found else NO_LIMIT",
        "def first(found): return NO_LIMIT if not found else found[0]",
        "def second(found): return found[1] if len(found) > 1 else NO_LIMIT",
        "def last(found):\n    if len(found) == 0:\n        return NO_LIMIT\n    return found[-1]",
        "def last(found):\n    if not found:\n        return NO_LIMIT\n    return found[-1]",
    ],
)
def test_the_file_says_what_it_takes_for_no_item(code: str) -> None:
    assert nothing.of_empty(LIMITS + code, "number") == "NO_LIMIT"


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("def low(found): return found.get('limit', NO_LIMIT)", id="a missing key is something else"),
        pytest.param("def low(found): return NO_LIMIT if found == 3 else found", id="a value is something else"),
        pytest.param("def low(found): return min(found, NO_LIMIT)", id="one of the items"),
        pytest.param("def low(found): return min(found, default=other)", id="nobody knows what it is"),
        pytest.param("def low(found): return min(found, default='none')", id="another kind"),
        pytest.param(
            "def low(found): return min(found, default=NO_LIMIT) + max(found, default=SHUT)", id="several things"
        ),
    ],
)
def test_control_otherwise_it_says_nothing(code: str) -> None:
    assert nothing.of_empty(LIMITS + code, "number") == ""


PARKING = """
FLOORS = {"low": {"free": 4}, "high": {"free": 0}}
STREET = "street"

def with_room(cars) -> str:
    fitting = [name for name, floor in FLOORS.items() if floor["free"] >= cars]
    return max(fitting, key=lambda name: FLOORS[name]["free"])

def free(place):
    if place == STREET:
        return 1
    return FLOORS[place]["free"]
"""


def test_what_is_asked_for_before_a_look_up_stands_for_no_entry() -> None:
    bug = bench.Bug("no floor has room", PARKING, "with_room(9)", '"street"', (("with_room(4)", '"low"'),))
    assert bench.rank(bug) == 0


def test_control_a_constant_that_the_table_has_or_that_another_function_asks_for_does_not() -> None:
    assert nothing.beside(PARKING, "FLOORS") == ("STREET",)
    assert nothing.beside(PARKING.replace('"street"', '"low"'), "FLOORS") == ()
    apart = PARKING.replace("        return 1", "        return 1\n\ndef known(place):")
    assert nothing.beside(apart, "FLOORS") == ()


SPREAD = """
import statistics
UNMEASURED = 0.0

def middle(found):
    return statistics.fmean(found) if found else UNMEASURED

def share(part, found):
    return part / len(found)

def spread(found) -> float:
    return statistics.stdev(found)
"""


@pytest.mark.parametrize("call", ["spread([1.0])", "share(2, [])"])
def test_a_figure_of_too_few_values_is_what_other_figures_are(call: str) -> None:
    assert bench.rank(bench.Bug(call, SPREAD, call, "0.0", (("spread([1.0, 1.0])", "0.0"),))) == 0


def test_control_without_another_figure_no_value_is_made_up() -> None:
    module = SPREAD.replace(" if found else UNMEASURED", "")
    fault = bench.fault_of(bench.Bug("alone", module, "spread([1.0])", "0.0"))
    assert not any("UNMEASURED" in item.source or "0.0" in item.source for item in catalogue.candidates(fault))


def test_a_value_of_which_the_file_says_more_is_not_asked_for_so() -> None:
    module = SPREAD + "\nNO_SPREAD = 1.0\n"
    found = catalogue.candidates(bench.fault_of(bench.Bug("named", module, "spread([1.0])", "1.0")))
    assert found
    assert not any("UNMEASURED" in item.source for item in found)


DELIVERY = """
DELIVERY_DAYS = {"mail": 3, "courier": 1}
USUAL_DAYS = 3
DEFAULT_DAYS = 5
DEFAULT_NAME = 7

def until(kind):
    found = DELIVERY_DAYS[kind.lower()]
    return found + 1
"""


def test_a_tables_name_tells_what_its_entries_are() -> None:
    bug = bench.Bug("no kind", DELIVERY, "until(None)", "6", (("until('Mail')", "4"),))
    assert bench.rank(bug) == 0
    assert not any("DEFAULT_NAME" in item.source for item in bench.candidates_of(bug))


ROWS = """
def amounts(rows):
    return [int(row["amount"]) for row in rows]
"""


def test_an_item_that_lacks_its_value_may_be_left_out() -> None:
    call = 'amounts([{"amount": "1"}, {"amount": None}])'
    fault = Fault(
        source=ROWS.strip(),
        line=2,
        exception="TypeError",
        message="int() argument must be a string, a bytes-like object or a real number, not 'NoneType'",
        module=ROWS,
    )
    bug = bench.Bug("no amount", ROWS, call, "[1]")
    found = catalogue.candidates(fault)
    assert any(bench.answers_right(bug, item.source) for item in found)
