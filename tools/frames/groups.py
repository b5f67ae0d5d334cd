"""Keys that equal errors share: the place where they were raised, or what is left to tell them by without one."""

from collections.abc import Sequence
from typing import Literal

from incident.evidence import Signature
from incident.stacks import Frame
from incident.value import Value
from tools import text


class Unplaced(Value):
    """Key of errors of which no frame lies in the service's repository: raised by a library, or without any stack.

    The innermost frame tells where a library raised it.  The outermost would tell nothing: it is the server's or the
    thread's beginning, which all errors of a service share.  Neither line nor folder enters the key, since both change
    with each version of a library and with each image.
    """

    kind: Literal["unplaced"] = "unplaced"
    service: str
    route: str
    exception: str
    template: str
    """The message with every variable part replaced."""
    file: str = ""
    """Name of the innermost frame's file, without folders; empty when there is no stack."""
    function: str = ""


def key(
    service: str, route: str, exception: str, message: str, frames: Sequence[Frame], signature: Signature | None
) -> Signature | Unplaced:
    """The signature where there is one, and otherwise what the error can be told by."""
    if signature is not None:
        return signature
    innermost = frames[-1] if frames else None
    return Unplaced(
        service=service,
        route=route,
        exception=exception,
        template=text.template(message),
        file=innermost.path.strip("<>").rpartition("/")[2] if innermost else "",
        function=innermost.function if innermost else "",
    )
