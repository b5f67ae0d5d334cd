"""Bugs in the hub.

Each is told again from a public project: `study` is its address, and `right` does what the real fix does (where only a
thread is known, what it asks for, marked "inferred").
"""

from pydantic import JsonValue

from evals.bench.repair.planted import Bug, Request, Traffic, post

BIP = "https://github.com/soarsmu/BugsInPy/tree/master/projects"
PYTER = "https://github.com/kupl/PyTER/tree/main/benchmark_info"
GH = "https://github.com"


def _badge(name: str, order: int | None) -> JsonValue:
    return {"badge": {"name": name, "order": order}}


def _form(interface: JsonValue, *, inside: bool = True) -> Request:
    return post("/forms", address={"address": "10.0.0.7", "nat_inside": {"interface": interface} if inside else None})


def _bot(trigger: str, content: str = "hello", email: str = "ada@example.com", realm: int = 4) -> Request:
    return post("/outgoing", trigger=trigger, message={"content": content, "sender": {"email": email, "realm": realm}})


def _chunk(text: str | None, **more: JsonValue) -> JsonValue:
    return {"choices": [{"delta": {"content": text}, **more}]}


DEVICE: JsonValue = {"device": {"site": "north", "name": "r1"}}

TRAFFIC = Traffic(
    service="hub",
    private=frozenset({"author"}),
    healthy=(
        post("/profiles", badges=[_badge("gold", 2), _badge("tin", 1)]),
        post("/profiles", badges=[]),
        post("/groups", entities={"light.a": {"name": "Lamp"}, "door.b": {"name": "Door"}}),
        post("/groups", entities={}),
        post("/trackers", now=1000, clients=[{"blocked": False, "last_seen": "900"}]),
        post(
            "/trackers", now=5000, clients=[{"blocked": False, "last_seen": 900}, {"blocked": True, "last_seen": 4999}]
        ),
        _form(None, inside=False),
        _form(DEVICE),
        post("/expired", certificates={"a.example": 1, "b.example": 2}, expired=[]),
        post("/expired", certificates={"a.example": 1}, expired=[7]),
        post("/alerts", ruleName="cpu", title="CPU load", state="alerting"),
        post("/alerts", ruleName="disk", title="Disk", state="ok"),
        _bot("private"),
        _bot("private", "bye", "joe@example.com", 9),
        post("/streams", chunks=[_chunk("a", finish_reason=None), _chunk("b", finish_reason="stop")], called=False),
        post("/streams", chunks=[_chunk("a", finish_reason=None)], called=True),
        post("/links", answer={"status": 200, "text": '{"url": "/f/1"}'}),
        post("/links", answer={"status": 404, "text": '{"message": "no such form"}'}),
    ),
)


