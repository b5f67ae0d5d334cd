"""Checks ``reproduces`` and ``fixed``: the base fails as recorded, and the patch does not."""

from incident.capture import Capture
from incident.evidence import Signature
from incident.proof import Check, Reproduction
from incident.stacks import COMPREHENSIONS
from tools import ports
from tools.proof.checks import answer, refusals, words
from tools.proof.checks.trial import Batch, Place, Reply, Thrown

_UNREAD = "NothingRecorded"
"""Raised by the recorder when a replayed request reads more than was recorded."""


def same(reply: Reply, signature: Signature, component: ports.Component, *, line: bool = True) -> bool:
    """True when a request failed with the signature's exception at its place.

    The place is the innermost frame of the tree, or the innermost of the service's own folder: a recorder may know
    either.  The line counts on the base only.
    """
    return any(_matches(thrown, signature, component, line=line) for thrown in reply.failures)


def values(reply: Reply, signature: Signature, component: ports.Component) -> dict[str, str]:
    """Kinds of the local variables at the place where the signature's exception is raised."""
    thrown = [item for item in reply.failures if _matches(item, signature, component, line=True)]
    return dict(thrown[0].frames[-1].values) if thrown else {}


def _matches(thrown: Thrown, signature: Signature, component: ports.Component, *, line: bool) -> bool:
    if _last(thrown.type) != _last(signature.exception) or not thrown.frames:
        return False
    own = [frame for frame in thrown.frames if frame.path.startswith(component.path.rstrip("/") + "/")]
    return any(_is_place(frame, signature, line=line) for frame in (thrown.frames[-1], *own[-1:]))


def _is_place(frame: Place, signature: Signature, *, line: bool) -> bool:
    # A recorder on an older Python, or an older record, names the comprehension itself.
    named = (_last(frame.function), _last(_enclosing(frame)))
    same = frame.path == signature.path and _last(signature.function) in named
    return same and (frame.line == signature.line or not line)


def _enclosing(frame: Place) -> str:
    """The function of a frame; for a comprehension's frame the one around it, as recorded errors name it."""
    if _last(frame.function) not in COMPREHENSIONS:
        return frame.function
    around = [part for part in frame.qualified.split(".") if part not in (*COMPREHENSIONS, "<locals>")]
    return around[-1] if around else frame.function


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def why_not(reply: Reply, signature: Signature) -> str:
    """Reason that a recorded failure is no reproduction."""
    if not reply.replayed:
        return "needs state: it read local values and the service has no recorder to give them again"
    if reply.timed_out:
        return "fails elsewhere: it does not end in time"
    if reply.failures:
        return (
            f"fails elsewhere: {words.said(reply.failures[0])} instead of {signature.exception} in {signature.function}"
        )
    if reply.unexpected:
        return f"needs state: it calls {reply.unexpected[0]}, which was not recorded"
    return f"needs state: it answers {reply.status} in the sandbox"


def reproduces(base: Batch, reproduction: Reproduction, component: ports.Component) -> Check:
    """``reproduces``: the recorded failure fails on the base as it failed in the world."""
    if base.broken or not base.replies:
        return words.unknown("reproduces", base.broken or "nothing was run")
    reply, signature = base.replies[0], reproduction.signature
    if not same(reply, signature, component):
        return words.unknown("reproduces", why_not(reply, signature))
    where = f"{signature.path}:{signature.line} in {signature.function}"
    return words.passed(
        "reproduces", f"{reproduction.capture.route} raises {signature.exception} at {where} on the base"
    )


def fixed(  # noqa: PLR0911 (one flat return for each reason)
    patched: Batch, reproduction: Reproduction, healthy: tuple[Capture, ...], foreign: frozenset[str] = frozenset()
) -> Check:
    """``fixed``: no exception, none logged, and an answer with the status of a success or of a refusal.

    `foreign` are exceptions that the patch raises and the service does not: a refusal by one of them mends nothing.
    """
    if patched.broken or not patched.replies:
        return words.failed("fixed", patched.broken or "nothing was run")
    reply, capture = patched.replies[0], reproduction.capture
    if reply.timed_out or reply.crashed:
        return words.failed("fixed", "the recorded failure does not end" if reply.timed_out else "the process died")
    if any(_last(thrown.type) == _UNREAD for thrown in reply.failures):
        return words.unknown("fixed", "needs state: it goes on to read local values that were not recorded")
    if reply.failures:
        return words.failed(
            "fixed", f"the recorded failure still fails: {words.said(reply.failures[0])}{_where(reply)}"
        )
    if reply.unexpected:
        return words.unknown("fixed", f"needs state: it goes on to call {reply.unexpected[0]}, which was not recorded")
    if _refuses(reply):
        return _refused(reply, capture.route, healthy, foreign)
    return _answered(reply, capture.route, healthy)


def _refused(reply: Reply, route: str, healthy: tuple[Capture, ...], foreign: frozenset[str]) -> Check:
    if foreign:
        return words.failed("fixed", f"it refuses with {words.some(sorted(foreign))}, which this service never raises")
    # Without an answer to compare with, one without an exception says little: a patch could swallow the error.
    if not answer.successes(route, healthy) and not refusals.recorded(route, healthy):
        return words.unknown("fixed", f"no answer of {route} was recorded")
    return words.passed("fixed", f"it refuses the request with {reply.status}")


def _answered(reply: Reply, route: str, healthy: tuple[Capture, ...]) -> Check:
    good = answer.successes(route, healthy)
    if not good:
        return words.unknown("fixed", f"no successful answer of {route} was recorded")
    skipped = sorted(set(reply.unmade))
    if skipped:
        return words.unknown("fixed", f"it no longer makes calls that the failing request made: {words.some(skipped)}")
    if reply.status not in {other.status for other in good}:
        said = words.some(other.status for other in good)
        return words.failed("fixed", f"it answers {reply.status}; successes answer {said}")
    return words.passed("fixed", f"it answers {reply.status}")


def _refuses(reply: Reply) -> bool:
    return reply.status is not None and 400 <= reply.status < 500


def _where(reply: Reply) -> str:
    """Kinds of the local variables there, for whoever writes the next patch."""
    frames = reply.failures[0].frames
    told = [f"{name} is {kind}" for name, kind in (frames[-1].values if frames else {}).items()]
    return f", where {'; '.join(told)[:300]}" if told else ""
