"""Forms of what an ending says was found: the cause, what was looked at, and recorded changes."""

import re
from collections.abc import Iterator

from evals.truth import claims, reasons, words
from evals.truth.form import Form, form
from evals.truth.record import Body, Run, moment, shown

_WHEN = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
_WINDOW = rf"from (?P<start>{_WHEN}) to (?P<end>{_WHEN}) UTC"
LISTED = 5


def _no_evidence(run: Run, _: re.Match[str]) -> bool:
    return not run.of("gathered") and not run.of("diagnosed")


def _no_diagnosis(run: Run, _: re.Match[str]) -> bool:
    return bool(run.of("gathered")) and not run.of("diagnosed")


def _no_cause(run: Run, found: re.Match[str]) -> bool:
    rounds = [event.body["diagnosis"]["hypotheses"] for event in run.of("diagnosed")]
    counted = (sum(map(len, rounds)), len(rounds)) == (int(found["count"]), int(found["rounds"]))
    return counted and run.leading() is None


def _cause(run: Run, found: re.Match[str]) -> bool:
    leading, led = run.leading(), run.led()
    if leading is None or led is None or words.blamed(leading, led.dossier, run.changes()) != found["blamed"]:
        return False
    return words.shown_cause(run) is found["head"].startswith("The cause")


def _struck(run: Run, found: re.Match[str]) -> bool:
    """True when a round struck just this hypothesis, for just this reason."""
    return any(
        words.blamed(one.diagnosis["hypotheses"][strike["hypothesis"]], one.dossier, run.changes()) == found["blamed"]
        and reasons.says(strike["why"], found["why"])
        and claims.decided(run, strike["why"])
        for one in run.rounds()
        for strike in one.strikes
    )


def _unchecked(run: Run, found: re.Match[str]) -> bool:
    """True when a round that came to no check named just this cause."""
    return any(
        words.blamed(hypothesis, one.dossier, run.changes()) == found["blamed"]
        for one in run.rounds()
        for hypothesis in one.diagnosis["hypotheses"]
        if not one.checked and hypothesis["cause"]["kind"] != "unknown"
    )


def _unknown(run: Run, found: re.Match[str]) -> bool:
    """True when it is just what this model said that it does not know."""
    return any(
        (words.author(one.diagnosis, index), " ".join(hypothesis["cause"]["reason"].split()))
        == found.group("model", "quote")
        for one in run.rounds()
        for index, hypothesis in enumerate(one.diagnosis["hypotheses"])
        if hypothesis["cause"]["kind"] == "unknown" and hypothesis["service"] == one.dossier["service"]
    )


def _source(run: Run, found: re.Match[str]) -> bool:
    """True when nobody was asked about this service, for just this reason."""
    said = f"the source of {found['service']} is not known: {found['why']}".removesuffix(".")
    return any(
        hypothesis["cause"].get("reason", "").removesuffix(".") == said and not one.diagnosis["model"]
        for one in run.rounds()
        for hypothesis in one.diagnosis["hypotheses"]
    )


def _no_source(run: Run, found: re.Match[str]) -> bool:
    """True when the source of this service is missing from its last evidence, for just this reason."""
    # The repository may lack more than the source, such as the commits of a deploy.
    said = ("repository", f"source of {found['service']}", found["why"])
    return any(
        one["service"] == found["service"] and (gap["source"], gap["sought"], gap["reason"].removesuffix(".")) == said
        for one in _last(run)
        for gap in one["gaps"]
    )


def _looked_at(run: Run, found: re.Match[str]) -> bool:
    return any(_same(found["what"], "; ".join(_seen(one))) for one in _last(run))


def _last(run: Run) -> list[Body]:
    """The last dossier of each service."""
    return list({one["service"]: one for one in run.dossiers()}.values())


def _seen(dossier: Body) -> Iterator[str]:
    facts = [item["fact"] for item in dossier["evidence"]]
    kinds = [fact["kind"] for fact in facts]
    yield from (_signals(fact) for fact in facts if fact["kind"] == "signals")
    yield f"{kinds.count('error_group')} kinds of logged errors of {dossier['service']}"
    if apart := kinds.count("unplaced_errors"):
        yield f"{apart} kinds of errors without a place in its source"
    yield f"{kinds.count('failing_trace')} traces of failing requests"
    yield f"{sum(fact['failing'] for fact in facts if fact['kind'] == 'traits')} recorded failing requests"


def _same(said: str, expected: str) -> bool:
    """True when a line says what is expected, as far as it goes."""
    return said == expected or (said.endswith("…") and expected.startswith(said.removesuffix("…")))


def _signals(fact: Body) -> str:
    rate = fact["errors"] / fact["requests"] if fact["requests"] else 0.0
    times = (f", {name} {fact[f'{name}_ms']:.0f} ms" for name in ("p50", "p99") if fact[f"{name}_ms"] is not None)
    told = f"({rate:.1%} failed{''.join(times)})"
    return f"{fact['requests']} requests of {fact['service']} until {shown(fact['end'])} {told}"


