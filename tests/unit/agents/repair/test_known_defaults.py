"""What stands for this very key outranks a way out that was made for something else that is missing."""

import pytest

from agents.playbook.repair import catalogue
from agents.playbook.repair.fault import Candidate, Fault

MODULE = '''
NO_DEPOSIT = 0

def refund(booking, cents):
    """What is paid back of a booking."""
    if booking is None:
        return 0
    if cents < booking["deposit_cents"]:
        return 0
    return cents * booking["percent"] // 100


def open_cents(booking, cents):
    return booking.get("deposit_cents", NO_DEPOSIT) - cents
'''
REFUND = MODULE[MODULE.index("def refund") : MODULE.index("\n\n\ndef open_cents")]
ANSWER = 'return cents * booking["percent"] // 100'


def first(module: str) -> Candidate:
    fault = Fault(source=REFUND, line=5, exception="KeyError", message="'deposit_cents'", module=module)
    return catalogue.candidates(fault)[0]


def refunded(candidate: Candidate) -> object:
    names: dict[str, object] = {}
    exec(MODULE, names)
    exec(candidate.source, names)
    return eval("refund({'percent': 50}, 200)", names)


def test_a_default_that_other_code_has_for_the_key_comes_first() -> None:
    assert refunded(first(MODULE)) == 100


BEGINS = '''
FROM_ANY = 0

def begins_at(voucher) -> int | None:
    """From which subtotal on it counts; None without a voucher, FROM_ANY for an open one."""
    if voucher is None:
        return None
    return voucher["minimum_cents"]


def counts(voucher, subtotal_cents):
    return voucher is None or voucher.get("minimum_cents", FROM_ANY) <= subtotal_cents
'''


@pytest.mark.parametrize("silent", ["", "counts", "docstring"])
def test_it_comes_before_a_none_that_the_return_type_allows(silent: str) -> None:
    """None was the answer to something else; either the other code or the docstring is enough to know better."""
    module = BEGINS[: BEGINS.index("def counts")] if silent == "counts" else BEGINS
    module = module.replace(", FROM_ANY for an open one", "") if silent == "docstring" else module
    source = module[module.index("def begins_at") :].split("\n\n\n")[0]
    fault = Fault(source=source, line=5, exception="KeyError", message="'minimum_cents'", module=module)
    assert 'voucher.get("minimum_cents", FROM_ANY)' in catalogue.candidates(fault)[0].source


def test_control_where_nothing_is_said_of_the_key_none_flows_on() -> None:
    module = (
        BEGINS[: BEGINS.index("def counts")].replace(", FROM_ANY for an open one", "").replace("FROM_ANY = 0\n", "")
    )
    source = module[module.index("def begins_at") :].rstrip()
    fault = Fault(source=source, line=5, exception="KeyError", message="'minimum_cents'", module=module)
    assert 'voucher.get("minimum_cents")' in catalogue.candidates(fault)[0].source


def test_control_without_such_a_default_the_way_out_comes_first() -> None:
    alone = MODULE[: MODULE.index("def open_cents")].replace("NO_DEPOSIT = 0\n", "")
    assert "not in booking" in first(alone).source
