"""``suture.toml``: the file in which a repository names the folder of each service."""

import tomllib

from pydantic import ValidationError

from incident.evidence import Missing
from tools import text, treepath
from tools.ports import Component

NAME = "suture.toml"

MAX_BYTES = 64 * 1024
"""A large installation has a hundred services of five lines."""

MAX_LINE = 1000
"""Characters: the parser takes a time that grows with the square of a dotted key's length, which is one line."""


def component(content: str, service: str) -> Component | Missing:
    """The service's entry in the file; Missing when there is none, or none that can be used."""
    if len(content) > MAX_BYTES or max(map(len, content.split("\n"))) > MAX_LINE:
        return Missing(reason=f"{NAME} has more than {MAX_BYTES} characters, or {MAX_LINE} in a line")
    try:
        parsed = tomllib.loads(content)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a plain ValueError
        return Missing(reason=f"{NAME} cannot be read: {text.normalise(str(error), 160)}")
    services = parsed.get("services")
    said = services.get(service) if isinstance(services, dict) else None
    if not isinstance(said, dict):
        return Missing(reason=f"{NAME} has no entry for {service}")
    try:
        found = Component.model_validate({**said, "service": service})
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"])
        return Missing(reason=f"{NAME} has an invalid entry for {service}: {text.normalise(field, 80)}")
    for path in (found.path, found.tests, *found.schemas):
        if treepath.objection(path.rstrip("/")) is not None:
            return Missing(reason=f"{NAME} names a path for {service} that leaves the repository")
    return found.model_copy(update={"path": found.path.rstrip("/"), "tests": found.tests.rstrip("/")})
