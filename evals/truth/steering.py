"""Own words for what people said while an incident ran, to compare a report's line with."""

from collections.abc import Iterator

from evals.truth.lines import same
from evals.truth.record import Body, Run

VERBS = {"look": "points at", "doubt": "doubts"}
NOT_SEEN = "nothing by that name was seen"


def heard(run: Run, label: str, said: str) -> bool:
    """True when a word that was heard, and what became of it, is what the line tells."""
    found = ((event.clock, event.body["word"]) for event in run.of("steered"))
    return not label and any(same(said, f"{clock} {_told(run, word)}") for clock, word in found)


def _told(run: Run, word: Body) -> str:
    of = f" of {word['service']}" if word["service"] else ""
    why = f": {word['because']}" if word["because"] else ""
    head = f"{word['by']} (as {word['os_user']}) {VERBS[word['said']]} {word['what']} {word['name']}{of}{why}"
    return f"{head}; {_became(run, word)}"


def _became(run: Run, word: Body) -> str:
    if not any(_is(word, *name) for name in _names(run)):
        return NOT_SEEN
    if word["said"] == "doubt":
        return "weighed"
    root = word["service"] if word["what"] == "change" else word["name"]
    return "looked at" if root in (one["service"] for one in run.dossiers()) else "not looked at"


def _is(word: Body, kind: str, name: str, service: str) -> bool:
    if (word["what"], kind).count("change") == 1 or word["name"] != name:
        return False
    return kind != "change" or word["service"] in ("", service)


def _names(run: Run) -> Iterator[tuple[str, str, str]]:
    """Kind and name of everything of which the record tells, and the service of a change."""
    for event, _ in run.decided("search.next")[-1:]:
        yield from (("service", name, "") for name in event.body["facts"].get("known", ()))
    for one in run.dossiers():
        yield "service", one["service"], ""
    for fact in run.everything("neighbours"):
        around = ("callers", "callees", "dependents", "external")
        yield from (("node", name, "") for side in around for name in fact[side])
    yield from (("service", fact["service"], "") for fact in run.everything("signals"))
    for fact in run.everything("change"):
        what = fact["key"] or fact.get("target") or fact["version"] or ""
        yield "change", f"{fact['what']} {what}".strip(), fact["service"]
    for _, made in run.decided("suspects.rank")[-1:]:
        suspects = (one["suspect"] for one in made["data"]["ranked"] if one["suspect"]["kind"] != "place")
        yield from ((one["kind"], one["name"], one["service"]) for one in suspects)
