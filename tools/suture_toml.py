"""``suture.toml``: where a repository says which folder is which service."""

import tomllib

from pydantic import ValidationError

from incident.evidence import Missing
from tools import treepath
from tools.ports import Component

NAME = "suture.toml"


def component(content: str, service: str) -> Component | Missing:
    """What the file says about a service; Missing when it says nothing, or nothing that can be used."""
    try:
        parsed = tomllib.loads(content)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Missing(reason=f"{NAME} cannot be read: {error}")
    services = parsed.get("services")
    said = services.get(service) if isinstance(services, dict) else None
    if not isinstance(said, dict):
        return Missing(reason=f"{NAME} says nothing about {service}")
    try:
        found = Component.model_validate({**said, "service": service})
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"])
        return Missing(reason=f"{NAME} says something unusable about {service}: {field}")
    for path in (found.path, found.tests, *found.schemas):
        if treepath.objection(path.rstrip("/")) is not None:
            return Missing(reason=f"{NAME} names a path for {service} that leaves the repository")
    return found.model_copy(update={"path": found.path.rstrip("/"), "tests": found.tests.rstrip("/")})
