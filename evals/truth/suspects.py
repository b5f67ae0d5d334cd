"""Own reading of the suspects that a report lists: each row and the line above them are compared with the record."""

from evals.truth.lines import share
from evals.truth.record import Body, Run, flat

FIRST = 5
"""Most suspects that a report lists."""


def row(run: Run, cells: tuple[str, ...]) -> bool:
    """True when a row is the header, or one of the first suspects as they were ranked last."""
    ranked = run.decided("suspects.rank")
    if not ranked:
        return False
    event, made = ranked[-1]
    first = made["data"]["ranked"][:FIRST]
    asked = [one["mechanism"] for one in event.body["facts"]["readings"]]
    told = [name for name in asked if any(name in one["strengths"] for one in first)]
    header = ("suspect", "standing", "confidence", "weight", *(name.replace("_", " ") for name in told))
    return cells == header or any(cells == _cells(one, told) for one in first)


def summary(run: Run, line: str) -> bool:
    """True when a line tells the number of suspects, the bound, and the confidence that it is none of them."""
    ranked = run.decided("suspects.rank")
    if not ranked:
        return False
    found = ranked[-1][1]["data"]
    count = len(found["ranked"]) + found["left_out"]
    return line == (
        f"{count} {'suspect' if count == 1 else 'suspects'}; weight below which healthy time accuses somebody by itself: "
        f"{share(found['bound'])} nats; confidence that it is none of them: {share(found['nobody'])}"
    )


def _cells(one: Body, told: list[str]) -> tuple[str, ...]:
    suspect = one["suspect"]
    of = f" of {suspect['service']}" if suspect["service"] not in ("", suspect["name"]) else ""
    numbers = [one["confidence"], one["weight"], *(one["strengths"].get(name) for name in told)]
    written = ("" if number is None else f"{number / 10_000:.2f}" for number in numbers)
    return flat(f"{suspect['kind']} {suspect['name']}{of}"), one["standing"], *written
