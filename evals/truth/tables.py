"""Own reading of a report's tables: each row is compared with the record."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime

from evals.truth import claims, suspects, words
from evals.truth.lines import same, share
from evals.truth.record import Body, Run, flat, moment, shown

HEADERS = frozenset(
    {
        ("", ""),
        ("part", "seconds", "floor", "what the floor is"),
        ("factor", "value", "weight", "contribution", "note"),
        ("at (UTC)", "change", "by the leading hypothesis", "made by"),
        ("agent", "model", "prompt", "steps", "tokens in", "tokens out", "seconds", "cost", "ended"),
    }
)


def row(run: Run, section: str, line: str) -> bool:
    """True when a row is a header, or its record supports it."""
    cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
    if cells in HEADERS or set(cells) == {"---"}:
        return True
    reader = READERS.get(section)
    return reader is not None and reader(run, cells)


def _top(run: Run, cells: tuple[str, ...]) -> bool:
    return _fact(run, *cells) if len(cells) == 2 else _duration(run, cells)


def _fact(run: Run, name: str, said: str) -> bool:
    received, closed = run.last("received"), run.last("closed")
    if received is None:
        return False
    match name:
        case "incident":
            return said == run.incident
        case "world" | "autonomy" | "model":
            return same(said, received[name])
        case "alert":
            alert = received["payload"]["alerts"][0]
            began = datetime.fromisoformat(alert["starts_at"].replace("Z", "+00:00")).isoformat()
            labels = ", ".join(f"{key}={value}" for key, value in alert["labels"].items() if key != "alertname")
            return same(said, f"{alert['labels'].get('alertname', '')} since {began}: {labels}")
        case "ending":
            ending = closed["ending"] if closed else {}
            stopped = ending.get("stop") or ending.get("reason", "")
            return same(said, f"**{ending['outcome']}**: {stopped}" if closed else "in progress")
        case _:
            return False


def _duration(run: Run, cells: tuple[str, ...]) -> bool:
    if len(cells) != 4 or not run.dossiers():
        return False
    name, seconds, floor, why = cells
    times = _times(run)
    names = list(times)
    # The world's own clock says when the alert came in; ours, how long each part took from then on.
    behind = times["detection"] - _came(run)
    if name == "total":
        return not floor and not why and _gap(times["onset"], times[names[-1]] - behind, seconds)
    if name == "detection":
        return _gap(times["onset"], _came(run), seconds) and (floor, why) == _floor(run, name)
    if name not in names[1:]:
        return False
    return _gap(times[names[names.index(name) - 1]], times[name], seconds) and (floor, why) == _floor(run, name)


def _times(run: Run) -> dict[str, datetime]:
    """The end of each part, after the onset, in their order."""
    moved = {event.body["after"]: event.at for event in run.of("moved")}
    scored, closed = run.decided("risk.assess"), run.of("closed")
    verified = closed[-1].at if closed and "verifying" in moved else None
    ends = {
        "onset": moment(run.dossiers()[-1]["onset"]),
        "detection": run.of("received")[0].at,
        "diagnosis": moved.get("validating"),
        "fix and proof": scored[-1][0].at if scored else None,
        "gates and locks": moved.get("deploying"),
        "canary": moved.get("verifying"),
        "verification": verified,
    }
    return {name: at for name, at in ends.items() if at is not None}


def _came(run: Run) -> datetime:
    """Time of the world at which the alert came in."""
    received = run.of("received")[0]
    return moment(received.body["now"]) if received.body.get("now") else received.at


def _floor(run: Run, name: str) -> tuple[str, str]:
    condition = next(iter(run.facts("condition")), None)
    if name == "detection":
        return (f"{condition['for_seconds'] + 1:.1f}" if condition else "", "for + one sample")
    if name == "verification" and condition:
        return f"{condition['window_seconds']:.1f}", "the rule's own window"
    bound = _bound(run) if name == "canary" else None
    return ("", "") if bound is None else (f"{bound:.1f}", "sequential-test bound at half the traffic")


def _bound(run: Run) -> float | None:
    """Wald's bound on a test that tells the healthy rate from one beyond the margin, at half of the traffic."""
    looks, windows = run.decided("canary.judge"), run.facts("signals")
    baseline = looks[-1][0].body["facts"]["baseline"] if looks else None
    if not looks or not windows or baseline is None:
        return None
    limits, first, last = looks[-1][0].body["facts"]["limits"], windows[0], windows[-1]
    span = (moment(last["end"]) - moment(last["start"])).total_seconds()
    rate = last["requests"] / max(1.0, span)
    healthy = max(1e-4, first["errors"] / first["requests"] if first["requests"] else 0.0)
    worse = min(0.999, healthy + max(limits["min_margin"], (baseline["alert_threshold"] or 0) / 2))
    gain = healthy * math.log(healthy / worse) + (1 - healthy) * math.log((1 - healthy) / (1 - worse))
    return math.log(1 / limits["beta"]) / gain / (rate / 2) if rate and gain else None


