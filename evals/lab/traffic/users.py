"""Requests of the shop's users: one pure function from a kind of user to a request at the gateway.

The data are the shop's own (its catalogue, its membership tiers, its vouchers); a unit test holds them together.
"""

import random
from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

SKUS: tuple[str, ...] = (
    *(f"TEA-{number:03}" for number in range(1, 10)),
    *(f"COF-{number:03}" for number in range(1, 10)),
    *(f"MUG-{number:03}" for number in range(1, 7)),
)
COUNTRIES = ("DE", "DE", "DE", "FR", "FR", "NL", "GB", "US")
CURRENCY = {"GB": "GBP", "US": "USD"}
TIERS = ("silver", "silver", "silver", "gold", "gold", "staff")
METHODS = ("card", "card", "card", "invoice", "transfer")
VOUCHERS: tuple[dict[str, JsonValue], ...] = (
    {"code": "SPRING10", "kind": "percent", "percent": 10, "minimum_cents": 2000},
    {"code": "FIVEOFF", "kind": "amount", "amount_cents": 500, "minimum_cents": 3000},
)
OPEN_VOUCHERS: tuple[dict[str, JsonValue], ...] = (
    {"code": "WELCOME15", "kind": "percent", "percent": 15},
    {"code": "THANKYOU3", "kind": "amount", "amount_cents": 300},
)


class UserRequest(BaseModel):
    """One request as it reaches the gateway."""

    model_config = ConfigDict(frozen=True)

    method: Literal["GET", "POST"]
    path: str
    body: dict[str, JsonValue] | None = None


def request(kind: str, rng: random.Random, n: int) -> UserRequest:
    """The request of the `n`-th arrival, who is a user of this kind.  Raises ValueError for an unknown kind."""
    make = _KINDS.get(kind)
    if make is None:
        raise ValueError(f"unknown kind of user {kind!r}; there are {', '.join(_KINDS)}")
    return make(rng, n)


def kinds() -> tuple[str, ...]:
    """Every kind of user, those of the ordinary mix first."""
    return tuple(_KINDS)


def _browse(rng: random.Random, _n: int) -> UserRequest:
    return UserRequest(method="GET", path=f"/products/{rng.choice(SKUS)}")


def _stock(rng: random.Random, _n: int) -> UserRequest:
    return UserRequest(method="GET", path=f"/stock/{rng.choice(SKUS)}")


def _quote_member(rng: random.Random, n: int) -> UserRequest:
    return _post("/quotes", _basket(rng, _member(rng, n)))


def _quote_guest(rng: random.Random, _n: int) -> UserRequest:
    return _post("/quotes", _basket(rng, None))


def _quote_voucher(rng: random.Random, n: int) -> UserRequest:
    return _post("/quotes", _basket(rng, _member(rng, n)) | {"voucher": dict(rng.choice(VOUCHERS))})


def _quote_open_voucher(rng: random.Random, n: int) -> UserRequest:
    return _post("/quotes", _basket(rng, _member(rng, n)) | {"voucher": dict(rng.choice(OPEN_VOUCHERS))})


def _quote_partner(rng: random.Random, n: int) -> UserRequest:
    return _post("/quotes", _basket(rng, _customer(rng, n, None)))


def _order_member(rng: random.Random, n: int) -> UserRequest:
    return _post("/orders", _basket(rng, _member(rng, n)) | {"reference": f"r{n:08}"})


def _order_guest(rng: random.Random, n: int) -> UserRequest:
    return _post("/orders", _basket(rng, None) | {"reference": f"r{n:08}"})


def _post(path: str, body: dict[str, JsonValue]) -> UserRequest:
    return UserRequest(method="POST", path=path, body=body)


def _basket(rng: random.Random, customer: dict[str, JsonValue] | None) -> dict[str, JsonValue]:
    country = str(customer["country"]) if customer else rng.choice(COUNTRIES)
    items: list[JsonValue] = [
        {"sku": sku, "quantity": rng.randint(1, 3)} for sku in rng.sample(SKUS, rng.choice((1, 2, 2, 3)))
    ]
    return {
        "customer": customer,
        "country": country,
        "currency": CURRENCY.get(country, "EUR"),
        "method": rng.choice(METHODS),
        "items": items,
        "voucher": None,
    }


def _member(rng: random.Random, n: int) -> dict[str, JsonValue]:
    since = f"20{rng.randint(18, 24)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    return _customer(rng, n, {"tier": rng.choice(TIERS), "since": since})


def _customer(rng: random.Random, n: int, membership: dict[str, JsonValue] | None) -> dict[str, JsonValue]:
    number = rng.randint(10_000, 99_999)
    return {
        "id": f"c{number}",
        "email": f"user{number}.{n}@example.org",
        "country": rng.choice(COUNTRIES),
        "membership": membership,
    }


_KINDS: dict[str, Callable[[random.Random, int], UserRequest]] = {
    "browse": _browse,
    "stock": _stock,
    "quote_member": _quote_member,
    "quote_guest": _quote_guest,
    "quote_voucher": _quote_voucher,
    "order_member": _order_member,
    "order_guest": _order_guest,
    "quote_partner": _quote_partner,
    "quote_open_voucher": _quote_open_voucher,
}
