"""Finding a known incident and its world again."""

from graph.config.settings import Settings
from graph.setup import stores, wiring
from incident.errors import BadInput, Unavailable
from tools.embedded.world import EmbeddedWorld
from tools.ports import Row


def world(shared: stores.Stores, chosen: Settings, known: Row) -> tuple[EmbeddedWorld, Settings]:
    """The world in which an incident happened, and the settings for it.  Raises BadInput when it is gone."""
    url = chosen.world_url or shared.address(known.world)
    if not url:
        raise BadInput("incident", known.id, "its world is not known here any more; set SUTURE_WORLD_URL")
    try:
        found = wiring.world(chosen.model_copy(update={"world_url": url}))
    except Unavailable as error:
        raise BadInput("incident", known.id, f"its world at {url} does not answer ({error})") from error
    if found.platform.world() != known.world:
        raise BadInput("incident", known.id, f"it happened in another world than the one at {url}")
    return found, chosen.model_copy(update={"world_url": url})