BUGS: tuple[Bug, ...] = (
    Bug(
        name="real-pyter-core-32222",
        kind="TypeError: float of None, to count as no",
        study=f"{PYTER}/core/core-32222",
        service="hub",
        path="devices.py",
        function="connected",
        right="""\
    if client["last_seen"] is None:
        return False
    since""",
        wrong="    since",
        failing=post("/trackers", now=1000, clients=[{"blocked": False, "last_seen": None}]),
        hidden=(
            post(
                "/trackers",
                now=100,
                clients=[{"blocked": False, "last_seen": None}, {"blocked": False, "last_seen": 50}],
            ),
            post(
                "/trackers",
                now=200,
                clients=[{"blocked": False, "last_seen": 0}, {"blocked": False, "last_seen": None}],
            ),
        ),
    ),
    Bug(
        name="real-pyter-core-8065",
        kind="TypeError: None among what is sorted",
        study=f"{PYTER}/core/core-8065",
        service="hub",
        path="devices.py",
        function="grouped",
        right='key=lambda key: entities[key]["name"] or key',
        wrong='key=lambda key: entities[key]["name"]',
        failing=post("/groups", entities={"light.a": {"name": "Lamp"}, "door.b": {"name": None}}),
        hidden=(
            post("/groups", entities={"z": {"name": None}, "b": {"name": "m"}, "a": {"name": None}}),
            post("/groups", entities={"n": {"name": None}, "x": {"name": "a"}, "y": {"name": "z"}}),
        ),
    ),
    Bug(
        name="real-web-bytedeck-1432",
        kind="TypeError: None among what is sorted, to count as nought",
        study=f"{GH}/bytedeck/bytedeck/issues/1432",
        service="hub",
        path="devices.py",
        function="sorted_badges",
        right='item["badge"]["order"] or 0',
        wrong='item["badge"]["order"]',
        failing=post("/profiles", badges=[_badge("gold", 2), _badge("tin", None)]),
        hidden=(
            post("/profiles", badges=[_badge("a", None), _badge("b", -1), _badge("c", 1)]),
            post("/profiles", badges=[_badge("a", 1), _badge("b", None), _badge("c", None)]),
        ),
    ),
    Bug(
        name="real-web-zulip-20087",
        kind="KeyError: a payload of a newer kind",
        study=f"{GH}/zulip/zulip/issues/20087",
        service="hub",
        path="messages.py",
        function="topic",
        right="""\
    if "alerts" in payload:
        names = ", ".join(alert["labels"]["alertname"] for alert in payload["alerts"])
        return {"topic": names, "text": f"{payload['title']} ({payload['status']})"}
""",
        wrong="",
        failing=post("/alerts", title="[FIRING:1]", status="firing", alerts=[{"labels": {"alertname": "cpu"}}]),
        hidden=(
            post(
                "/alerts",
                title="[FIRING:2]",
                status="firing",
                alerts=[{"labels": {"alertname": "a"}}, {"labels": {"alertname": "b"}}],
            ),
        ),
    ),
    Bug(
        name="real-web-zulip-16415",
        kind="KeyError: the cause is where the value was made",
        study=f"{GH}/zulip/zulip/issues/16415",
        service="hub",
        path="messages.py",
        function="of_mention",
        right="""\
        "trigger": "mention",
        "content": message["content"],
        "sender": message["sender"]["email"],
        "sender_realm": message["sender"]["realm"],
""",
        wrong="""\
        "trigger": "mention",
        "content": message["content"],
        "sender": message["sender"]["email"],
""",
        failing=_bot("mention"),
        hidden=(_bot("mention", "x", "eve@example.com", 7), _bot("mention", "", "a@b", 0)),
    ),
    Bug(
        name="real-web-mitmproxy-4067",
        kind="RuntimeError: a mapping changed while it is gone over",
        study=f"{GH}/mitmproxy/mitmproxy/pull/4067",
        service="hub",
        path="devices.py",
        function="Certificates.expire",
        right="in list(self.by_name.items()):",
        wrong="in self.by_name.items():",
        failing=post("/expired", certificates={"a.example": 1, "b.example": 2}, expired=[1]),
        hidden=(
            post("/expired", certificates={"a": 1, "b": 1, "c": 2}, expired=[1]),
            post("/expired", certificates={"a": 1, "b": 2, "c": 3}, expired=[3, 1]),
        ),
    ),
    Bug(
        name="real-web-onadata-1247",
        kind="JSONDecodeError: a gateway's page for an answer",
        study=f"{GH}/onaio/onadata/issues/1247 (inferred)",
        service="hub",
        path="messages.py",
        function="form_address",
        right="""\
    if answer["status"] >= 500:
        raise Upstream
    found""",
        wrong="    found",
        failing=post("/links", answer={"status": 502, "text": "<html>Bad Gateway</html>"}),
        hidden=(
            post("/links", answer={"status": 504, "text": ""}),
            post("/links", answer={"status": 500, "text": "oops"}),
        ),
    ),
    Bug(
        name="real-web-netbox-1238",
        kind="TypeError: None in the middle of a path",
        study=f"{GH}/netbox-community/netbox/issues/1238 (inferred)",
        service="hub",
        path="devices.py",
        function="form",
        right='if inside and inside["interface"] is not None:',
        wrong="if inside:",
        failing=_form(None),
        hidden=(
            _form({"device": {"site": "s", "name": "x"}}),
            post("/forms", address={"address": "::1", "nat_inside": {"interface": None}}),
        ),
    ),
    Bug(
        name="real-web-openinterpreter-283",
        kind="KeyError: a key that not all answers have",
        study=f"{GH}/openinterpreter/openinterpreter/issues/283 (inferred)",
        service="hub",
        path="messages.py",
        function="ended",
        right='called or choice.get("finish_reason")',
        wrong='called or choice["finish_reason"]',
        failing=post("/streams", chunks=[_chunk("a"), _chunk("b", finish_reason="stop")], called=False),
        hidden=(
            post("/streams", chunks=[_chunk("a"), _chunk(None)], called=False),
            post("/streams", chunks=[_chunk("a"), _chunk("b", finish_reason=None), _chunk("c")], called=True),
        ),
    ),
)
