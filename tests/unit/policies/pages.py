"""All that is told whole: the decisions of every policy, and the counterfactuals and variations of the gates and the risk.

``python -m tests.unit.policies.pages`` writes the pages anew, into the folder ``whole``.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from incident.value import Value
from policies import registry
from policies.counterfactual import counterfactuals, reach, search
from policies.patch import rules
from tests.unit.attacks import judged
from tests.unit.policies import asked, cases, found, kept_checks, rolled, test_registry, whole

Page = Mapping[str, Callable[[], list[str]]]


def _decided(policy: str, facts: Value) -> list[str]:
    return whole.decision(registry.POLICIES[policy].decide(facts))


def _knobs(declared: Callable[[Any], tuple[counterfactuals.Variation[Any], ...]], facts: Value) -> list[str]:
    return [whole.variation(variation, facts) for variation in declared(facts)]


def _flips(found: Callable[[], tuple[counterfactuals.Counterfactual, ...]]) -> list[str]:
    return [whole.counterfactual(counterfactual) for counterfactual in found()] or ["none"]


TURNED: dict[str, tuple[str, ...]] = {
    "evidence_gate.judge": ("ordinary", "it could not be tested", "disproved"),
    "proof_gate.judge": (
        "ordinary", "no proof", "no proof, inspection or review", "each outcome", "on another base", "inspected: no",
        "inspected: a decision", "reviewed: no", "roll_back is proved", "waiting",
    ),
    "reach_gate.judge": (
        "ordinary", "topology unknown", "error rate unknown", "moves unknown", "back and forth", "frozen", "killed by somebody",
        "paused by somebody", "callers too", "too risky, and it is known why",
    ),
    "gates.open": ("ordinary", "a dry run", "approved", "rejected", "evidence: liftable", "evidence: deny", "autonomy approve"),
    "autonomy.may_act": ("ordinary", "killed", "aborted", "paused", "a dry run"),
}  # fmt: skip

GATED: Any = cases.REACH["ordinary"]


def _weighed(scored: str) -> reach.Weighed:
    return reach.Weighed.model_validate({"risk": cases.RISK[scored], "reach": GATED})


WEIGHED = (
    "ordinary",
    "nothing is known",
    "remedy restart",
    "callers and dependents",
    "not covered",
    "some checks",
    "no requests",
)

PAGES: dict[str, Page] = {
    **{
        policy: {title: partial(_decided, policy, facts) for title, facts in told.items()}
        for policy, told in {**cases.PAGES, "canary.judge": rolled.LOOKS}.items()
        if policy != rules.NAME
    },
    "canary.judge, look by look": {
        name: partial(lambda name: [f"{second} s: {made.choice}" for second, made in rolled.way(name)], name)
        for name in rolled.WAYS
    },
    **{
        f"variations of {policy}": {
            title: partial(_knobs, search.VARIATIONS[policy], cases.PAGES[policy][title]) for title in titles
        }
        for policy, titles in TURNED.items()
    },
    "variations of the risk and the gate": {
        title: partial(_knobs, reach.weighed, _weighed(title)) for title in WEIGHED
    },
    **{
        f"counterfactuals of {policy}": {
            title: partial(_flips, partial(search.of, policy, cases.PAGES[policy][title])) for title in titles
        }
        for policy, titles in TURNED.items()
    },
    "counterfactuals of the risk and the gate": {
        title: partial(_flips, partial(search.of_risk, _weighed(title).risk, GATED)) for title in WEIGHED
    },
    "counterfactuals of what the registry's tests start from": {
        policy: partial(_flips, partial(search.of, policy, test_registry.FACTS[policy])) for policy in search.VARIATIONS
    },
}  # fmt: skip

PIECES: dict[str, Page] = {
    rules.NAME: {title: partial(_decided, rules.NAME, facts) for title, facts in cases.PAGES[rules.NAME].items()},
    **found.PAGES,
    **asked.PAGES,
    **kept_checks.PAGES,
}
"""Pages about pieces of code, which are tables without titles."""

JUDGED: dict[str, Page] = {
    page: {title: partial(lambda made: whole.decision(made()), made) for title, made in titles.items()}
    for page, titles in judged.PAGES.items()
}
"""Such pages that the tests of the attacks compare, which judge each of these patches anyway."""


def _told(pages: Mapping[str, Page]) -> whole.Pages:
    return {page: {title: told() for title, told in titles.items()} for page, titles in pages.items()}


if __name__ == "__main__":
    whole.write(_told(PAGES), _told(PIECES | JUDGED))
