"""The answer to the mended request, as a proof keeps it: status and shape, never a value."""

import pytest
from pydantic import JsonValue

from incident.proof import Answered, Proof
from tools.proof.checks import answer
from tools.proof.checks.trial import Batch, Reply, Thrown


def given(**reply: object) -> Answered | None:
    return answer.given(Batch(replies=(Reply.model_validate({"case": "c", "is_json": True} | reply),)))


@pytest.mark.parametrize(
    ("reply", "shape"),
    [
        ({"body": {"id": "secret", "total": 5}}, ("body.id:string", "body.total:number", "body:object")),
        ({"is_json": False, "length": 7}, ("body:string",)),
        ({"is_json": False}, ("body:null",)),
    ],
)
def test_it_is_kept_as_the_recorder_would_write_it_down(reply: dict[str, object], shape: tuple[str, ...]) -> None:
    assert given(status=201, **reply) == Answered(status=201, shape=shape)


def test_no_answer_and_a_huge_one_are_not_kept() -> None:
    """What is not known changes nothing later; a proof does not grow without bounds."""
    many: dict[str, JsonValue] = {f"k{number}": 1 for number in range(400)}
    assert answer.given(Batch(broken="it cannot be imported")) is None
    assert given() is None
    assert given(status=500, raised=Thrown(type="KeyError", message="x", frames=())) is None
    assert given(status=200, body=many) is None
    assert given(status=200, body={"x" * 300: 1}) is None


def test_a_proof_without_one_is_written_as_before() -> None:
    """Records from before the field was there keep their bytes."""
    assert "answered" not in Proof(remedy_digest="d", base="b", checks=()).model_dump(mode="json")
