"""The flight recorder: what it keeps, what it hides, and that it never gets in the way."""

import asyncio
import itertools
import json
import os
import re
import stat
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from incident.capture import Capture, shape
from tools.recorder import flight_recorder
from tools.recorder.flight_recorder import FlightRecorder, StandIns, Tape, Words

SALT = b"0123456789abcdef"
NOTHING = Words(None)
"""What the code of no application says."""
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**15), max_value=10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
SECRET = st.text(alphabet=st.characters(min_codepoint=48, max_codepoint=122, categories=["L", "N"]), min_size=8)
Handler = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


class Wall:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def answering(status: int, body: bytes = b'{"ok":true}', *, then: Exception | None = None) -> Handler:
    """An application that reads the body, makes one call and one read, answers, and raises if told to."""

    async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        scope["endpoint"], scope["path_params"] = app, {"id": "42"}
        fields = ("who", "tier", "n", "left", "token", "ok", "x")  # what it would read and answer
        assert fields
        while (await receive()).get("more_body"):
            pass
        flight_recorder.note_call(
            method="GET", host="127.0.0.1:9", path="/stock/42", query="", status=200, body=b'{"left":7}', error=None
        )
        flight_recorder.read("now", lambda: 1234.5)
        if status:
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": body})
        if then is not None:
            raise then

    return app


async def ask(app: Handler, body: bytes = b'{"who":"Alice Smith","tier":"gold","n":null}') -> list[Any]:
    """Send ``POST /orders/42?token=s3cret&tier=gold`` and collect what is sent back."""
    sent: list[Any] = []
    chunks = [{"type": "http.request", "body": body[:5], "more_body": True}, {"type": "http.request", "body": body[5:]}]

    async def receive() -> Any:
        return chunks.pop(0) if chunks else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/orders/42",
        "query_string": b"token=s3cret&tier=gold",
        "headers": [(b"Authorization", b"Bearer s3cret"), (b"content-type", b"application/json")],
    }
    await app(scope, receive, send)
    return sent


def recorder(path: Path, app: Handler, **changed: Any) -> FlightRecorder:
    settings: dict[str, Any] = {"keep": frozenset({"tier", "left", "now"}), "ok_every": 0, "clock": Wall()} | changed
    return FlightRecorder(app, path=str(path), service="orders", version="v1", **settings)


def recorded(path: Path) -> list[Capture]:
    return [Capture.model_validate_json(line) for line in path.read_text().splitlines()] if path.exists() else []


# --- stand-ins


@given(JSON)
def test_a_stand_in_has_the_shape_of_what_it_replaces(value: Any) -> None:
    known = Words(None)
    known.keys |= names(value)
    assert shape(StandIns(SALT, frozenset(), known).json(value)) == shape(value)


@given(JSON)
def test_where_no_name_is_known_the_shape_differs_in_the_names_alone(value: Any) -> None:
    assert nameless(hidden(value)) == nameless(value)


def names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {*value, *(name for item in value.values() for name in names(item))}
    return {name for item in value for name in names(item)} if isinstance(value, list) else set()


def nameless(value: Any) -> Any:
    """Types, and the lengths of names, in order."""
    if isinstance(value, dict):
        return [(len(name), nameless(item)) for name, item in value.items()]
    return [nameless(item) for item in value] if isinstance(value, list) else type(value)


def hidden(value: Any) -> Any:
    """The value as it is written where nothing is allowed and no name is known; short names may run out of stand-ins."""
    try:
        return StandIns(SALT, frozenset(), NOTHING).json(value)
    except ValueError:
        return value


@given(JSON)
def test_lengths_signs_and_number_types_are_kept(value: Any) -> None:
    for old, new in zip(leaves(value), leaves(hidden(value)), strict=True):
        assert type(old) is type(new)
        if isinstance(old, str):
            assert len(old) == len(new)
        elif isinstance(old, (int, float)) and not isinstance(old, bool):
            assert (old > 0, old < 0) == (new > 0, new < 0)


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


@given(SECRET, JSON)
def test_a_secret_does_not_survive_wherever_it_stands(secret: str, rest: Any) -> None:
    assume(secret not in json.dumps(rest))
    try:
        written = StandIns(SALT, frozenset(), NOTHING).json(
            {"a": secret, "b": [secret, {"c": secret}], secret: {"e": secret}, "d": rest}
        )
    except ValueError:  # short names may run out of stand-ins, and then nothing is written
        return
    assert secret not in json.dumps(written, ensure_ascii=False)


