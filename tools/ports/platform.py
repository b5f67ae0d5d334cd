"""Port of the platform that runs the services."""

from datetime import datetime
from typing import Literal, Protocol, Self

from pydantic import Field, model_validator

from incident.evidence import Change
from incident.value import Value
from incident.workload import Able, Effect, Routing, Settled, Workload, WorkloadChange


class Platform(Protocol):
    """The platform that runs the services.

    Each service has one routing object, which carries our `Effect` and says which version gets which share.  It is the
    only one of the user's objects that a change may write.  Whatever else a new version needs is made anew, labelled
    with the effect's incident, owned by what the service runs as, and gets no request until the routing object names
    it; so an adapter that ends between making it and the write leaves nothing that serves.  Asked again for the same
    effect it goes on with what it made; what another effect left behind like that is no version, and in nobody's way.
    """

    def world(self) -> str:
        """A stable id of this world, part of every incident's identity."""

    def services(self) -> tuple[str, ...]:
        """The services that we may look at."""

    def able(self, service: str) -> Able:
        """The platform's powers over the service.  Raises KeyError for a name that does not exist."""

    def read(self, service: str) -> Workload:
        """The service as it is now.  Raises KeyError for a name that does not exist."""

    def change(self, service: str, change: WorkloadChange, *, revision: str, effect: Effect) -> Workload:
        """Make one change and leave `effect` at the routing object, in one step, if the revision still is `revision`.

        The effect takes the place of the one that stood there.  Returns when it is written: `settled` says when the
        change is in force.  Raises
        Conflict when the revision moved on, Unsure when the answer was lost after the request was sent, Throttled
        when the platform takes no more just now and nothing happened, and Refused when the change makes no sense to
        the platform and nothing happened; those two are Unavailable.
        """

    def settled(self, service: str, effect: str) -> Settled:
        """Progress of the change that left the effect of this key; asked again and again, so it answers at once.

        A change has failed, too, when another effect stands there by now.  Raises KeyError.
        """

    def routing(self, service: str) -> Routing:
        """Requests that really went to each version, and whose counts these are."""

    def history(self, service: str, since: datetime) -> tuple[Change, ...]:
        """Recorded changes of the service, oldest first."""

    def runtime(self, service: str) -> "Runtime":
        """The service's runtime, so that a sandbox can run it the same way."""


class Image(Value):
    """An image by its digest, in an OCI layout folder of this machine (https://github.com/opencontainers/image-spec)."""

    layout: str
    """Absolute path of the folder that holds ``blobs/``."""
    id: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")
    """Digest of the manifest of one platform; a tag may name another image tomorrow."""


class Runtime(Value):
    """Runtime of one service: an interpreter and folders of this machine, or an image."""

    kind: Literal["host", "image"] = "host"
    python: str
    """The interpreter of the environment that the service runs in; of an image, its path in there."""
    mounts: tuple[str, ...]
    """Folders of this machine that must be visible, read-only, for that interpreter to start; none of an image."""
    environment: dict[str, str]
    """The variables the service's process gets; secrets are not among them."""
    image: Image | None = None
    """The root file system that it runs in; None on a host."""
    command: tuple[str, ...] = ()
    """The command that serves it, as its platform says; for people."""
    root: str = ""
    """Folder of an image in which the services' checkout lies, such as ``/app``; empty: not known."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.kind == "image") != (self.image is not None) or (self.image and self.mounts):
            raise ValueError("a runtime of kind image has an image and no mounts, and one of kind host has no image")
        return self
