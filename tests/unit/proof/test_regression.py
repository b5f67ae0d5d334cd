"""The generated regression test as text: what it says, and that it is plain data and valid Python."""

import ast
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from incident.capture import Call
from incident.remedy import FileEdit
from tests.unit.proof.replies import COMPONENT, REPRODUCTION, capture
from tools.proof.checks import regression

bodies: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def written(**changed: object) -> FileEdit:
    failed = capture(outcome="failed", status=500, response=None, **changed)
    return regression.write(REPRODUCTION.model_copy(update={"capture": failed}), COMPONENT)


def constants(text: str) -> dict[str, object]:
    """The module's literals.  Anything but a literal raises."""
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def test_it_is_a_new_test_file_of_the_service() -> None:
    edit = written()
    assert edit.before is None
    assert edit.path.startswith("orders/tests/test_regression_post_o_price_")
    assert "POST /o failed with TypeError in price (orders/a.py)" in edit.after


def test_the_same_reproduction_makes_the_same_bytes() -> None:
    assert written() == written()
    assert written(body={"a": 1}) != written(body={"a": 2})


@settings(deadline=None)
@given(body=bodies, answer=bodies)
def test_whatever_was_recorded_stays_plain_data(body: JsonValue, answer: JsonValue) -> None:
    call = Call(method="GET", host="127.0.0.1:1", path="/x", status=200, body=answer)
    found = constants(written(body=body, calls=(call,)).after)
    assert found["REQUEST"] == {"method": "POST", "path": "/o", "query": "", "body": json.loads(json.dumps(body))}
    assert found["ANSWERS"] == [("GET", "/x", 200, answer)]


@pytest.mark.parametrize("nasty", ['"""\nimport os\n"""', "{app}", "%s", "\\", "'; x = '"])
def test_recorded_text_cannot_leave_its_string(nasty: str) -> None:
    found = constants(written(body={"a": nasty}).after)
    assert found["REQUEST"] == {"method": "POST", "path": "/o", "query": "", "body": {"a": nasty}}


@pytest.mark.parametrize("nasty", ['POST /"""\nimport os', "POST /a\\"])
def test_a_route_cannot_leave_the_docstring(nasty: str) -> None:
    tree = ast.parse(written(route=nasty).after)
    assert not any(isinstance(node, ast.Import) and node.names[0].name == "os" for node in tree.body[:1])
    assert isinstance(tree.body[0], ast.Expr)
    assert isinstance(tree.body[1], ast.Import)
    assert tree.body[1].names[0].name == "asyncio"


def test_readings_of_the_clock_come_with_the_recorders_replay_only_when_there_are_some() -> None:
    with_reads = written(reads=({"name": "clock", "value": 1.5},)).after
    assert constants(with_reads)["READS"] == [{"name": "clock", "value": 1.5}]
    assert "recorder().replay(READS)" in with_reads
    assert "READS" not in written().after