@given(SECRET)
def test_control_an_allow_listed_field_is_kept(secret: str) -> None:
    values = StandIns(SALT, frozenset({"tier"}), NOTHING)
    assert values.json({"tier": secret, "n": [{"tier": [secret]}]})["tier"] == secret
    assert values.json([{"tier": [secret]}]) == [{"tier": [secret]}]
    assert values.json([secret]) != [secret]


def test_a_name_that_stands_in_clear_as_a_listed_value_stays() -> None:
    """Totals by category must still be found by category."""
    values = StandIns(SALT, frozenset({"tier"}), NOTHING)
    said = {"tier": "gold", "sums": {"gold": 1, "alice": 2}}
    values.meet(said)
    (tier, sums) = values.json(said).values()
    assert (tier, "gold" in sums, "alice" in sums) == ("gold", True, False)
    assert "gold" not in StandIns(SALT, frozenset(), NOTHING).json({"gold": 1})


@given(st.text(min_size=1, max_size=20))
def test_the_same_value_has_the_same_stand_in_within_a_capture_and_another_in_the_next(value: str) -> None:
    one = StandIns(SALT, frozenset(), NOTHING)
    assert next(iter(one.json({"a": value}).values())) == one.json([value])[0] == one.text(value)
    if sum(char.isalnum() and char.isascii() for char in value) >= 12:
        others = (StandIns(bytes([salt]) * 16, frozenset(), NOTHING) for salt in range(4))
        assert any(other.text(value) != one.text(value) for other in others)


@given(st.text(min_size=1, max_size=20).filter(lambda text: text not in NOTHING.keys))
def test_a_text_has_one_stand_in_as_a_name_and_as_a_value(text: str) -> None:
    """What an id chooses among things by name must still be found."""
    said = {"chosen": text, "things": {text: 1}}
    values = StandIns(SALT, frozenset(), NOTHING, names=b"another salt")
    values.meet(said)
    (chosen, things) = values.json(said).values()
    assert list(things) == [chosen]


def test_names_of_one_object_stay_apart_and_run_out_at_last() -> None:
    values = StandIns(SALT, frozenset(), NOTHING)
    assert len(values.json({str(digit): 1 for digit in range(8)})) == 8
    with pytest.raises(ValueError, match="told apart"):
        values.json({"@": 1, "*": 2, "!": 3})


def test_a_name_keeps_its_stand_in_from_one_request_to_the_next_and_a_value_does_not() -> None:
    """Requests of one kind have one shape."""
    one, two = (StandIns(bytes([salt]) * 16, frozenset(), NOTHING, names=SALT) for salt in (1, 2))
    assert list(one.json({"someone@example.com": 1})) == list(two.json({"someone@example.com": 1}))
    assert one.text("someone@example.org") != two.text("someone@example.org")


@given(st.integers(min_value=1, max_value=10**12))
def test_an_id_matches_whether_it_is_a_number_or_a_string(number: int) -> None:
    values = StandIns(SALT, frozenset(), NOTHING)
    assert str(values.json(number)) == values.json(str(number))
    assert values.json(number) != number


@given(st.datetimes(), st.sampled_from(["", "Z", "+02:00"]))
def test_a_date_stays_a_date(moment: Any, zone: str) -> None:
    values = StandIns(SALT, frozenset(), NOTHING)
    type(moment).fromisoformat(values.text(moment.isoformat() + zone))
    type(moment.date()).fromisoformat(values.text(moment.date().isoformat()))


def test_paths_keep_what_the_code_says_and_follow_the_bodies() -> None:
    known = Words(None)
    known.segments |= {"orders", "lines", "people", "health"}
    known.keys |= {"order", "sku", "name"}
    values = StandIns(SALT, frozenset({"sku"}), known)
    body = values.json({"order": "o-77", "sku": "TEA-001", "name": "smith"})
    assert values.path("/orders/o-77/lines/TEA-001", {}) == f"/orders/{body['order']}/lines/TEA-001"
    assert values.path("/people/smith", {}) == f"/people/{body['name']}"
    assert values.path("/people/people", {"who": "people"}) == "/" + "/".join([values.text("people")] * 2)
    assert values.path("/people/people", {"who": "people"}, fixed=[1]) == "/people/" + values.text("people")
    assert values.path("/jones/health", {}) == f"/{values.text('jones')}/health"


# --- the middleware


