"""Own words for one event, one fact and one traceback, to compare a report's lines with."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from evals.truth import claims, words
from evals.truth.record import Body, Event, flat

CUT = "…"
FRAMES = 16

OBJECTIONS = (
    ("right_cause", True, "does not address the cause"),
    ("hides_error", False, "hides the error"),
    ("changes_meaning", False, "changes the meaning for other callers"),
    ("compatible_data", True, "breaks existing data"),
    ("tests_meaningful", True, "weakens the tests"),
)
"""Questions of the reviewer's checklist, the good answer to each, and the words for the other one."""

BETWEEN = {
    "cause": "The above exception was the direct cause of the following exception:",
    "context": "During handling of the above exception, another exception occurred:",
    "suppressed": "The above exception was suppressed by the following exception:",
    "member": "The above exception is one of the following group:",
}


def same(said: str, expected: str) -> bool:
    """True when a line says what is expected, as far as it goes."""
    plain = flat(expected)
    return said == plain or (said.endswith(CUT) and plain.startswith(said.removesuffix(CUT)))


def cites(item: Body, said: str) -> bool:
    """True when a line cites this evidence, with everything of it but what is shown elsewhere, in any order."""
    hidden = {"kind", "frames", "chain", "shape", "start", "end", "commits", "patch"}
    head = f"{item['id']} ({item['source']}, {item['origin']}) {item['fact']['kind']}: "
    told = {key: value for key, value in item["fact"].items() if key not in hidden}
    return said.startswith(head) and pieces(said.removeprefix(head), list(_pieces(told)))


def _pieces(fact: Body, above: str = "") -> Iterator[str]:
    for name, value in fact.items():
        if isinstance(value, dict):
            yield from _pieces(value, f"{above}{name} ")
        elif value not in (None, "", []):
            yield f"{above}{name} {value}"


def pieces(said: str, expected: list[str]) -> bool:
    """True when a text is all of these pieces in any order, with commas between; a cut one as far as it goes."""
    cut = said.endswith(CUT)
    rest, left = said.removesuffix(CUT), sorted(map(flat, expected), key=len, reverse=True)
    while rest:
        # The longest first: a shorter piece may be how a longer one begins.
        found = next((one for one in left if rest == one or rest.startswith(f"{one}, ")), None)
        if found is None:
            return cut and any(f"{one}, ".startswith(rest) for one in left)
        left.remove(found)
        rest = rest[len(found) :].removeprefix(", ")
    return cut or not left


def error(group: Body) -> str:
    """A group of errors."""
    at = group["signature"]
    where = f"raised in {at['function']} ({at['path']}:{at['line']}) on {at['route']}"
    return f"{at['exception']} {where}: {_counted(group)}"


def unplaced(group: Body) -> str:
    """A group of errors without a place: where a library raised them, and their message."""
    at = group["unplaced"]
    where = f"in {at['function']} ({at['file']})" if at["file"] else "without a stack"
    return f"{at['exception']} {where} on {at['route']}: {_counted(group)}: {group['message']}"


def _counted(group: Body) -> str:
    versions = group["versions"]
    by = versions[0] if len(versions) == 1 else f"{', '.join(versions[:-1])} and {versions[-1]}"
    return f"{group['count']} times, by {by}"


def request(kind: Body) -> str:
    """Traits that set the failing requests of a route apart."""
    apart = ", ".join(kind["traits"]) or "nothing that was compared"
    numbers = f"sets {kind['failing']} failing apart from {kind['healthy']} healthy requests"
    return f"{kind['route']}: {apart} {numbers}"


def traceback(group: Body) -> str:
    """A traceback as Python prints it, the exceptions behind it first."""
    told: list[str] = []
    for one in reversed(group.get("chain", [])):
        told += [*_stack(one["frames"], one["exception"], one["message"]), "", BETWEEN[one["relation"]], ""]
    return "\n".join([*told, *_stack(group["frames"], group["signature"]["exception"], group["message"])])


def _stack(frames: list[Body], exception: str, message: str) -> list[str]:
    told = ["Traceback (most recent call last):"]
    for frame in frames[-FRAMES:]:
        told.append(f'  File "{_cut(frame["path"], 200)}", line {frame["line"]}, in {_cut(frame["function"], 100)}')
        told += [f"    {_cut(frame['code'], 200)}"] if frame["code"] else []
    return [*told, _cut(f"{exception}: {message}", 400)]


def _cut(text: str, most: int) -> str:
    plain = flat(text)
    return plain if len(plain) <= most else f"{plain[: most - 1]}{CUT}"


def says(event: Event, label: str, said: str) -> bool:
    """True when this event is what the line tells."""
    if event.kind == "decided":
        return _decided(event, label, said)
    if event.kind == "proposed" and label == "remedy":
        return remedied(event.body["remedy"], said)
    teller = TELLERS.get(event.kind)
    return any(own == label and same(said, text) for own, text in (teller(event.body) if teller else ()))


