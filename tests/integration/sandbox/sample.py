"""A small service repository for proofs: plain ASGI, standard library only, one slip in `prices.discount`.

Requests without a `member` object fail with a TypeError; everything else works, and a tier that nobody knows has no
discount, which tells what guests pay.  `POST /orders` asks a price service before it can fail, and the stock service only
afterwards.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from incident.capture import Call, Capture
from incident.evidence import Missing, Signature
from incident.remedy import FileEdit, Patch
from tests.contract.repository import WithoutRemote
from tools import ports

PRICES_HOST = "127.0.0.1:18301"
STOCK_HOST = "stock.internal:9000"

APP = '''"""Orders over ASGI."""

import asyncio
import json
import logging
import os
import urllib.request

from services.orders import prices

log = logging.getLogger("orders")


def fetch(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=2) as answer:
        return json.loads(answer.read())


async def order(body):
    unit = await asyncio.to_thread(fetch, os.environ["PRICES_URL"] + "/prices/" + body["sku"])
    total = prices.total(body, unit["cents"])
    kept = await asyncio.to_thread(fetch, os.environ["STOCK_URL"] + "/reservations", {"sku": body["sku"]})
    return 200, {"order": body["id"], "total_cents": total, "reservation": kept["id"]}


async def quote(body):
    return 200, {"total_cents": prices.total(body, 100)}


ROUTES = {"/orders": order, "/quotes": quote}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    message = await receive()
    try:
        handler = ROUTES.get(scope["path"])
        status, body = (404, {"error": "no such route"}) if handler is None else await handler(json.loads(message["body"]))
    except Exception:
        log.exception("%s failed", scope["path"])
        raise
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
'''

PRICES = '''"""Prices."""

NO_DISCOUNT = 0


def total(body, unit_cents):
    """What an order costs."""
    return body["count"] * unit_cents * (100 - discount(body)) // 100


def discount(body):
    """Percent off.  Guests (no member) get NO_DISCOUNT."""
    return 10 if body["member"]["tier"] == "gold" else NO_DISCOUNT
'''

TESTS = """from services.orders import prices


def test_gold_members_pay_less():
    assert prices.total({"count": 2, "member": {"tier": "gold"}}, 100) == 180


def test_members_pay_the_price():
    assert prices.total({"count": 2, "member": {"tier": "basic"}}, 100) == 200
"""

BASE = {
    "services/__init__.py": "",
    "services/orders/__init__.py": "",
    "services/orders/app.py": APP,
    "services/orders/prices.py": PRICES,
    "services/orders/tests/__init__.py": "",
    "services/orders/tests/test_prices.py": TESTS,
    "README": "orders\n",
}
LINE = PRICES.splitlines().index('    return 10 if body["member"]["tier"] == "gold" else NO_DISCOUNT') + 1
RIGHT = PRICES.replace('body["member"]["tier"] == "gold"', '(body["member"] or {}).get("tier") == "gold"')
COMMIT = "b" * 40

COMPONENT = ports.Component(
    service="orders",
    path="services/orders",
    app="services.orders.app:app",
    tests="services/orders/tests",
)
SIGNATURE = Signature(
    service="orders",
    route="POST /orders",
    exception="TypeError",
    path="services/orders/prices.py",
    function="discount",
    line=LINE,
)


class Shelf(WithoutRemote):
    """A repository of one commit, held in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = dict(files)
        self.exports = 0

    def component(self, service: str) -> ports.Component | Missing:
        return COMPONENT if service == "orders" else Missing(reason="unknown")

    def files(self, commit: str, folder: str) -> tuple[str, ...]:
        return tuple(path for path in sorted(self._files) if path.startswith(folder))

    def text(self, commit: str, path: str) -> str:
        return self._files[path]

    def log(self, commit: str, folder: str, limit: int) -> tuple[ports.Commit, ...]:
        return ()

    def export(self, commit: str, target: str) -> None:
        self.exports += 1
        for path, text in self._files.items():
            (Path(target) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(target) / path).write_text(text)

    def diff(self, before: Mapping[str, str], after: Mapping[str, str]) -> str:
        return "diff"

    def branch(self, name: str) -> str | None:
        return None

    def commit(self, branch: str, base: str, files: Mapping[str, str], message: str) -> str:
        raise NotImplementedError


