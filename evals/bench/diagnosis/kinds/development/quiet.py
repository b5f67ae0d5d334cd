"""Quiet windows: nothing is wrong, innocent changes are made, and a rule cries wolf."""

from evals.bench.diagnosis.grammar.plan import Ground, Plan
from evals.bench.diagnosis.kinds.kind import Kind


def quiet(ground: Ground) -> Plan:
    """Nothing at all."""
    del ground
    return Plan()


KINDS = (Kind("quiet", quiet),)