def _gaps(run: Run, found: re.Match[str]) -> bool:
    gaps = dict.fromkeys(f"{gap['sought']} ({gap['reason']})" for one in _last(run) for gap in one["gaps"])
    expected = "; ".join(gaps)
    return bool(gaps) and found["what"].rstrip(".…") == expected.rstrip(".…")


def _answered(run: Run, found: re.Match[str]) -> bool:
    """True when each of these was asked for its changes over just this window, and answered."""
    names = words.names(found["names"])
    asked = {name: run.searches().get(name) for name in names}
    window = (found["start"], found["end"])
    return len(asked) == len(names) and all(
        one is not None and not one["failure"] and (shown(one["start"]), shown(one["end"])) == window
        for one in asked.values()
    )


def _came_back(run: Run, names: str) -> list[Body]:
    return [fact for fact in run.changes() if fact["service"] in words.names(names)]


def _no_change(run: Run, found: re.Match[str]) -> bool:
    """True when everybody whom it concerns was asked over the window and answered, and not one change came back."""
    asked = run.searches()
    concerned = {run.dossiers()[-1]["service"]} if run.dossiers() else set()
    for fact in run.facts("neighbours"):
        concerned |= {*fact["callees"], *fact.get("external", ())}
    for fact in run.facts("failing_trace"):
        concerned |= set(fact["path"])
    everybody = concerned | set(asked)
    said = set(words.names(found["names"]))
    return bool(concerned) and said == everybody and _answered(run, found) and not run.changes()


def _asked_changes(run: Run, found: re.Match[str]) -> bool:
    return _answered(run, found) and not _came_back(run, found["names"])


def _changes(run: Run, found: re.Match[str]) -> bool:
    came = _came_back(run, found["names"])
    return bool(came) and _answered(run, found) and _lists(found["list"], came)


def _elsewhere(run: Run, found: re.Match[str]) -> bool:
    """True when these are the changes of all that was not asked about by its name."""
    others = [fact for fact in run.changes() if fact["service"] not in run.searches()]
    return bool(others) and _lists(found["list"], others)


def _lists(text: str, facts: list[Body]) -> bool:
    """True when a text lists these changes, the newest first and shifts of traffic last."""
    ordered = sorted(facts, key=lambda fact: (fact["what"] == "weights", -_at(fact)))
    more = len(ordered) - LISTED
    expected = [*map(words.change, ordered[:LISTED]), *([f"and {more} more, in the report"] if more > 0 else [])]
    return _same(text, "; ".join(expected))


def _at(fact: Body) -> float:
    return moment(fact["at"]).timestamp()


def _not_asked(run: Run, found: re.Match[str]) -> bool:
    asked = run.searches()
    return all(
        name in asked and asked[name]["failure"].rstrip(".…") == found["why"].rstrip(".…")
        for name in words.names(found["names"])
    )


def _nothing_recorded(run: Run, _: re.Match[str]) -> bool:
    return not run.of("received")


def _any(run: Run, found: re.Match[str]) -> bool:  # noqa: ARG001 (checks share one signature)
    return True


FORMS: tuple[Form, ...] = (
    form("no evidence", "No evidence was collected, and no cause was looked for", _no_evidence),
    form("no diagnosis", "No diagnosis was made", _no_diagnosis),
    form(
        "no cause",
        r"No cause is established \(hypotheses: (?P<count>\d+), rounds of diagnosis: (?P<rounds>\d+)\)",
        _no_cause,
    ),
    form(
        "cause",
        "(?P<head>The cause, as its fix has shown|Leading hypothesis, not shown to be the cause): (?P<blamed>.+)",
        _cause,
    ),
    form("unchecked", "Named and not checked: (?P<blamed>.+)", _unchecked),
    form("struck", "Struck: (?P<blamed>.+), because (?P<why>.+)", _struck),
    form("unknown", "In the words of (?P<model>.+?): “(?P<quote>.+)”", _unknown),
    form("source", "The source of (?P<service>.+?) is not known: (?P<why>.+)", _source),
    form("no source", "The source of (?P<service>.+?) was not looked at: (?P<why>.+)", _no_source),
    form("looked at", "Looked at: (?P<what>.+)", _looked_at),
    form("gaps", "Not to be had: (?P<what>.+)", _gaps),
    form("no change", rf"No change of (?P<names>.+) is recorded {_WINDOW}", _no_change),
    form("asked changes", rf"Changes of (?P<names>.+) asked for {_WINDOW}: 0 came back", _asked_changes),
    form("changes", rf"Changes of (?P<names>.+) recorded {_WINDOW}: (?P<list>.+)", _changes),
    form("elsewhere", "Changes elsewhere: (?P<list>.+)", _elsewhere),
    form("not asked", r"Changes of (?P<names>.+) could not be asked for \((?P<why>.+)\)", _not_asked),
    form("nothing recorded", "Of what was found nothing is recorded", _nothing_recorded),
    form("unread", "The record could not be read just now: .+", _any),
)
