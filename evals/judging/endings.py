"""Judges of an incident's ending."""

from evals.judging.seen import Finding, Seen
from incident.ending import Outcome
from incident.record import Proposed


def ending(seen: Seen, *, outcomes: tuple[Outcome, ...], exit_codes: tuple[int, ...]) -> Finding:
    """The journal's last ending and the healer's exit code are among the promised ones, and agree."""
    healer, closed = seen.last("healer"), seen.closed
    if healer is None or healer.exit_code is None:
        return Finding(judge="ending", passed=False, detail="the healer did not come to an end")
    if closed is None:
        words = (healer.stderr.strip().splitlines() or ["it said nothing"])[-1][:200]
        return Finding(
            judge="ending", passed=False, detail=f"no ending is journaled; exit code {healer.exit_code}: {words}"
        )
    right = closed.ending.outcome in outcomes and healer.exit_code in exit_codes
    agree = healer.exit_code == closed.ending.exit_code
    words = f"{closed.ending.outcome.value}, exit code {healer.exit_code}: {closed.ending.reason[:200]}"
    return Finding(judge="ending", passed=right and agree, detail=words)


def within(seen: Seen, *, seconds: float) -> Finding:
    """The healer took no longer than this."""
    healer = seen.last("healer")
    took = None if healer is None or healer.exit_code is None else healer.seconds
    if took is None:
        return Finding(judge="within", passed=False, detail="the healer did not come to an end")
    return Finding(judge="within", passed=took <= seconds, detail=f"{took:.0f} of {seconds:.0f} s")


def remedy(seen: Seen, *, kinds: tuple[str, ...]) -> Finding:
    """Every remedy that was put forward is of these kinds, and one was; no kinds: none was."""
    found = tuple(item.event.remedy.kind for item in seen.records if isinstance(item.event, Proposed))
    passed = set(found) <= set(kinds) and bool(found) == bool(kinds)
    return Finding(judge="remedy", passed=passed, detail=", ".join(found) or "none was put forward")
