"""Check ``unambiguous``: the service itself tells how the mended request should be answered.

A failing request has many answers without an exception, and one of them is right.  Where the base answers requests
beside the failing one (:mod:`tools.proof.checks.kin`), the mended request must be answered like them; where it answers
none, or some otherwise, nothing tells, and a person decides.
"""

import json
from typing import NamedTuple

from pydantic import JsonValue

from incident import answers
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


class Before(NamedTuple):
    """Answer to the failing request of a version that served before, and answers recorded successes as the base does."""

    commit: str
    reply: Reply


def check(near: Near | None, patched: Batch, beside: tuple[kin.Neighbour, ...], before: Before | None = None) -> Check:
    """``unambiguous``: passed when all neighbours that the base answers are answered like the mended request.

    The mended request is the first one of `patched`.  A neighbour that the base answers must still be answered so.
    Where no neighbour tells, a version that served before does.
    """
    if patched.broken or not patched.replies or not _well(patched.replies[0]):
        return words.unknown(NAME, "there is no answer")
    mended = patched.replies[0]
    if not beside or near is None or any(batch.broken for batch in near):
        return _untold(
            f"no request beside the failing one tells what it should be: {answer.shown(mended)}", mended, before
        )
    told = [
        _Told(neighbour, answer.steady(reply, loose), answer.steady(now, loose), loose)
        for neighbour, reply, later, now in zip(beside, *(batch.replies for batch in near), strict=True)
        if _well(reply) and _well(later) and (loose := answer.varying(reply, later)) is not None
    ]
    if not told:
        why = f"{len(beside)} requests beside the failing one are answered by none: {answer.shown(mended)}"
        return _untold(why, mended, before)
    return _like(mended, told, before)


def _untold(why: str, mended: Reply, before: Before | None) -> Check:
    """Without a neighbour that tells: passed when a version that served before answers like the mended one."""
    if before is None or not _well(before.reply):
        return words.unknown(NAME, why)
    version = f"commit {before.commit[:12]}, which served before and answers what was recorded as this one does"
    if _same(mended, before.reply):
        return words.passed(NAME, f"it is answered as by {version}: {answer.shown(mended)}")
    return words.unknown(NAME, f"{why}; {version}, answers {answer.shown(before.reply)}")


def _like(mended: Reply, told: list["_Told"], before: Before | None) -> Check:
    """Compare the mended request with the neighbours that the base answers."""
    moved = [f"{one.neighbour.said}: {answer.shown(one.now)}" for one in told if not _same(one.now, one.reply)]
    if moved:
        return words.unknown(NAME, f"it answers requests beside it otherwise than before: {'; '.join(moved[:3])}")
    unlike = [one for one in told if not _same(answer.steady(mended, one.loose), one.reply)]
    odd = [one for one in unlike if not _given_back(answer.steady(mended, one.loose), one.reply, one.neighbour)]
    if odd or (unlike and len({json.dumps(one.neighbour.now) for one in unlike}) < _GIVEN_BACK):
        shown = "; ".join(f"{one.neighbour.said}: {answer.shown(one.reply)}" for one in (odd or unlike)[:3])
        return words.unknown(
            NAME, f"it answers {answer.shown(mended)}; requests beside it are answered otherwise: {shown}"
        )
    if not any(one.neighbour.tells for one in told):
        shown = "; ".join(f"{one.neighbour.said}: {answer.shown(one.reply)}" for one in told[:3])
        why = f"it answers {answer.shown(mended)}, as an empty value is answered, which tells little: {shown}"
        return _untold(why, mended, before)
    named = "; ".join(one.neighbour.said for one in told[:3])
    varied = sorted(set[str]().union(*(one.loose for one in told)))
    detail = f"it is answered like {len(told)} requests beside it that the service answers: {named}"
    return words.passed(
        NAME, f"{detail}; not compared, as the base varies them: {words.some(varied)}" if varied else detail
    )


class _Told(NamedTuple):
    """A neighbour that the base answers, and what both say to it, without what varies by itself."""

    neighbour: kin.Neighbour
    reply: Reply
    now: Reply
    loose: frozenset[str]


def _well(reply: Reply) -> bool:
    odd = reply.timed_out or reply.crashed or reply.failures or reply.unexpected
    return not odd and reply.status is not None and reply.status < 500


def _same(one: Reply, other: Reply) -> bool:
    if not _well(one) or one.status != other.status:
        return False
    if one.is_json and other.is_json:
        return not answers.differing(one.body, other.body)
    return one.sha256 == other.sha256


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
