"""What every record of changes and every source of places promises.  Subclasses say how one is made."""

from datetime import timedelta

import pytest

from incident.errors import Unavailable
from incident.evidence import Change, Missing
from incident.places import Placement
from incident.workload import Configure, Effect
from tests.contract.bench import Build, Contract
from tools import ports
from tools.scripted import Outage, Trouble

HOUR = timedelta(hours=1)


class ChangesContract(Contract[ports.Changes]):
    """Each test gets the changes of a simulated world whose service `orders` has a bug that wakes."""

    def test_changes_of_everybody_are_told_oldest_first_with_their_way_back(self, build: Build[ports.Changes]) -> None:
        bench = build()
        now, state = bench.clock.now(), bench.simulated.stage.state
        node = Change(service="", at=now - HOUR / 2, what="node", target="node-3", new="drained")
        flag = Change(service="", at=now - HOUR / 4, what="flag", key="NEW_PRICES", old="off", new="on")
        bench.simulated.stage.state = state.model_copy(update={"elsewhere": (flag, node)})
        platform = bench.simulated.platform
        revision = platform.read("stock").revision
        platform.change("stock", Configure(version="v1", key="LIMIT", value="3"), revision=revision, effect=Effect())
        found = bench.port.within(now - HOUR, bench.clock.now())
        assert not isinstance(found, Missing)
        assert [(one.what, one.service, one.undo) for one in found] == [
            ("node", "", "none"),
            ("flag", "", "exact"),
            ("config", "stock", "exact"),
        ]
        assert (found[2].key, found[2].old, found[2].new) == ("LIMIT", None, "3")
        assert bench.port.within(now - HOUR / 3, now - HOUR / 5) == (flag,)

    def test_no_change_is_an_empty_answer(self, build: Build[ports.Changes]) -> None:
        bench = build()
        now = bench.clock.now()
        assert bench.port.within(now - HOUR, now - HOUR / 2) == ()

    def test_a_record_that_does_not_answer_is_unavailable(self, build: Build[ports.Changes]) -> None:
        bench = build()
        now = bench.clock.now()
        bench.simulated.stage.trouble = Trouble(outages=(Outage(part="platform", start=now, end=now + HOUR),))
        with pytest.raises(Unavailable):
            bench.port.within(now - HOUR, now)


class PlacesContract(Contract[ports.Places]):
    """Each test gets the places of a simulated world whose service `stock` has a database."""

    def test_a_service_has_pods_and_what_it_depends_on(self, build: Build[ports.Places]) -> None:
        found = build().port.of("stock")
        assert isinstance(found, Placement)
        assert found.service == "stock"
        assert [pod.version for pod in found.pods] == ["v1"]
        assert (found.databases, found.queues, found.third_parties) == (("db.example:5432",), (), ())

    def test_the_places_of_an_unknown_service_are_missing(self, build: Build[ports.Places]) -> None:
        assert isinstance(build().port.of("billing-api"), Missing)
