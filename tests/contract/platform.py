"""What every platform promises.  Subclasses say how one is made, and how time passes there."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from incident.errors import Conflict, Refused
from incident.workload import (
    Annotate,
    Before,
    Configure,
    Deploy,
    Effect,
    Overlay,
    Remove,
    Restart,
    Revision,
    Settled,
    SetWeights,
    Workload,
    WorkloadChange,
)
from tools import ports

NOTHING = Effect()
OURS = Effect(
    key="k1",
    token=7,
    grant="g",
    incident="inc-1",
    before=Before(weights={"v1": 100}, config={"v1": {"LIMIT": "3", "OTHER": None}}, canary="v2"),
)


class Under(NamedTuple):
    """A platform under test, with one service that one version serves whole and that gets requests all the time."""

    platform: ports.Platform
    service: str
    stable: str
    """The version that runs."""
    second: Callable[[str], Deploy]
    """A deploy that the platform can make, of a version of this name."""
    wait: Callable[[float], None]
    """Let so many seconds pass."""

    def make(self, change: WorkloadChange, effect: Effect = NOTHING) -> Workload:
        """Make a change at the present revision."""
        revision = self.platform.read(self.service).revision
        return self.platform.change(self.service, change, revision=revision, effect=effect)

    def settle(self, effect: str = "") -> Settled:
        """Progress of an effect once it is not pending any more."""
        for _ in range(300):
            found = self.platform.settled(self.service, effect)
            if found.state != "pending":
                return found
            self.wait(0.2)
        raise AssertionError("it is pending for a minute")

    def made(self, change: WorkloadChange, effect: Effect = NOTHING) -> Workload:
        """Make a change, and return the service when it is in force."""
        self.make(change, effect)
        assert self.settle(effect.key) == Settled(state="in force")
        return self.platform.read(self.service)

    def requests(self, version: str) -> int:
        """Requests that went to a version so far; 0 for one that is not counted."""
        routed = self.platform.routing(self.service).of(version)
        return 0 if routed is None else routed.requests

    @property
    def partial(self) -> int:
        """The smallest share that can be set."""
        shares = self.platform.able(self.service).shares
        return 10 if shares == "any" else shares[0]


class PlatformContract:
    """Each test gets a platform as it is when it starts."""

    def make(self, folder: Path) -> AbstractContextManager[Under]:
        """Make a platform that is there inside of the context."""
        raise NotImplementedError

    @pytest.fixture
    def at(self, tmp_path: Path) -> Iterator[Under]:
        with self.make(tmp_path) as made:
            yield made

    def test_a_service_that_is_not_there_is_a_key_error(self, at: Under) -> None:
        platform, since = at.platform, at.platform.routing(at.service).at
        for name in ("no-such-service", "", "../world"):
            for ask in (platform.read, platform.able, platform.routing, platform.runtime):
                with pytest.raises(KeyError):
                    ask(name)
            with pytest.raises(KeyError):
                platform.history(name, since)
            with pytest.raises(KeyError):
                platform.settled(name, "")
            with pytest.raises(KeyError):
                platform.change(name, Annotate(), revision="1", effect=NOTHING)

    def test_the_world_and_its_services_have_names(self, at: Under) -> None:
        assert at.platform.world() == at.platform.world() != ""
        assert at.service in at.platform.services()

    def test_what_it_can_do_is_what_it_does(self, at: Under) -> None:
        able = at.platform.able(at.service)
        assert able.shares == "any" or able.shares == tuple(sorted(set(able.shares)))
        assert able.sources
        for source, kind in (
            (Overlay(files={"a.py": "x"}, commit="f" * 40), "overlay"),
            (Revision(revision="v0"), "revision"),
        ):
            if kind not in able.sources:
                with pytest.raises(Refused):
                    at.make(Deploy(version="v9", source=source, config_from=at.stable))

    def test_a_write_holds_for_the_revision_that_was_read_and_no_other(self, at: Under) -> None:
        old = at.platform.read(at.service).revision
        newer = at.make(Annotate(), OURS)
        assert newer.revision != old
        for revision in (old, "never was one"):
            with pytest.raises(Conflict):
                at.platform.change(at.service, at.second("v2"), revision=revision, effect=Effect(key="theirs"))
        assert at.platform.read(at.service) == newer

    def test_an_effect_stands_whole_until_another_takes_its_place(self, at: Under) -> None:
        assert at.platform.read(at.service).effect == NOTHING
        at.make(Annotate(), OURS)
        assert at.platform.read(at.service).effect == OURS
        at.make(Annotate(), Effect(key="k2", token=8))
        assert at.platform.read(at.service).effect == Effect(key="k2", token=8)
        assert at.settle("k2").state == "in force"
        assert at.settle("k1").state == "failed"

    def test_a_prepared_version_gets_no_request_until_it_is_given_a_share(self, at: Under) -> None:
        at.make(at.second("v2"), OURS)
        for _ in range(3):
            at.wait(1.0)
            assert at.requests("v2") == 0
        assert at.settle("k1").state == "in force"
        new = at.platform.read(at.service).version("v2")
        assert new is not None
        assert (new.weight, new.ready) == (0, True)
        at.wait(1.0)
        assert at.requests("v2") == 0
        at.made(SetWeights(weights={"v2": at.partial, at.stable: 100 - at.partial}))
        for _ in range(30):
            at.wait(1.0)
            if at.requests("v2"):
                break
        assert at.requests("v2") > 0

    def test_all_the_traffic_goes_there_and_back_and_the_version_away(self, at: Under) -> None:
        at.made(at.second("v2"))
        at.made(SetWeights(weights={"v2": 100}))
        with pytest.raises(Refused):
            at.make(Remove(version="v2"))
        at.made(SetWeights(weights={at.stable: 100}))
        after = at.made(Remove(version="v2"))
        assert [(version.name, version.weight) for version in after.versions] == [(at.stable, 100)]
        at.wait(1.0)
        assert at.platform.routing(at.service).of("v2") is None

    def test_what_makes_no_sense_is_refused_and_changes_nothing(self, at: Under) -> None:
        before = at.platform.read(at.service)
        wrong: tuple[WorkloadChange, ...] = (
            SetWeights(weights={at.stable: 90}),
            SetWeights(weights={at.stable: 110, "v9": -10}),
            Remove(version="v9"),
            Remove(version=at.stable),
            Restart(version="v9"),
            Configure(version="v9", key="LIMIT", value="3"),
            at.second(at.stable),
        )
        for change in wrong:
            with pytest.raises(Refused):
                at.make(change, OURS)
        assert at.platform.read(at.service) == before

    def test_a_setting_is_set_and_unset_and_the_history_knows_what_it_was(self, at: Under) -> None:
        since = at.platform.routing(at.service).at - timedelta(seconds=1)
        first = at.made(Configure(version=at.stable, key="SUTURE_LIMIT", value="3")).version(at.stable)
        assert first is not None
        assert first.config["SUTURE_LIMIT"] == "3"
        then = at.made(Configure(version=at.stable, key="SUTURE_LIMIT", value=None)).version(at.stable)
        assert then is not None
        assert "SUTURE_LIMIT" not in then.config
        found = [one for one in at.platform.history(at.service, since) if one.key == "SUTURE_LIMIT"]
        assert [(one.old, one.new) for one in found] == [(None, "3"), ("3", None)]


class TwoStepPlatformContract(PlatformContract):
    """Beside it of a platform that first makes what is new and then writes the routing object."""

    def interrupt(self, at: Under, change: Deploy, effect: Effect) -> None:
        """End a caller between the two."""
        raise NotImplementedError

    def test_an_end_between_what_is_new_and_the_write_leaves_nothing_that_serves(self, at: Under) -> None:
        before = at.platform.read(at.service)
        self.interrupt(at, at.second("v2"), OURS)
        at.wait(1.0)
        assert at.platform.read(at.service) == before
        assert at.requests("v2") == 0
        # The same effect goes on with what it made, and makes it once.
        after = at.made(at.second("v2"), OURS)
        assert [version.name for version in after.versions].count("v2") == 1
        assert at.platform.read(at.service).effect == OURS

    def test_what_somebody_left_behind_is_in_nobodys_way(self, at: Under) -> None:
        self.interrupt(at, at.second("v2"), OURS)
        after = at.made(at.second("v2"), Effect(key="theirs", token=8, incident="inc-2"))
        assert [version.name for version in after.versions].count("v2") == 1
