"""What stands for this very key outranks a way out that was made for something else that is missing."""

from agents.repair import catalogue
from agents.repair.fault import Candidate, Fault

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


def test_control_without_such_a_default_the_way_out_comes_first() -> None:
    alone = MODULE[: MODULE.index("def open_cents")].replace("NO_DEPOSIT = 0\n", "")
    assert "not in booking" in first(alone).source
