"""The bench is honest: the right service passes its hidden tests, the wrong one fails them, and visible tests see no bug.

One process of the service's interpreter drives everything, in forks.
"""

from pathlib import Path

import pytest

from evals.bench.repair import bugs, layout, observations, oracle, planted
from tests.integration.repair.interpreter import runtime

pytestmark = pytest.mark.timeout(1800)


Asked = tuple[planted.Request, ...]


class Checked:
    """One bug, asked right and wrong."""

    def __init__(self, bug: planted.Bug, right: tuple[observations.Said, ...], wrong: observations.Driven) -> None:
        self.bug, self.right, self.wrong = bug, right, wrong

    def pairs(self) -> list[tuple[oracle.Answer, oracle.Answer]]:
        return list(zip(map(oracle.answer, self.right), map(oracle.answer, self.wrong.answers), strict=True))


class Services:
    """All of them, driven once."""

    def __init__(self, folder: Path) -> None:
        self.asked = {one.service: _all(one.service) for one in bugs.TRAFFIC}
        jobs = []
        for service, requests in self.asked.items():
            layout.write(folder / service, service, None)
            jobs.append(_job(folder / service, service, requests))
        for bug in bugs.BUGS:
            layout.write(folder / bug.name, bug.service, bug)
            jobs.append(_job(folder / bug.name, bug.service, oracle.requests(bug, bugs.traffic(bug.service))))
        done = observations.drive(jobs, runtime())
        self.right = dict(zip(self.asked, done, strict=False))
        self.checked = tuple(map(self._checked, bugs.BUGS, done[len(self.asked) :]))

    def _checked(self, bug: planted.Bug, wrong: observations.Driven) -> Checked:
        said = dict(zip(self.asked[bug.service], self.right[bug.service].answers, strict=True))
        return Checked(bug, tuple(said[one] for one in oracle.requests(bug, bugs.traffic(bug.service))), wrong)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return Services(tmp_path_factory.mktemp("services"))


def _all(service: str) -> Asked:
    own = [bug for bug in bugs.BUGS if bug.service == service]
    return tuple(dict.fromkeys(one for bug in own for one in oracle.requests(bug, bugs.traffic(service))))


def _job(tree: Path, service: str, requests: Asked) -> observations.Job:
    timed = tuple((request, oracle.WHEN) for request in requests)
    return observations.Job(tree=tree, service=service, requests=timed, suite=True)


def test_there_are_enough_bugs_of_enough_kinds_and_each_names_its_study() -> None:
    assert len(bugs.BUGS) >= 40
    assert len({bug.kind for bug in bugs.BUGS}) >= 15
    assert len({bug.service for bug in bugs.BUGS}) >= 5
    assert len(bugs.HELD_OUT) >= 20
    assert not {bug.service for bug in bugs.HELD_OUT} & {bug.service for bug in bugs.DEVELOPMENT}
    assert all(bug.study and len(bug.hidden) >= 2 for bug in bugs.BUGS)


def test_the_right_service_answers_every_hidden_request_well(services: Services) -> None:
    failing = {
        name: [(said.status, said.raised) for said in driven.answers if said.raised or said.status != 200]
        for name, driven in services.right.items()
    }
    assert {name: said for name, said in failing.items() if said} == {}


def test_the_wrong_service_raises_for_the_failing_request(services: Services) -> None:
    assert [item.bug.name for item in services.checked if item.wrong.answers[0].raised is None] == []


def test_hidden_tests_tell_more_than_the_request_that_is_recorded(services: Services) -> None:
    few = [item.bug.name for item in services.checked if sum(right != wrong for right, wrong in item.pairs()) < 2]
    assert few == ["search-last-neighbour"]  # a list has one end


def test_visible_tests_pass_with_and_without_the_bug(services: Services) -> None:
    assert {name: driven.suite for name, driven in services.right.items() if driven.suite != 0} == {}
    assert [(item.bug.name, item.wrong.suite) for item in services.checked if item.wrong.suite != 0] == []


def test_enough_requests_of_the_failing_route_still_work(services: Services) -> None:
    few = []
    for item in services.checked:
        traffic = bugs.traffic(item.bug.service)
        asked = oracle.requests(item.bug, traffic)
        works = {one for one, said in zip(asked, item.wrong.answers, strict=True) if said.raised is None}
        route = item.bug.failing.path.split("/")[1]
        if sum(one.path.split("/")[1] == route for one in works & set(traffic.healthy)) < 2:
            few.append(item.bug.name)
    assert few == []


def test_all_bugs_but_these_raise_where_they_are(services: Services) -> None:
    elsewhere = {
        item.bug.name
        for item in services.checked
        if _place(item) not in (item.bug.function, "<listcomp>", "<dictcomp>", "<genexpr>")
    }
    assert elsewhere == {"feeds-guid-object", "expenses-moment-without-offset", "inventory-keeper-further-out"}


def _place(item: Checked) -> str:
    """The function of the service in which it is raised."""
    raised = item.wrong.answers[0].raised
    assert raised is not None
    own = [frame.function for frame in raised.frames if frame.path.startswith("services/")]
    return own[-1] if own else ""
