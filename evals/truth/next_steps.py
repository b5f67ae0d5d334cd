"""Forms of the one next step that an ending names."""

import re

from evals.truth import words
from evals.truth.form import Form, form
from evals.truth.record import DONE, Run

BLAMED = ("deploy", "config", "flag")
"""Kinds of change that are looked at first, the newest."""


def _merge(run: Run, found: re.Match[str]) -> bool:
    # A branch may be published later, which is another effect on it.
    written = [event.body for event in run.of("intended") if "branch" in event.body["change"]]
    became = {event.body["key"]: event.body["result"] for event in run.of("acted")}
    # Of several patches the last one is what runs.
    last = written[-1] if written else {"target": "", "key": ""}
    done = became.get(last["key"]) in DONE and last["target"] == found["branch"]
    proposed = run.last("proposed")
    own = proposed is not None and proposed["remedy"].get("service") == found["service"]
    return done and own and run.outcome == "healed"


def _brought(run: Run, found: re.Match[str]) -> bool:
    proposed = run.last("proposed")
    made = proposed["remedy"] if proposed else {"kind": ""}
    return bool(made["kind"] == "roll_back" and made["from_version"] == found["version"] and _own(run, found))


def _own(run: Run, found: re.Match[str]) -> bool:
    return found["incident"] == run.incident


def _decide(run: Run, found: re.Match[str]) -> bool:
    opened = run.decided("gates.open")
    if not opened or not _own(run, found):
        return False
    verdict, asked = opened[-1][1]["verdict"], opened[-1][1]["data"].get("plan_digest")
    return bool(verdict["kind"] == "hold" and verdict.get("liftable") and asked == found["plan"])


def _closed_gate(run: Run, found: re.Match[str]) -> bool:
    opened = run.decided("gates.open")
    liftable = bool(opened) and opened[-1][1]["verdict"].get("liftable", False)
    return not liftable and _own(run, found)


def _read(run: Run, found: re.Match[str]) -> bool:
    leading = run.leading()
    cause = leading["cause"] if leading else {"kind": ""}
    if leading is None or cause["kind"] != "code":
        return False
    said = f"{cause['function']} in {cause['path']}:{cause['line']} of {leading['service']}"
    return found["what"] == said and _own(run, found)


def _blamed_change(run: Run, found: re.Match[str]) -> bool:
    leading = run.leading()
    own = [fact for fact in run.changes() if leading is not None and words.blames(leading, fact)]
    return bool(own) and words.change(own[-1]) == found["what"] and _own(run, found)


def _newest(run: Run, found: re.Match[str]) -> bool:
    own = [fact for fact in run.changes() if fact["what"] in BLAMED]
    return bool(own) and run.leading() is None and words.change(own[-1]) == found["what"] and _own(run, found)


def _look(run: Run, found: re.Match[str]) -> bool:
    """True when there is no change to look at first, and the service is one that the record speaks of."""
    changed = [fact for fact in run.changes() if fact["what"] in BLAMED]
    looked = [one["service"] for one in run.dossiers()]
    known = not looked or found["service"] in looked
    return known and _own(run, found) and (run.leading() is not None or not changed)


def _host(run: Run, found: re.Match[str]) -> bool:
    leading = run.leading()
    return bool(leading and leading["cause"].get("host") == found["host"]) and _own(run, found)


def _resource(run: Run, found: re.Match[str]) -> bool:
    leading = run.leading()
    return bool(leading and leading["cause"].get("resource") == found["resource"]) and _own(run, found)


def _switched_off(run: Run, found: re.Match[str]) -> bool:
    opened = run.decided("gates.open")
    return bool(opened) and opened[-1][1]["verdict"]["reason"]["code"] == "kill_switch" and _own(run, found)


def _asks_nothing(run: Run, found: re.Match[str]) -> bool:
    return run.outcome in ("healed", "no action") and _own(run, found)


_EXPLAIN = r"\((?:python -m graph\.|suture )explain (?P<incident>\S+)\)"
_COMMAND = r"(?:python -m graph\.|suture )"

FORMS: tuple[Form, ...] = (
    form(
        "merge",
        r"Next: main still has the bug: git merge (?P<branch>suture/\S+) in the repository of (?P<service>\S+)",
        _merge,
    ),
    form(
        "brought",
        rf"Next: main still holds what (?P<version>\S+) brought: mend it before the next release {_EXPLAIN}",
        _brought,
    ),
    form(
        "nothing asked",
        rf"Next: nothing is asked of you; every decision: {_COMMAND}explain (?P<incident>\S+)",
        _asks_nothing,
    ),
    form(
        "decide",
        rf"Next: decide: {_COMMAND}approve (?P<incident>\S+) --plan (?P<plan>\S+) --as NAME \[--reject\] \[--reason TEXT\]",
        _decide,
    ),
    form(
        "closed gate",
        rf"Next: no answer opens this gate: the proposal is yours \({_COMMAND}explain (?P<incident>\S+)\); "
        rf"close it: {_COMMAND}approve (?P=incident) --as NAME --reject",
        _closed_gate,
    ),
    form(
        "switch",
        rf"Next: take the kill switch back when it is time: {_COMMAND}control --start-all --as NAME {_EXPLAIN}",
        _switched_off,
    ),
    form("read", rf"Next: read the function (?P<what>.+) {_EXPLAIN}", _read),
    form("blamed change", rf"Next: look at the change that is blamed: (?P<what>.+) {_EXPLAIN}", _blamed_change),
    form("newest change", rf"Next: look at the newest change: (?P<what>.+) {_EXPLAIN}", _newest),
    form("resource", rf"Next: look at the (?P<resource>\S+) of \S+ {_EXPLAIN}", _resource),
    form("host", rf"Next: ask who runs (?P<host>\S+) {_EXPLAIN}", _host),
    form("look", rf"Next: look at (?P<service>\S+) {_EXPLAIN}", _look),
)
