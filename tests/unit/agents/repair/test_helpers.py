"""A function reads with the expressions of its private helpers, and is written with their calls."""

import pytest

from agents.playbook.repair import helpers

MODULE = '''
RATES = {"de": 19, "fr": 20}


def _rate(country):
    """Percent."""
    return RATES[country]


def _share(part, whole):
    return part * 100 // whole


def _names(rows):
    return [row["name"] for row in rows]


def _twice(value):
    return value + value


def _first(pair, other=0):
    return pair[0] + other


def _steps(value):
    value = value + 1
    return value * 2


def public(value):
    return value["x"]
'''


def read(source: str) -> str:
    reading = helpers.read(source, MODULE)
    return source if reading is None else reading.source


def test_a_call_reads_as_the_helpers_expression_with_its_arguments() -> None:
    source = 'def gross(net, order):\n    return net + _share(net, order["parts"])\n'
    assert read(source) == 'def gross(net, order):\n    return net + (net * 100 // order["parts"])\n'


def test_an_argument_keeps_its_meaning_beside_the_helpers_operators() -> None:
    assert read("def f(a, b):\n    return _share(a + b, b)\n") == "def f(a, b):\n    return (a + b) * 100 // b\n"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def f(a):\n    return public(a)\n", id="anybody may call it"),
        pytest.param("def f(a):\n    return _steps(a)\n", id="more than one statement"),
        pytest.param("def f(a):\n    return _first(a)\n", id="a default"),
        pytest.param("def f(a):\n    return _share(*a)\n", id="arguments that cannot be told"),
        pytest.param("def f(a):\n    return _share(whole=a, part=1)\n", id="arguments by name"),
        pytest.param("def f(a):\n    return _share(a,\n        2)\n", id="several lines"),
        pytest.param("def f(row):\n    return [_names(row) for row in row]\n", id="the helper binds the name itself"),
        pytest.param("def f(RATES):\n    return _rate(RATES)\n", id="the file's name means something else here"),
        pytest.param("def f(a):\n    return _twice(a) - (a + a)\n", id="the same stands there already"),
        pytest.param("def _rate(country):\n    return RATES[country]\n", id="no call"),
    ],
)
def test_what_may_mean_something_else_stays_a_call(source: str) -> None:
    assert helpers.read(source, MODULE) is None


def test_a_helper_that_is_defined_twice_is_none() -> None:
    twice = MODULE + "\n\ndef _rate(country):\n    return 0\n"
    assert helpers.read("def f(a):\n    return _rate(a)\n", twice) is None


SOURCE = 'def tax(net, order):\n    return net * _rate(order["country"]) // 100\n'


def back(changed: str) -> str | None:
    reading = helpers.read(SOURCE, MODULE)
    assert reading is not None
    return reading.back(changed)


def test_what_is_put_around_the_expression_goes_around_the_call() -> None:
    changed = 'def tax(net, order):\n    return net * (RATES[order["country"]] if order else 0) // 100\n'
    assert back(changed) == 'def tax(net, order):\n    return net * (_rate(order["country"]) if order else 0) // 100\n'


def test_a_changed_argument_is_given_to_the_call() -> None:
    changed = 'def tax(net, order):\n    return net * RATES[order["country"].lower()] // 100\n'
    assert back(changed) == 'def tax(net, order):\n    return net * _rate(order["country"].lower()) // 100\n'


@pytest.mark.parametrize(
    "expression",
    ['RATES.get(order["country"], 0)', "0", 'RATES[order["country"]] + RATES["de"]'],
    ids=["changed", "gone", "once more"],
)
def test_a_changed_expression_is_no_change_of_this_function(expression: str) -> None:
    assert back(f"def tax(net, order):\n    return net * ({expression}) // 100\n") is None


def test_what_was_not_changed_is_no_candidate() -> None:
    reading = helpers.read(SOURCE, MODULE)
    assert reading is not None
    assert reading.back(reading.source) is None


def test_a_name_that_only_the_helper_binds_cannot_be_an_argument() -> None:
    module = "def _all(rows, key):\n    return [row[key] for row in rows]\n"
    reading = helpers.read("def f(rows):\n    return _all(rows, 'a')\n", module)
    assert reading is not None
    assert reading.back("def f(rows):\n    return [row[row] for row in rows]\n") is None
