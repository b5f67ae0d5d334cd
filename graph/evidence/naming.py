"""Names that the world knows, against which the labels of alerts are read."""

from incident.subject import Known
from tools import ports


def known(world: ports.World) -> Known:
    """Return the names of a world's services, those of its workloads, pods and scraped targets included."""
    return Known(world.platform.services(), world.aliases())
