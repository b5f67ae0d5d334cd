"""Secrets in text go, whatever they look like; what only looks like one stays; and no text takes long."""

import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from agents.view import rendering
from tests.unit.secrets.harmless_text import HARMLESS, SOURCE
from tests.unit.secrets.secrets_in_text import LEAKS, Leak
from tools.secrets import names, pairs, redaction, rules, shapes
from tools.secrets.redaction import MARK

RULES = {rule.name: rule for rule in rules.rules()}


def left(leak: Leak, clean: str) -> list[str]:
    """The secrets that still stand in a text."""
    return [secret for secret in leak.secret if secret in clean]


@pytest.mark.parametrize("name", LEAKS)
def test_a_secret_in_text_goes(name: str) -> None:
    leak = LEAKS[name]
    assert left(leak, leak.text.replace("%40", "@")) == list(leak.secret), "the text must hold what is looked for"
    clean = redaction.redact_text(leak.text)
    assert left(leak, clean) == []
    assert MARK in clean
    assert redaction.redact_text(clean) == clean


@pytest.mark.parametrize("name", LEAKS)
def test_a_secret_goes_wherever_the_text_stands(name: str) -> None:
    leak = LEAKS[name]
    values: list[JsonValue] = [
        {"message": leak.text},
        [leak.text, "x"],
        {"a": [{"b": leak.text}]},
        {"body": {"t": leak.text}},
    ]
    for value in values:
        assert left(leak, str(redaction.redact(value))) == []
    if "\n" not in leak.text and name != ".pgpass":  # a line of its own
        assert left(leak, redaction.redact_text(f"at 12:00:00 {leak.text}, then 3 more")) == []
        assert left(leak, str(rendering.cleaned({"message": leak.text}))) == []


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redaction.redact_text(text) == text
    assert redaction.redact_source(text) == text
    assert redaction.redact({"message": text, "items": [text, text]}) == {"message": text, "items": [text, text]}


@pytest.mark.parametrize("text", SOURCE)
def test_source_text_that_holds_no_secret_stays(text: str) -> None:
    assert redaction.redact_source(text) == text
    assert redaction.redact({"code": text}) == {"code": text}


@pytest.mark.parametrize(
    "text",
    [
        'DB_PASSWORD = "hunter2"\n',
        "connect(host, password='hunter2')\n",
        'headers = {"Authorization": "Bearer hunter2hunter2X"}\n',
        "DSN = 'postgres://app:hunter2@db/orders'\n",
        '    "api_key": "hunter2",\n',
        "PASSWORD=hunter2\n",
        "services/orders/.env:12: DB_PASSWORD=hunter2\n",
        "  password: hunter2\n",
        '<add key="password" value="hunter2"/>\n',
        'token = "hunter2hunter2"  # TODO\n',
    ],
)
def test_a_literal_in_source_text_goes(text: str) -> None:
    assert "hunter2" not in redaction.redact_source(text)
    assert "hunter2" not in rendering.page(text)


def test_the_lines_of_a_text_stay_as_many_as_they_are() -> None:
    """Places in source are told by line."""
    text = LEAKS["a private key"].text
    assert redaction.redact_source(text).count("\n") == text.count("\n")
    lines: list[JsonValue] = [*text.split("\n")]
    assert redaction.redact(lines) == redaction.redact_text(text).split("\n")


# --- gitleaks' rules


@pytest.mark.parametrize("name", RULES)
def test_each_rule_of_gitleaks_finds_what_it_describes(name: str) -> None:
    rule = RULES[name]
    drawn: list[bool] = []

    @settings(
        max_examples=8,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.from_regex(rule.pattern, alphabet=st.characters(codec="ascii")))
    def look(text: str) -> None:
        if any(word in text.lower() for word in rule.needles):  # a dot of the expression may stand for something else
            drawn.append(any(rule.spans(text)))
            clean = redaction.redact_text(text)
            assert all(MARK in clean[start:end] for start, end in rule.spans(clean))

    look()
    assert any(drawn) or not drawn or rule.least >= 2  # what is drawn is seldom random enough