Told = list[tuple[str, str]]
"""Lines of an event: the label and the words of each."""


def remedied(made: Body, said: str) -> bool:
    """True when these words name a remedy with all of its details."""
    if made["kind"] == "patch":
        return same(said, f"patch {made['function']} in {made['path']} ({made['summary']})")
    head = f"{made['kind'].replace('_', ' ')} ("
    details = [f"{key.replace('_', ' ')} {value}" for key, value in made.items() if key != "kind"]
    return said.startswith(head) and said.endswith(")") and pieces(said[len(head) : -1], details)


def _proposed(body: Body) -> Told:
    made = body["remedy"]
    if made["kind"] == "patch":
        return [("patch", f"{made['summary']}: {made['template'] or 'model'}")]
    return []


def _proved(body: Body) -> Told:
    return [("proof", f"{one['outcome']}: {one['name']}: {one['detail']}") for one in body["proof"]["checks"]]


def _reviewed(body: Body) -> Told:
    made = body["review"]
    said = [bad for key, good, bad in OBJECTIONS if made[key] is not good]
    objections = "; ".join(said) or "no objection"
    return [("review", f"{objections} ({made['model']}) {made['comment']}".strip())]


def _recovered(body: Body) -> Told:
    read, bound = body["measurement"], body["condition"]
    value = f"{read['value']:g} of {read['samples']} samples"
    return [("verify", f"recovered: {value}, not {bound['comparison']} {bound['threshold']:g}")]


TELLERS: Mapping[str, Callable[[Body], Told]] = {
    "proposed": _proposed,
    "proved": _proved,
    "reviewed": _reviewed,
    "recovered": _recovered,
    "intended": lambda body: [("effect", f"{body['target']}: {words.effect(body)}")],
    "acted": lambda body: [("effect", f"{body['result']}: {body['detail']}")],
    "controlled": lambda body: [
        ("person", f"{body['action']} by {body['by']} (as {body['os_user']}): {body['reason']}")
    ],
    "judged": lambda body: [
        (
            "person",
            f"called {body['verdict']} by {body['by']} (as {body['os_user']}){': ' if body['because'] else ''}{body['because']}",
        )
    ],
    "told": lambda body: [
        ("told", f"{body['channel']}: {body['text']}{'' if body['delivered'] else ' (not delivered)'}")
    ],
}
"""Own words for the events that are no decisions."""


def _decided(event: Event, label: str, said: str) -> bool:
    made, facts = event.body["decision"], event.body["facts"]
    verdict, policy = made["verdict"], made["policy"]
    if policy in ("canary.judge", "verify.judge") and label == policy.partition(".")[0]:
        head = f"{made['choice']}: "
        seen = _look(facts) if policy == "canary.judge" else _reading(facts)
        rest = said.removeprefix(f"{head}{flat(seen)}; " if seen else head)
        return rest != said and claims.supported(facts, verdict["reason"], rest)
    if policy == "risk.assess" and label == "risk":
        return any(_factor(one, facts, said) for one in made["factors"])
    choice = f" {made['choice']}" if made["choice"] not in ("", verdict["kind"]) else ""
    head = f"{verdict['kind']} {policy}{choice}: "
    return label == "gate" and said.startswith(head) and claims.supported(facts, verdict["reason"], said[len(head) :])


def _factor(one: Body, facts: Body, said: str) -> bool:
    head = f"{one['name']} {share(one['value'])} × {share(one['weight'])} = {share(one['contribution'])} "
    return said.startswith(head.strip()) and claims.supported(facts, one["note"], said[len(head) :].strip())


def share(value: int) -> str:
    """A number in ten-thousandths."""
    return f"{value / 10_000:.4f}".rstrip("0").rstrip(".") if value else "0"


def _look(facts: Body) -> str:
    look = facts["look"]
    if "missing" in look:
        return f"no look: {look['missing']['reason']}"
    first = (facts["memory"] or {}).get("first_in_stage")
    canary, stable = (_rate(look[arm], first and first[arm]) for arm in ("canary", "stable"))
    return f"{look['weight']} %, canary {canary}, stable {stable}"


def _rate(arm: Body, first: Body | None) -> str:
    requests = arm["requests"] - (first["requests"] if first else 0)
    errors = arm["errors"] - (first["errors"] if first else 0)
    return f"{100 * errors / requests:.1f} % of {requests}" if first and requests > 0 else "no requests yet"


def _reading(facts: Body) -> str:
    readings: list[Any] = facts["readings"]
    if not readings:
        return "no reading yet"
    read = readings[-1][1]
    if "reason" in read:
        return f"no reading: {read['reason']}"
    firing = "firing" if read["firing"] else "not firing"
    return f"{100 * read['value']:.1f} % of {read['samples']} requests, {firing}"
