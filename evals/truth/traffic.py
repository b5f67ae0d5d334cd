"""Checks of reasons that weigh a cause by errors, requests and traces, against the evidence of their decision."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from evals.truth.record import Body, moment
from evals.truth.words import blames

Holds = Callable[[Body, Body], bool]
"""Takes the values of a reason and the facts of its decision."""

SLACK = timedelta(seconds=2)
"""Clocks of the platform and of the services may differ by this much."""


class Count(NamedTuple):
    """Recorded requests of the failing kind: all of them, and those that failed."""

    requests: int
    errors: int


class Compared(NamedTuple):
    """Requests of the failing kind around one change: before it, under it until the first error, and since that."""

    before: Count
    under: Count
    since: Count


def _facts(facts: Body, kind: str) -> list[Body]:
    return [item["fact"] for item in facts["dossier"]["evidence"] if item["fact"]["kind"] == kind]


def _hypotheses(facts: Body) -> list[Body]:
    return list(facts["diagnosis"]["hypotheses"]) if "diagnosis" in facts else [facts["hypothesis"]]


def _through(group: Body, path: str, function: str) -> bool:
    named = {function, function.rpartition(".")[2]}
    return any(at["path"] == path and at["function"] in named for at in (*group["frames"], group["signature"]))


def _errors_through(values: Body, facts: Body) -> bool:
    groups = _facts(facts, "error_group")
    for service in {group["signature"]["service"] for group in groups}:
        own = [group for group in groups if group["signature"]["service"] == service]
        here = sum(group["count"] for group in own if _through(group, values["path"], values["function"]))
        if (here, sum(group["count"] for group in own)) == (values["here"], values["total"]):
            return True
    return False


def _no_errors(values: Body, facts: Body) -> bool:
    return all(group["signature"]["service"] != values["service"] for group in _facts(facts, "error_group"))


def _failed_share(values: Body, facts: Body) -> bool:
    return any(
        values["who"] in (one["service"], one["version"])
        and abs(one["errors"] / one["requests"] - values["rate"]) < 1e-9
        for one in _facts(facts, "signals")
        if one["requests"]
    )


def _traces_end(values: Body, facts: Body) -> bool:
    traces = _facts(facts, "failing_trace")
    ending = sum(trace["deepest"] == values["host"] for trace in traces)
    return (ending, len(traces)) == (values["count"], values["total"])


def _nothing_known(values: Body, facts: Body) -> bool:
    measured = any(one["service"] == values["host"] and one["requests"] for one in _facts(facts, "signals"))
    return not measured and not _facts(facts, "failing_trace")


def _not_recorded(_: Body, facts: Body) -> bool:
    changes = _facts(facts, "change")
    return any(not any(blames(hypothesis, fact) for fact in changes) for hypothesis in _hypotheses(facts))


def _not_of(kind: str) -> Holds:
    return lambda _, facts: any(one["cause"]["kind"] != kind for one in _hypotheses(facts))


def _no_test(_: Body, facts: Body) -> bool:
    return any(one["disproof"] == "none" for one in _hypotheses(facts))


def _hangs(values: Body, facts: Body) -> bool:
    return any(one["version"] == values["version"] for one in _facts(facts, "unready"))


def _all_ready(values: Body, facts: Body) -> bool:
    return not _hangs(values, facts)


def _answered(values: Body, facts: Body) -> bool:
    onset = moment(facts["dossier"]["onset"])
    since = [
        one for one in _facts(facts, "signals") if one["service"] == values["service"] and moment(one["end"]) > onset
    ]
    return bool(sum(one["requests"] - one["errors"] for one in since) == values["requests"])


def _seconds_apart(values: Body, facts: Body) -> bool:
    return any(
        abs((moment(group["first"]) - moment(change["at"])).total_seconds() - values["seconds"]) < 0.01
        for group in _facts(facts, "error_group")
        for change in _facts(facts, "change")
    )


def _served_well_since(values: Body, facts: Body) -> bool:
    onset = moment(facts["dossier"]["onset"])
    return any(
        (one["requests"], one["errors"]) == (values["requests"], values["errors"])
        and one["version"] is None
        and moment(one["end"]) <= onset
        and any(change["service"] == one["service"] for change in _facts(facts, "change"))
        for one in _facts(facts, "signals")
    )


def _compared(facts: Body, route: str) -> Iterator[Compared]:
    """The counts around each recorded change of its service, or of one that it calls."""
    dossier, changes = facts["dossier"], _facts(facts, "change")
    recorded = [one for one in _facts(facts, "exposure") if one["route"] == route]
    first = _first(facts, route)
    since = _count(one for one in recorded if moment(one["start"]) >= first)
    earlier = [one for one in recorded if moment(one["end"]) <= first]
    for change in changes:
        own = change["what"] == "deploy" and change["service"] == dossier["service"]
        effect = _effect(change, changes, moment(dossier["onset"]) + SLACK)
        under = [one for one in earlier if _under(one, change, effect, own=own)]
        before = [
            one for one in earlier if moment(one["end"]) <= effect or (own and one["version"] != change["version"])
        ]
        yield Compared(before=_count(before), under=_count(under), since=since)


def _under(one: Body, change: Body, effect: datetime, *, own: bool) -> bool:
    return bool(one["version"] == change["version"]) if own else moment(one["start"]) >= effect


def _first(facts: Body, route: str) -> datetime:
    """Time of the first error of the route, which may not lie long before the onset."""
    dossier = facts["dossier"]
    onset = moment(dossier["onset"])
    own = [one for one in _facts(facts, "error_group") if one["signature"]["service"] == dossier["service"]]
    at_all = [one for one in own if one["signature"]["route"] == route]
    most = max((one["count"] for one in at_all), default=0)
    times = [moment(one["first"]) for one in at_all if one["count"] == most]
    return max(min(times, default=onset), onset - SLACK)


def _effect(change: Body, changes: list[Body], latest: datetime) -> datetime:
    at = moment(change["at"])
    shifts = [
        moment(one["at"])
        for one in changes
        if change["what"] == "deploy" and one["what"] == "weights" and one["service"] == change["service"]
    ]
    return min((one for one in shifts if at <= one <= latest), default=at)


def _count(exposures: Iterable[Body]) -> Count:
    counted = [(one["well"] + one["failed"], one["failed"]) for one in exposures]
    return Count(sum(all_ for all_, _ in counted), sum(failed for _, failed in counted))


def _served_alike(values: Body, facts: Body) -> bool:
    said = Count(values["requests"], values["errors"])
    return any(one.under == said and one.since.errors for one in _compared(facts, values["route"]))


def _failed_since(values: Body, facts: Body) -> bool:
    said = (values["before"], values["since"])
    return any((one.before.requests, one.since.errors) == said for one in _compared(facts, values["route"]))


def _kind_is_new(values: Body, facts: Body) -> bool:
    said = Count(values["before"], values["errors"])
    return any(one.before == said for one in _compared(facts, values["route"]))


CLAIMS: Mapping[str, Holds] = {
    "no_error_known": _no_errors,
    "errors_go_through": _errors_through,
    "failed_share": _failed_share,
    "traces_end_at": _traces_end,
    "nothing_known_of": _nothing_known,
    "blamed_change_not_recorded": _not_recorded,
    "no_place_blamed": _not_of("code"),
    "no_dependency_blamed": _not_of("dependency"),
    "no_good_version_named": _not_of("deploy"),
    "nothing_would_disprove": _no_test,
    "no_hang_blamed": _not_of("hang"),
    "hang_not_seen": _all_ready,
    "answered_well": _answered,
    "several_unready": lambda values, facts: len(_facts(facts, "unready")) == values["count"],
    "started_lately": _hangs,
    "answers_nobody": _hangs,
    "errors_after_it": _seconds_apart,
    "time_alone": _seconds_apart,
    "served_well_since": _served_well_since,
    "served_alike_well": _served_alike,
    "alike_failed_since": _failed_since,
    "kind_is_new": _kind_is_new,
}