def test_a_request_that_raises_is_recorded_and_raises_all_the_same(tmp_path: Path) -> None:
    app = recorder(tmp_path / "c.jsonl", answering(0, then=KeyError("secret word")))
    with pytest.raises(KeyError):
        asyncio.run(ask(app))
    (capture,) = recorded(tmp_path / "c.jsonl")
    assert (capture.outcome, capture.status, capture.exception) == ("failed", 500, "KeyError")
    assert capture.route == "POST /orders/{id}"
    assert "secret word" not in (tmp_path / "c.jsonl").read_text()


def test_a_failing_answer_is_recorded_with_its_calls_and_reads(tmp_path: Path) -> None:
    sent = asyncio.run(ask(recorder(tmp_path / "c.jsonl", answering(503))))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    (capture,) = recorded(tmp_path / "c.jsonl")
    assert isinstance(capture.body, dict)
    assert (capture.body["tier"], capture.body["n"]) == ("gold", None)
    assert capture.body["who"] != "Alice Smith"
    (call,) = capture.calls
    assert (call.host, call.status, call.body) == ("127.0.0.1:9", 200, {"left": 7})
    assert call.path.split("/")[2] == capture.path.split("/")[2] != "42"
    assert [(read.name, read.value) for read in capture.reads] == [("now", 1234.5)]
    assert capture.response == {"ok": True}
    assert not capture.truncated


def test_nothing_secret_is_written(tmp_path: Path) -> None:
    asyncio.run(ask(recorder(tmp_path / "c.jsonl", answering(500))))
    text = (tmp_path / "c.jsonl").read_text()
    assert "s3cret" not in text
    assert "Alice" not in text
    assert "uthorization" not in text
    assert "token=" in text
    assert "tier=gold" in text


def test_good_requests_are_sampled_and_failing_ones_are_not(tmp_path: Path) -> None:
    good = recorder(tmp_path / "good.jsonl", answering(200), ok_every=20)
    bad = recorder(tmp_path / "bad.jsonl", answering(500), ok_every=20)
    for _ in range(41):
        asyncio.run(ask(good))
        asyncio.run(ask(bad))
    assert [capture.outcome for capture in recorded(tmp_path / "good.jsonl")] == ["ok", "ok", "ok", "ok"]
    assert len(recorded(tmp_path / "bad.jsonl")) == 41


def test_a_rare_kind_of_good_request_is_seen_among_many_ordinary_ones(tmp_path: Path) -> None:
    clock = Wall()
    app = recorder(tmp_path / "c.jsonl", answering(200), ok_every=1_000, clock=clock)
    for second in range(3):
        clock.now += 1.5
        for _ in range(100):
            asyncio.run(ask(app))
        asyncio.run(ask(app, b'{"who":null}'))
        assert sum(capture.body == {"who": None} for capture in recorded(tmp_path / "c.jsonl")) == second + 1
    assert len(recorded(tmp_path / "c.jsonl")) == 3 * 2 + 1  # each shape once a second, and the first of the sample


@pytest.mark.parametrize("body", [b"\xff\xfe" * 9, b"[" * 5000])
def test_an_unreadable_body_of_a_good_request_is_a_shape_and_not_a_loss(tmp_path: Path, body: bytes) -> None:
    app = recorder(tmp_path / "c.jsonl", answering(200), ok_every=1_000)
    for _ in range(3):
        asyncio.run(ask(app, body))
    assert app.dropped == 0
    assert len(recorded(tmp_path / "c.jsonl")) == 2


def test_no_good_request_is_recorded_when_sampling_is_off(tmp_path: Path) -> None:
    asyncio.run(ask(recorder(tmp_path / "c.jsonl", answering(200), ok_every=0)))
    assert recorded(tmp_path / "c.jsonl") == []


def test_a_client_that_went_away_is_no_failure(tmp_path: Path) -> None:
    asyncio.run(ask(recorder(tmp_path / "c.jsonl", answering(0))))
    assert recorded(tmp_path / "c.jsonl") == []


def test_a_storm_is_cut_to_so_many_a_second(tmp_path: Path) -> None:
    clock = Wall()
    app = recorder(tmp_path / "c.jsonl", answering(500), clock=clock)
    for _ in range(flight_recorder.MAX_FAILED + 10):
        asyncio.run(ask(app))
    assert len(recorded(tmp_path / "c.jsonl")) == flight_recorder.MAX_FAILED
    assert app.dropped == 10
    clock.now += 1
    asyncio.run(ask(app))
    assert len(recorded(tmp_path / "c.jsonl")) == flight_recorder.MAX_FAILED + 1


