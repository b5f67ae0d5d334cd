"""Check ``answer``: the mended request is answered as others of its route were."""

import json

from pydantic import JsonValue

from incident import answers
from incident.capture import Capture, kind
from incident.proof import Answer, Check, Reproduction
from tools.proof.checks import refusals, words
from tools.proof.checks.trial import Batch, Reply

SHOWN = 300
"""Characters of an answer that a person is shown."""

MOST_PATHS, LONGEST_PATH = 300, 200
"""Parts of an answer's shape, and characters of one of them, that a proof keeps."""


def successes(route: str, healthy: tuple[Capture, ...]) -> tuple[Capture, ...]:
    """Requests of a route that went well."""
    return tuple(item for item in healthy if item.route == route and item.outcome == "ok" and item.status < 400)


def check(patched: Batch, reproduction: Reproduction, healthy: tuple[Capture, ...]) -> Check:
    """``answer``: a shape that recorded answers of the same status and route have.

    One that was never seen may be right, since a branch may have no recorded answer yet: it is unknown, and a person
    is shown it.  Whatever is not even answered is for ``fixed`` to judge.
    """
    name = "answer"
    if patched.broken or not patched.replies or patched.replies[0].failures or patched.replies[0].status is None:
        return words.unknown(name, "there is none")
    reply, capture = patched.replies[0], reproduction.capture
    refused = 400 <= (reply.status or 0) < 500
    known = refusals.recorded(capture.route, healthy) if refused else successes(capture.route, healthy)
    seen = [other.response for other in known if other.status == reply.status]
    if not seen:
        return words.unknown(name, f"no {reply.status} of {capture.route} was recorded: it answers {shown(reply)}")
    found = answers.strange(reply.body if reply.is_json else None, seen, capture.body)
    if found:
        return words.unknown(
            name, f"unlike the {reply.status} of {capture.route}: {'; '.join(found[:6])}: it answers {shown(reply)}"
        )
    lent = f", with answers borrowed for {words.some(reply.borrowed)}" if reply.borrowed else ""
    return words.passed(name, f"it answers {reply.status} in a shape of {len(seen)} recorded answers{lent}")


def given(patched: Batch) -> Answer | None:
    """Return the answer to the mended request, which was asked twice; None when there is none.

    What the two runs answer otherwise, a new number or a time, is told by its kind: it is no other answer.
    """
    if patched.broken or not patched.replies or patched.replies[0].failures or patched.replies[0].status is None:
        return None
    reply = patched.replies[0]
    # As the recorder writes it down: a body that is no JSON is text, and none at all is null.
    body = reply.body if reply.is_json else ("text" if reply.length else None)
    shape = tuple(sorted(answers.of(body)))
    kept = len(shape) <= MOST_PATHS and all(len(item) <= LONGEST_PATH for item in shape)
    loose = frozenset[str]().union(*(varying(reply, later) or () for later in patched.replies[1:2]))
    return Answer(status=reply.status or 0, said=shown(steady(reply, loose)), shape=shape if kept else ())


def varying(reply: Reply, later: Reply) -> frozenset[str] | None:
    """Paths that two runs of the same request answer otherwise; None where nothing else is left to compare."""
    if reply.sha256 == later.sha256:
        return frozenset()
    if not (reply.is_json and later.is_json) or reply.status != later.status:
        return None
    found = answers.differing(reply.body, later.body)
    return found if answers.differing(reply.body, None) - found - {"body"} else None


def steady(reply: Reply, loose: frozenset[str]) -> Reply:
    """The reply with the kind of what varies by itself in its place."""
    if not loose or not reply.is_json:
        return reply
    return reply.model_copy(update={"body": _kinds(reply.body, loose, "body")})


def _kinds(value: JsonValue, loose: frozenset[str], path: str) -> JsonValue:
    if path in loose:
        return f"(a {kind(value)})"
    if isinstance(value, dict):
        return {key: _kinds(item, loose, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_kinds(item, loose, f"{path}[{index}]") for index, item in enumerate(value)]
    return value


def shown(reply: Reply) -> str:
    """An answer in one line: its status and body, cut."""
    body = json.dumps(reply.body, ensure_ascii=False) if reply.is_json else f"{reply.length} bytes that are no JSON"
    return f"{reply.status} {body}"[:SHOWN]
