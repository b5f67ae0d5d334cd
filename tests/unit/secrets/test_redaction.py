"""Keys tell what lies under them, structure stays, and doing it twice changes nothing more."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from incident import (
    alert,
    capture,
    control,
    decision,
    declared_plan,
    diagnosis,
    ending,
    evidence,
    proof,
    record,
    remedy,
    rollout,
    workload,
)
from incident.value import Value
from tests.unit.secrets import secrets_in_text
from tools.secrets import names, redaction

MARK = redaction.MARK

SECRETS = (
    "Authorization: Bearer abcDEF123.456_~+/=",
    "authorization: basic dXNlcjpodW50ZXIy",
    "postgres://app:hunter2!x@db.internal:5432/orders",
    "redis://:hunter2@cache/0",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "sk-proj-abcdefghijklmnopqrst",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nhunter2\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk",
    "password=hunter2",
    "PASSWORD: 'hunter2 with blanks'",
    'db_password = "hunter2"',
    "OPENAI_API_KEY=abc123",
    "STRIPE_KEY=abc123",
    "DEPLOY_TOKEN=abc123",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "client-secret: abc123",
    "?access_token=abc123&next=/",
    '{"password": "hunter2"}',
)
"""Each holds one of the needles below."""

NEEDLES = re.compile(
    r"hunter2|abc123|abcDEF123|dXNlcjp|AKIAIOS|eyJzdWI|16C7e42F|abcdefghijkl|MIIEow|b3Blbn|wJalrX", re.IGNORECASE
)

HARMLESS = (
    "token 17 of orders is larger than 16",
    "GET /orders/17?page=2 answered 500 in 12.5 ms",
    "KeyError: 'customer' at orders/app.py:41 in total",
    "https://billing-api.internal:8443/v1/charges?id=7",
    "the password was wrong",
    "primary key violated: id=17, key=17",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "suture.dev/token: 17",
    "at 12:00:00 user:group changed",
    "Basic Authentication is off, bearer authentication failed: invalid token identifier",
)

LEAKED = tuple(leak.text for leak in secrets_in_text.LEAKS.values())
TEXT = st.lists(
    st.one_of(st.text(max_size=20), st.sampled_from(SECRETS + LEAKED), st.sampled_from(HARMLESS)), max_size=4
).flatmap(lambda parts: st.sampled_from(["", " ", "=", ":", '"', "\n", "@"]).map(lambda glue: glue.join(parts)))
KEYS = st.one_of(st.text(max_size=8), st.sampled_from(["password", "token", "api_key", "X-Api-Key", "note", "Cookie"]))
JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_goes(text: str) -> None:
    assert NEEDLES.search(text), "the example must hold what is looked for"
    clean = redaction.redact_text(f"before {text} after")
    assert not NEEDLES.search(clean)
    assert MARK in clean
    assert clean.startswith("before ")


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redaction.redact_text(text) == text


def test_what_surrounds_a_secret_stays_readable() -> None:
    text = 'GET https://u:hunter2@x/y?api_key=abc123&page=2 with password="hunter2", retries=3'
    assert redaction.redact_text(text) == (
        f'GET https://u:{MARK}@x/y?api_key={MARK}&page=2 with password="{MARK}", retries=3'
    )


def test_a_key_tells_about_what_lies_under_it() -> None:
    said: JsonValue = {
        "password": "x",
        "db": {"PGPASSWORD": "y", "DB_PASSWORD": "y", "dbPassword": "y", "pin": 7},
        "credentials": {"user": "u", "codes": [1, "2", None, True, ""]},
        "headers": {"Authorization": "Digest z", "Set-Cookie": "c=1", "X-Api-Key": "k", "accept": "*/*"},
        "token": "opaque",
    }
    assert redaction.redact(said) == {
        "password": MARK,
        "db": {"PGPASSWORD": MARK, "DB_PASSWORD": MARK, "dbPassword": MARK, "pin": 7},
        "credentials": {"user": MARK, "codes": [MARK, MARK, None, True, ""]},
        "headers": {"Authorization": MARK, "Set-Cookie": MARK, "X-Api-Key": MARK, "accept": "*/*"},
        "token": MARK,
    }


def test_fencing_tokens_effect_keys_and_counts_of_tokens_stay() -> None:
    said: JsonValue = {"token": "17", "suture.dev/token": "17", "key": "inc-1/deploy/abc/1", "input_tokens": 5}
    assert redaction.redact(said) == said
    assert redaction.redact({"token": 17}) == {"token": 17}


def test_what_is_kept_by_name_stays_source_text() -> None:
    said: JsonValue = {"edits": [{"after": "password = form['password']"}], "note": "password=hunter2"}
    assert redaction.redact(said, keep=("edits",)) == {
        "edits": [{"after": "password = form['password']"}],
        "note": f"password={MARK}",
    }


@given(value=JSON)
@example(value="password=-----BEGIN PRIVATE KEY-----")
@example(value="x://a:b@c:d@e://f:g@h")
@settings(max_examples=400, deadline=None)
def test_doing_it_twice_changes_nothing_more(value: JsonValue) -> None:
    once = redaction.redact(value)
    assert redaction.redact(once) == once


@given(value=JSON)
@settings(max_examples=200, deadline=None)
def test_the_structure_stays(value: JsonValue) -> None:
    assert _structure(redaction.redact(value)) == _structure(value)


def _structure(value: JsonValue) -> object:
    if isinstance(value, dict):
        return {key: _structure(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_structure(item) for item in value]
    return value if value is None or isinstance(value, bool) else "leaf"


@pytest.mark.parametrize("name", ["old", "new", "now", "back_to", "value"])
def test_the_value_of_a_setting_stays_only_where_its_name_is_on_the_list(name: str) -> None:
    assert redaction.redact({"key": "DB_PASSWORD", name: "hunter2"}) == {"key": "DB_PASSWORD", name: MARK}
    assert redaction.redact({"key": "GREETING", name: "hunter2"}) == {"key": "GREETING", name: MARK}
    assert redaction.redact({"key": "GREETING", name: 4711}) == {"key": "GREETING", name: MARK}
    assert redaction.redact({"key": "TIMEOUT_MS", name: "500"}) == {"key": "TIMEOUT_MS", name: "500"}
    for kept in ("hidden:0123456789abcdef", MARK, None, ""):
        assert redaction.redact({"key": "GREETING", name: kept}) == {"key": "GREETING", name: kept}


def test_a_configuration_shows_what_is_on_the_list() -> None:
    config: JsonValue = {"TIMEOUT_MS": "500", "PEPPER": "hunter2", "GREETING": "hello"}
    shown = {"TIMEOUT_MS": "500", "PEPPER": MARK, "GREETING": MARK}
    assert redaction.redact({"config": config}) == {"config": shown}
    assert redaction.redact({"config": {"v1": config, "v2": {}}}) == {"config": {"v1": shown, "v2": {}}}


@pytest.mark.parametrize(
    "value",
    [
        {"name": "DB_PASSWORD", "value": "hunter2"},
        {"Name": "ApiKey", "Value": "hunter2"},
        {"header": "Authorization", "value": "hunter2"},
        ["--password", "hunter2"],
        ["mysql", "-u", "root", "--password", "hunter2", "orders"],
        ["x-api-key", "hunter2"],
        [["accept", "*/*"], ["cookie", "hunter2hunter2"]],
        {"msg": "login with password %s", "args": ["hunter2"]},
        {"template": "token={}", "params": {"0": "hunter2"}},
        {"message": "password=<*>", "parameters": ["hunter2", 7]},
        ["connect as %s with password=%s", "ann", "hunter2"],
        {"sql": "update users set password = ? where id = ?", "values": ["hunter2", 7]},
        {"kty": "RSA", "n": "public", "d": "hunter2", "dp": "hunter2"},
        '{"config": {"v1": {"PEPPER": "hunter2"}}}',
        {"note": '{"a": {"db_password": "hunter2"}}'},
        {"body": '[{"name": "DB_PASSWORD", "value": "hunter2"}]'},
        {"headers": {"Proxy-Authorization": "hunter2", "X-Auth-Token": "hunter2"}},
        {"credentials": {"a": {"b": ["hunter2", {"c": "hunter2"}]}}},
        {"labels": {"session": "hunter2hunter2"}},
        {"auth": ["ann", "hunter2hunter2"]},
        {"tokens": ["hunter2hunter2"]},
        {"api": {"key": "hunter2hunter2"}},
        {"session": {"id": "hunter2hunter2"}},
        {"type": "missing", "loc": ["body", "api_key"], "input": "hunter2"},
        {"op": "replace", "path": "/spec/db_password", "value": "hunter2"},
        {"field": "password", "from": "hunter2", "to": "hunter22"},
        {"attribute": "password", "old": "hunter2", "new": "hunter22"},
    ],
)
def test_a_secret_goes_that_its_place_gives_away(value: JsonValue) -> None:
    assert "hunter2" not in str(redaction.redact(value))
    assert redaction.redact(redaction.redact(value)) == redaction.redact(value)


@pytest.mark.parametrize(
    "value",
    [
        {"name": "errors", "value": 3},
        {"name": "signature", "value": "x"},
        ["password", "token", "session"],
        ["token", "password"],
        ["body.password:null", "body.token:string"],
        {"msg": "order %s failed", "args": ["o-17"]},
        {"keys": ["a", "b"], "key": "inc-1/deploy/abc/1", "token": 17, "grant": "g-1"},
        {"kind": "session", "d": "public"},
        {"token": "17", "tokens": 4, "input_tokens": 12, "auth": "none", "session": "closed"},
        "[12:00] not JSON",
        {"flags": ["-p", "8080", "--port", "80"]},
        {"cache": {"key": "order42x"}, "partition": {"key": "eu-west-1a"}, "sort": {"key": "line7b"}},
        {"session": {"started": "2026-01-31T12:00:00Z", "region": "eu-west-1a"}},
        {"loc": ["body", "email"], "input": "ann17x"},
        {"op": "replace", "path": "/spec/replicas", "value": "3"},
        {"v": 1, "key": "inc-1/deploy/abc/1", "from": "v1", "to": "v2"},
    ],
)
def test_what_its_place_says_nothing_about_stays(value: JsonValue) -> None:
    assert redaction.redact(value) == value


MODULES = (
    alert,
    capture,
    control,
    decision,
    diagnosis,
    ending,
    evidence,
    proof,
    record,
    remedy,
    rollout,
    declared_plan,
    workload,
)
FIELDS = sorted(
    {
        f"{kind.__name__}.{name}"
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Value)
        for name in kind.model_fields
    }
)


def test_no_field_of_our_own_has_the_name_of_a_secret() -> None:
    """It would be taken out of every record.  A fencing token is a number, and so are the counts of a model; signatures are no strings."""
    named = {name for name in FIELDS if names.kind(name.partition(".")[2])}
    assert named <= {"ErrorLog.signature", "ErrorGroup.signature", "Reproduction.signature", "Arm.signature", "Answered.input_tokens", "Answered.output_tokens", "Effect.token"}  # fmt: skip


def test_a_value_without_a_secret_is_the_very_same() -> None:
    value = remedy.Restart(service="orders", version="v1")
    assert redaction.redact_value(value) is value
    patch = remedy.FileEdit(path="a.py", before="password = 'hunter2'", after="password = 'hunter2'")
    assert redaction.redact_value(patch) is patch
    asked = remedy.AskHuman(service="orders", question="is password=hunter2 right?")
    assert redaction.redact_value(asked).question == f"is password={MARK} right?"
