"""The bench is honest: the right service passes its hidden tests, the wrong one fails them, and visible tests see no bug.

One process of the service's interpreter drives everything, in forks.

What is asked of the sets that were written for this bench is stated apart from the handed ones: those are bugs of public
projects, which have the requests that their threads tell of, and some of which are mended by a refusal.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from evals.bench.repair import bugs, layout, observations, oracle, places, planted
from tests.integration.repair.interpreter import runtime

pytestmark = pytest.mark.timeout(1800)


Asked = tuple[planted.Request, ...]


class Checked:
    """One bug, asked right and wrong.  `tree` is the wrong service's."""

    def __init__(
        self, bug: planted.Bug, tree: Path, right: tuple[observations.Said, ...], wrong: observations.Driven
    ) -> None:
        self.bug, self.tree, self.right, self.wrong = bug, tree, right, wrong

    def pairs(self) -> list[tuple[oracle.Answer, oracle.Answer]]:
        return list(zip(map(oracle.answer, self.right), map(oracle.answer, self.wrong.answers), strict=True))


class Services:
    """All of them, driven once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
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
        right = tuple(said[one] for one in oracle.requests(bug, bugs.traffic(bug.service)))
        return Checked(bug, self.folder / bug.name, right, wrong)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return Services(tmp_path_factory.mktemp("services"))


def _all(service: str) -> Asked:
    own = [bug for bug in bugs.BUGS if bug.service == service]
    return tuple(dict.fromkeys(one for bug in own for one in oracle.requests(bug, bugs.traffic(service))))


def _job(tree: Path, service: str, requests: Asked) -> observations.Job:
    timed = tuple((request, oracle.WHEN) for request in requests)
    return observations.Job(tree=tree, service=service, requests=timed, suite=True)


WRITTEN = (*bugs.DEVELOPMENT, *bugs.HELD_OUT)
"""Bugs that were written for this bench."""


def _services(own: Iterable[planted.Bug]) -> set[str]:
    return {bug.service for bug in own}


def test_there_are_enough_bugs_of_enough_kinds_and_each_names_its_study() -> None:
    assert set(bugs.BUGS) == {*WRITTEN, *bugs.HANDED}
    assert len({bug.name for bug in bugs.BUGS}) == len(bugs.BUGS) == len(WRITTEN) + len(bugs.HANDED)
    assert len(WRITTEN) >= 40
    assert len({bug.kind for bug in WRITTEN}) >= 15
    assert len(_services(WRITTEN)) >= 5
    assert len(bugs.HELD_OUT) >= 20
    assert len(bugs.HANDED) >= 20
    assert not _services(bugs.HELD_OUT) & _services(bugs.DEVELOPMENT)
    assert not _services(bugs.HANDED) & _services(WRITTEN)
    assert all(bug.study and bug.hidden for bug in bugs.BUGS)
    assert [bug.name for bug in bugs.BUGS if len(bug.hidden) < 2] == ["real-web-zulip-20087"]
    assert all(bug.study.startswith("https://") for bug in bugs.HANDED)


def test_the_right_service_raises_nothing_and_answers_well_where_it_refuses_nothing(services: Services) -> None:
    """Only handed services refuse, and never with a server's error."""
    raised = {name: [said.raised for said in one.answers if said.raised] for name, one in services.right.items()}
    assert {name: said for name, said in raised.items() if said} == {}
    answered = {name: {said.status for said in one.answers} for name, one in services.right.items()}
    assert {name: answered[name] for name in _services(WRITTEN)} == {name: {200} for name in _services(WRITTEN)}
    assert {name: answered[name] for name in _services(bugs.HANDED)} == {
        "hub": {200, 400},
        "jobs": {200, 400, 403, 422},
    }


def test_these_bugs_alone_are_mended_by_a_refusal(services: Services) -> None:
    refused = {item.bug.name: item.right[0].status for item in services.checked if item.right[0].status != 200}
    assert refused == {
        "real-bip-ansible-1": 400,
        "real-bip-fastapi-7": 422,
        "real-pyter-tornado-1689": 403,
        "real-web-onadata-1247": 400,
    }


def test_the_wrong_service_raises_for_the_failing_request(services: Services) -> None:
    assert [item.bug.name for item in services.checked if item.wrong.answers[0].raised is None] == []


def test_hidden_tests_tell_more_than_the_request_that_is_recorded(services: Services) -> None:
    few = [item.bug.name for item in services.checked if sum(right != wrong for right, wrong in item.pairs()) < 2]
    assert few == ["search-last-neighbour"]  # a list has one end


def test_visible_tests_pass_with_and_without_the_bug(services: Services) -> None:
    assert {name: driven.suite for name, driven in services.right.items() if driven.suite != 0} == {}
    assert [(item.bug.name, item.wrong.suite) for item in services.checked if item.wrong.suite != 0] == []


def test_enough_requests_of_the_failing_route_still_work(services: Services) -> None:
    works = {item.bug.name: _still_works(item) for item in services.checked}
    assert all(works.values()), works
    assert {name: count for name, count in works.items() if count < 2} == {"real-bip-luigi-1": 1}


def _still_works(item: Checked) -> int:
    """How many healthy requests of the failing route the wrong service answers without an exception."""
    traffic = bugs.traffic(item.bug.service)
    asked = oracle.requests(item.bug, traffic)
    works = {one for one, said in zip(asked, item.wrong.answers, strict=True) if said.raised is None}
    route = item.bug.failing.path.split("/")[1]
    return sum(one.path.split("/")[1] == route for one in works & set(traffic.healthy))


def test_all_bugs_but_these_raise_where_they_are(services: Services) -> None:
    elsewhere = {item.bug.name: _place(item) for item in services.checked if not _at_the_bug(item)}
    assert set(elsewhere) == {
        "feeds-guid-object",
        "expenses-moment-without-offset",
        "inventory-keeper-further-out",
        "real-web-zulip-16415",
    }, elsewhere


def _at_the_bug(item: Checked) -> bool:
    path, function = _place(item)
    return places.is_wrong(item.bug, path, function)


def _place(item: Checked) -> tuple[str, str]:
    """The service's own function in which it is raised: its path and qualified name; empty when there is none."""
    raised = item.wrong.answers[0].raised
    assert raised is not None
    own = [frame for frame in raised.frames if frame.path.startswith("services/")]
    if not own:
        return "", ""
    text = (item.tree / own[-1].path).read_text(encoding="utf-8")
    return own[-1].path, places.around(own[-1].path, text, own[-1].line).name
