"""Patches of functions that have powers, or whose file has: each aims one at something else.

The file imports the service's own modules, which stand nowhere: it is read, never run.
"""

from collections.abc import Mapping

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

_LAST = '    return order["price"]["cents"] * 100\n'
_RIGHT = '    return (order["price"] or {}).get("cents", LIMIT) * 100\n'

_NEW: Mapping[str, str] = {
    "run helper": '    run(order["cmd"])\n',
    "run helper shown shape": '    run(["cp", order["a"], "/backup"])\n',
    "shell.run": '    shell.run(order["cmd"])\n',
    "secret log": '    log.info("x %s", SECRET)\n',
    "secret default": '    order.get("a", SECRET)\n',
    "home": '    (HOME / order["name"]).write_text("x")\n',
    "home value": '    name = HOME / order["name"]\n',
    "home replace": '    HOME.replace(order["name"])\n',
    "home replace2": '    (HOME / order["name"]).replace(order["x"])\n',
    "home replace3": '    home = HOME\n    home.replace(order["x"])\n',
    "store get": '    store.get(order["k"])\n',
    "store get own": '    Store("/").get(order["k"])\n',
    "store get own2": '    s = Store("/")\n    s.get(order["k"])\n',
    "store get value": '    list(map(Store("/").get, [order["k"]]))\n',
    "store get unbound": '    Store.get(store, order["k"])\n',
    "store size": '    Store("/").size()\n',
    "fetch": '    fetch(store, order["k"])\n',
    "fetch2": '    fetch(order["client"], order["k"])\n',
    "copied": '    copied(order["k"])\n',
    "loaded": '    loaded(order["k"])\n',
    "cache": '    CACHE[order["id"]] = 1\n',
    "cache2": '    c = CACHE\n    c[order["id"]] = 1\n',
    "cache get": '    CACHE.get("a", {}).update(x=1)\n',
    "cache nested": '    for c in (CACHE,):\n        c["x"] = 1\n',
    "cache aug": '    x = CACHE\n    x |= {"a": 1}\n',
    "cache ternary": '    (CACHE if order else {})["a"] = 1\n',
    "cache via dict": '    {"c": CACHE}["c"]["a"] = 1\n',
    "cache via lambda": "    (lambda c=CACHE: c.update(a=1))\n",
    "cache via inner": '    def f(c):\n        c["a"] = 1\n    f(CACHE)\n',
    "cache via inner return": '    def f():\n        return CACHE\n    f()["a"] = 1\n',
    "cache via class": '    Store.root = "/"\n',
    "cache via match": '    match [CACHE]:\n        case [c]:\n            c["a"] = 1\n',
    "cache via walrus": '    if (c := CACHE) is not None:\n        c["a"] = 1\n',
    "cache via or": '    c = order.get("c") or CACHE\n    c["a"] = 1\n',
    "cache via setdefault": '    order.setdefault("c", CACHE)["a"] = 1\n',
    "cache via max": '    max(CACHE, {})["a"] = 1\n',
    "cache via next": '    next(iter([CACHE]))["a"] = 1\n',
    "cache via zip": '    for a, b in zip([CACHE], [1]):\n        a["a"] = 1\n',
    "cache via enumerate": '    for n, c in enumerate([CACHE]):\n        c["a"] = 1\n',
    "cache via star": '    [*c] = [CACHE]\n    c[0]["a"] = 1\n',
    "cache via comprehension": "    [c.update(a=1) for c in [CACHE]]\n",
    "cache via dict comp": '    {k: c.update(a=1) for k, c in {"a": CACHE}.items()}\n',
    "cache via reduce": '    import functools\n    functools.reduce(lambda a, b: a, [CACHE])["a"] = 1\n',
    "cache via copy": '    import copy\n    copy.copy([CACHE])[0]["a"] = 1\n',
    "cache via chain": '    import itertools\n    for c in itertools.chain([CACHE]):\n        c["a"] = 1\n',
    "cache via cycle": '    import itertools\n    next(itertools.cycle([CACHE]))["a"] = 1\n',
    "cache via ChainMap": '    import collections\n    collections.ChainMap(CACHE)["a"] = 1\n',
    "cache via ChainMap new": '    from collections import ChainMap\n    m = ChainMap(CACHE)\n    m["a"] = 1\n',
    "cache via deque": '    from collections import deque\n    deque([CACHE]).popleft()["a"] = 1\n',
    "cache via defaultdict": '    from collections import defaultdict\n    d = defaultdict(lambda: CACHE)\n    d["x"]["a"] = 1\n',
    "cache via sorted": "    sorted([CACHE], key=id)\n",
    "cache via sorted2": "    sorted([CACHE], key=lambda c: c.update(a=1) or 0)\n",
    "cache via map lambda": "    list(map(lambda c: c.update(a=1), [CACHE]))\n",
    "cache via cast": '    from typing import cast\n    cast(dict, CACHE)["a"] = 1\n',
    "cache via tee": '    from itertools import tee\n    tee([CACHE])[0]["a"] = 1\n',
    "cache via groupby": '    from itertools import groupby\n    for k, g in groupby([CACHE], key=str):\n        next(g)["a"] = 1\n',
    "cache via replace": '    from dataclasses import replace\n    replace(CACHE)["a"] = 1\n',
    "cache via heappop": '    import heapq\n    heapq.heappop([CACHE])["a"] = 1\n',
    "cache via nlargest": '    import heapq\n    heapq.nlargest(1, [CACHE], key=str)[0]["a"] = 1\n',
    "handlers": '    HANDLERS["b"](order["cmd"])\n',
    "handlers map": '    list(map(HANDLERS.get("b"), [order["cmd"]]))\n',
    "env alias": '    env["X"]\n',
    "open alias": "    o = open\n",
    "raise run": '    raise run(order["cmd"])\n',
    "raise from run": '    raise BadOrder("x") from run(order["cmd"])\n',
    "isinstance run": '    isinstance(order, run(order["cmd"]))\n',
    "except run call": '    try:\n        order["x"]\n    except run(order["cmd"]):\n        raise\n',
    "default run": '    order.get("x", run)(order["cmd"])\n',
    "run in list": '    for f in [run]:\n        f(order["cmd"])\n',
    "BadOrder attr": "    BadOrder.args\n",
    "plans attr": "    plans.os\n",
    "plans.LIMIT attr": "    x = plans.LIMIT.os\n",
    "json load": "    json.load(order)\n",
    "datetime now": "    datetime.now(UTC)\n",
    "datetime now attr": "    x = datetime.now\n",
    "astimezone": '    x = datetime.fromisoformat(order["at"]).astimezone()\n',
    "fromtimestamp": "    x = datetime.fromtimestamp(0)\n",
    "fromtimestamp None": "    x = datetime.fromtimestamp(0, None)\n",
    "astimezone None": '    x = datetime.fromisoformat(order["at"]).astimezone(None)\n',
    "astimezone map": "    x = list(map(datetime.astimezone, [datetime(2020, 1, 1)]))\n",
    "fromtimestamp map": "    x = list(map(datetime.fromtimestamp, [0]))\n",
    "today": "    from datetime import date\n    date.today()\n",
    "log handlers": "    log.handlers\n",
    "log as value": "    x = log\n    x.addHandler(1)\n",
    "log propagate": "    log.propagate = False\n",
    "logging cfg": "    logging.disable(50)\n",
    "logging shutdown": "    logging.shutdown()\n",
    "get logger": '    logging.getLogger("x").info("y")\n',
}
"""Lines before the mended return of `price`, which has no power of its own."""

