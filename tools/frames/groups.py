"""Keys that equal errors share: the place where they were raised, or what is left to tell them by without one."""

from collections.abc import Sequence

from incident.evidence import Signature
from incident.stacks import Frame
from incident.unplaced import Unplaced
from tools import text


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
