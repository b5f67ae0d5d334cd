"""Check ``unambiguous``: the service itself tells how the mended request should be answered.

A failing request has many answers without an exception, and one of them is right.  Where the base answers requests
beside the failing one (:mod:`tools.proof.checks.kin`), the mended request must be answered like them; where it answers
none, or some otherwise, nothing tells, and a person decides.
"""

import json
from typing import NamedTuple

from pydantic import JsonValue

from incident.proof import Check
from tools.proof.checks import answer, bodies, kin, words
from tools.proof.checks.trial import Batch, Reply

NAME = "unambiguous"

_GIVEN_BACK = 2
"""Values that must be given back before that counts: one alone could as well be a fixed answer."""


class Near(NamedTuple):
    """Replies to the requests beside the failing one, in their order."""

    base: Batch
    again: Batch
    """The base's once more: what varies by itself tells nothing."""
    mended: Batch


def check(near: Near | None, patched: Batch, beside: tuple[kin.Neighbour, ...]) -> Check:
    """``unambiguous``: passed when all neighbours that the base answers are answered like the mended request.

    The mended request is the first one of `patched`.  A neighbour that the base answers must still be answered so.
    """
    if patched.broken or not patched.replies or not _well(patched.replies[0]):
        return words.unknown(NAME, "there is no answer")
    mended = patched.replies[0]
    if not beside or near is None or any(batch.broken for batch in near):
        return words.unknown(NAME, f"no request beside the failing one tells what it should be: {answer.shown(mended)}")
    told = [
        (neighbour, reply, now)
        for neighbour, reply, later, now in zip(beside, *(batch.replies for batch in near), strict=True)
        if _well(reply) and reply.sha256 == later.sha256
    ]
    if not told:
        return words.unknown(
            NAME, f"{len(beside)} requests beside the failing one are answered by none: {answer.shown(mended)}"
        )
    moved = [f"{one.said}: {answer.shown(now)}" for one, reply, now in told if _differs(now, reply)]
    if moved:
        return words.unknown(NAME, f"it answers requests beside it otherwise than before: {'; '.join(moved[:3])}")
    unlike = [(neighbour, reply) for neighbour, reply, _ in told if not _same(mended, reply)]
    odd = [(neighbour, reply) for neighbour, reply in unlike if not _given_back(mended, reply, neighbour)]
    if odd or (unlike and len({json.dumps(neighbour.now) for neighbour, _ in unlike}) < _GIVEN_BACK):
        shown = "; ".join(f"{one.said}: {answer.shown(reply)}" for one, reply in (odd or unlike)[:3])
        return words.unknown(
            NAME, f"it answers {answer.shown(mended)}; requests beside it are answered otherwise: {shown}"
        )
    named = "; ".join(neighbour.said for neighbour, _, _ in told[:3])
    return words.passed(NAME, f"it is answered like {len(told)} requests beside it that the service answers: {named}")


def _differs(now: Reply, before: Reply) -> bool:
    return not _well(now) or (now.status, now.sha256) != (before.status, before.sha256)


def _well(reply: Reply) -> bool:
    odd = reply.timed_out or reply.crashed or reply.failures or reply.unexpected
    return not odd and reply.status is not None and reply.status < 500


def _same(one: Reply, other: Reply) -> bool:
    if one.is_json and other.is_json:
        return one.status == other.status and bodies.same(one.body, other.body)
    return (one.status, one.sha256) == (other.status, other.sha256)


def _given_back(mended: Reply, other: Reply, neighbour: kin.Neighbour) -> bool:
    """True for the same answer but for the value itself, which both give back.

    Where no value stood there is none to give back.
    """
    if not neighbour.was or mended.status != other.status or not (mended.is_json and other.is_json):
        return False
    return _equal(mended.body, other.body, json.loads(neighbour.was), neighbour.now)


def _equal(one: JsonValue, other: JsonValue, was: JsonValue, now: JsonValue) -> bool:
    """True for equal values; what one request brought counts as equal to what the other brought in its place."""
    if bodies.same(one, was) and bodies.same(other, now):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key], was, now) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_equal(*pair, was, now) for pair in zip(one, other, strict=True))
    return bodies.same(one, other)
