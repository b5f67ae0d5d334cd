"""What only a request said is never written in clear: not as a key, a segment, a name in a query or a header's value."""

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tools.recorder import flight_recorder
from tools.recorder.flight_recorder import FlightRecorder, Words, note_call, route_of

Handler = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]

DATA = ("alice@example.com", "alice", "4111111111111111", "+49 30 1234567", "Jane Doe", "9f86d081884c7d65", "naïve")
"""What no application's code below says."""

REQUIRED = ("sku", "quantity")
CUSTOMERS = {"alice@example.com": {"tier": "gold"}, "alice": {"tier": "gold"}}
"""What an application keeps in its memory: somebody's name, and no word of its code."""


class Line:
    """A part of an order."""

    sku: str
    quantity: int
    gift: bool = False


@dataclass
class Route:
    """A route as Starlette's router has it."""

    path: str
    endpoint: Handler


@dataclass
class Router:
    """Takes a request by its template, as Starlette's router does, and says so in the scope."""

    routes: list[Route] = field(default_factory=list)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        scope["router"] = self
        for route in self.routes:
            wanted, parts = route.path.split("/"), scope["path"].split("/")
            if len(wanted) == len(parts) and all(a == b or "{" in a for a, b in zip(wanted, parts, strict=True)):
                named = {a.strip("{}").partition(":")[0]: b for a, b in zip(wanted, parts, strict=True) if "{" in a}
                # A converter may give a value that reads otherwise than the segment did.
                scope["endpoint"] = route.endpoint
                scope["path_params"] = {
                    name: int(value) if value.isdecimal() else value for name, value in named.items()
                }
                await route.endpoint(scope, receive, send)
                return
        await _answer(send, 404, {"detail": "not found"})


async def _answer(send: Any, status: int, body: object) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


