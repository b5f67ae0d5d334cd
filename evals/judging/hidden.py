"""Asks a running world the hidden requests of a fault."""

from evals.judging import asking, oracle
from evals.judging.labs import Lab
from evals.judging.seen import Asked
from evals.lab import oracles
from evals.lab.faults import Fault
from evals.lab.oracles import Oracle
from incident.errors import BadInput


def wrong_answers(url: str, fault: Fault) -> tuple[str, ...]:
    """Wrong or missing answers of the world at `url`; empty when everything is right.

    Raises httpx.HTTPError when the world does not answer, BadInput for a fault without an oracle.
    """
    lab = Lab(url)
    try:
        asked: tuple[Asked, ...] = asking.ask(_of(fault), lab.doors(), asking.over_http)
    finally:
        lab.close()
    return oracle.wrong(asked)


def _of(fault: Fault) -> Oracle:
    found = oracles.load(fault.folder)
    if found is None:
        raise BadInput("fault", fault.name, f"name one with an {oracles.FILE}")
    return found
