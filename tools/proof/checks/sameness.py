"""Check ``same_answers``: the patch answers recorded successes, and calls others for them, as the base does."""

from collections import Counter

from incident import answers
from incident.capture import Capture
from incident.proof import Check, Reproduction
from tools.proof.checks import words
from tools.proof.checks.trial import Batch, Reply


def check(base: Batch, again: Batch, patched: Batch, reproduction: Reproduction, cases: tuple[Capture, ...]) -> Check:
    """``same_answers``: recorded successes are answered as the base answers them, which is as recorded.

    A success that the base itself does not answer as recorded needs state: it is set aside, and too many of them on the
    failing route make the check unknown.  Where two runs of the base differ, bytes are no measure; what is the same in
    both must be the same in the patched answer.  Behind the recorded ones stand requests beside them
    (:mod:`tools.proof.checks.neighbours`): where the base answers such a one at all, and twice alike, the patch does so, too.
    """
    name = "same_answers"
    if base.broken or again.broken:
        return words.unknown(name, base.broken or again.broken)
    if patched.broken:
        return words.failed(name, patched.broken)
    usable, aside, wrong, loose = [], [], [], set[str]()
    for number, capture in enumerate(cases):
        # The first one is the failing request, which `fixed` judges.
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
        return words.failed(
            name, f"{len(wrong)} of {len(usable)} successes are answered otherwise: {'; '.join(wrong[:3])}"
        )
    beside = _beside(base, again, patched, len(cases))
    if beside:
        return words.failed(name, f"successes with a field more are answered otherwise: {'; '.join(beside[:3])}")
    return _enough(usable, aside, loose, reproduction.capture.route)


def _beside(base: Batch, again: Batch, patched: Batch, recorded: int) -> list[str]:
    """Differences at the requests behind the recorded ones."""
    triples = zip(base.replies[recorded:], again.replies[recorded:], patched.replies[recorded:], strict=True)
    return [
        difference
        for before, later, after in triples
        if _ended(before) and _ended(later) and (difference := _difference(before, after, _unstable(before, later)))
    ]


def _ended(reply: Reply) -> bool:
    return not (reply.timed_out or reply.crashed or reply.raised or reply.unexpected or reply.failures)


def _enough(usable: list[Capture], aside: list[Capture], loose: set[str], route: str) -> Check:
    here = sum(capture.route == route for capture in usable)
    away = sum(capture.route == route for capture in aside)
    if here == 0 or away > here:
        why = "needs state" if away else "no success was recorded"
        return words.unknown("same_answers", f"{why}: the base answers {here} of {here + away} on {route} as recorded")
    detail = f"{len(usable)} recorded successes are answered as by the base"
    if aside:
        detail += f"; {len(aside)} set aside because they need state"
    if loose:
        detail += f"; not compared, as the base varies them: {words.some(sorted(loose))}"
    return words.passed("same_answers", detail)


def _as_recorded(reply: Reply, capture: Capture) -> bool:
    if reply.timed_out or reply.crashed or reply.raised or reply.unexpected or reply.status != capture.status:
        return False
    if capture.response is None:
        return True
    return reply.is_json and answers.of(reply.body) == answers.of(capture.response)


def _unstable(before: Reply, later: Reply) -> frozenset[str]:
    if before.sha256 == later.sha256:
        return frozenset()
    if before.is_json and later.is_json:
        return answers.differing(before.body, later.body)
    return frozenset({"body"})


def _difference(before: Reply, after: Reply, unstable: frozenset[str]) -> str:  # noqa: PLR0911 (one flat return for each reason)
    if after.timed_out or after.crashed:
        return "does not end" if after.timed_out else "the process died"
    if after.failures and not before.failures:
        return words.said(after.failures[0])
    # Sorted, since calls that are made side by side come in any order.
    if sorted(after.made) != sorted(before.made):
        return _calls(before, after)
    if after.status != before.status:
        return f"status {after.status} instead of {before.status}"
    if after.sha256 == before.sha256 or (not before.is_json and unstable):
        return ""
    if before.is_json and after.is_json:
        moved = sorted(answers.differing(before.body, after.body) - unstable)
        if moved:
            return f"differs at {words.some(moved)}"
        # Two runs of the base gave equal bytes, so another order of keys comes from the patch.
        return "" if unstable else "the same values in other bytes"
    return "another body"


def _calls(before: Reply, after: Reply) -> str:
    fewer = sorted((Counter(before.made) - Counter(after.made)).elements())
    more = sorted((Counter(after.made) - Counter(before.made)).elements())
    return f"calls {words.some(more) or 'nothing'} instead of {words.some(fewer) or 'nothing'}"
