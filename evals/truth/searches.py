"""Checks of reasons that the search gives for its steps and for its end, against the rounds that it knew."""

from collections.abc import Callable, Iterator, Mapping

from evals.truth.record import Body, left, unknown_of_itself

Holds = Callable[[Body, Body], bool]
"""Takes the values of a reason and the facts of its decision."""


def _open(facts: Body) -> Iterator[tuple[str, str]]:
    """Everything that was left: (a hypothesis to follow or a service to look at, the service)."""
    looked = [one["service"] for one in facts["rounds"]]
    for _, hypothesis in left(facts["rounds"]):
        if hypothesis["cause"]["kind"] != "unknown":
            yield "follow", hypothesis["service"]
        elif hypothesis["service"] in facts["known"] and hypothesis["service"] not in looked:
            yield "look", hypothesis["service"]
    if not facts["setbacks"]:
        yield from (("look", name) for name in facts["path"] if name in facts["known"] and name not in looked)


def _strikes(facts: Body, kind: str = "") -> list[Body]:
    return [strike for one in facts["rounds"] for strike in one["strikes"] if kind in ("", strike["kind"])]


def _follows(values: Body, facts: Body) -> bool:
    rounds, number, index = facts["rounds"], values["round"] - 1, values["number"] - 1
    if not (0 <= number < len(rounds) and 0 <= index < len(rounds[number]["hypotheses"])):
        return False
    hypothesis = rounds[number]["hypotheses"][index]
    struck = {strike["hypothesis"] for strike in rounds[number]["strikes"]}
    return hypothesis["service"] == values["service"] and index not in struck


def _looks_at(values: Body, facts: Body) -> bool:
    return ("look", values["service"]) in _open(facts)


def _nothing_open(_: Body, facts: Body) -> bool:
    return next(_open(facts), None) is None


def _remedies_spent(values: Body, facts: Body) -> bool:
    return bool(len(facts["setbacks"]) == values["count"] >= facts["limits"]["max_remedies"])


def _time_spent(values: Body, facts: Body) -> bool:
    return bool(facts["seconds"] == values["seconds"] >= facts["limits"]["search_seconds"])


def _rounds_spent(values: Body, facts: Body) -> bool:
    return bool(len(facts["rounds"]) == values["count"] >= facts["limits"]["max_rounds"])


def _tried(values: Body, facts: Body) -> bool:
    return any(all(met[name] == values[name] for name in ("remedy", "blamed", "why")) for met in facts["setbacks"])


def _nothing_helped(values: Body, facts: Body) -> bool:
    return len(values["tried"]) == len(facts["setbacks"]) > 0


def _nothing_named(facts: Body) -> bool:
    return not facts["setbacks"] and not any(what == "follow" for what, _ in _open(facts))


def _suspected(values: Body, facts: Body) -> bool:
    return _nothing_named(facts) and len(_strikes(facts, "untested")) == values["count"] > 0


def _does_not_know(_: Body, facts: Body) -> bool:
    return _nothing_named(facts) and any(map(unknown_of_itself, facts["rounds"]))


def _all_struck(values: Body, facts: Body) -> bool:
    return _nothing_named(facts) and len(_strikes(facts)) == values["count"]


def _names(values: Body, facts: Body) -> bool:
    """True when a hypothesis of the search blames just this."""
    details = {key: value for key, value in values.items() if key not in ("service", "setting")}
    return any(
        hypothesis["service"] == values["service"]
        and all(hypothesis["cause"].get(key) == value for key, value in details.items())
        and values.get("setting", "") == hypothesis["cause"].get("key", "")
        for one in facts["rounds"]
        for hypothesis in one["hypotheses"]
    )


KINDS = ("code", "deploy", "config", "dependency", "resource", "hang", "service")
"""Kinds of causes that a hypothesis may blame; `service` when it names none."""

CLAIMS: Mapping[str, Holds] = {
    "follows": _follows,
    "looks_at": _looks_at,
    "nothing_left": _nothing_open,
    "nothing_else": _nothing_open,
    "remedies_spent": _remedies_spent,
    "time_spent": _time_spent,
    "rounds_spent": _rounds_spent,
    "tried_in_vain": _tried,
    "nothing_helped": _nothing_helped,
    "only_suspected": _suspected,
    "does_not_know": _does_not_know,
    "all_struck": _all_struck,
    **dict.fromkeys((f"blames_{kind}" for kind in KINDS), _names),
}
