"""Users of the shop: a kind of user, a seeded stream and a number give one request at the gateway.

Kinds are templates in YAML (``users.yaml``; a fault brings more), see `evals.lab.traffic.templates`.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from evals.lab import reading
from evals.lab.traffic import templates
from incident.errors import BadInput
from incident.value import Value

FILE = Path(__file__).with_name("users.yaml")
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class User(Value):
    """One kind of user."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    like: str | None = None
    """Another kind: what is not written here is as it is there, `draw` and `body` key by key."""
    method: Method | None = None
    """Needed, unless `like` brings it."""
    path: str | None = Field(default=None, pattern="^/")
    """At the gateway; needed, unless `like` brings it."""
    draw: dict[str, JsonValue] = {}
    """Values that are drawn for each request, by name, in this order."""
    body: JsonValue = None
    """JSON that is sent; null: no body."""


class UserRequest(BaseModel):
    """One request as it reaches the gateway."""

    model_config = ConfigDict(frozen=True)

    method: Method
    path: str
    body: dict[str, JsonValue] | None = None


Kind = Callable[[Random, int], UserRequest]
"""A compiled kind of user: a random stream and the number of the arrival to its request."""


class Users:
    """Kinds of users that may come.  Raises BadInput for the first mistake in them."""

    def __init__(self, described: Mapping[str, User]) -> None:
        self._kinds, mistakes = compiled(described, described)
        if mistakes:
            raise mistakes[0]

    def request(self, kind: str, rng: Random, n: int) -> UserRequest:
        """The request of the `n`-th arrival, who is a user of this kind.  Raises ValueError for an unknown kind."""
        if kind not in self._kinds:
            raise ValueError(f"unknown kind of user {kind!r}; there are {', '.join(self._kinds)}")
        return self._kinds[kind](rng, n)

    def kinds(self) -> tuple[str, ...]:
        """Every kind of user, those of the ordinary mix first."""
        return tuple(self._kinds)


@cache
def described() -> Mapping[str, User]:
    """The kinds of ``users.yaml``."""
    return TypeAdapter(dict[str, User]).validate_python(reading.parse(FILE))


def kinds() -> tuple[str, ...]:
    """Every kind of ``users.yaml``, those of the ordinary mix first."""
    return tuple(described())


@cache
def ordinary() -> Users:
    """The users of ``users.yaml``."""
    return Users(described())


def compiled(
    wanted: Mapping[str, User], all_known: Mapping[str, User], file: str = FILE.name, under: tuple[str, ...] = ()
) -> tuple[dict[str, Kind], tuple[BadInput, ...]]:
    """The wanted kinds, ready to be asked, and every mistake in them; `under` is their place in the file."""
    compiler = templates.Compiler(file)
    found = {name: _kind(name, all_known, compiler, file, under) for name in wanted}
    return found, tuple(compiler.wrong)


def _kind(
    name: str, known: Mapping[str, User], compiler: templates.Compiler, file: str, under: tuple[str, ...]
) -> Kind:
    at: tuple[str | int, ...] = (*under, name)
    try:
        user = _resolved(name, known, ())
    except BadInput as error:
        compiler.wrong.append(BadInput(reading.place(file, *at, error.field), error.value, error.remedy))
        user = User(method="GET", path="/")
    for field, value in (("method", user.method), ("path", user.path)):
        if value is None:
            compiler.wrong.append(BadInput(reading.place(file, *at, field), reading.MISSING, "add it"))
    names = frozenset({templates.NUMBER})
    draws: list[tuple[str, templates.Draw]] = []
    for drawn, template in user.draw.items():
        if not drawn.isidentifier() or not drawn.islower() or drawn in (templates.NUMBER, templates.ITEM):
            remedy = "name it by small letters, digits and _, but not n or item"
            compiler.wrong.append(BadInput(reading.place(file, *at, "draw"), drawn, remedy))
        draws.append((drawn, compiler.compile(template, (*at, "draw", drawn), names)))
        names |= {drawn}
    path = compiler.compile(user.path or "/", (*at, "path"), names)
    body = compiler.compile(user.body, (*at, "body"), names)
    if not isinstance(user.body, dict | None):
        compiler.wrong.append(BadInput(reading.place(file, *at, "body"), user.body, "write an object, or null"))
    method = user.method or "GET"

    def request(rng: Random, n: int) -> UserRequest:
        values: dict[str, JsonValue] = {templates.NUMBER: n}
        for drawn, draw in draws:
            values[drawn] = draw(rng, values)
        return UserRequest.model_validate({"method": method, "path": path(rng, values), "body": body(rng, values)})

    return request


def _resolved(name: str, known: Mapping[str, User], through: tuple[str, ...]) -> User:
    """The kind with everything that it has from others.  Raises BadInput for one that does not exist, or a circle."""
    user = known[name]
    if user.like is None:
        return user
    if user.like not in known or user.like in (*through, name):
        raise BadInput("like", user.like, f"name another kind of user; {reading.closest(user.like, sorted(known))}")
    base = _resolved(user.like, known, (*through, name))
    return User(
        method=user.method or base.method,
        path=user.path or base.path,
        draw={**base.draw, **user.draw},
        body=_merged(base.body, user.body) if "body" in user.model_fields_set else base.body,
    )


def _merged(base: JsonValue, over: JsonValue) -> JsonValue:
    """Objects key by key; anything else, a draw too, takes the place of what was there."""
    if not isinstance(base, dict) or not isinstance(over, dict) or any(key.startswith("$") for key in (*base, *over)):
        return over
    return {**base, **{key: _merged(base.get(key), value) for key, value in over.items()}}


def parsed(body: JsonValue) -> dict[str, User]:
    """Kinds from their JSON form, as the lab hands them to its load generator.  Raises ValueError."""
    try:
        return TypeAdapter(dict[str, User]).validate_python(body)
    except ValidationError as error:
        raise ValueError(str(error)) from error
