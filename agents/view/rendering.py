"""Renders the text that a model reads: compact JSON, cleaned, capped, without secrets, and marked with its origin.

The endpoint is somebody else's machine: whatever the record must not hold, a prompt must not hold either.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from incident.evidence import Change, Dossier, ErrorGroup, Evidence, Fact, Origin, Traits
from incident.past import Past
from incident.proof import Proof, Refusal
from incident.steering import Steering
from incident.unplaced import UnplacedErrors
from incident.value import Value
from tools.secrets import redaction

LINE = 400
"""Characters of one string taken from evidence."""

ITEMS = 60
"""Items of one list taken from evidence."""

FOREIGN = 6
"""Innermost frames of an error that no frame of the service's own code tells of."""

PAGE = 16_000
"""Characters of one tool's answer."""

BROUGHT = "brought"
"""Key of what a deploy brought."""

COMMITS, PATCH = 10, 1_500
"""Commits, and characters of the patch, of one deploy."""

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
"""Escape sequences of ECMA-48: CSI, OSC, and the two-character ones."""


def normalise(text: str, limit: int = LINE, *, lines: bool = False) -> str:
    """Drop ANSI, control, bidi and zero-width characters, and cap the length.

    With `lines`, line ends and tabs stay; otherwise all white space becomes single spaces.
    """
    kept = "".join(char for char in _ANSI.sub("", text) if char in "\n\t" or unicodedata.category(char)[0] != "C")
    kept = kept if lines else " ".join(kept.split())
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def page(text: str) -> str:
    """Text from the repository as a tool returns it: line structure kept, secrets taken out."""
    return redaction.redact_source(normalise(text, PAGE, lines=True))


def cleaned(value: JsonValue) -> JsonValue:
    """The value without secrets, with every string normalised, long lists cut, and empty fields left out."""
    # Again after normalising: a character that nobody sees may have stood inside a secret's name.
    return redaction.redact(_tidy(redaction.redact(value)))


def _tidy(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return normalise(value)
        case float():
            return round(value, 4)
        case list():
            return [_tidy(item) for item in value[:ITEMS]]
        case dict():
            return {normalise(key): _tidy(item) for key, item in value.items() if item not in (None, [], {}, "")}
        case _:
            return value


def feedback(refused: tuple[Refusal, ...]) -> list[JsonValue]:
    """Fate of earlier candidates: the check, its words, and the lines of the change; the newest last."""
    return [
        {
            "check": item.check,
            "why": redaction.redact_text(normalise(item.why, 600)),
            "change": [redaction.redact_source(normalise(line, 200, lines=True)) for line in item.change.splitlines()],
        }
        for item in refused
    ]


def dossier(found: Dossier) -> dict[str, JsonValue]:
    """The whole dossier, each piece of evidence with its id and origin."""
    return {
        "service": found.service,
        "onset": found.onset.isoformat(),
        **({"latest": found.latest.isoformat()} if found.latest and found.latest > found.onset else {}),
        "evidence": [_evidence(item) for item in found.evidence],
        "gaps": [cleaned(gap.model_dump(mode="json")) for gap in found.gaps],
        **({"searches": [cleaned(one.model_dump(mode="json")) for one in found.searches]} if found.searches else {}),
    }


def _evidence(item: Evidence) -> dict[str, JsonValue]:
    return {
        "id": item.id,
        "source": item.source,
        "origin": item.origin.value,
        **({"written_by_workload": True} if item.origin is Origin.WORKLOAD or isinstance(item.fact, Past) else {}),
        **({"written_by_people": True} if isinstance(item.fact, Steering) else {}),
        "fact": cleaned(_own(item.fact).model_dump(mode="json")),
        **_brought(item.fact),
    }


def _brought(fact: Fact) -> dict[str, JsonValue]:
    """Commits and patch of a deploy, apart from what the platform recorded of it: people wrote them."""
    if not isinstance(fact, Change) or not (fact.commits or fact.patch):
        return {}
    patch = redaction.redact_source(normalise(fact.patch, PATCH, lines=True))
    return {
        BROUGHT: {
            "written_by_people": True,
            "commits": cleaned(list(fact.commits[:COMMITS])),
            **({"patch": patch} if patch else {}),
        }
    }


def _own(fact: Fact) -> Fact:
    """An error with the frames of the service's own code: a framework's frames say nothing and fill a small window.

    A request's whole shape fills it as well; there is a tool for it.  What a deploy brought stands apart.
    """
    if isinstance(fact, Change):
        return fact.model_copy(update={"commits": (), "patch": ""})
    if isinstance(fact, Traits):
        return fact.model_copy(update={"shape": ()})
    if isinstance(fact, Steering):
        return fact.model_copy(update={"os_user": ""})
    if isinstance(fact, UnplacedErrors):
        return fact.model_copy(update={"frames": fact.frames[-FOREIGN:]})
    if not isinstance(fact, ErrorGroup):
        return fact
    # Paths of the repository are relative (`incident.evidence.Frame`), all others absolute.
    own = tuple(frame for frame in fact.frames if not frame.path.startswith("/"))
    return fact.model_copy(update={"frames": own or fact.frames})


def proof(shown: Proof) -> list[JsonValue]:
    """The checks of a proof."""
    return [cleaned(check.model_dump(mode="json")) for check in shown.checks]


def opening(parts: Mapping[str, JsonValue]) -> str:
    """The first message of a run: one JSON object, its parts in the order given."""
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def shown(value: Value) -> str:
    """One value as a tool tells it."""
    return json.dumps(cleaned(value.model_dump(mode="json")), ensure_ascii=False, separators=(",", ":"))


def listed(values: Iterable[Value]) -> str:
    """Values as a tool tells them, one a line."""
    return "\n".join(shown(value) for value in values) or "none"
