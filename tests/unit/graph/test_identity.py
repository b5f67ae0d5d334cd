"""Who says something: a name that people can see, and a user whom the environment does not make up."""

import os
import pwd
from pathlib import Path

import pytest

from graph.console import identity
from graph.runtime import interrupts
from incident.errors import BadInput


def test_the_user_is_the_one_whose_process_it_is() -> None:
    assert identity.os_user() == interrupts.os_user() == pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.parametrize(
    ("content", "added"),
    [
        (str(2**32 - 1), ""),
        (str(os.getuid()), ""),
        ("", ""),
        ("nonsense", ""),
        ("987654", " (logged in as 987654)"),
    ],
    ids=["no login", "the same", "empty", "unreadable", "somebody else"],
)
def test_whoever_logged_in_is_named_beside_the_user(tmp_path: Path, content: str, added: str) -> None:
    (tmp_path / "loginuid").write_text(content)
    assert identity.account(tmp_path / "loginuid") == f"{identity.os_user()}{added}"
    assert identity.account(tmp_path / "missing") == identity.os_user()


@pytest.mark.parametrize("given", ["suture", " Suture ", "su\u200bture"])
def test_nobody_speaks_under_the_name_of_what_no_person_said(given: str) -> None:
    with pytest.raises(BadInput, match="--as"):
        identity.name(given)


@pytest.mark.parametrize(
    "given", ["", " ", "\t\r\n", "\x00", "\u200b\u200c\ufeff", "\u202e", "\u3164\u2800", "\x1b[31m"]
)
def test_what_nobody_can_see_is_no_name(given: str) -> None:
    with pytest.raises(BadInput, match="--as"):
        identity.name(given)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("  dana  ", "dana"),
        ("da\x1b[31mna", "dana"),
        ("dana\u202e", "dana"),
        ("dana\napproved by: ceo", "dana approved by: ceo"),
        ("x" * 500, "x" * (identity.LONGEST - 1) + "…"),
        ("Zoë Ångström", "Zoë Ångström"),
    ],
)
def test_a_name_is_one_line_of_visible_characters(given: str, name: str) -> None:
    assert identity.name(given) == name


def test_a_reason_may_be_missing_and_is_cleaned_like_a_name() -> None:
    assert identity.reason("") == ""
    assert identity.reason("a\n\x1b[2Jstorm\u202e") == "a storm"
    assert len(identity.reason("x" * 9_999)) == identity.LONGEST_REASON