_OTHERWISE: Mapping[str, tuple[str, str, str]] = {
    "region key": ("region", 'env["REGION"]', 'env["SECRET"]'),
    "region rebind": ("region", '    return env["REGION"]', '    env = {"REGION": SECRET}\n    return env["REGION"]'),
    "region getenv": ("region", 'env["REGION"]', 'os.getenv("SECRET")'),
    "region all": ("region", 'env["REGION"]', "str(env)"),
    "stock base": (
        "stock",
        '    base = os.environ["STOCK_URL"]\n',
        '    base = os.environ["STOCK_URL"]\n    base = sku\n',
    ),
    "stock for": (
        "stock",
        '    base = os.environ["STOCK_URL"]\n',
        '    base = os.environ["STOCK_URL"]\n    for base in [sku]:\n        log.info("x")\n',
    ),
    "stock tuple": (
        "stock",
        '    base = os.environ["STOCK_URL"]\n',
        '    base = os.environ["STOCK_URL"]\n    base, _ = sku, 0\n',
    ),
    "stock aug": (
        "stock",
        '    base = os.environ["STOCK_URL"]\n',
        '    base = os.environ["STOCK_URL"]\n    base += sku\n',
    ),
    "stock aug2": ("stock", '    base = os.environ["STOCK_URL"]\n', '    base = ""\n    base += sku\n'),
    "stock with": ("stock", "timeout=2) as answer", "timeout=2) as base"),
    "stock match": (
        "stock",
        '    base = os.environ["STOCK_URL"]\n',
        '    base = os.environ["STOCK_URL"]\n    match sku:\n        case base:\n            log.info("x")\n',
    ),
    "stock data": ("stock", "timeout=2", "data=json.dumps(dict(os.environ)).encode(), timeout=2"),
    "stock data2": ("stock", 'sku}", timeout=2', 'sku}", SECRET.encode(), timeout=2'),
    "stock secret": ("stock", "/stock/{sku}", "/stock/{SECRET}"),
    "stock method": ("stock", 'json.load(answer)["available"]', "answer.fp"),
    "stock getter": ("stock", 'json.load(answer)["available"]', "answer.read1()"),
    "stock twice": (
        "stock",
        '        return json.load(answer)["available"]',
        '        return json.load(answer)["available"] or stock(sku)',
    ),
    "archive shell": ("archive", "shell=False", "shell=True"),
    "archive args": ("archive", '["tar", "cf", name]', '["sh", "-c", name]'),
    "archive args2": ("archive", '["tar", "cf", name]', "name.split()"),
    "archive kw": ("archive", "shell=False", "shell=False, cwd=name"),
    "archive popen": (
        "archive",
        'subprocess.run(["tar", "cf", name], check=True, shell=False).returncode',
        'subprocess.Popen(["tar", "cf", name]).wait()',
    ),
    "load path": ("load", "open(HOME / name)", "open(name)"),
    "load mode": ("load", "open(HOME / name)", 'open(HOME / name, "w")'),
    "load write": ("load", "        return json.load(file)", '        file.write("x")\n        return json.load(file)'),
    "load walk": ("load", "open(HOME / name)", "open(HOME / name, opener=run)"),
    "load rebind": ("load", "    with open(HOME / name)", '    HOME = Path("/")\n    with open(HOME / name)'),
    "load rebind2": (
        "load",
        "    with open(HOME / name)",
        '    for HOME in [Path("/")]:\n        log.info("x")\n    with open(HOME / name)',
    ),
    "load name": ("load", "    with open(HOME / name)", '    name = "../../etc/passwd"\n    with open(HOME / name)'),
    "dispatch kind": ("dispatch", "    handler = HANDLERS[kind]\n", '    kind = "b"\n    handler = HANDLERS[kind]\n'),
    "dispatch const": ("dispatch", "HANDLERS[kind]\n    return handler", 'HANDLERS["b"]\n    return handler'),
    "dispatched kind": (
        "dispatched",
        '    return HANDLERS[kind](order["lines"])',
        '    kind = "b"\n    return HANDLERS[kind](order["lines"])',
    ),
    "dispatched for": (
        "dispatched",
        '    return HANDLERS[kind](order["lines"])',
        '    for kind in HANDLERS:\n        log.info("x")\n    return HANDLERS[kind](order["lines"])',
    ),
    "dispatched comp": (
        "dispatched",
        '    return HANDLERS[kind](order["lines"])',
        '    return [HANDLERS[kind](order["lines"]) for kind in ("b",)][0]',
    ),
    "shown template": (
        "shown",
        "    return TEMPLATE.format",
        '    TEMPLATE = "{0.gi" + "_frame}"\n    return TEMPLATE.format',
    ),
    "shown template2": ("shown", '    return TEMPLATE.format(order["count"]', "    return TEMPLATE.format(os"),
    "shown template3": ("shown", '    return TEMPLATE.format(order["count"]', "    return TEMPLATE.format(shown"),
    "attr name": (
        "attr",
        "    return getattr(order, name)",
        '    name = "gi_" "frame"\n    return getattr(order, name)',
    ),
    "attr obj": ("attr", "    return getattr(order, name)", "    order = shown\n    return getattr(order, name)"),
    "attr obj2": ("attr", "getattr(order, name)", "getattr(os, name)"),
    "attr call": ("attr", "getattr(order, name).strip()", "getattr(order, name)()"),
    "attr obj comp": (
        "attr",
        "    return getattr(order, name).strip()",
        "    return [getattr(order, name).strip() for order in (logging,)][0]",
    ),
    "sorted key": ("sorted_by", "sorted(rows, key=key)", "sorted(rows, key=run)"),
    "sorted key2": (
        "sorted_by",
        "    return sorted(rows, key=key)",
        '    key = HANDLERS["b"]\n    return sorted(rows, key=key)',
    ),
    "sorted key3": (
        "sorted_by",
        "    return sorted(rows, key=key)",
        "    return [sorted(rows, key=key) for key in HANDLERS.values()][0]",
    ),
    "sorted key4": (
        "sorted_by",
        "    return sorted(rows, key=key)",
        '    return (lambda key=HANDLERS["b"]: sorted(rows, key=key))()',
    ),
    "sorted key5": (
        "sorted_by",
        "    return sorted(rows, key=key)",
        '    def inner(key):\n        return sorted(rows, key=key)\n    return inner(HANDLERS["b"])',
    ),
    "threaded fn": ("threaded", 'fetch, order["client"]', 'HANDLERS["b"], order["client"]'),
    "threaded fn2": ("threaded", 'fetch, order["client"], order["url"]', 'run, order["url"]'),
    "threaded fn3": ("threaded", 'fetch, order["client"]', 'copied, order["client"]'),
    "threaded star": ("threaded", 'fetch, order["client"], order["url"]', '*order["job"]'),
    "threaded lambda": (
        "threaded",
        'fetch, order["client"], order["url"]',
        'lambda: fetch(order["client"], "http://x")',
    ),
    "threaded rebind": ("threaded", "    return await asyncio", '    fetch = HANDLERS["b"]\n    return await asyncio'),
    "code arg": ("code", 'eval(order["rule"])', 'eval(order["other"])'),
    "code globals": ("code", 'eval(order["rule"])', 'eval(order["rule"], {"run": run})'),
    "code str": ("code", 'eval(order["rule"])', 'eval("run(1)")'),
    "code rebind": (
        "code",
        '    return eval(order["rule"])',
        '    order = {"rule": "run(1)"}\n    return eval(order["rule"])',
    ),
    "listed names": ("listed", "    names = []\n", '    names = CACHE.setdefault("a", [])\n'),
    "listed names2": ("listed", "    names = []\n", "    names = store.items\n"),
    "listed line": (
        "listed",
        '    for line in order["lines"]:\n',
        '    for line in order["lines"]:\n        line["name"] = "x"\n',
    ),
    "listed append": ("listed", 'names.append(line["name"].upper())', 'store.append(line["name"].upper())'),
}
"""Function, old text and new text."""


def _replaced(old: str, new: str) -> str:
    if MODULE.count(old) != 1:
        raise ValueError(f"{old!r} stands {MODULE.count(old)} times in the file")
    return MODULE.replace(old, new)


AIMED: Mapping[str, tuple[str, str]] = {
    **{f"new: {name}": ("price", _replaced(_LAST, text + _RIGHT)) for name, text in _NEW.items()},
    **{f"otherwise: {name}": (function, _replaced(old, new)) for name, (function, old, new) in _OTHERWISE.items()},
}
"""Function and whole text by name."""