def _gap(start: datetime, end: datetime, said: str) -> bool:
    return f"{round((end - start).total_seconds(), 2):.1f}" == said


def _factor(run: Run, cells: tuple[str, ...]) -> bool:
    scored = run.decided("risk.assess")
    if not scored or len(cells) != 5:
        return False
    event, made = scored[-1]
    name, value, weight, contribution, note = cells
    if name == "risk":
        return contribution == share(sum(one["contribution"] for one in made["factors"]))
    return any(
        (one["name"].replace("_", " "), share(one["value"]), share(one["weight"]), share(one["contribution"]))
        == (name, value, weight, contribution)
        and claims.supported(event.body["facts"], one["note"], note)
        for one in made["factors"]
    )


def _change(run: Run, cells: tuple[str, ...]) -> bool:
    leading = run.leading()

    def fits(fact: Body) -> bool:
        blamed = leading is not None and words.blames(leading, fact)
        said = (shown(fact["at"]), flat(words.change(fact)), "blamed" if blamed else "not blamed", flat(fact["actor"]))
        return said == cells

    return any(fits(fact) for fact in run.changes())


def _model(run: Run, cells: tuple[str, ...]) -> bool:
    runs = [event.body for event in run.of("answered")]
    if len(cells) != 9:
        return False
    if cells[0] == "all":
        return cells[3:] == (*(str(sum(one[name] for one in runs)) for name in COUNTS), _seconds(runs), _cost(runs), "")
    return any(_ran(one, cells) for one in runs)


COUNTS = ("steps", "input_tokens", "output_tokens")


def _ran(one: Body, cells: tuple[str, ...]) -> bool:
    mark = "~" if one["estimated"] else ""
    return (
        (cells[0], cells[2], cells[3])
        == (one["agent"], f"{one['prompt']} ({one['prompt_digest'][:8]})", str(one["steps"]))
        and cells[4:6] == (f"{mark}{one['input_tokens']}", f"{mark}{one['output_tokens']}")
        and cells[6:8] == (_seconds([one]), _cost([one]))
        and same(cells[1], one["model"])
        and same(cells[8], one["why"] or one["ended"])
    )


def _seconds(runs: list[Body]) -> str:
    return f"{sum(one['seconds'] for one in runs):.1f}"


def _cost(runs: list[Body]) -> str:
    costs = [one["cost_micros"] for one in runs]
    if None in costs:
        return "not known"
    micros = sum(costs)
    return f"{micros / 1_000_000:.{4 if micros >= 100 else 6}f}" if micros else "0"


READERS: Mapping[str, Callable[[Run, tuple[str, ...]], bool]] = {
    "": _top,
    "Gates": _factor,
    "Changes": _change,
    "Models": _model,
    "Suspects": suspects.row,
}
"""Readers of a row, by the section that it stands in."""
