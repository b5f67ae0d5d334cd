"""Further faults in one process: their own users fail where the fault is, ordinary ones do not, until they come."""

import random
from pathlib import Path
from typing import Any

import pytest

from evals.lab import faults, repository
from evals.lab.traffic.users import Users, described
from tests.integration.shop import laid_out

PLACES = {
    "campaign-clock": ("quote_migrated", "TypeError", "checkout/quotes.py:thanked"),
    "home-currency": ("quote_swiss", "AttributeError", "checkout/quotes.py:about"),
    "gift-notes-loop": ("quote_gift_plain", "KeyError", "checkout/quotes.py:notes"),
    "talking-country": ("quote_talking", "KeyError", "fraud/rules.py:abroad"),
    "silent-log": ("quote_between", "StopIteration", "payment/fees.py:rebate_cents"),
    "repeated-orders": ("order_repeated", "PoolExhausted", "ledger/journal.py:append"),
}
"""The users that wake each, the exception, and its innermost place in a service."""


def asked(name: str, kind: str, count: int) -> list[dict[str, Any]]:
    fault = faults.load(name)
    known, rng = Users({**described(), **fault.users}), random.Random(5)
    return [laid_out.from_user(known.request(kind, rng, n)) for n in range(count)]


@pytest.mark.parametrize("name", sorted(PLACES))
def test_the_users_that_wake_a_fault_fail_at_its_place(tmp_path: Path, name: str) -> None:
    kind, exception, place = PLACES[name]
    root = repository.lay_out(tmp_path / "shop", faults.load(name)).root
    answers = laid_out.ask(root, asked(name, kind, 20))
    failed = [answer for answer in answers if answer["status"] >= 500]
    assert len(failed) >= 8
    assert {answer["exception"] for answer in failed} == {exception}
    assert {answer["places"][-1] for answer in failed} == {place}


@pytest.mark.parametrize("name", sorted(PLACES))
def test_control_the_shop_without_the_fault_serves_them(tmp_path: Path, name: str) -> None:
    root = repository.lay_out(tmp_path / "shop", None).root
    answers = laid_out.ask(root, asked(name, PLACES[name][0], 8))
    assert {answer["status"] for answer in answers} <= {200, 201}
