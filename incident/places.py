"""Places of a service: what it runs on, and what it depends on that is no service of the platform."""

from typing import Literal

from incident.value import Value


class Pod(Value):
    """One running process or pod of a service."""

    name: str
    version: str = ""
    node: str = ""
    """Machine that it runs on; empty when unknown."""
    zone: str = ""


class Placement(Value):
    """Places of one service, each sorted by name."""

    kind: Literal["placement"] = "placement"
    service: str
    pods: tuple[Pod, ...] = ()
    databases: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    third_parties: tuple[str, ...] = ()
    """Hosts outside the platform that are neither."""
