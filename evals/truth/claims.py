"""Checks of reasons that claim something of the world, against the facts that their decision was given."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from evals.truth import reasons, searches, traffic
from evals.truth.record import DONE, Body, Event, Run, moment

Holds = Callable[[Body, Body], bool]
"""Takes the values of a reason and the facts of its decision."""


def supported(facts: Body, reason: Body, text: str) -> bool:
    """True when the text says the reason, and everything that it claims is in the facts."""
    return reasons.says(reason, text) and _holds(facts, reason)


def _holds(facts: Body, reason: Body) -> bool:
    return all(_claimed(code, values, facts) for code, values in _codes(reason) if code in CLAIMS)


def _claimed(code: str, values: Body, facts: Body) -> bool:
    # Who weighs the answers of others is given the answer and not the evidence, of which it claims nothing anew.
    if code in traffic.CLAIMS and "dossier" not in facts:
        return _given({"code": code, "values": values}, facts)
    return CLAIMS[code](values, facts)


def _given(reason: Body, facts: Any) -> bool:
    if isinstance(facts, dict):
        return facts == reason or any(_given(reason, value) for value in facts.values())
    return isinstance(facts, list) and any(_given(reason, value) for value in facts)


def decided(run: Run, reason: Body) -> bool:
    """True when a decision other than the search's gave this reason, and its facts hold what it claims."""
    return any(
        reason in _reasons(made) and _holds(event.body["facts"], reason)
        for event, made in run.decided()
        if made["policy"] != "search.next"
    )


def _reasons(made: Body) -> list[Body]:
    """The reasons of a decision that the search may go on by: its verdict's, and those against hypotheses and patches."""
    found = [made["verdict"]["reason"], made["data"].get("refuted")]
    if made["policy"] == "remedies.rank":
        found += [one["why_not"] for one in made["alternatives"] if one["name"] == "patch"]
    return [*found, *(item["why"] for item in made["data"].get("struck", ()))]


def faithful(run: Run, event: Event) -> bool:
    """True unless a step of the search was given rounds, strikes or setbacks that the record does not hold."""
    if event.body.get("decision", {}).get("policy") != "search.next":
        return True
    then = run._replace(events=run.events[: run.events.index(event)])
    facts = event.body["facts"]
    made = [(one.dossier["service"], one.diagnosis["hypotheses"]) for one in then.rounds()]
    known = all((one["service"], one["hypotheses"]) in made for one in facts["rounds"])
    struck = all(decided(then, strike["why"]) for one in facts["rounds"] for strike in one["strikes"])
    return known and struck and all(decided(then, met["why"]) and _undone(then, met) for met in facts["setbacks"])


def _undone(run: Run, met: Body) -> bool:
    """True when what is said to have been taken back was."""
    ends = (event.body for event in run.of("acted") if str(event.body["detail"]).startswith("undo"))
    return met["outcome"] != "rolled back" or any(body["result"] in DONE for body in ends)


def _codes(reason: Any) -> Iterator[tuple[str, Body]]:
    if isinstance(reason, list):
        for item in reason:
            yield from _codes(item)
    elif isinstance(reason, dict) and "code" in reason:
        yield reason["code"], reason["values"]
        # What refused a remedy is another decision's reason, which `faithful` looks for.
        if reason["code"] == "tried_in_vain":
            yield from _codes(reason["values"]["blamed"])
            return
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


def _never_a_candidate(_: Body, facts: Body) -> bool:
    return facts["exhausted"] is True and not facts["failures"]


CLAIMS: dict[str, Holds] = {
    **searches.CLAIMS,
    **traffic.CLAIMS,
    "no_fresh_deploy": _no_fresh_deploy,
    "deploys_not_known": _not_known,
    "deployed_before_onset": _deployed,
    "undone_exactly": _undone_exactly,
    "none_stands": _none_stands,
    "defect_reproduced": _reproduced,
    "not_reproduced": _not_reproduced,
    "not_reproduced_because": _not_reproduced,
    "no_candidate_at_all": _never_a_candidate,
}