@pytest.mark.parametrize("where", ["body", "response"])
def test_what_is_too_long_is_marked_as_truncated(tmp_path: Path, where: str) -> None:
    big = json.dumps({"x": "y" * flight_recorder.MAX_BODY}).encode()
    app = recorder(tmp_path / "c.jsonl", answering(500, big if where == "response" else b"{}"))
    asyncio.run(ask(app, big if where == "body" else b"{}"))
    assert recorded(tmp_path / "c.jsonl")[0].truncated
    assert len((tmp_path / "c.jsonl").read_bytes()) <= flight_recorder.MAX_LINE


def test_many_calls_are_cut_and_the_line_stays_bounded(tmp_path: Path) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for _ in range(flight_recorder.MAX_CALLS + 1):
            note: dict[str, Any] = {
                "method": "GET",
                "host": "h:1",
                "path": "/a",
                "query": "",
                "status": 200,
                "error": None,
            }
            flight_recorder.note_call(**note, body=json.dumps("z" * 60_000).encode())
        await answering(500)(scope, receive, send)

    asyncio.run(ask(recorder(tmp_path / "c.jsonl", app)))
    (capture,) = recorded(tmp_path / "c.jsonl")
    assert capture.truncated
    assert len(capture.calls) == flight_recorder.MAX_CALLS
    assert len((tmp_path / "c.jsonl").read_bytes()) <= flight_recorder.MAX_LINE


@pytest.mark.parametrize("body", [b"\xff\xfe", b'{"x": NaN}', b"[" * 5000])
def test_a_body_that_is_no_json_and_no_text_does_not_disturb_anybody(tmp_path: Path, body: bytes) -> None:
    assert len(asyncio.run(ask(recorder(tmp_path / "c.jsonl", answering(500)), body))) == 2
    (capture,) = recorded(tmp_path / "c.jsonl")
    assert capture.truncated or isinstance(capture.body, str)


def test_a_recorder_that_cannot_write_counts_and_lets_the_request_pass(tmp_path: Path) -> None:
    app = recorder(tmp_path / "missing" / "c.jsonl", answering(500))
    assert len(asyncio.run(ask(app))) == 2
    assert app.dropped == 1


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("mine")
    (tmp_path / "c.jsonl").symlink_to(tmp_path / "target")
    app = recorder(tmp_path / "c.jsonl", answering(500))
    asyncio.run(ask(app))
    assert (tmp_path / "target").read_text() == "mine"
    assert app.dropped == 1


def test_an_application_that_is_not_http_passes_through(tmp_path: Path) -> None:
    seen: list[str] = []

    async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    async def nothing(_message: Any = None) -> Any:
        return None

    asyncio.run(recorder(tmp_path / "c.jsonl", app)({"type": "lifespan"}, nothing, nothing))
    assert seen == ["lifespan"]


def test_requests_that_overlap_keep_their_calls_apart(tmp_path: Path) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        while message.get("more_body"):
            message = await receive()
        await asyncio.sleep(0)
        await answering(500)(scope, receive, send)

    async def both() -> None:
        recording = recorder(tmp_path / "c.jsonl", app)
        await asyncio.gather(ask(recording), ask(recording))

    asyncio.run(both())
    assert [len(capture.calls) for capture in recorded(tmp_path / "c.jsonl")] == [1, 1]


# --- reads


def test_a_replayed_read_gives_what_was_noted_in_order() -> None:
    with flight_recorder.replay(
        [{"name": "id", "value": "a"}, {"name": "now", "value": 1}, {"name": "id", "value": "b"}]
    ):
        assert [flight_recorder.read("id", lambda: "fresh") for _ in range(2)] == ["a", "b"]
        assert flight_recorder.read("now", lambda: 99) == 1
        with pytest.raises(flight_recorder.NothingRecorded):
            flight_recorder.read("id", lambda: "fresh")
    assert flight_recorder.read("id", lambda: "fresh") == "fresh"


def test_a_call_outside_of_a_request_is_nobodys() -> None:
    flight_recorder.note_call(method="GET", host="h:1", path="/", query="", status=200, body=b"", error=None)
    assert flight_recorder.read("now", lambda: 5) == 5


@pytest.mark.parametrize(
    ("scope", "route"),
    [
        ({"method": "GET", "path": "/a/b", "endpoint": 1}, "GET /a/b"),
        ({"method": "GET", "path": "/a/7", "endpoint": 1, "path_params": {"id": 7}}, "GET /a/{id}"),
        ({"method": "GET", "path": "/guess/me"}, "GET *"),
    ],
)
def test_a_route_is_a_template_and_guesses_share_one(scope: dict[str, Any], route: str) -> None:
    assert flight_recorder.route_of(scope) == route


