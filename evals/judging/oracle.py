"""Judges of the hidden requests: right answers, not merely no errors."""

from evals.judging.seen import Asked, Finding, Seen

FEWEST = 8
"""Hidden requests below which an oracle says too little."""


def oracle_answers(seen: Seen, *, at_least: int = FEWEST) -> Finding:
    """Every hidden request got the right answer.  No answer, or no question, is a failure."""
    few = (
        []
        if len(seen.asked) >= at_least
        else [f"only {len(seen.asked)} of at least {at_least} hidden requests were asked"]
    )
    found = (*few, *wrong(seen.asked))
    detail = "; ".join(found[:4]) or f"{len(seen.asked)} hidden requests are answered rightly"
    return Finding(judge="oracle_answers", passed=not found, detail=detail)


def wrong(asked: tuple[Asked, ...]) -> tuple[str, ...]:
    """Wrong or missing answers."""
    return tuple(f"{item.name}: {_wrong(item)}" for item in asked if not _right(item))


def _right(item: Asked) -> bool:
    return item.status == item.expected_status and not item.wrong


def _wrong(item: Asked) -> str:
    if item.status is None:
        return "no answer"
    if item.status != item.expected_status:
        return f"status {item.status} instead of {item.expected_status}"
    return ", ".join(item.wrong[:2])
