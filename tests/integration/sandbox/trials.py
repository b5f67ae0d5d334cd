"""One prover on the sample with one more test, and a wrong patch that only this test finds."""

from collections.abc import Mapping
from pathlib import Path

from incident.proof import Check, Reproduction
from tests.integration.sandbox import sample
from tools.proof.prover import Prover
from tools.sandbox.bwrap import Bubblewrap

BULK = """from services.orders import prices


def test_gold_members_pay_less_for_many():
    assert prices.total({"count": 1000, "member": {"tier": "gold"}}, 100) == 90000
"""
"""A test of what no recorded request shows: only the service's own tests find the mistake below."""

BASE = {**sample.BASE, "services/orders/tests/test_bulk.py": BULK}
WRONG = sample.RIGHT.replace("    return 10 if", '    if body["count"] == 1000:\n        return 50\n    return 10 if')


class Bench:
    """One prover on the sample with one more test."""

    def __init__(self, scratch: Path, files: Mapping[str, str] = BASE) -> None:
        self.files = files
        self.prover = Prover(sample.Shelf(files), Bubblewrap(), scratch)
        found = self.prover.reproduce(
            sample.COMMIT, sample.COMPONENT, sample.runtime(), (sample.GUEST,), sample.SIGNATURE, sample.HEALTHY
        )
        assert isinstance(found, Reproduction), found
        self.reproduction = found
        self.test = self.prover.regression_test(found, sample.COMPONENT)

    def checks(self, after: str) -> dict[str, Check]:
        patch = sample.patch(after, self.test, base=self.files)
        proof = self.prover.prove(patch, sample.COMPONENT, sample.runtime(), self.reproduction, sample.HEALTHY)
        return {check.name: check for check in proof.checks}
