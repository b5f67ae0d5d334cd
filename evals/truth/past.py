"""Own words for a past incident, to compare a report's line with."""

from evals.truth.lines import same
from evals.truth.record import Body, Run

NEAR = {
    "same_place": "the same error at the same place",
    "same_cause_here": "the same service and kind of cause",
    "same_cause_elsewhere": "the same kind of cause elsewhere",
}
BECAME = {"healed": "healed", "taken_back": "was taken back", "refused": "was refused", "left": "was left"}


def seen(run: Run, label: str, said: str) -> bool:
    """True when a past incident of the newest evidence is what the line tells."""
    dossiers = list(run.dossiers())
    found = [item for item in dossiers[-1]["evidence"] if item["fact"]["kind"] == "past"] if dossiers else []
    return not label and any(same(said, f"{item['id']} {_told(item['fact'])}") for item in found)


def _told(fact: Body) -> str:
    was = fact["memory"]
    at, tried = was["place"], was["tried"]
    where = f": {at['exception']} in {at['function']} ({at['path']})" if at["function"] else ""
    done = [f"{one['kind']} of {one['target']} {BECAME[one['result']]}" for one in tried]
    head = f"{NEAR[fact['similarity']]}, {was['ended_at'][:10]}, {was['incident']}, {was['service']}{where}"
    words = f"{head}: {', '.join(done) or 'nothing was tried'}; it ended as {was['outcome']}"
    word = fact.get("word")
    if not word:
        return words
    return f"{words}; {word['by']} called it {word['verdict']}" + (f" ({word['because']})" if word["because"] else "")
