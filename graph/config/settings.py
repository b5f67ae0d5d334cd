"""Settings, read once from the environment and the settings file (docs/settings.md has all of them)."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import JsonValue, ValidationError

from agents.budget import Budget
from graph.config import model_settings, settings_file
from graph.config.model_settings import ModelSettings
from incident.errors import BadInput
from incident.value import Value
from policies import profiles
from policies.limits import Limits
from tools import limits_file, program
from tools.records import home

Autonomy = Literal["observe", "propose", "approve", "auto"]
Profile = Literal["standard", "lab"]
Ranking = Literal["first", "needed", "off"]
_AUTONOMY: dict[str, Autonomy] = {"observe": "observe", "propose": "propose", "approve": "approve", "auto": "auto"}
_RANKED: dict[str, Ranking] = {"first": "first", "needed": "needed", "off": "off"}
_PROFILES = {"standard": profiles.standard, "lab": profiles.lab}

PORTS = {
    "platform": "SUTURE_PLATFORM",
    "metrics": "SUTURE_METRICS",
    "logs": "SUTURE_LOGS",
    "traces": "SUTURE_TRACES",
    "captures": "SUTURE_CAPTURES",
    "changes": "SUTURE_CHANGES",
    "places": "SUTURE_PLACES",
    "repository": "SUTURE_REPOSITORY",
}
"""Variables that choose the adapter of one port each, by port."""


class Settings(Value):
    """Settings of a process.  An empty field is off."""

    home: Path
    """Folder of ledger, locks, checkpoints, audit, key and incidents (``SUTURE_HOME``; default: XDG state folder)."""
    redis_url: str = ""
    """Redis that keeps the locks of workers on several machines (``REDIS_URL``; may hold a password, so it is never
    journaled); empty: SQLite in the home folder."""
    world_url: str = ""
    """Address of a world that offers every port (``SUTURE_WORLD_URL``)."""
    ports: dict[str, str] = {}
    """Addresses of single ports (``KIND:PLACE``, or ``none``), which win over the world's own; by port."""
    publish_to: str = ""
    """Remote repository (``SUTURE_PUBLISH_TO``, ``KIND:PLACE``) that gets the branch of a patch that healed, and a
    proposal to merge it."""
    autonomy: Autonomy = "propose"
    """Autonomy (``SUTURE_AUTONOMY``): observe, propose, approve, auto."""
    autonomy_said: bool = True
    """True when the environment names the autonomy.  A default does not narrow the leave of a known incident."""
    service_labels: tuple[str, ...] = ()
    """Labels that are believed first about an alert's service, in order (``SUTURE_SERVICE_LABELS``, separated by
    commas); the others are asked when none of them names a known service."""
    suspects: Ranking = "needed"
    """Point at which suspects are ranked over all services (``SUTURE_SUSPECTS``), which takes up to 15 s: ``first`` with
    the first evidence, ``needed`` when the suspected service alone does not tell, ``off`` never."""
    model: str = ""
    """Name of the model (``OPENAI_MODEL``); ``SUTURE_MODEL=scripted:FILE`` replays answers; empty: the playbook."""
    base_url: str = ""
    """An OpenAI-compatible endpoint (``OPENAI_BASE_URL``, also ``OPENAI_API_BASE``)."""
    api_key: str = ""
    """Key of that endpoint (``OPENAI_API_KEY``).  Never journaled."""
    audit_anchor: str = ""
    """Anchor for signed heads of the audit chain (``SUTURE_AUDIT_ANCHOR``: ``file:PATH``, ``git:PATH[#REF]``,
    ``http(s)://HOST:PORT/INDEX``)."""
    notify_url: str = ""
    """A webhook that receives the notices for people (``SUTURE_NOTIFY_URL``)."""
    otlp_endpoint: str = ""
    """Endpoint for spans besides ``trace.jsonl`` (``OTEL_EXPORTER_OTLP_ENDPOINT``)."""
    log_level: str = "WARNING"
    """``LOG_LEVEL``."""
    dry_run: bool = False
    """Everything up to the gates, nothing written to the world (``--dry-run``)."""
    lease_seconds: float = 15.0
    """Seconds that a lock on a service lasts without renewal; renewed at a third of it."""
    lock_wait_seconds: float = 60.0
    """Seconds that a lock waits for another incident on the same service before it gives up."""
    conflict_wait_seconds: float = 1800.0
    """Seconds that a plan waits for another incident's fix that comes first: the time of a whole standard rollout."""
    approval_seconds: float = 4 * 3600.0
    """Seconds that a person's approval stays valid."""
    budget: Budget = Budget()
    """Limits of one run of one agent."""
    thinking: ModelSettings = ModelSettings()
    """Settings of the models and their fallback, and the limits on what an incident may cost."""
    limits: Limits
    """Thresholds of the policies: a profile (``SUTURE_PROFILE``: standard, or lab for worlds whose rules use
    windows of seconds) with the limits in the file of ``SUTURE_LIMITS`` (TOML) on top of it."""
    limits_said: dict[str, JsonValue] | None = None
    """Limits that were set by a person, which narrow a known incident; None: all of them."""


def load(environment: Mapping[str, str], *, dry_run: bool = False) -> Settings:
    """Read the settings.  Raises BadInput naming the variable, or the key in the file."""
    given = settings_file.merged(environment)
    try:
        return _load(given, dry_run=dry_run)
    except BadInput as error:
        raise given.told(error) from None


