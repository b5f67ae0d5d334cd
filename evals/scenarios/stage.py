"""Lab of one run: brought up, taken down, and looked for afterwards."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import yaml
from pydantic import JsonValue

from evals.lab import command, places, steering
from evals.lab import leftovers as remains
from evals.lab.command import Start
from incident.value import Value

PROJECT = Path(__file__).parents[2]
UP_WITHIN = 300.0
"""Seconds to start a world and see its alert fire; a cold environment takes the first minute."""
LEASE = 1200.0
"""Seconds after which a world ends whose runner was killed."""


class Up(Value):
    """A world that runs."""

    url: str
    id: str
    payload: JsonValue


class NoWorld(RuntimeError):
    """The lab did not come up, or did not fire its alert; the message says why."""


class Void(NoWorld):
    """The world itself misbehaved; the message says how."""


class Places(Value):
    """The folders of one run.  `hidden` is out of the healer's sight."""

    root: Path

    @property
    def world(self) -> Path:
        """Folder of the world that the healer may read."""
        return self.root / "world"

    @property
    def hidden(self) -> Path:
        """Sidecar and steering socket."""
        return self.root / "hidden"

    @property
    def home(self) -> Path:
        """``SUTURE_HOME``."""
        return self.root / "home"


@contextmanager
def world(places: Places, start: Start, seed: int, faults: Sequence[Path] = ()) -> Iterator[Up]:
    """A world for as long as this lasts, its alert firing.  `faults` are further folders of faults.  Raises NoWorld."""
    places.hidden.mkdir(mode=0o700, parents=True, exist_ok=True)
    sidecar = places.hidden / "start.lab.yaml"
    fields = start.model_copy(update={"seed": seed, "lease": LEASE}).model_dump(mode="json", exclude_none=True)
    sidecar.write_text(yaml.safe_dump(fields), encoding="utf-8")
    try:
        yield _up(places, sidecar, faults)
    finally:
        _lab(places, "down", within=60.0)


def _up(places: Places, sidecar: Path, faults: Sequence[Path]) -> Up:
    more = [word for place in faults for word in ("--faults", str(place.resolve()))]
    ran = _lab(places, "up", "--sidecar", str(sidecar), "--wait-alert", "--json", *more, within=UP_WITHIN)
    words = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1][:300]
    if ran.returncode == command.VOID:
        raise Void(words)
    if ran.returncode != 0:
        raise NoWorld(words)
    return Up.model_validate(json.loads(ran.stdout.splitlines()[-1]))


def _lab(places: Places, order: str, *arguments: str, within: float) -> "subprocess.CompletedProcess[str]":
    where = ("--world", str(places.world), "--private", str(places.hidden / "private"))
    argv = [sys.executable, "-m", "evals.lab", order, *where, *arguments]
    try:
        return subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=within)
    except subprocess.TimeoutExpired as error:
        raise NoWorld(f"evals.lab {order} took more than {within:.0f} s") from error


def void(of: Places) -> tuple[str, ...]:
    """Reasons that a run is void, asked while its world stands."""
    try:
        causes: list[str] = command.state(places.private(of.world, of.hidden / "private"))["void"]
    except steering.Unreachable as error:
        return (f"the world ended by itself: {error}",)
    return tuple(causes)


def leftovers(root: Path, url: str) -> tuple[str, ...]:
    """Processes that carry the run's folder in their command or environment, and a world that still answers."""
    try:
        httpx.get(f"{url}/world", timeout=2, trust_env=False)
    except httpx.HTTPError:
        return remains.processes(root)
    return (*remains.processes(root), f"{url} still answers")
