"""The checks of a proof, each a pure function of what the trials showed.

Details are short and structured: a failed one is fed back to whoever writes the next candidate.
"""

from collections.abc import Iterable

from incident.capture import Capture
from incident.evidence import Signature
from incident.proof import Check, Reproduction
from tools import ports
from tools.proving import shapes
from tools.proving.trial import Batch, Place, Reply, Suite, Thrown


def unknown(name: str, detail: str) -> Check:
    """Nobody knows, which holds."""
    return Check(name=name, outcome="unknown", detail=detail[:600])


def failed(name: str, detail: str) -> Check:
    """It does not hold."""
    return Check(name=name, outcome="failed", detail=detail[:600])


def passed(name: str, detail: str) -> Check:
    """It holds."""
    return Check(name=name, outcome="passed", detail=detail[:600])


def same_failure(reply: Reply, signature: Signature, component: ports.Component, *, line: bool = True) -> bool:
    """Whether a request failed with the signature's exception at its place.

    The place is the innermost frame of the tree, or the innermost of the service's own folder: a recorder may know
    either.  The line counts on the base only.
    """
    return any(_matches(thrown, signature, component, line=line) for thrown in reply.failures)


def _matches(thrown: Thrown, signature: Signature, component: ports.Component, *, line: bool) -> bool:
    if _last(thrown.type) != _last(signature.exception) or not thrown.frames:
        return False
    own = [frame for frame in thrown.frames if frame.path.startswith(component.path.rstrip("/") + "/")]
    return any(_is_place(frame, signature, line=line) for frame in (thrown.frames[-1], *own[-1:]))


def _is_place(frame: Place, signature: Signature, *, line: bool) -> bool:
    same = frame.path == signature.path and _last(frame.function) == _last(signature.function)
    return same and (frame.line == signature.line or not line)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def why_not(reply: Reply, signature: Signature) -> str:
    """Why a recorded failure is no reproduction."""
    if not reply.replayed:
        return "needs state: it read local values and the service has no recorder to give them again"
    if reply.timed_out:
        return "fails elsewhere: it does not end in time"
    if reply.failures:
        return f"fails elsewhere: {_said(reply.failures[0])} instead of {signature.exception} in {signature.function}"
    if reply.unexpected:
        return f"needs state: it calls {reply.unexpected[0]}, which was not recorded"
    return f"needs state: it answers {reply.status} in the sandbox"


def reproduces(base: Batch, reproduction: Reproduction, component: ports.Component) -> Check:
    """``reproduces``: the recorded failure fails on the base as it failed in the world."""
    if base.broken or not base.replies:
        return unknown("reproduces", base.broken or "nothing was run")
    reply, signature = base.replies[0], reproduction.signature
    if not same_failure(reply, signature, component):
        return unknown("reproduces", why_not(reply, signature))
    where = f"{signature.path}:{signature.line} in {signature.function}"
    return passed("reproduces", f"{reproduction.capture.route} raises {signature.exception} at {where} on the base")


def fixed(patched: Batch, reproduction: Reproduction, healthy: tuple[Capture, ...]) -> Check:
    """``fixed``: no exception, none logged, and an answer of the kind that successes of the route have."""
    if patched.broken or not patched.replies:
        return failed("fixed", patched.broken or "nothing was run")
    reply, capture = patched.replies[0], reproduction.capture
    if reply.timed_out or reply.crashed:
        return failed("fixed", "the recorded failure does not end" if reply.timed_out else "the process died")
    if reply.failures:
        return failed("fixed", f"the recorded failure still fails: {_said(reply.failures[0])}")
    good = [other for other in healthy if other.route == capture.route and other.outcome == "ok" and other.status < 400]
    if not good:
        return unknown("fixed", f"no successful answer of {capture.route} was recorded")
    if reply.unexpected:
        return unknown("fixed", f"needs state: it goes on to call {reply.unexpected[0]}, which was not recorded")
    if reply.status not in {other.status for other in good}:
        return failed("fixed", f"it answers {reply.status}; successes answer {_list(other.status for other in good)}")
    return _shaped(reply, capture.route, good)


