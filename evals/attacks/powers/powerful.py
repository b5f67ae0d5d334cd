"""The text of a file whose functions have powers; it is read, never run."""

MODULE = '''\
"""Articles of a shop."""

import asyncio
import json
import logging
import os
import subprocess
import urllib.request
from datetime import UTC, datetime
from os import environ as env
from pathlib import Path

from services.shop import plans, shell, settings
from services.shop.shell import run
from services.shop.errors import BadOrder

log = logging.getLogger(__name__)
SECRET = os.environ["SECRET"]
HOME = Path("/var/shop")
HANDLERS = {"a": len, "b": run}
TEMPLATE = "{0} of {1}"
CACHE = {}
LIMIT = plans.LIMIT


class Store:
    def __init__(self, root):
        self.root = root
        self.items = {}

    def get(self, key):
        return Path(self.root, key).read_text()

    def put(self, key, value):
        Path(self.root, key).write_text(value)

    def size(self):
        return len(self.items)

    def price(self, key):
        return self.items[key]["price"] or 0


def copied(name):
    return run(["cp", name, "/backup"])


def other(cmd):
    return shell.run(cmd)


def connect():
    return settings.DB_URL


def fetch(client, url):
    return client.get(url)


def loaded(name):
    with open(name) as file:
        return file.read()


def load(name):
    with open(HOME / name) as file:
        return json.load(file)


def region():
    return env["REGION"].split("-")[0]


def stock(sku):
    base = os.environ["STOCK_URL"]
    with urllib.request.urlopen(f"{base}/stock/{sku}", timeout=2) as answer:
        return json.load(answer)["available"]


def archive(name):
    return subprocess.run(["tar", "cf", name], check=True, shell=False).returncode


def dispatch(kind, order):
    handler = HANDLERS[kind]
    return handler(order["lines"])


def dispatched(kind, order):
    return HANDLERS[kind](order["lines"])


def shown(order):
    return TEMPLATE.format(order["count"], order["name"])


def attr(order, name):
    return getattr(order, name).strip()


def sorted_by(rows, key):
    return sorted(rows, key=key)


def listed(order, store):
    names = []
    for line in order["lines"]:
        names.append(line["name"].upper())
    return names


def price(order, store):
    return order["price"]["cents"] * 100


async def threaded(order):
    return await asyncio.to_thread(fetch, order["client"], order["url"])


def code(order):
    return eval(order["rule"])


def moment(order):
    return datetime.fromisoformat(order["at"]).astimezone(UTC)
'''
