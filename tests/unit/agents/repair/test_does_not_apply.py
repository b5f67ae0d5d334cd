"""What a template does not know, or has no founded value for, it leaves alone."""

import pytest

from agents.playbook.repair import catalogue
from agents.playbook.repair.fault import Fault, Grounds, Template
from agents.playbook.repair.templates import (
    bound_index,
    close_key,
    close_name,
    convert_type,
    guard_none,
    iterate_none,
    join_text,
    missing_call,
    missing_key,
    none_operand,
    normalise_key,
    zero_division,
)


def fault(source: str, line: int, exception: str, message: str, module: str = "") -> Fault:
    return Fault(source=source, line=line, exception=exception, message=message, module=module or source)


READ = 'def read(row):\n    return row["a"]["b"] + 1\n'

ELSEWHERE: tuple[tuple[Template, Fault], ...] = (
    (guard_none.candidates, fault(READ, 2, "KeyError", "'a'")),
    (guard_none.candidates, fault(READ, 2, "TypeError", "'int' object is not subscriptable")),
    (guard_none.candidates, fault(READ, 1, "TypeError", "'NoneType' object is not subscriptable")),
    (missing_key.candidates, fault(READ, 2, "TypeError", "'NoneType' object is not subscriptable")),
    (missing_key.candidates, fault(READ, 2, "KeyError", "'other'")),
    (close_key.candidates, fault(READ, 2, "KeyError", "'other'")),
    (close_key.candidates, fault(READ, 2, "KeyError", "'a'")),
    (close_key.silent, fault(READ, 2, "KeyError", "'a'")),
    (normalise_key.candidates, fault(READ, 2, "KeyError", "'a'")),
    (iterate_none.candidates, fault(READ, 2, "TypeError", "'int' object is not iterable")),
    (none_operand.candidates, fault(READ, 2, "TypeError", "unsupported operand type(s) for +: 'dict' and 'int'")),
    (convert_type.candidates, fault(READ, 2, "TypeError", "unsupported operand type(s) for +: 'dict' and 'int'")),
    (convert_type.candidates, fault(READ, 2, "TypeError", "unsupported operand type(s) for +: 'NoneType' and 'int'")),
    (join_text.candidates, fault(READ, 2, "TypeError", "object of type NoneType is not JSON serializable")),
    (bound_index.candidates, fault(READ, 2, "ValueError", "not enough values to unpack (expected 2, got 1)")),
    (zero_division.candidates, fault(READ, 2, "ZeroDivisionError", "division by zero")),
    (missing_call.candidates, fault(READ, 2, "AttributeError", "'dict' object has no attribute 'x'")),
    (close_name.candidates, fault(READ, 2, "NameError", "name 'zzz' is not defined")),
)


@pytest.mark.parametrize(("template", "given"), ELSEWHERE)
def test_a_template_leaves_other_faults_alone(template: Template, given: Fault) -> None:
    assert template(given) == ()


@pytest.mark.parametrize(
    ("test", "applies"),
    [
        ('row is not None or row["a"] == 1', False),
        ('row or row["a"] == 1', False),
        ('row is None and row["a"] == 1', False),
        ('flag and not row and row["a"] == 1', False),
        ('flag and row["a"] == 1', True),
        ('other is not None or row["a"] == 1', True),
    ],
)
def test_none_is_not_guarded_once_more_where_a_test_the_wrong_way_round_lets_nothing_else_through(
    test: str, *, applies: bool
) -> None:
    source = f"def read(row, other, flag):\n    if {test}:\n        return 1\n    return 2\n"
    found = guard_none.candidates(fault(source, 2, "TypeError", "'NoneType' object is not subscriptable"))
    assert bool(found) == applies


@pytest.mark.parametrize("source", ["", "x = 1\n", "def broken(:\n", "class A:\n    pass\n", "\x00"])
def test_a_source_that_is_no_function_gives_nothing(source: str) -> None:
    assert catalogue.candidates(fault(source, 1, "TypeError", "'NoneType' object is not subscriptable", "def (")) == ()


def test_a_division_without_any_known_answer_is_not_answered() -> None:
    given = fault("def mean(total, count):\n    return total / count\n", 2, "ZeroDivisionError", "division by zero")
    assert all(item.grounds is Grounds.NONE for item in catalogue.candidates(given))


def test_an_index_without_any_known_answer_is_not_answered() -> None:
    given = fault("def head(rows):\n    return rows[0]\n", 2, "IndexError", "list index out of range")
    assert all(item.grounds is Grounds.NONE for item in catalogue.candidates(given))


def test_a_guard_is_not_joined_to_a_branch_that_raises() -> None:
    source = 'def read(row):\n    if row is None:\n        raise ValueError("no row")\n    return row["a"]["b"] + 1\n'
    found = guard_none.candidates(fault(source, 4, "TypeError", "'NoneType' object is not subscriptable"))
    assert all(item.source.count("raise") == 1 for item in found)


def test_a_call_with_effects_is_never_written_twice() -> None:
    source = "def first(store):\n    return store.take().name\n"
    found = guard_none.candidates(fault(source, 2, "AttributeError", "'NoneType' object has no attribute 'name'"))
    assert all(item.source.count("take()") == 1 for item in found)


def test_a_decorated_method_keeps_its_decorator_and_comments() -> None:
    source = '@cached\ndef level(self, row):\n    # gold members only\n    return row["m"]["level"] == "gold"  # not silver\n'
    found = guard_none.candidates(fault(source, 4, "TypeError", "'NoneType' object is not subscriptable"))
    assert found
    for item in found:
        assert item.source.startswith("@cached\n")
        assert "# gold members only" in item.source
        assert "# not silver" in item.source


def test_a_close_key_of_the_code_is_not_taken_over_one_of_the_data() -> None:
    source = 'def read(row):\n    return row["adress"]\n'
    module = source + 'def other(row):\n    return row["address"]\n'
    given = Fault(
        source=source,
        line=2,
        exception="KeyError",
        message="'adress'",
        module=module,
        traits=("body.addres:string",),
    )
    assert '"addres"' in catalogue.candidates(given)[0].source


def test_none_is_not_written_into_a_text() -> None:
    source = 'def line(day):\n    return f"until {day.isoformat()}"\n'
    given = fault(source, 2, "AttributeError", "'NoneType' object has no attribute 'isoformat'")
    assert guard_none.candidates(given)
    assert [
        item.source for item in catalogue.candidates(given) if "None}" in item.source or "None)}" in item.source
    ] == []
