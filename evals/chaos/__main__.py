"""Kills the healer many times and judges the endings: ``python -m evals.chaos [--kills N] [--incidents N] [--lab N]``.

Exit code 1 when an effect happened twice, an incident was lost or took too long, or the control, which has
no ledger, does not show that the kills bite.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydantic import JsonValue

from evals.bench import reporting
from evals.bench.reporting import Target
from evals.chaos import lab, points
from evals.chaos.campaign import Campaign
from evals.chaos.judge import Live, Verdict

WITHIN = 60.0
"""Seconds from the restart within which every incident must have ended."""
CONTROL = 0.2
"""Share of the control's kills that must duplicate an effect."""
SPARE = 1.1
"""Points dealt per kill that is wanted: some are never reached, because a later one cannot be before an earlier."""


def campaign(incidents: int, kills: int, seed: int, abreast: int, *, forgets: bool, root: Path) -> tuple[Verdict, ...]:
    """So many incidents in waves, with at least so many points dealt to them."""
    # Without a ledger there are no books to be killed at.
    kinds = tuple(kind for kind in points.POINTS if not (forgets and kind == "bookkeeping"))
    hands = points.deal(incidents, kills, random.Random(seed), kinds)
    run = Campaign(root, forgets=forgets)
    found: list[Verdict] = []
    try:
        for first in range(0, incidents, abreast):
            some = hands[first : first + abreast]
            names = [f"chaos-{seed}-{first + number:03d}" for number in range(len(some))]
            begun = time.monotonic()
            found += run.wave(names, some)
            said = f"{len(found)} of {incidents} incidents, {sum(len(one.kills) for one in found)} kills"
            sys.stderr.write(
                f"{'control: ' if forgets else ''}{said}; this wave took {time.monotonic() - begun:.0f} s\n"
            )
    finally:
        run.close()
    return tuple(found)


def targets(found: Sequence[Verdict], control: Sequence[Verdict], kills: int, incidents: int) -> list[Target]:
    """Promised figures."""
    hits = sum(len(one.kills) for one in control)
    share = sum(one.duplicating for one in control) / hits if hits else None
    times = [one.seconds for one in found if one.seconds is not None]
    return [
        Target(name="kills", measured=sum(len(one.kills) for one in found), bound=kills, at_most=False),
        Target(name="incidents", measured=len(found), bound=incidents, at_most=False),
        Target(name="duplicate effects", measured=sum(one.duplicates + one.unkeyed for one in found), bound=0),
        Target(name="lost incidents", measured=sum(one.lost for one in found), bound=0),
        Target(name="open intents at the end", measured=sum(one.unsettled for one in found), bound=0),
        Target(
            name="healed with other changes than one heals with",
            measured=sum(bool(one.strange) for one in found),
            bound=0,
        ),
        Target(name="records that do not replay", measured=sum(bool(one.replay) for one in found), bound=0),
        Target(name="longest time from restart to end (s)", measured=max(times, default=None), bound=WITHIN),
        Target(name="control: share of kills that duplicate", measured=share, bound=CONTROL, at_most=False),
    ]


def tell(found: Sequence[Verdict], control: Sequence[Verdict]) -> None:
    """Print how many kills of each kind there were, and how the incidents ended."""
    hit = Counter(kill.point.kind for one in found for kill in one.kills)
    places = {
        kind: {(k.point.moment, k.point.name) for v in found for k in v.kills if k.point.kind == kind}
        for kind in points.POINTS
    }
    bad = Counter(kill.point.kind for one in control for kill in one.kills)
    rows = [
        (kind, str(hit[kind]), f"{len(places[kind])} of {len(points.POINTS[kind])}", str(bad[kind]))
        for kind in points.POINTS
    ]
    reporting.table("kills", ("where", "kills", "different points", "in the control"), rows)
    ends = Counter(one.outcome or "LOST" for one in found)
    reporting.table("endings", ("ending", "incidents"), [(name, str(count)) for name, count in ends.most_common()])
    for one in (*found, *control):
        if one.outcome != "healed" or one.duplicates or one.strange or one.replay:
            struck = ", ".join(f"{kill.point.moment} {kill.point.name}" for kill in one.kills)
            sys.stdout.write(
                f"{one.world}: {one.outcome or 'LOST'}: {one.reason}; {one.duplicates} duplicates; "
                f"{'; '.join((*one.strange, one.replay))}; killed at {struck}\n"
            )


def labs(count: int, seed: int) -> list[Live]:
    """So many incidents on live labs, two at a time: each waits for its alert and its canary most of the while."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        seeds = range(seed, seed + count)
        return list(pool.map(lab.incident, seeds, (lab.MOMENTS[number % len(lab.MOMENTS)] for number in range(count))))


def main(arguments: Sequence[str]) -> int:
    """Run both campaigns, and the lab's when asked for."""
    parser = argparse.ArgumentParser(prog="python -m evals.chaos", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, metavar="N", help="at least so many (default 200)")
    parser.add_argument("--incidents", type=int, default=60, metavar="N", help="over so many incidents (default 60)")
    parser.add_argument("--control", type=int, default=20, metavar="N", help="incidents of the control (default 20)")
    parser.add_argument("--abreast", type=int, default=20, metavar="N", help="incidents at the same time (default 20)")
    parser.add_argument("--lab", type=int, default=0, metavar="N", help="incidents on the live lab besides (default 0)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    given = parser.parse_args(arguments)
    dealt = round(given.kills * SPARE)
    with tempfile.TemporaryDirectory(prefix="suture-chaos-") as name:
        root = Path(name)
        root.chmod(0o755)  # the sandbox's user must find its way through
        found = campaign(given.incidents, dealt, given.seed, given.abreast, forgets=False, root=root / "chaos")
        each = dealt / given.incidents
        control = campaign(
            given.control, round(each * given.control), given.seed, given.abreast, forgets=True, root=root / "control"
        )
    tell(found, control)
    live = labs(given.lab, given.seed)
    for one in live:
        said = f"{one.outcome or 'LOST'} {one.seconds:.0f} s after the restart; {one.reason} {one.replay}"
        sys.stdout.write(f"lab, killed at {one.moment}: {said}\n")
    figures: dict[str, JsonValue] = {
        "incidents": [one.model_dump(mode="json") for one in found],
        "control": [one.model_dump(mode="json") for one in control],
        "lab": [one.model_dump(mode="json") for one in live],
    }
    promised = targets(found, control, given.kills, given.incidents)
    if given.lab:
        promised.append(
            Target(
                name="lab incidents as if nobody had been killed",
                measured=sum(one.well for one in live),
                bound=given.lab,
                at_most=False,
            )
        )
        slowest = max(one.seconds for one in live)
        promised.append(Target(name="lab: longest time from restart to end (s)", measured=slowest, bound=WITHIN))
    return reporting.conclude(promised, figures, file=given.json, seed=given.seed, quick=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
