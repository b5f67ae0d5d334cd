"""Ports of what surrounds a service: the changes that anybody made, and the places that it runs in and depends on."""

from datetime import datetime
from typing import Protocol

from incident.evidence import Change, Missing
from incident.places import Placement


class Changes(Protocol):
    """Recorded changes of everybody: of services, flags, data, nodes, certificates and traffic, whoever made them."""

    def within(self, start: datetime, end: datetime) -> tuple[Change, ...] | Missing:
        """Changes from `start` to `end`, oldest first.  Missing when nobody records them, which rules no change out."""


class Places(Protocol):
    """Places that services run in, and those that they depend on."""

    def of(self, service: str) -> Placement | Missing:
        """The places of one service.  Missing for an unknown name, and where nothing is known of it."""
