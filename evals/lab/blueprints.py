"""Writes the shop for one seed and fault, and plans the versions that a lab runs of it."""

import tomllib
from pathlib import Path

import yaml
from pydantic import Field

from evals.lab import faults, repository, runtime
from evals.lab.lab import BadRelease, Blueprint, First, Users
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


def build(target: Path, fault: str | None, seed: str) -> Blueprint:
    """Lay the shop's repository out at `target`.  Raises BadInput for a fault that does not exist."""
    chosen = faults.load(fault) if fault is not None else None
    layout = repository.lay_out(target, chosen)
    apps = _apps(target)
    missing = {name: program for name, app in apps.items() if (program := runtime.missing(app)) is not None}
    traffic = Traffic.model_validate(yaml.safe_load(_TRAFFIC.read_text()))
    release = None
    if chosen is not None and chosen.deploy is not None:
        assert layout.release is not None
        release = BadRelease(chosen.deploy.service, layout.release.name, layout.release.commit)
    return Blueprint(
        first={
            name: First(version.name, version.commit, apps[name])
            for name, version in layout.versions.items()
            if name not in missing
        },
        users=Users(ENTRY, traffic.rate, traffic.kinds),
        seed=seed,
        fault=chosen,
        release=release,
        outside=OUTSIDE,
        missing=missing,
    )


def _apps(target: Path) -> dict[str, str]:
    """The ASGI application of every service, from the repository's own ``suture.toml``."""
    with (target / "suture.toml").open("rb") as file:
        listed = tomllib.load(file)["services"]
    return {name: entry["app"] for name, entry in listed.items()}