def _load(environment: Mapping[str, str], *, dry_run: bool) -> Settings:
    autonomy = environment.get("SUTURE_AUTONOMY", "")
    if autonomy and autonomy not in _AUTONOMY:
        raise BadInput("SUTURE_AUTONOMY", autonomy, f"use one of {', '.join(_AUTONOMY)}")
    profile = environment.get("SUTURE_PROFILE", "")
    if profile and profile not in _PROFILES:
        raise BadInput("SUTURE_PROFILE", profile, f"use one of {', '.join(_PROFILES)}")
    world_url = environment.get("SUTURE_WORLD_URL", "")
    # Which worlds there are is known to the registry alone (`graph.setup.worlds`), which commands that only look leave out.
    if world_url and not re.fullmatch(r"[a-z][a-z0-9+.-]*:/\S+", world_url):
        raise BadInput(
            "SUTURE_WORLD_URL",
            world_url,
            "use the address of a world, as the http://127.0.0.1:PORT that the lab prints",
        )
    redis_url = environment.get("REDIS_URL", "")
    if redis_url and not redis_url.startswith(("redis://", "rediss://", "unix://")):
        raise BadInput("REDIS_URL", redis_url.partition("://")[0], "use redis://[:PASSWORD@]HOST:PORT/DB, or unset it")
    notify_url = environment.get("SUTURE_NOTIFY_URL", "")
    if notify_url and not re.fullmatch(r"https?://[^\s/]\S*", notify_url):
        # Whoever has such an address may write to it, so it is not shown.
        raise BadInput("SUTURE_NOTIFY_URL", "(not shown)", "use http(s)://HOST[:PORT]/PATH, or unset it")
    named = environment.get("SUTURE_SERVICE_LABELS", "")
    labels = tuple(name.strip() for name in named.split(",")) if named else ()
    if not all(re.fullmatch(r"\S+", label) for label in labels):
        raise BadInput("SUTURE_SERVICE_LABELS", ",".join(labels), "use label names separated by commas")
    return Settings(
        home=home.default(environment),
        redis_url=redis_url,
        world_url=world_url,
        publish_to=_remote(environment),
        ports={port: environment[name] for port, name in PORTS.items() if environment.get(name)},
        autonomy=_AUTONOMY.get(autonomy, "propose"),
        autonomy_said=bool(autonomy),
        service_labels=labels,
        suspects=_ranked(environment),
        model=environment.get("SUTURE_MODEL") or environment.get("OPENAI_MODEL", ""),
        base_url=environment.get("OPENAI_BASE_URL") or environment.get("OPENAI_API_BASE", ""),
        api_key=environment.get("OPENAI_API_KEY", ""),
        audit_anchor=environment.get("SUTURE_AUDIT_ANCHOR", ""),
        notify_url=notify_url,
        otlp_endpoint=environment.get("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
        log_level=environment.get("LOG_LEVEL", "WARNING"),
        dry_run=dry_run,
        budget=model_settings.budget(environment),
        thinking=model_settings.load(environment),
        limits=limited(profile_of(environment), environment),
        limits_said=None if profile else said(environment),
    )


def _ranked(environment: Mapping[str, str]) -> Ranking:
    said = environment.get("SUTURE_SUSPECTS", "")
    if said and said not in _RANKED:
        raise BadInput("SUTURE_SUSPECTS", said, f"use one of {', '.join(_RANKED)}")
    return _RANKED.get(said, "needed")


def _remote(environment: Mapping[str, str]) -> str:
    said = environment.get("SUTURE_PUBLISH_TO", "")
    if said and not re.fullmatch(r"[a-z]+:\S+", said):
        raise BadInput("SUTURE_PUBLISH_TO", said, "use git:/ABSOLUTE/PATH of a repository, or unset it")
    return said


def for_lab(settings: Settings, world_url: str, environment: Mapping[str, str]) -> Settings:
    """Return the settings for a lab that this very run started: autonomy `auto` and the lab's limits, unless set."""
    autonomy = settings.autonomy if settings.autonomy_said else "auto"
    given = settings_file.merged(environment)
    limits = limited(profile_of(given, "lab"), given)
    return settings.model_copy(update={"world_url": world_url, "autonomy": autonomy, "limits": limits})


def profile_of(environment: Mapping[str, str], otherwise: Profile = "standard") -> Limits:
    """Return the profile that ``SUTURE_PROFILE`` names, or another one when it names none."""
    return _PROFILES.get(environment.get("SUTURE_PROFILE", ""), _PROFILES[otherwise])()


def said(environment: Mapping[str, str]) -> dict[str, JsonValue]:
    """Return the limits in the file of ``SUTURE_LIMITS``; nothing when there is none.  Raises BadInput."""
    path = environment.get("SUTURE_LIMITS", "")
    return limits_file.read(Path(path)) if path else {}


def limited(profile: Limits, environment: Mapping[str, str]) -> Limits:
    """Return a profile with the limits of ``SUTURE_LIMITS``.  Raises BadInput naming the limit, its value and a remedy."""
    given = said(environment)
    try:
        return profiles.changed(profile, given)
    except ValidationError as error:
        raise _refused(environment["SUTURE_LIMITS"], given, error) from error


def _refused(path: str, given: Mapping[str, JsonValue], error: ValidationError) -> BadInput:
    """Return the first error of a file of limits, as one sentence."""
    first = error.errors(include_url=False)[0]
    place = [str(part) for part in first["loc"]]
    value: object = first["input"]
    remedy = first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error":
        # The whole table would be shown; what the file says of it is what a person can mend.
        said = given.get(place[0]) if place else given
        value = said if isinstance(said, dict) else first["input"]
        remedy += "; change these values so that it holds"
    elif first["type"] == "extra_forbidden":
        remedy = f"no limit has this name; {program.called('limits')} prints them all"
    else:
        remedy = f"{remedy[:1].lower()}{remedy[1:]}; {program.called('limits')} prints what each limit means"
    return BadInput(f"{'.'.join(place)} in {path} (SUTURE_LIMITS)", value, remedy)
