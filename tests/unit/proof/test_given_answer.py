"""The answer to the mended request, as a proof keeps it: its status, what it says, and its shape."""

import pytest
from pydantic import JsonValue

from incident.proof import Answer, Proof
from tools.proof.checks import answer
from tools.proof.checks.trial import Batch, Reply, Thrown


def given(**reply: object) -> Answer | None:
    return answer.given(Batch(replies=(Reply.model_validate({"case": "c", "is_json": True} | reply),)))


@pytest.mark.parametrize(
    ("reply", "shape", "said"),
    [
        ({"body": {"total": 5}}, ("body.total:number", "body:object"), '201 {"total": 5}'),
        ({"is_json": False, "length": 7}, ("body:string",), "201 7 bytes that are no JSON"),
        ({"is_json": False}, ("body:null",), "201 0 bytes that are no JSON"),
    ],
)
def test_it_is_kept_as_the_recorder_would_write_it_down(
    reply: dict[str, object], shape: tuple[str, ...], said: str
) -> None:
    assert given(status=201, **reply) == Answer(status=201, said=said, shape=shape)


def test_what_two_runs_answer_otherwise_is_told_by_its_kind() -> None:
    """Answers that differ only in a new number are one answer for the person who picks among them."""
    said = {"case": "c", "is_json": True, "status": 201}

    def twice(first: JsonValue, second: JsonValue) -> Answer | None:
        replies = [Reply.model_validate({**said, "body": body, "sha256": str(body)}) for body in (first, second)]
        return answer.given(Batch(replies=tuple(replies)))

    one, other = (
        twice({"id": 1, "cents": 5}, {"id": 2, "cents": 5}),
        twice({"id": 8, "cents": 5}, {"id": 9, "cents": 5}),
    )
    assert one == other
    assert one is not None
    assert one.shape == ("body.cents:number", "body.id:number", "body:object")
    assert twice({"id": 8, "cents": 0}, {"id": 9, "cents": 0}) != one
    assert twice({"id": 1, "cents": 5}, {"id": 1, "cents": 5}) != one
    # Where nothing else is left to compare it is told as it came.
    assert twice(1, 2) != twice(3, 4)


def test_no_answer_is_kept_as_none_and_a_huge_one_without_its_shape() -> None:
    """What is not known changes nothing later; a proof does not grow without bounds."""
    many: dict[str, JsonValue] = {f"k{number}": 1 for number in range(400)}
    assert answer.given(Batch(broken="it cannot be imported")) is None
    assert given() is None
    assert given(status=500, raised=Thrown(type="KeyError", message="x", frames=())) is None
    for body in (many, {"x" * 300: 1}):
        found = given(status=200, body=body)
        assert found is not None
        assert found.shape == ()
        assert len(found.said) <= 300


def test_a_proof_without_one_is_written_as_before() -> None:
    """Records from before the field was there keep their bytes."""
    assert "answer" not in Proof(remedy_digest="d", base="b", checks=()).model_dump(mode="json")
