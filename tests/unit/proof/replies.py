"""Values that the checks look at, with defaults for what a test does not care about."""

import hashlib
import json
from datetime import UTC, datetime

from pydantic import JsonValue

from incident.capture import Capture
from incident.evidence import Signature
from incident.proof import Reproduction
from tools import ports
from tools.proof.checks.trial import Batch, Place, Reply, Suite, Thrown

COMPONENT = ports.Component(service="orders", path="orders", app="orders.app:app", tests="orders/tests")
SIGNATURE = Signature(
    service="orders", route="POST /o", exception="TypeError", path="orders/a.py", function="price", line=7
)


def capture(**changed: object) -> Capture:
    fields: dict[str, object] = {
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "service": "orders",
        "version": "v1",
        "route": "POST /o",
        "trace_id": "t",
        "outcome": "ok",
        "status": 200,
        "method": "POST",
        "path": "/o",
        "response": {"cents": 5},
    }
    return Capture.model_validate({**fields, **changed})


FAILED = capture(outcome="failed", status=500, exception="TypeError", response=None)
REPRODUCTION = Reproduction(capture=FAILED, signature=SIGNATURE, base_commit="c0")


def reply(body: JsonValue = None, **changed: object) -> Reply:
    shown = {"cents": 9} if body is None else body
    fields: dict[str, object] = {
        "case": "0",
        "status": 200,
        "body": shown,
        "is_json": True,
        "sha256": hashlib.sha256(json.dumps(shown).encode()).hexdigest(),
    }
    return Reply.model_validate({**fields, **changed})


def thrown(kind: str = "TypeError", *frames: tuple[str, int, str]) -> Thrown:
    places = frames or (("orders/app.py", 3, "app"), ("orders/a.py", 7, "price"))
    found = tuple(Place(path=path, line=line, function=name, qualified=name) for path, line, name in places)
    return Thrown(type=kind, message="None is not subscriptable", frames=found)


FAILS = reply(None, status=None, raised=thrown(), sha256="")


def batch(*replies: Reply, **changed: object) -> Batch:
    return Batch.model_validate({"replies": replies, **changed})


def suite(exit_code: int = 0, **tests: str) -> Suite:
    return Suite(exit_code=exit_code, tests={name.replace("__", "."): (said, "why") for name, said in tests.items()})
