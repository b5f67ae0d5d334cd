"""Checks of reasons that claim something of the world, against the facts that their decision was given."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from evals.truth import reasons
from evals.truth.record import Body, moment

Holds = Callable[[Body, Body], bool]
"""Takes the values of a reason and the facts of its decision."""


def supported(facts: Body, reason: Body, text: str) -> bool:
    """True when the text says the reason, and everything that it claims is in the facts."""
    return reasons.says(reason, text) and all(
        CLAIMS[code](values, facts) for code, values in _codes(reason) if code in CLAIMS
    )


def _codes(reason: Any) -> Iterator[tuple[str, Body]]:
    if isinstance(reason, list):
        for item in reason:
            yield from _codes(item)
    elif isinstance(reason, dict) and "code" in reason:
        yield reason["code"], reason["values"]
        for value in reason["values"].values():
            yield from _codes(value)


def _changes(facts: Body) -> list[Body]:
    return [item["fact"] for item in facts["dossier"]["evidence"] if item["fact"]["kind"] == "change"]


def _serving(facts: Body) -> str:
    versions = facts["workload"]["versions"]
    return str(max(versions, key=lambda version: version["weight"])["name"]) if versions else ""


def _no_fresh_deploy(_: Body, facts: Body) -> bool:
    onset = moment(facts["dossier"]["onset"])
    first = onset - timedelta(seconds=facts["limits"]["fresh_seconds"])
    last = onset + timedelta(seconds=facts["limits"]["onset_slack_seconds"])
    own = (
        fact
        for fact in _changes(facts)
        if (fact["service"], fact["what"], fact["version"]) == (facts["workload"]["service"], "deploy", _serving(facts))
    )
    return not any(first <= moment(fact["at"]) <= last for fact in own)


def _not_known(values: Body, facts: Body) -> bool:
    asked = {one["service"]: one["failure"] for one in facts["dossier"].get("searches", ())}
    return bool(values["why"]) and asked.get(facts["workload"]["service"]) == values["why"]


def _deployed(values: Body, facts: Body) -> bool:
    onset = moment(facts["dossier"]["onset"])
    return any(
        (fact["what"], fact["version"], fact["previous"]) == ("deploy", values["version"], values["earlier"])
        and abs((onset - moment(fact["at"])).total_seconds() - values["seconds"]) < 0.01
        for fact in _changes(facts)
    )


def _undone_exactly(values: Body, facts: Body) -> bool:
    onset = moment(facts["dossier"]["onset"])
    slack = timedelta(seconds=facts["limits"]["onset_slack_seconds"])
    return any(
        (fact["what"], fact["key"]) == ("config", values["setting"]) and moment(fact["at"]) <= onset + slack
        for fact in _changes(facts)
    )


def _none_stands(values: Body, facts: Body) -> bool:
    return len(facts["diagnosis"]["hypotheses"]) == int(values["total"])


def _reproduced(_: Body, facts: Body) -> bool:
    return facts["reproduction"] is True


def _not_reproduced(_: Body, facts: Body) -> bool:
    return facts["reproduction"] is False


CLAIMS: dict[str, Holds] = {
    "no_fresh_deploy": _no_fresh_deploy,
    "deploys_not_known": _not_known,
    "deployed_before_onset": _deployed,
    "undone_exactly": _undone_exactly,
    "none_stands": _none_stands,
    "defect_reproduced": _reproduced,
    "not_reproduced": _not_reproduced,
    "not_reproduced_because": _not_reproduced,
}
