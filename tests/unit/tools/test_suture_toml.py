"""``suture.toml`` comes from whoever can commit: nothing in it takes long, ends the process or names a path outside."""

import pytest

from incident.evidence import Missing
from tools import suture_toml

GOOD = '[services.orders]\npath = "services/orders/"\napp = "orders.app:app"\ntests = "services/orders/tests"\n'


def test_a_component_is_what_it_says() -> None:
    found = suture_toml.component(GOOD, "orders")
    assert not isinstance(found, Missing)
    assert (found.path, found.tests, found.schemas) == ("services/orders", "services/orders/tests", ())


HOSTILE = {
    "a key of very many parts": "a." * 30_000 + "a = 1\n",
    "a table of very many parts": "[" + "a." * 30_000 + "a]\n",
    "the same with line breaks of Unicode": '"\u2028".' * 2_000 + "a = 1\n",
    "lists in lists": "x = " + "[" * 900 + "]" * 900,
    "lists in lists over lines": "x = " + "[\n" * 20_000 + "]\n" * 20_000,
    "a number of thousands of digits": "x = [" + "\n".join(["9" * 900]) + "9" * 5_000 + "]",
    "very much of it": "# comment\n" * 100_000,
    "no TOML": "[services",
    "a control character": 'x = "\x00"',
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("where", ["before", "after"])
def test_what_cannot_be_read_within_bounds_is_missing(name: str, where: str) -> None:
    content = HOSTILE[name] + "\n" + GOOD if where == "before" else GOOD + HOSTILE[name] + "\n"
    found = suture_toml.component(content, "orders")
    assert isinstance(found, Missing)
    assert len(found.reason) < 250
    assert found.reason.isprintable()


@pytest.mark.parametrize(
    "line",
    ['path = "../x"', 'path = "/etc"', 'tests = "a/../../b"', 'schemas = ["/etc/passwd"]', 'schemas = ["a\\\\b"]',
     'path = ".git"', 'path = ""', "path = 1", 'schemas = "x"', f'{"k" * 900} = "unknown"', 'service = "other"'],
)  # fmt: skip
def test_a_path_outside_or_an_unknown_word_is_missing_or_without_effect(line: str) -> None:
    key = line.partition(" =")[0]
    kept = [old for old in GOOD.splitlines() if not old.startswith(f"{key} ")]
    found = suture_toml.component("\n".join([*kept, line]), "orders")
    if key == "service":
        assert not isinstance(found, Missing)
        assert found.service == "orders"
        return
    assert isinstance(found, Missing)
    assert len(found.reason) < 250