async def order(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Reads what it knows, passes on what it does not, and fails."""
    body = json.loads((await receive())["body"] or b"{}")
    tier = CUSTOMERS.get(body.get("customer"), {}).get("tier")
    lines = [item for item in body.get("lines", ()) if all(name in item for name in REQUIRED)]
    note_call(
        method="POST",
        host="ann:hunter2@127.0.0.1:9",
        path=f"/stock/{body.get('customer')}",
        query=f"{body.get('customer')}=1&page=2",
        status=None,
        body=json.dumps(body).encode(),
        error=f"no {body.get('customer')}",
    )
    flight_recorder.read(f"held by {body.get('customer')}", lambda: 3)
    await _answer(send, 500, {"ok": False, "tier": tier, "lines": lines, "by": body})


def written(
    folder: Path, app: Handler, path: str = "/orders", query: bytes = b"", body: bytes = b"", **more: Any
) -> tuple[str, dict[str, Any]]:
    """The line of one request, as it stands in the file and read."""
    recorder = FlightRecorder(app, path=str(folder / "c.jsonl"), service="orders", version="v1", ok_every=1)

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(_message: Any) -> None:
        return None

    scope = {"type": "http", "method": "POST", "path": path, "query_string": query, "headers": [], **more}
    asyncio.run(recorder(scope, receive, send))
    assert recorder.dropped == 0
    text = (folder / "c.jsonl").read_text()
    (line,) = text.splitlines()
    return text, json.loads(line)


ROUTER = Router([Route("/orders", order), Route("/customers/{name}/orders/{number:int}", order)])


@pytest.mark.parametrize("said", DATA)
def test_what_only_a_request_said_is_nowhere_in_clear(tmp_path: Path, said: str) -> None:
    body = {
        "customer": said,
        said: 1,
        "lines": [{"sku": "x", "quantity": 1, said: {said: [said]}}],
        "notes": {said: said},
    }
    text, line = written(
        tmp_path,
        ROUTER,
        path=f"/customers/{said}/orders/007",
        query=f"{said}=1&{said}".encode(),
        body=json.dumps(body).encode(),
        headers=[
            (b"content-type", f"application/vnd.{said}+json; boundary={said}".encode()),
            (b"accept", f"text/{said}, text/html;level={said};q=0.5".encode()),
            (b"traceparent", f"00-{said}-b-01".encode()),
            (said.encode(), said.encode()),
        ],
    )
    shown = json.dumps(line, ensure_ascii=False)
    assert said not in text + shown
    assert said.replace("@", "%40") not in text
    assert "hunter2" not in text
    assert line["route"] == "POST /customers/{name}/orders/{number}"
    assert line["path"].startswith("/customers/")
    assert line["path"].split("/")[3] == "orders"
    assert line["path"].split("/")[4] != "007"


def test_control_what_the_code_says_stays_and_a_failure_can_be_repeated(tmp_path: Path) -> None:
    body = {"customer": None, "lines": [{"sku": "TEA-1", "quantity": None, "colour": "red"}], "notes": None}
    text, line = written(tmp_path, ROUTER, query=b"page=2", body=json.dumps(body).encode())
    assert list(line["body"])[:2] == ["customer", "lines"]
    assert list(line["body"]["lines"][0])[:2] == ["sku", "quantity"]
    assert line["body"]["lines"][0]["quantity"] is None
    assert len(line["body"]["lines"][0]) == 3
    assert "colour" not in text
    assert set(line["response"]) == {"ok", "tier", "lines", "by"}
    (call,) = line["calls"]
    assert (call["method"], call["host"]) == ("POST", "127.0.0.1:9")
    assert call["path"].startswith("/stock/")


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("application/json; charset=utf-8", "application/json; charset=utf-8"),
        ("application/vnd.acme.tenant-ada+json", "application/json"),
        ("text/html;q=0.9, */*;q=0.1", "text/html; q=0.9, */*; q=0.1"),
        ("multipart/form-data; boundary=alice", "multipart/form-data"),
        ("alice/bob", None),
        ("application/json; profile=alice; charset=alice", "application/json"),
    ],
)
def test_a_header_says_well_known_types_and_nothing_else(tmp_path: Path, header: str, shown: str | None) -> None:
    _, line = written(tmp_path, ROUTER, headers=[(b"Content-Type", header.encode()), (b"X-Alice", b"alice")])
    assert line["headers"] == ({} if shown is None else {"content-type": shown})


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/customers/alice/orders/007", "POST /customers/{name}/orders/{number}"),
        ("/customers/orders/orders/7", "POST /customers/{name}/orders/{number}"),
        ("/alice/nowhere", "POST *"),
    ],
)
def test_a_route_is_the_routers_template(tmp_path: Path, path: str, route: str) -> None:
    _, line = written(tmp_path, ROUTER, path=path)
    assert line["route"] == route
    assert line["path"] != path


def test_a_parameter_that_cannot_be_found_in_the_path_makes_no_label() -> None:
    """A converter made 7 of 007, and a path of several segments is one parameter."""
    scope = {"method": "GET", "path": "/a/007", "endpoint": 1, "path_params": {"id": 7}}
    assert route_of(scope) == "GET *"
    assert route_of({**scope, "path": "/files/alice/x", "path_params": {"rest": "alice/x"}}) == "GET *"
    assert route_of({**scope, "path": "/a/7"}) == "GET /a/{id}"
    assert route_of({**scope, "method": "ALICE", "path": "/a/7"}) == "OTHER /a/{id}"


def test_a_form_is_written_without_its_fields(tmp_path: Path) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await _answer(send, 500, None)

    text, line = written(tmp_path, app, body=b"username=alice&password=hunter2")
    assert "alice" not in text
    assert "password" not in text
    assert len(line["body"]) == 31


# --- what an application's code says


def test_words_come_from_code_classes_and_routes_and_not_from_memory() -> None:
    def reading(body: dict[str, Any], page_number: int = 1) -> Any:
        nested = {"answer": [body["deep"] for _ in range(page_number)]}
        return {"keyword": nested}, Line, REQUIRED, CUSTOMERS, body.get("kind") in ("tupled",)

    words = Words(functools.partial(reading))
    assert {"body", "page_number", "answer", "deep", "keyword", "sku", "quantity", "gift", "tupled"} <= words.keys
    assert not {"alice", "alice@example.com", "gold"} & words.keys


LAST = "nobody"


class Customers:
    """What an application remembers of its requests, in a class."""

    latest = "nobody"


async def remembering(_scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    global LAST
    message = await receive()
    (LAST,) = json.loads(message["body"])
    Customers.latest = LAST
    setattr(Customers, LAST, LAST)
    await send({"type": "http.response.start", "status": 500, "headers": []})


def test_what_a_first_request_leaves_in_memory_is_no_word(tmp_path: Path) -> None:
    """Servers may be told to leave the lifespan out."""
    said = "".join(("Jane", "Doe"))
    text, _ = written(tmp_path, remembering, path=f"/{said}", query=said.encode(), body=json.dumps({said: 1}).encode())
    assert said not in text
    assert said in Words(remembering).keys, "the control: looked for afterwards, it would be one"


def test_words_of_the_library_are_none_of_the_applications() -> None:
    assert Words(json.dumps).keys == flight_recorder.ANSWERS
    assert Words(Router([])).keys >= {"routes"}


def test_a_constant_that_names_somebody_is_no_name_of_a_field() -> None:
    def app() -> Any:
        return {"alice@example.com": 1, "4111111111111111": 2, "Jane Doe": 3, "+4930": 4, "id": 5}

    assert Words(app).keys - flight_recorder.ANSWERS == {"id"}


def test_names_of_fields_in_a_schema_beside_the_code_are_words(tmp_path: Path) -> None:
    schema = {"properties": {"iban": {"type": "object", "properties": {"bank": {}}}}, "$defs": {"mandate": {}}}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    (tmp_path / "broken.schema.json").write_text("{")
    space: dict[str, Any] = {"__name__": __name__}
    code = compile("def app(body): return body", str(tmp_path / "app.py"), "exec")
    exec(code, space)
    assert {"iban", "bank", "mandate"} <= Words(space["app"]).keys


def test_objects_that_bite_are_left_alone() -> None:
    class Proxy:
        @property  # type: ignore[misc]  # as werkzeug's proxies have it
        def __class__(self) -> Any:
            raise RuntimeError("working outside of request context")

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    class App:
        def __init__(self) -> None:
            self.proxy, self.itself, self.slots = Proxy(), self, object()

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            assert scope["known"]

    assert "known" in Words(App()).keys


# --- what can be wrapped


async def _asgi(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application."""


class _Called:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The same."""


def _wsgi(environ: Any, start_response: Any) -> Iterable[bytes]:
    return [b""]


class _Flask:
    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        return self.wsgi_app(environ, start_response)

    def wsgi_app(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        return [b""]


def _any(*args: Any, **kwargs: Any) -> Any:
    return _wsgi(*args, **kwargs)


def _wrapped(scope: Any, receive: Any, send: Any) -> Any:
    return _asgi(scope, receive, send)


REFUSED = (
    _wsgi,
    _Flask(),
    _Flask().wsgi_app,
    _any,
    lambda environ, start, more=None: [b""],
    _Called,
    None,
    "app",
    print,
    lambda scope: None,
)


@pytest.mark.parametrize("app", REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_asgi_application_is_refused_when_it_is_wrapped(tmp_path: Path, app: Any) -> None:
    with pytest.raises(TypeError, match="the flight recorder wraps ASGI applications"):
        FlightRecorder(app, path=str(tmp_path / "c.jsonl"), service="s", version="v")


@pytest.mark.parametrize("app", [_asgi, _Called(), functools.partial(_asgi), _wrapped, ROUTER, _Called().__call__])
def test_control_an_asgi_application_is_wrapped_however_it_is_made(tmp_path: Path, app: Any) -> None:
    recorder = FlightRecorder(app, path=str(tmp_path / "c.jsonl"), service="s", version="v")
    FlightRecorder(recorder, path=str(tmp_path / "d.jsonl"), service="s", version="v")
