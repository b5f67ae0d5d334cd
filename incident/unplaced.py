"""Errors without a place in the service's source, and what is left to tell them by."""

from typing import Literal

from pydantic import AwareDatetime

from incident.stacks import Chained, Frame
from incident.value import Value


class Unplaced(Value):
    """Key of errors of which no frame lies in the service's repository: raised by a library, or without any stack.

    The innermost frame tells where a library raised it.  The outermost would tell nothing: it is the server's or the
    thread's beginning, which all errors of a service share.  Neither line nor folder enters the key, since both change
    with each version of a library and with each image.
    """

    service: str
    route: str
    exception: str
    template: str
    """The message with every variable part replaced."""
    file: str = ""
    """Name of the innermost frame's file, without folders; empty when there is no stack."""
    function: str = ""


class UnplacedErrors(Value):
    """Errors with one such key, counted.  Evidence for people and models: it names no place, so it opens no gate."""

    kind: Literal["unplaced_errors"] = "unplaced_errors"
    unplaced: Unplaced
    count: int
    first: AwareDatetime
    last: AwareDatetime
    versions: tuple[str, ...]
    message: str
    frames: tuple[Frame, ...] = ()
    chain: tuple[Chained, ...] = ()
    """Exceptions behind it, the nearest first."""
