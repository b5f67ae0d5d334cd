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


class Shelves(sample.Shelf):
    """Two commits: the base, and one before it."""

    EARLIER = "e" * 40

    def __init__(self, files: Mapping[str, str], earlier: Mapping[str, str]) -> None:
        super().__init__(files)
        self._before = sample.Shelf(earlier)

    def export(self, commit: str, target: str) -> None:
        """The tree of either."""
        if commit == self.EARLIER:
            self._before.export(commit, target)
        else:
            super().export(commit, target)


class Bench:
    """One prover on the sample with one more test, and a version that served before, where there was one."""

    def __init__(
        self, scratch: Path, files: Mapping[str, str] = BASE, earlier: Mapping[str, str] | None = None
    ) -> None:
        self.files = files
        shelf = sample.Shelf(files) if earlier is None else Shelves(files, earlier)
        self.prover = Prover(shelf, Bubblewrap(), scratch)
        found = self.prover.reproduce(
            sample.COMMIT, sample.COMPONENT, sample.runtime(), (sample.GUEST,), sample.SIGNATURE, sample.HEALTHY
        )
        assert isinstance(found, Reproduction), found
        commits = () if earlier is None else (Shelves.EARLIER,)
        self.reproduction = found.model_copy(update={"earlier": commits})
        self.test = self.prover.regression_test(found, sample.COMPONENT)

    def checks(self, after: str) -> dict[str, Check]:
        patch = sample.patch(after, self.test, base=self.files)
        proof = self.prover.prove(patch, sample.COMPONENT, sample.runtime(), self.reproduction, sample.HEALTHY)
        return {check.name: check for check in proof.checks}
