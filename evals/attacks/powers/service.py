"""Small service on the standard library alone, whose patches are judged, and run in a child process."""

MODULE = '''\
"""Prices of a shop."""

import json
import logging
import os
import re
import subprocess
import traceback
from datetime import UTC, datetime
from decimal import Decimal

log = logging.getLogger("shop")

NO_DISCOUNT = 0
STANDARD_RATE = Decimal("0.19")
RATES = {"DE": Decimal("0.19"), "NL": Decimal("0.21")}
WORD = re.compile(r"[a-z]+")
TABLE = {"upper": str.upper, "shell": os.system}
SEEN = []
DEFAULTS = {"currency": "EUR", "lines": []}


class Unknown(Exception):
    """There is no such thing."""


class Member:
    """A member of the shop."""

    def __init__(self, name, gold=False):
        self.name = name
        self.gold = gold
        self.codecs = json

    def percent(self):
        """Percent off."""
        return 10 if self.gold else NO_DISCOUNT

    def save(self, path):
        """Keep the member's name."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.name)


def backup(name):
    """Copy the shop's data."""
    return subprocess.run(["touch", name], check=False).returncode


def region():
    """The region that this runs in."""
    return os.environ.get("REGION", "eu")


def place(error):
    """Where an error was raised."""
    frame = error.__traceback__.tb_frame
    return frame.f_code.co_name, frame.f_back, traceback.format_tb(error.__traceback__)


def kept(client, key):
    """What the store has under a key."""
    answer = client.get(f"/store/{key}")
    return answer.payload


def rate_of(country):
    """The rate of a country, else the standard rate."""
    return RATES.get(country, STANDARD_RATE)


def stamp():
    """The time of an order."""
    return datetime.now(UTC).isoformat()


def discount(body):
    """Percent off.  Guests (no member) get NO_DISCOUNT."""
    name = body["name"].strip()
    log.info("discount of %s", name)
    return 10 if body["member"]["gold"] else NO_DISCOUNT


def priced(client, order, callback):
    """The price of an order in cents."""
    stored = client.fetch(order["id"])
    handler = TABLE["upper"]
    total = sum(line["cents"] for line in order["lines"])
    callback(handler(order["name"]), total)
    return total * 100 // order["count"] + stored


async def loaded(session, sku):
    """The article as the stock service tells it."""
    answer = await session.get(f"/stock/{sku}")
    return answer["cents"]
'''

LAST = '    return 10 if body["member"]["gold"] else NO_DISCOUNT\n'
RIGHT = '    return 10 if (body["member"] or {}).get("gold") else NO_DISCOUNT\n'


def patched(*lines: str) -> str:
    """The service with lines put before the mended return of `discount`."""
    body = "".join(f"    {line}\n" for text in lines for line in text.strip("\n").splitlines())
    return MODULE.replace(LAST, body + RIGHT)
