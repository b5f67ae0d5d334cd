"""Check ``answer``: the mended request is answered as others of its route were."""

import json

from incident import answers
from incident.capture import Capture
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
    """Return the answer to the mended request; None when there is none."""
    if patched.broken or not patched.replies or patched.replies[0].failures or patched.replies[0].status is None:
        return None
    reply = patched.replies[0]
    # As the recorder writes it down: a body that is no JSON is text, and none at all is null.
    body = reply.body if reply.is_json else ("text" if reply.length else None)
    shape = tuple(sorted(answers.of(body)))
    kept = len(shape) <= MOST_PATHS and all(len(item) <= LONGEST_PATH for item in shape)
    return Answer(status=reply.status or 0, said=shown(reply), shape=shape if kept else ())


def shown(reply: Reply) -> str:
    """An answer in one line: its status and body, cut."""
    body = json.dumps(reply.body, ensure_ascii=False) if reply.is_json else f"{reply.length} bytes that are no JSON"
    return f"{reply.status} {body}"[:SHOWN]