def test_the_trace_id_comes_from_the_caller_or_from_the_service(tmp_path: Path) -> None:
    async def traced(scope: Any, receive: Any, send: Any) -> None:
        scope["headers"].append((b"traceparent", b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"))
        await answering(500)(scope, receive, send)

    asyncio.run(ask(recorder(tmp_path / "a.jsonl", traced)))
    asyncio.run(ask(recorder(tmp_path / "b.jsonl", traced, trace_id=lambda: "ours")))
    assert recorded(tmp_path / "a.jsonl")[0].trace_id == "a" * 32
    assert recorded(tmp_path / "b.jsonl")[0].trace_id == "ours"


# --- the file


def test_the_file_is_its_owners_only_even_if_it_was_there(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text("")
    path.chmod(0o644)
    Tape(str(path), Wall()).append(b"{}\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_file_moves_aside_and_only_one_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    tape = Tape(str(path), Wall())
    line = b"x" * (flight_recorder.MAX_FILE // 2) + b"\n"
    for _ in range(5):
        tape.append(line)
    tape.close()
    assert sorted(item.name for item in tmp_path.iterdir()) == ["c.jsonl", "c.jsonl.1"]
    assert all(item.stat().st_size <= flight_recorder.MAX_FILE for item in tmp_path.iterdir())


def test_no_line_lives_longer_than_a_day(tmp_path: Path) -> None:
    clock, path = Wall(), tmp_path / "c.jsonl"
    tape = Tape(str(path), clock)
    written: dict[bytes, float] = {}
    for hour in itertools.count():
        clock.now = 1_700_000_000.0 + hour * 3600
        tape.sweep()
        alive = {line for item in tmp_path.iterdir() for line in item.read_bytes().splitlines()}
        assert all(clock.now - written[line] <= flight_recorder.MAX_AGE + 3600 for line in alive)
        line = b"%d" % hour
        tape.append(line + b"\n")
        written[line] = clock.now
        for item in tmp_path.iterdir():  # the file system's times follow the test's clock
            if item.name == "c.jsonl":
                os.utime(item, (clock.now, clock.now))
        if hour > 80:
            break
    assert len(alive) >= 12


def test_two_that_write_at_once_have_a_file_each_and_lose_nothing(tmp_path: Path) -> None:
    """Two workers of one service are given one path."""
    path = tmp_path / "orders.v1.4711.jsonl"
    tapes = [Tape(str(path), Wall()) for _ in range(3)]
    line = b"x" * (flight_recorder.MAX_FILE // 3) + b"\n"
    for number in range(3):
        for at, tape in enumerate(tapes):
            tape.append(b"%d%d" % (at, number) + line)
    kept = {line[:2] for item in tmp_path.iterdir() for line in item.read_bytes().splitlines()}
    assert kept == {b"%d%d" % (at, number) for at in range(3) for number in range(3)}
    names = sorted(item.name for item in tmp_path.iterdir() if item.suffix == ".jsonl")
    assert names[-1] == path.name
    assert all(re.fullmatch(r"orders\.v1\.4711-\d+\.jsonl", name) for name in names[:-1])
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_next_process_goes_on_with_the_file_of_one_that_ended(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    for number in range(3):
        tape = Tape(str(path), Wall())
        tape.append(b"%d\n" % number)
        tape.close()
    assert path.read_bytes() == b"0\n1\n2\n"
    assert [item.name for item in tmp_path.iterdir()] == ["c.jsonl"]


def test_files_of_processes_that_ended_go_with_their_age(tmp_path: Path) -> None:
    clock = Wall()
    left = [tmp_path / name for name in ("c-17.jsonl", "c-17.jsonl.1", "c.jsonl.1")]
    others = [tmp_path / name for name in ("other.jsonl", "c-17.txt", "d-17.jsonl")]
    for file in (*left, *others):
        file.write_text("old")
        os.utime(file, (clock.now - flight_recorder.MAX_AGE, clock.now - flight_recorder.MAX_AGE))
    Tape(str(tmp_path / "c.jsonl"), clock).sweep()
    assert sorted(tmp_path.iterdir()) == sorted(others)


def test_a_file_that_was_taken_away_is_written_anew(tmp_path: Path) -> None:
    clock = Wall()
    tape = Tape(str(tmp_path / "c.jsonl"), clock)
    tape.append(b"1\n")
    (tmp_path / "c.jsonl").unlink()
    clock.now += flight_recorder.MAX_AGE
    tape.append(b"2\n")
    assert (tmp_path / "c.jsonl").read_bytes() == b"2\n"
