"""Times of the mechanisms and the ranking on a large observation: forty services, an hour of samples each five seconds.

``python -m evals.bench.suspect_times`` prints the seconds of processor time of each run; nothing is asked and no model is used.
"""

import random
import sys
import time
from datetime import UTC, datetime

from incident.evidence import Change, Condition
from incident.observed import Calls, Heard, Logged, Observed, Stretch, Track, Watched, moment, seconds
from incident.series import SeriesKind
from policies.suspects import asking, ranking

SERVICES, SERIES, STEP, SPAN = 40, 24, 5.0, 3600.0
"""Services, series of each, and seconds between two samples and in all."""

LINES, EDGES, CALLS, CHANGES = 60, 80, 600, 30
"""Kinds of log lines of each service, pairs that call each other, calls of each, and changes."""

RUNS = 3

END = seconds(datetime(2026, 11, 28, 12, tzinfo=UTC))


def world(seed: int) -> Observed:
    """An observation of random figures; the first service fails since twenty minutes before the end."""
    dice = random.Random(seed)
    names = tuple(f"s{number:02}" for number in range(SERVICES))
    at = tuple(END - SPAN + STEP * (index + 1) for index in range(int(SPAN / STEP)))
    rule = Condition(
        name="TooManyErrors",
        service=names[0],
        expression="errors / requests",
        comparison=">",
        threshold=0.05,
        window_seconds=60,
        for_seconds=30,
        step_seconds=STEP,
    )
    onset = END - 1200
    return Observed(
        as_of=moment(END),
        service=names[0],
        alert=Watched(
            started=onset + 120, condition=rule, track=_track(names[0], "ratio", "ratio", at, dice, onset, grows=40)
        ),
        windows=rule.windows,
        looked=Stretch(start=END - SPAN, end=END),
        healthy=Stretch(start=END - SPAN, end=onset),
        since=Stretch(start=onset, end=END),
        bucket_seconds=STEP,
        services=names,
        tracks=tuple(
            _track(name, series, "counter" if series in ("requests", "errors") else "gauge", at, dice, onset)
            for name in names
            for series in ("requests", "errors", "p99_ms", *(f"series_{number}" for number in range(SERIES - 3)))
        ),
        logged=tuple(_logged(name, number, at, dice) for name in names for number in range(LINES)),
        calls=tuple(_calls(names, number, dice) for number in range(EDGES)),
        changes=tuple(
            Change(
                service=dice.choice(names),
                at=moment(END - dice.uniform(0, SPAN)),
                what="deploy",
                version=f"v{number}",
                patch="\n".join(f"+ word{dice.randrange(500)} = {number}" for _ in range(100)),
            )
            for number in range(CHANGES)
        ),
        heard=tuple(Heard(service=name, metrics=END, logs=END, spans=END) for name in names),
    )


def _track(
    service: str,
    name: str,
    kind: SeriesKind,
    at: tuple[float, ...],
    dice: random.Random,
    onset: float,
    grows: float = 1,
) -> Track:
    values = tuple(0.01 * dice.gauss(1, 0.1) * (grows if one > onset else 1) for one in at)
    return Track(service=service, name=name, unit="1", kind=kind, step_seconds=STEP, at=at, values=values)


def _logged(service: str, number: int, at: tuple[float, ...], dice: random.Random) -> Logged:
    some = tuple(sorted(dice.sample(at, len(at) // 3)))
    counts = tuple(dice.randrange(1, 5) for _ in some)
    text = f"template {number} of word{dice.randrange(500)}"
    return Logged(service=service, what="template", text=text, example=text, at=some, count=counts, first=some[0])


def _calls(names: tuple[str, ...], number: int, dice: random.Random) -> Calls:
    at = tuple(sorted(END - dice.uniform(0, SPAN) for _ in range(CALLS)))
    inside = tuple(dice.lognormvariate(3, 0.5) for _ in at)
    callee = names[(number % (SERVICES - 1)) + 1]
    return Calls(
        caller=names[number % (number % (SERVICES - 1) + 1)],
        callee=callee,
        operation=f"operation {number % 5}",
        at=at,
        took_ms=tuple(one + 1 for one in inside),
        callee_ms=inside,
        below_ms=tuple(one / 2 for one in inside),
        failed=tuple(dice.random() < 0.01 for _ in at),
        answered_badly=tuple(dice.random() < 0.01 for _ in at),
        failed_below=(False,) * len(at),
    )


def main() -> int:
    """Print the seconds of each run."""
    for seed in range(RUNS):
        observed = world(seed)
        start = time.process_time()
        facts = asking.facts(observed)
        told = ranking.rank(facts)
        sys.stdout.write(
            f"{time.process_time() - start:.2f} s: {told.choice}, {len(facts.canonical()):,} bytes of facts\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