def _shaped(reply: Reply, route: str, good: list[Capture]) -> Check:
    seen = [other.response for other in good if other.status == reply.status]
    strange = shapes.strange(reply.body if reply.is_json else None, seen)
    if strange:
        return failed("fixed", f"its answer is unlike the successes of {route}: {'; '.join(strange[:6])}")
    lent = f", with answers borrowed for {_list(reply.borrowed)}" if reply.borrowed else ""
    return passed("fixed", f"it answers {reply.status} in a shape of {len(seen)} recorded successes{lent}")


def same_answers(
    base: Batch, again: Batch, patched: Batch, reproduction: Reproduction, cases: tuple[Capture, ...]
) -> Check:
    """``same_answers``: recorded successes are answered as the base answers them, which is as recorded.

    A success that the base itself does not answer as recorded needs state: it is set aside, and too many of them on the
    failing route make the check unknown.  Where two runs of the base differ, bytes are no measure; what is the same in
    both must be the same in the patched answer.
    """
    name = "same_answers"
    if base.broken or again.broken:
        return unknown(name, base.broken or again.broken)
    if patched.broken:
        return failed(name, patched.broken)
    usable, aside, wrong, loose = [], [], [], set[str]()
    for number, capture in enumerate(cases):
        if number == 0 or capture.outcome != "ok":
            continue
        before, later, after = base.replies[number], again.replies[number], patched.replies[number]
        if not _as_recorded(before, capture) or not _as_recorded(later, capture):
            aside.append(capture)
            continue
        usable.append(capture)
        unstable = _unstable(before, later)
        loose |= unstable
        difference = _difference(before, after, unstable)
        if difference:
            wrong.append(f"{capture.route} [{number}]: {difference}")
    if wrong:
        return failed(name, f"{len(wrong)} of {len(usable)} successes are answered otherwise: {'; '.join(wrong[:3])}")
    return _enough(usable, aside, loose, reproduction.capture.route)


def _enough(usable: list[Capture], aside: list[Capture], loose: set[str], route: str) -> Check:
    here = sum(capture.route == route for capture in usable)
    away = sum(capture.route == route for capture in aside)
    if here == 0 or away > here:
        why = "needs state" if away else "no success was recorded"
        return unknown("same_answers", f"{why}: the base answers {here} of {here + away} on {route} as recorded")
    detail = f"{len(usable)} recorded successes are answered as by the base"
    if aside:
        detail += f"; {len(aside)} set aside because they need state"
    if loose:
        detail += f"; not compared, as the base varies them: {_list(sorted(loose))}"
    return passed("same_answers", detail)


def _as_recorded(reply: Reply, capture: Capture) -> bool:
    if reply.timed_out or reply.crashed or reply.raised or reply.unexpected or reply.status != capture.status:
        return False
    if capture.response is None:
        return True
    return reply.is_json and shapes.of(reply.body) == shapes.of(capture.response)


def _unstable(before: Reply, later: Reply) -> frozenset[str]:
    if before.sha256 == later.sha256:
        return frozenset()
    if before.is_json and later.is_json:
        return shapes.differing(before.body, later.body)
    return frozenset({"body"})


def _difference(before: Reply, after: Reply, unstable: frozenset[str]) -> str:
    if after.timed_out or after.crashed:
        return "does not end" if after.timed_out else "the process died"
    if after.failures and not before.failures:
        return _said(after.failures[0])
    if after.status != before.status:
        return f"status {after.status} instead of {before.status}"
    if after.sha256 == before.sha256 or (not before.is_json and unstable):
        return ""
    if before.is_json and after.is_json:
        moved = sorted(shapes.differing(before.body, after.body) - unstable)
        if moved:
            return f"differs at {_list(moved)}"
        return "" if unstable else "the same values in other bytes"
    return "another body"


