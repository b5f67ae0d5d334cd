"""Writes the shop for one seed and fault, and plans the versions that a lab runs of it."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from evals.lab import faults, reading, repository, runtime
from evals.lab.lab import Blueprint, First, Users
from incident.value import Value

ENTRY = "gateway"
"""The service that users talk to."""
OUTSIDE = ("mail",)
"""Third parties that the shop calls."""
_TRAFFIC = Path(__file__).with_name("traffic.yaml")


class Traffic(Value):
    """``traffic.yaml``."""

    rate: float = Field(gt=0, le=1000)
    kinds: dict[str, float]


def traffic() -> Traffic:
    """The users of ordinary times."""
    return reading.only(Traffic, _TRAFFIC)


def build(target: Path, fault: str | None, seed: str, more: Sequence[Path] = ()) -> Blueprint:
    """Lay the shop's repository out at `target`.  `more` are further folders of faults.

    Raises BadInput for a fault that does not exist or does not fit.
    """
    chosen = faults.load(fault, more) if fault is not None else None
    layout = repository.lay_out(target, chosen)
    apps = _apps(target)
    missing = {name: program for name, app in apps.items() if (program := runtime.missing(app)) is not None}
    initial = chosen.initial if chosen is not None else {}
    releases = chosen.releases if chosen is not None else ()
    ordinary = traffic()
    return Blueprint(
        first={
            name: First(version.name, version.commit, apps[name], initial.get(name, {}))
            for name, version in layout.versions.items()
            if name not in missing
        },
        users=Users(ENTRY, ordinary.rate, ordinary.kinds, chosen.users if chosen is not None else {}),
        seed=seed,
        fault=chosen,
        commits={
            (release.service, release.version): version.commit
            for release, version in zip(releases, layout.releases, strict=True)
        },
        outside=OUTSIDE,
        missing=missing,
    )


def _apps(target: Path) -> dict[str, str]:
    """The ASGI application of every service, from the repository's own ``suture.toml``."""
    with (target / "suture.toml").open("rb") as file:
        listed = tomllib.load(file)["services"]
    return {name: entry["app"] for name, entry in listed.items()}
