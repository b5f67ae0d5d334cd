"""One process that works on one incident and may be killed at one point."""

import os
import sys
from pathlib import Path

from evals.chaos import strikes
from evals.chaos.points import Point
from graph.config import settings
from graph.console import observer
from graph.runtime import cases, resumption
from graph.setup import stores, worlds
from incident.alert import parse
from incident.ending import Ending
from incident.value import Value


class Order(Value):
    """Orders for one process."""

    home: Path
    url: str
    payload: Path
    """The alert, as the world fired it."""
    incident: str
    """To go on with; empty to open the alert's."""
    point: Point | None
    forgets: bool
    log: Path
    """File for its output."""


def work(order: Order) -> None:
    """Open the incident or go on with it, as ``graph.run`` and ``graph.resume`` do, until killed or ended."""
    with order.log.open("ab") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    leave = {"SUTURE_AUTONOMY": "auto", "SUTURE_PROFILE": "lab"}
    os.environ.update({"SUTURE_HOME": str(order.home), "SUTURE_WORLD_URL": order.url, **leave})
    ended = _driven(order, strikes.Strike(order.point))
    sys.stdout.write(f"{ended.outcome}: {ended.reason}\n")
    sys.stdout.flush()


def _driven(order: Order, strike: strikes.Strike) -> Ending:
    chosen = settings.load(os.environ)
    shared = strikes.books(stores.connect(chosen), strike, forgets=order.forgets)
    world = worlds.connect(chosen.world_url)
    drive = strikes.Driver(chosen, shared, strikes.world(world, strike), observer.silent)
    drive.strike, drive.path = strike, shared.home.checkpoints
    if order.incident:
        return resumption.go_on(shared, drive, stores.row(shared, order.incident))[0]
    shared.remember(world.platform.world(), order.url)
    (case,) = cases.of(chosen, world, parse(order.payload.read_bytes())).cases
    return drive.start(case)[0]
