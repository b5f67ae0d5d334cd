"""Registry of worlds: the adapter for an address, and the world of a known incident."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from graph.config.settings import Settings
from graph.setup.stores import Stores
from incident.errors import BadInput, Unavailable
from tools import embedded, program
from tools.clock import SystemClock
from tools.ports import Clock, Row, World

WORLDS: Mapping[str, Callable[[str, Clock], World]] = MappingProxyType({"http": embedded.connect})
"""Functions that connect to a world, by the scheme of its address.  A second world is a folder of adapters and a line here."""


def connect(url: str) -> World:
    """Return the world at an address.  Raises BadInput naming what to set, Unavailable."""
    if not url:
        raise BadInput(
            "SUTURE_WORLD_URL",
            "",
            f"set it to the address of a running world ({program.called('lab')} up prints one), "
            "or use --world lab or a payload of evals/alerts/ to start one",
        )
    scheme = url.partition(":")[0]
    if scheme not in WORLDS:
        raise BadInput("SUTURE_WORLD_URL", url, f"use an address that begins with {' or '.join(sorted(WORLDS))}://")
    return WORLDS[scheme](url, SystemClock())


def chosen(url: str) -> World:
    """Return the world that a person named.  Raises BadInput, also when nothing answers there."""
    try:
        return connect(url)
    except Unavailable as error:
        raise BadInput("SUTURE_WORLD_URL", url, f"start that world or name one that runs ({error})") from error


def again(shared: Stores, settings: Settings, known: Row) -> tuple[World, Settings]:
    """Return the world in which an incident happened, and the settings for it.  Raises BadInput when it is gone."""
    url = settings.world_url or shared.address(known.world)
    if not url:
        raise BadInput("incident", known.id, "its world is not known here any more; set SUTURE_WORLD_URL")
    try:
        found = connect(url)
    except Unavailable as error:
        raise BadInput("incident", known.id, f"its world at {url} does not answer ({error})") from error
    # The port may be another world's by now.
    if found.platform.world() != known.world:
        raise BadInput("incident", known.id, f"it happened in another world than the one at {url}")
    return found, settings.model_copy(update={"world_url": url})
