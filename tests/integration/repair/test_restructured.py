"""Restructuring a service changes nothing that it does: right, and with each bug of the development set.

One process of the service's interpreter drives everything of a service, in forks.
"""

from pathlib import Path

import pytest

from evals.bench.repair import bugs, layout, observations, oracle, planted
from evals.bench.repair.restructured.bug import changed
from tests.integration.repair.interpreter import runtime

pytestmark = pytest.mark.timeout(1800)

SEEDS = (1, 2, 3)


@pytest.mark.parametrize("traffic", bugs.TRAFFIC, ids=lambda traffic: traffic.service)
def test_the_right_service_answers_every_hidden_request_as_before_and_passes_its_own_tests(
    tmp_path: Path, traffic: planted.Traffic
) -> None:
    own = [bug for bug in bugs.BUGS if bug.service == traffic.service]
    asked = tuple(dict.fromkeys(one for bug in own for one in oracle.requests(bug, traffic)))
    trees = [tmp_path / str(seed) for seed in (0, *SEEDS)]
    for tree in trees:
        layout.write(tree, traffic.service, None)
    for tree, seed in zip(trees[1:], SEEDS, strict=True):
        layout.restructure(tree / "services" / traffic.service, seed)
    jobs = [_job(tree, traffic.service, asked, suite=True) for tree in trees]
    unchanged, *restructured = observations.drive(jobs, runtime())
    assert [one.suite for one in (unchanged, *restructured)] == [0] * len(trees)
    for one in restructured:
        assert one.answers == unchanged.answers


@pytest.mark.parametrize("service", sorted({bug.service for bug in bugs.DEVELOPMENT}))
def test_a_bug_fails_as_before_and_answers_everything_else_as_before(tmp_path: Path, service: str) -> None:
    own = [bug for bug in bugs.DEVELOPMENT if bug.service == service]
    traffic = bugs.traffic(service)
    pairs = [(bug, changed(bug, SEEDS[0])) for bug in own]
    jobs = [
        _written(tmp_path / bug.name / name, one, oracle.requests(bug, traffic), suite=name == "after")
        for bug, other in pairs
        for name, one in (("before", bug), ("after", other))
    ]
    done = observations.drive(jobs, runtime())
    for bug, before, after in zip(own, done[::2], done[1::2], strict=True):
        assert before.answers[0].raised is not None
        assert [_said(one) for one in after.answers] == [_said(one) for one in before.answers], bug.name
        assert after.suite == 0, bug.name


def _written(tree: Path, bug: planted.Bug, asked: tuple[planted.Request, ...], *, suite: bool) -> observations.Job:
    layout.write(tree, bug.service, bug)
    return _job(tree, bug.service, asked, suite=suite)


def _job(tree: Path, service: str, asked: tuple[planted.Request, ...], *, suite: bool) -> observations.Job:
    timed = tuple((request, oracle.WHEN) for request in asked)
    return observations.Job(tree=tree, service=service, requests=timed, suite=suite)


def _said(said: observations.Said) -> tuple[int | None, str, str | None]:
    """An answer without what names places: the exception's type is the same, its message may name a variable."""
    return said.status, said.body, said.raised.type if said.raised else None
