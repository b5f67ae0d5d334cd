"""The same kinds of slips elsewhere: healed rightly or handed to a person, never mended wrongly."""

from pathlib import Path

import pytest

from evals.judging import registry
from incident.ending import Outcome
from tests.e2e import live, slips, variants

pytestmark = pytest.mark.timeout(600)

ENOUGH = 0.8
"""Share of the variants that must be healed: the templates cover both kinds."""

ENDED: dict[str, Outcome] = {}


@pytest.mark.parametrize("variant", slips.VARIANTS, ids=lambda item: item.name)
def test_a_variant_is_healed_rightly_or_handed_to_a_person(root: Path, variant: variants.Variant) -> None:
    folder = root / "hidden" / "faults"
    variants.write(variant, folder)
    with live.world(root, variant.name, variant.service, folder=folder) as lab:
        lab.heal()
        seen = lab.look()
    assert seen.closed is not None, seen.said[0].stderr
    ENDED[variant.name] = seen.closed.ending.outcome
    patched = {
        "service": variant.service,
        "path": variant.path,
        "function": variant.function,
        "tests": f"services/{variant.service}/tests",
    }
    if seen.closed.ending.outcome is Outcome.HEALED:
        calls = (registry.call("oracle_answers"), registry.call("only_function_differs", patched))
        assert live.judged(seen, live.ending("healed", 0), *calls) == []
    else:
        calls = (registry.call("world_as_before"), registry.call("source_unchanged"))
        assert live.judged(seen, live.ending("escalated", 5), *calls) == []


def test_most_variants_are_healed() -> None:
    if len(ENDED) < len(slips.VARIANTS):
        pytest.skip("not every variant was played")
    healed = [name for name, outcome in ENDED.items() if outcome is Outcome.HEALED]
    assert len(healed) >= ENOUGH * len(slips.VARIANTS), ENDED