def test_no_rule_of_gitleaks_is_left_out_without_a_reason() -> None:
    assert len(RULES) + len(rules.LEFT_OUT) == 222
    assert not RULES.keys() & rules.LEFT_OUT.keys()
    assert all(rule.needles and all(word == word.lower() for word in rule.needles) for rule in RULES.values())


@pytest.mark.parametrize(
    ("go", "python"),
    [
        (r"a(?i)b", r"a(?i:b)"),
        (r"x(a(?i)b)c", r"x(a(?i:b))c"),
        (r"(?i)a(?-i:B)(?i)c$", r"(?i:a(?-i:B)(?i:c\Z))"),
        (r"[(?i)$[:alnum:]]\z", r"[(?i)$a-zA-Z0-9]\Z"),
        (r"\(?i\)\$", r"\(?i\)\$"),
        (r"[]a(?i)]|[^]]", r"[]a(?i)]|[^]]"),
    ],
)
def test_expressions_of_go_are_spelled_as_python_spells_them(go: str, python: str) -> None:
    assert rules.translated(go) == python
    re.compile(rules.translated(go))


# --- names


@pytest.mark.parametrize("name", ["password", "DB_PASSWORD", "dbPassword", "PGPASSWORD", "client-secret", "api.key", "X-Api-Key", "secretKey", "refresh_token", "connectionString", "Set-Cookie", "passphrase", "sessionid", "webhook_url", "client-key-data"])  # fmt: skip
def test_a_name_gives_a_secret_away(name: str) -> None:
    assert names.kind(name) == "plain"


@pytest.mark.parametrize("name", ["token", "SESSION", "auth", "salt", "STRIPE_KEY", "sig", "page_token", "routing_key"])
def test_a_name_may_give_a_secret_away(name: str) -> None:
    assert names.kind(name) == "doubtful"


@pytest.mark.parametrize("name", ["key", "CACHE_KEY", "primary_key", "password_length", "tokenizer", "author", "secretary", "passed", "input_size", "token_ttl_seconds", "keyboard", "monkey", "compass", "signal", "assess"])  # fmt: skip
def test_a_name_says_nothing_about_secrets(name: str) -> None:
    assert names.kind(name) is None


def test_every_name_that_gives_a_secret_away_is_looked_for() -> None:
    """The quick look for hints must not miss what the list of names knows."""
    words = {word for known in (names._PLAIN, names._DOUBTFUL) for word in known}
    words |= {"_".join(pair) for pair in names._PAIRS}
    unseen = [word for word in words if names.kind(word) and not any(hint in word for hint in pairs.HINTS)]
    assert unseen == []


# --- time

UNITS = ("a:", "password", "password ", "password=", "token:", "cookie: a ", "a_", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "eyJ.", "x://", "x://a:", "://a:b@", "A_B_", "password=[", "password=)", "secret.", "x-", "%41", "%41 ", "%25", "\\u0041", "&amp; ", "YWJj", "6162", "curl -u ", "docker -p ", "machine a login b ", "Digest ", "redis-cli ", '{"kty":"', "@a.b", "token='", 'token=\\"', "4111 ", "DE12 ", "[", '{"a":', "\\")  # fmt: skip


@pytest.mark.parametrize("unit", [*UNITS, *sorted({word for rule in RULES.values() for word in rule.needles})[::9]])
def test_a_long_text_made_to_be_slow_is_searched_in_linear_time(unit: str) -> None:
    """A second at most; a search that takes quadratic time would take minutes, and the suite's time-out ends it."""
    text = unit * (100_000 // len(unit))
    assert "hunter2" not in redaction.redact_text(f"{text}{']' * 99} password%3Dhunter2")


def test_shapes_are_searched_only_where_one_of_their_words_stands() -> None:
    for shape in shapes.SHAPES:
        assert all(needle == needle.lower() for needle in shape.needles)
