"""Leave of an incident: the autonomy and limits it was opened with, which later settings can only narrow."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, JsonValue, ValidationError

from graph.config.settings import Autonomy, Settings
from graph.state import Case
from incident.errors import SutureError
from incident.value import Value, encode
from policies.gates import stricter
from policies.limits import Limits
from tools.ports import Audit, Row
from tools.records.marks import Marks
from tools.secrets import redaction

LADDER: tuple[Autonomy, ...] = ("observe", "propose", "approve", "auto")

OPENING = "opening"
"""Kind of the keyed mark over an opening."""

LEAVE = "leave"
"""Action of the chain's entries that hold the digest of the opening an incident goes by."""


class Opening(Value):
    """Opening of an incident: its alert and its leave.  The incident's row carries it."""

    case: Case
    autonomy: Autonomy
    dry_run: bool
    limits: Limits | None = None
    service_labels: tuple[str, ...] = ()
    locks: str = Field(default="", validation_alias=AliasChoices("locks", "claims"))
    """Address of the store of locks; empty: the home folder.  Rows of older versions call it claims."""
    incident_tokens: int = 0
    incident_cost_micros: int | None = None
    mark: str = ""
    """Keyed mark over all of this and the row's identity; a row of an older version has none."""


def opened(settings: Settings, case: Case, marks: Marks) -> dict[str, JsonValue]:
    """Return the opening of an incident under these settings, with its mark, as its row carries it."""
    plain = Opening(
        case=case,
        autonomy=settings.autonomy,
        dry_run=settings.dry_run,
        limits=settings.limits,
        service_labels=settings.service_labels,
        locks=_locks_at(settings),
        incident_tokens=settings.thinking.incident_tokens,
        incident_cost_micros=settings.thinking.incident_cost_micros,
    )
    return _sealed(plain, case.incident, case.world, marks)


def opening(row: Row) -> Opening | None:
    """Return the opening in a row as it is there; None when it cannot be read."""
    try:
        return Opening.model_validate(row.opening) if row.opening else None
    except ValidationError:
        return None


def genuine(row: Row, marks: Marks) -> Opening | None:
    """Return the opening in a row if its mark shows that we wrote it about this incident; else None."""
    mark = row.opening.get("mark", "")
    if not isinstance(mark, str) or not marks.holds(OPENING, _marked(row.opening, row.id, row.world), mark):
        return None
    return opening(row)


def vouched(row: Row, audit: Audit) -> bool:
    """True when the chain's last entry about the incident's leave is of the opening in the row.

    Without such an entry it is True only for a new incident, of which nothing was recorded.
    Raises Tampered, Unavailable.
    """
    # A row can be restored as it was before it was narrowed, and its mark is genuine all the same.
    said = audit.find(LEAVE, row.id)
    if said:
        return said[-1].get("opening") == _digest(row)
    return not audit.find("record", row.id)


def believed(row: Row, audit: Audit) -> Row:
    """Return the row, without the mark of its opening where the chain does not vouch for it or does not answer."""
    try:
        known = vouched(row, audit)
    except SutureError:
        known = False
    return row if known or not row.opening else row.model_copy(update={"opening": {**row.opening, "mark": ""}})


def say(row: Row, audit: Audit, marks: Marks, now: datetime) -> None:
    """Chain the leave of a believed row, unless it is the last entry already.  Raises Tampered, Unavailable."""
    if genuine(row, marks) is None:
        return
    digest, said = _digest(row), audit.find(LEAVE, row.id)
    if not said or said[-1].get("opening") != digest:
        audit.append(now, "suture", LEAVE, {"incident": row.id, "opening": digest})


def narrowed(settings: Settings, row: Row, marks: Marks) -> Settings:
    """Return the settings for a known incident: the leave that it was opened with, or less.

    The row of an older version, and one that somebody else wrote, cannot be believed: then the autonomy is
    `propose` at most, and nothing is changed.
    """
    known = genuine(row, marks)
    if known is None or known.limits is None:
        return _unbelieved(settings, opening(row))
    autonomy = _lower(settings.autonomy, known.autonomy) if settings.autonomy_said else known.autonomy
    if _locks_at(settings) != known.locks:
        # Locks that are kept elsewhere than those of the others keep nobody away.
        autonomy = _lower(autonomy, "propose")
    given: dict[str, JsonValue] = settings.limits.model_dump(mode="json")
    limits = stricter.narrowed(known.limits, given if settings.limits_said is None else settings.limits_said)
    spent = {"incident_tokens": known.incident_tokens, "incident_cost_micros": _less(settings, known)}
    return settings.model_copy(
        update={
            "autonomy": autonomy,
            "dry_run": settings.dry_run or known.dry_run,
            "limits": limits,
            "service_labels": known.service_labels,
            "thinking": settings.thinking.model_copy(update=spent),
        }
    )


def kept(settings: Settings, row: Row, marks: Marks) -> Row:
    """Return the row with its leave narrowed by these settings, so that it stays narrowed."""
    known = genuine(row, marks)
    if known is None or known.limits is None or _locks_at(settings) != known.locks:
        return row
    leave = narrowed(settings, row, marks)
    cost = leave.thinking.incident_cost_micros
    narrower = known.model_copy(
        update={
            "autonomy": leave.autonomy, "dry_run": leave.dry_run, "limits": leave.limits, "incident_cost_micros": cost,
        }
    )  # fmt: skip
    return row if narrower == known else row.model_copy(update={"opening": _sealed(narrower, row.id, row.world, marks)})


def _unbelieved(settings: Settings, claimed: Opening | None) -> Settings:
    # What cannot be believed may still ask for less.
    lower = _lower(settings.autonomy, "propose")
    return settings.model_copy(
        update={
            "autonomy": _lower(lower, claimed.autonomy) if claimed else lower,
            "dry_run": settings.dry_run or (claimed is not None and claimed.dry_run),
        }
    )


def _sealed(known: Opening, incident: str, world: str, marks: Marks) -> dict[str, JsonValue]:
    plain = redaction.redact_mapping(known.model_dump(mode="json", exclude={"mark"}), redaction.SOURCE)
    return {**plain, "mark": marks.mark(OPENING, _marked(plain, incident, world))}


def _marked(said: Mapping[str, JsonValue], incident: str, world: str) -> JsonValue:
    """Content of the mark: the opening as it is stored, and the incident and world that it belongs to."""
    return [incident, world, {key: value for key, value in said.items() if key != "mark"}]


def _digest(row: Row) -> str:
    try:
        return hashlib.sha256(encode(row.opening)).hexdigest()
    except ValueError:  # no number, which we never write
        return ""


def _lower(one: Autonomy, other: Autonomy) -> Autonomy:
    return min(one, other, key=LADDER.index)


def _less(settings: Settings, known: Opening) -> int | None:
    costs = (settings.thinking.incident_cost_micros, known.incident_cost_micros)
    return min((cost for cost in costs if cost is not None), default=None)


def _locks_at(settings: Settings) -> str:
    """Return the address of the store of locks, without a password."""
    if not settings.redis_url:
        return ""
    parts = urlsplit(settings.redis_url)
    # A query may name another database, and it may hold a password.
    query = f"?{hashlib.sha256(parts.query.encode()).hexdigest()[:16]}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}{query}"