def runtime() -> ports.Runtime:
    """The system's interpreter, with pytest from our own environment copied to where everybody may read it."""
    place = Path("/var/tmp") / f"suture-tests-{os.getuid()}" / "site"
    if not (place / ".complete").exists():
        site = Path(sys.prefix) / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
        for name in ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments"):
            if (site / name).is_dir():
                shutil.copytree(site / name, place / name, dirs_exist_ok=True)
        shutil.copy(site / "py.py", place / "py.py")
        for folder in (place.parent, place):
            folder.chmod(0o755)
        (place / ".complete").touch()
    return ports.Runtime(
        python=system_python(),
        mounts=(str(place),),
        environment={
            "PYTHONPATH": f"/srv/checkouts/orders-v1:{place}",
            "PRICES_URL": f"http://{PRICES_HOST}",
            "STOCK_URL": f"https://{STOCK_HOST}",
            "LOG_FILE": "/srv/logs/orders.jsonl",
        },
    )


def system_python() -> str:
    """An interpreter that is there for everybody, of our own minor version (pytest is copied from ours)."""
    wanted = f"/usr/bin/python3.{sys.version_info.minor}"
    return wanted if Path(wanted).exists() else "/usr/bin/python3"


def same_minor() -> bool:
    """Whether the system's interpreter can use the copied pytest."""
    said = subprocess.run([system_python(), "--version"], capture_output=True, text=True, check=True).stdout
    return said.startswith(f"Python 3.{sys.version_info.minor}.")


def capture(route: str, body: JsonValue, *, failed: bool = False, **changed: object) -> Capture:
    """A recorded request; a failing order ended before it asked the stock service."""
    path = route.partition(" ")[2]
    price = Call(method="GET", host=PRICES_HOST, path="/prices/sku-1", status=200, body={"cents": 150})
    stock = Call(method="POST", host=STOCK_HOST, path="/reservations", status=200, body={"id": "r-1"})
    calls = () if path == "/quotes" else (price,) if failed else (price, stock)
    answer: JsonValue = {"total_cents": 7}
    if path == "/orders":
        answer = {"order": "o-9", "total_cents": 7, "reservation": "r-2"}
    fields: dict[str, object] = {
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "service": "orders",
        "version": "v1",
        "route": route,
        "trace_id": "t",
        "outcome": "failed" if failed else "ok",
        "status": 500 if failed else 200,
        "exception": "TypeError" if failed else None,
        "method": "POST",
        "path": path,
        "body": body,
        "calls": calls,
        "response": None if failed else answer,
    }
    return Capture.model_validate({**fields, **changed})


def order(member: JsonValue, **changed: object) -> dict[str, JsonValue]:
    """The body of an order."""
    return {"id": "o-1", "sku": "sku-1", "count": 3, "member": member}


GUEST = capture("POST /orders", order(None), failed=True)
HEALTHY = (
    capture("POST /orders", order({"tier": "gold"})),
    capture("POST /orders", order({"tier": "basic"})),
    capture("POST /quotes", order({"tier": "gold"})),
)


def patch(
    after: str,
    *more: FileEdit,
    path: str = "services/orders/prices.py",
    function: str = "discount",
    base: Mapping[str, str] = BASE,
) -> Patch:
    """A patch of the slip, with more edits beside it."""
    edit = FileEdit(path=path, before=base.get(path), after=after)
    return Patch(
        service="orders",
        base_commit=COMMIT,
        path=path,
        function=function,
        edits=(edit, *more),
        diff="diff",
        summary="guard",
    )
