"""Own reading of a report's lists and paragraphs; each function says whether one line is supported."""

import re

from evals.truth import claims, findings, lines, next_steps, reasons, words
from evals.truth.form import CLAIMS, unsupported
from evals.truth.lines import same
from evals.truth.record import Body, Round, Run, flat


def headline(run: Run, said: str) -> bool:
    """The ending, the world, what runs, and what is left where it healed."""
    received, closed = run.last("received"), run.last("closed")
    world = received["world"] if received else "an unknown world"
    if closed is None:
        return said == flat(f"In progress in {world}")
    begins = f"{flat(closed['ending']['outcome'].capitalize())} in {flat(world)}: "
    runs = f" runs {flat(closed['running'])}" if closed["running"] else ""
    service, _, rest = said.removeprefix(begins).partition(runs) if runs else (said.removeprefix(begins), "", "")
    named = service in (*_services(run), "a service")
    left = not rest or (
        run.outcome == "healed" and not unsupported(f"Next: {rest.removeprefix('; ')}", next_steps.FORMS, run)
    )
    return said.startswith(begins) and named and left


def _services(run: Run) -> list[str]:
    received = run.last("received")
    labels = received["payload"]["alerts"][0]["labels"].values() if received else ()
    return [one["service"] for one in run.dossiers()] or [*labels]


def round_of(run: Run, said: str) -> bool:
    """Number, time and service of one diagnosis."""
    found = re.fullmatch(r"Round (\d+) at (\d\d:\d\d:\d\d): (.+)", said)
    if found is None:
        return False
    number = int(found[1])
    known = [(one.clock, flat(one.dossier["service"])) for one in run.rounds()[number - 1 : number]]
    return known == [(found[2], found[3])]


def hypothesis(run: Run, label: str) -> bool:
    """One hypothesis of any round: what it blames, and what became of it."""
    found = re.fullmatch(r"(\d+)\. (.+)", label)
    if found is None:
        return False
    return any(_told(run, one, int(found[1]) - 1, found[2]) for one in run.rounds())


def _told(run: Run, one: Round, index: int, said: str) -> bool:
    if not 0 <= index < len(one.diagnosis["hypotheses"]):
        return False
    changes = [item["fact"] for item in one.dossier["evidence"] if item["fact"]["kind"] == "change"]
    blamed = flat(words.blamed(one.diagnosis["hypotheses"][index], one.dossier, changes))
    if not said.startswith(f"{blamed}: "):
        return False
    fate = said.removeprefix(f"{blamed}: ")
    struck = {strike["hypothesis"]: strike["why"] for strike in one.strikes}
    if index in struck:
        why = fate.removeprefix("struck, because ")
        return why != fate and reasons.says(struck[index], why) and claims.decided(run, struck[index])
    return fate == ("stands" if one.checked else "not checked")


def diagnosis(run: Run, label: str, said: str) -> bool:
    """A gap, an agent's own words, or a cited piece of evidence."""
    if label == "not to be had":
        gaps = [gap for one in run.dossiers() for gap in one["gaps"]]
        return any(same(said, f"{gap['sought']} ({gap['reason']})") for gap in gaps)
    if any(_quoted(one.diagnosis, said) for one in run.rounds()):
        return True
    return any(lines.cites(item, said) for one in run.dossiers() for item in one["evidence"])


def _quoted(found: Body, said: str) -> bool:
    quotes = ((words.author(found, index), item["explanation"]) for index, item in enumerate(found["hypotheses"]))
    # Quoting makes no claim true: nobody may say through another one what was not asked.
    return any(
        same(said, f"in the words of {author}: “{quote}”" if author else quote) and not CLAIMS.search(quote)
        for author, quote in quotes
    )


def error(run: Run, said: str) -> bool:
    """The most frequent error, or that of the blamed place."""
    return any(same(said, lines.error(group)) for group in run.everything("error_group"))


def unplaced(run: Run, label: str, said: str) -> bool:
    """One group of errors without a place."""
    known = label == "errors without a place in the service's source"
    return known and any(same(said, lines.unplaced(group)) for group in run.everything("unplaced_errors"))


def request(run: Run, said: str) -> bool:
    """Traits that set failing requests apart."""
    return any(same(said, lines.request(kind)) for kind in run.everything("traits"))


def shape(run: Run, label: str, said: str) -> bool:
    """One line of a failing request's shape."""
    known = (line for kind in run.everything("traits") for line in kind.get("shape", ()))
    return label == "shape of one failing request" and any(same(said, line) for line in known)


def asked(run: Run, label: str, said: str) -> bool:
    """Questions for changes with the answers to them, or a commit that a deploy brought."""
    if label == "asked":
        return not unsupported(said, findings.FORMS, run)
    return any(same(said, commit) for commit in deployed(run).get(label, ()))


def deployed(run: Run) -> dict[str, list[str]]:
    """The recorded commits of the deploys, under the labels that they have in a report."""
    found: dict[str, list[str]] = {}
    for fact in run.everything("change"):
        found.setdefault(flat(f"commits of {fact['service']} {fact['version']}"), []).extend(fact.get("commits", ()))
    return {label: commits for label, commits in found.items() if commits}


def event(run: Run, label: str, said: str) -> bool:
    """One event at its time."""
    found = re.fullmatch(r"(\d\d:\d\d:\d\d) (\w+) (.*)", said, re.DOTALL)
    if found is None or label:
        return False
    return any(
        lines.says(one, found[2], found[3]) and claims.faithful(run, one) for one in run.events if one.clock == found[1]
    )


def ranked(run: Run, label: str) -> bool:
    """Time and choice of one ranking of remedies."""
    made = run.decided("remedies.rank")
    return any(label == f"at {event.clock}, when {one['choice']} was chosen" for event, one in made)


def alternative(run: Run, label: str, said: str) -> bool:
    """A remedy that was not chosen, for the reason of that very ranking."""
    for event, made in run.decided("remedies.rank"):
        if label != f"at {event.clock}, when {made['choice']} was chosen":
            continue
        for one in made["alternatives"]:
            why = said.removeprefix(f"{one['name']}: ")
            late = one["why_not"]["code"] == "another_comes_first"
            if why == said or (late and why != "another one came first"):
                continue
            if late or claims.supported(event.body["facts"], one["why_not"], why):
                return True
    return False


def passed_over(run: Run, label: str, said: str) -> bool:
    """Reason that an earlier model did not answer."""
    runs = [event.body for event in run.of("answered")]
    return not label and any(same(said, f"{one['agent']}: {why}") for one in runs for why in one["passed_over"])


def step(run: Run, label: str, said: str) -> bool:
    """The next step, or the command that explains."""
    if re.fullmatch(rf"why each decision: (?:python -m graph\.|suture )explain {re.escape(run.incident)}", said):
        return True
    return not label and not unsupported(f"Next: {said}", next_steps.FORMS, run)


def code(run: Run, section: str, found: list[str]) -> bool:
    """The proposed patch, or the traceback of an error."""
    text = "\n".join(found)
    if section == "Remedy":
        made = [event.body["remedy"] for event in run.of("proposed")]
        return any(one.get("diff", "").rstrip() == text for one in made)
    return any(lines.traceback(group) == text for group in run.everything("error_group"))