def own_tests(base: Suite, patched: Suite, added: tuple[str, ...]) -> Check:
    """``own_tests``: the base's tests pass with the patch, and the added ones fail without it."""
    name = "own_tests"
    if base.broken or patched.broken:
        return (failed if patched.broken and not base.broken else unknown)(name, patched.broken or base.broken)
    new = {test for test in base.tests.keys() | patched.tests.keys() if _added(test, added)}
    old = base.tests.keys() - new
    sick = sorted(test for test in old if base.tests[test][0] in ("failed", "error"))
    if not old or sick:
        why = f"no test of the base was run (exit code {base.exit_code}): {base.tail.strip()[-200:]}"
        return unknown(name, f"the base's own tests fail: {_list(sick)}" if old else why)
    broken = sorted(test for test in old if patched.tests.get(test, ("absent", ""))[0] != base.tests[test][0])
    if broken:
        said = patched.tests.get(broken[0], ("absent", "did not run"))[1]
        return failed(name, f"{len(broken)} of {len(old)} tests break: {_list(broken)}: {said}")
    if not added or not new:
        return unknown(name, "no regression test was added" if not added else "the added test was not collected")
    weak = sorted(test for test in new if base.tests.get(test, ("absent", ""))[0] != "failed")
    if weak:
        return failed(name, f"the added test does not fail without the patch: {_list(weak)}")
    still = sorted(test for test in new if patched.tests.get(test, ("absent", ""))[0] != "passed")
    if still or patched.exit_code != 0 or base.tests.keys() != patched.tests.keys():
        said = patched.tests[still[0]][1] if still and still[0] in patched.tests else f"exit code {patched.exit_code}"
        return failed(name, f"the added test does not pass with the patch: {_list(still)}: {said}")
    return passed(name, f"{len(old)} tests of the base pass; {len(new)} added fail without the patch and pass with it")


def _added(test: str, added: tuple[str, ...]) -> bool:
    modules = tuple(path.removesuffix(".py").replace("/", ".") for path in added)
    holder = test.rpartition(".")[0] if "[" not in test else test.partition("[")[0].rpartition(".")[0]
    return any(
        module == holder or holder.startswith(module + ".") or module.endswith("." + holder) for module in modules
    )


def bounded(base: tuple[Batch, ...], patched: Batch, base_suite: Suite, suite: Suite) -> Check:
    """``bounded``: nothing ran into a limit of time, memory or output."""
    over = [*_over(patched), *([suite.stopped_by] if suite.stopped_by else [])]
    if over:
        return failed("bounded", f"the patched service runs into a limit: {_list(over)}")
    before = [*(item for batch in base for item in _over(batch)), *([base_suite.stopped_by] if base_suite.stopped_by else [])]
    if before:
        return unknown("bounded", f"the base itself runs into a limit: {_list(before)}")
    longest = max((reply.seconds for reply in patched.replies), default=0.0)
    return passed("bounded", f"within all limits; the slowest request took {longest:.2f} s")


def _over(batch: Batch) -> list[str]:
    found = [batch.stopped_by] if batch.stopped_by else []
    found += [f"request {reply.case} does not end" for reply in batch.replies if reply.timed_out]
    return found + [f"request {reply.case} ends the process" for reply in batch.replies if reply.crashed and not reply.timed_out]


def _said(thrown: Thrown) -> str:
    at = f" at {thrown.frames[-1].path}:{thrown.frames[-1].line}" if thrown.frames else ""
    return f"{thrown.type}: {thrown.message[:160]}{at}"


def _list(values: Iterable[object]) -> str:
    items = [str(item) for item in dict.fromkeys(values)]
    return ", ".join(items[:5]) + (f" and {len(items) - 5} more" if len(items) > 5 else "")
