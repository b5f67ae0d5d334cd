"""Nothing in a recording can be changed, its clock stands at the as-of, and what is not in it is missing."""

import json
from pathlib import Path

import pytest

from graph.config import settings
from graph.setup import worlds
from incident.errors import BadInput, Refused
from incident.evidence import Missing
from incident.workload import (
    Annotate,
    Commit,
    Configure,
    Deploy,
    Effect,
    Overlay,
    Remove,
    Restart,
    Revision,
    SetWeights,
    WorkloadChange,
)
from tests.unit.recordings.folders import NOON, at, said, world, written
from tools import recorded

DEPLOY = {"service": "orders", "at": "2026-03-01T12:05:00Z", "what": "deploy", "version": "v2", "previous": "v1"}
FILES = {"changes/c.jsonl": json.dumps(DEPLOY) + "\n", "alert.json": "{}"}

EVERY_CHANGE: tuple[WorkloadChange, ...] = (
    Deploy(version="v3", source=Commit(commit="f" * 40), config_from="v2"),
    Deploy(version="v3", source=Overlay(files={"a.py": "x"}, commit="f" * 40), config_from="v2"),
    Deploy(version="v3", source=Revision(revision="v1"), config_from="v2"),
    SetWeights(weights={"v2": 100}),
    Remove(version="v2"),
    Restart(version="v2"),
    Configure(version="v2", key="LIMIT", value="3"),
    Annotate(),
)


@pytest.mark.parametrize("change", EVERY_CHANGE, ids=lambda change: type(change).__name__)
def test_every_change_is_refused(tmp_path: Path, change: WorkloadChange) -> None:
    found = world(tmp_path, FILES)
    before = found.platform.read("orders")
    with pytest.raises(Refused, match="nothing in it can be changed"):
        found.platform.change("orders", change, revision=before.revision, effect=Effect(key="k"))
    assert found.platform.read("orders") == before
    assert found.platform.settled("orders", "k").state == "failed"
    assert found.platform.able("orders").why_not


def test_every_kind_of_change_was_tried() -> None:
    kinds = {kind.__name__ for kind in WorkloadChange.__args__[0].__args__}
    assert kinds == {type(change).__name__ for change in EVERY_CHANGE}


def test_nothing_in_it_can_be_run_and_no_router_counted(tmp_path: Path) -> None:
    platform = world(tmp_path, FILES).platform
    for ask in (platform.runtime, platform.routing):
        with pytest.raises(Refused):
            ask("orders")
        with pytest.raises(KeyError):
            ask("billing")


def test_the_clock_begins_at_the_as_of_and_moves_when_somebody_sleeps(tmp_path: Path) -> None:
    clock = world(tmp_path, FILES, at(600)).clock
    assert (clock.now(), clock.monotonic()) == (at(600), 0.0)
    clock.sleep(2.5)
    clock.sleep(-1)
    assert (clock.now(), clock.monotonic()) == (at(602.5), 2.5)


def test_the_as_of_is_asked_for_or_described_or_the_newest_time(tmp_path: Path) -> None:
    described = {**FILES, "recording.toml": "as_of = 2026-03-01T12:07:00"}
    assert world(tmp_path / "a", FILES).as_of == at(300)
    assert world(tmp_path / "b", described).as_of == at(420)
    assert world(tmp_path / "c", described, at(360)).as_of == at(360)


def test_a_change_behind_the_as_of_was_not_made_yet(tmp_path: Path) -> None:
    found = world(tmp_path, {**FILES, "recording.toml": '[services]\nonly = ["orders"]'}, at(200))
    assert found.platform.history("orders", NOON) == found.changes.within(NOON, at(900)) == ()
    assert found.platform.read("orders").versions[0].name == "unknown"
    later = world(tmp_path, {}, at(300))
    assert later.platform.read("orders").versions[0].name == "v2"


def test_the_world_is_the_folder_as_of_a_time(tmp_path: Path) -> None:
    names = {
        world(tmp_path, FILES).platform.world(),
        world(tmp_path, FILES, at(300)).platform.world(),
        world(tmp_path, FILES, at(301)).platform.world(),
    }
    assert len(names) == 2
    assert world(tmp_path, {"changes/d.jsonl": ""}).platform.world() not in names


def test_what_is_not_in_it_is_missing_and_not_healthy(tmp_path: Path) -> None:
    found = world(tmp_path, {"recording.toml": 'as_of = 2026-03-01T12:00:00Z\n[services]\nonly = ["orders"]'})
    assert found.platform.services() == ("orders",)
    assert isinstance(found.metrics.signals("orders", NOON, NOON), Missing)
    assert isinstance(found.metrics.names("orders"), Missing)
    assert isinstance(found.logs.lines("orders", NOON, NOON), Missing)
    assert isinstance(found.traces.calls(NOON, NOON), Missing)
    assert isinstance(found.traces.neighbours("orders"), Missing)
    assert isinstance(found.changes.within(NOON, NOON), Missing)
    assert isinstance(found.captures.recorded("orders", "failed", NOON, NOON), Missing)
    assert isinstance(found.repository.component("orders"), Missing)
    with pytest.raises(Refused):
        found.platform.history("orders", NOON)


def test_an_empty_file_of_changes_says_that_none_was_made(tmp_path: Path) -> None:
    found = world(tmp_path, {"changes/c.jsonl": ""}, NOON)
    assert found.changes.within(NOON, at(1)) == ()


def test_a_broken_line_of_changes_and_a_bundle_are_one_sentence_each(tmp_path: Path) -> None:
    found = world(tmp_path, {**FILES, "changes/d.jsonl": '{"service": "x"}\n', "repo.bundle": "# v2 git bundle"})
    assert len(said(found)) == 2
    assert said(found)[0].startswith("changes/d.jsonl: line 1: at: ")
    assert "git clone --bare" in said(found)[1]


def test_a_link_in_it_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.jsonl"
    secret.write_text(json.dumps({**DEPLOY, "version": "stolen"}))
    folder = written(tmp_path / "recording", FILES)
    (folder / "changes" / "x.jsonl").symlink_to(secret)
    changes = recorded.connect(recorded.address(folder)).changes.within(NOON, at(900))
    assert not isinstance(changes, Missing)
    assert [change.version for change in changes] == ["v2"]


@pytest.mark.parametrize("url", ["recorded:relative", "recorded:/nowhere/at/all", "recorded:/tmp?as_of=soon"])
def test_an_address_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        recorded.connect(url)


def test_an_address_of_one_port_reads_the_recording_and_leaves_the_rest(tmp_path: Path) -> None:
    folder = written(tmp_path / "a folder", FILES)
    place = recorded.address(folder, at(400))
    given = {"SUTURE_HOME": "/nowhere", "SUTURE_PLATFORM": place, "SUTURE_CHANGES": place}
    found = worlds.assemble(settings.load(given))
    assert found.platform.services() == ("orders",)
    assert found.clock.now() == at(400)
    assert isinstance(found.logs.lines("orders", NOON, NOON), Missing)
    whole = worlds.assemble(settings.load({"SUTURE_HOME": "/nowhere", "SUTURE_WORLD_URL": place}))
    assert whole.platform.world() == found.platform.world()


@pytest.mark.parametrize("variable", ["SUTURE_WORLD_URL", "SUTURE_PLATFORM"])
def test_over_a_recording_nothing_is_done_whatever_the_settings_say(variable: str) -> None:
    given = {
        "SUTURE_HOME": "/nowhere",
        "SUTURE_AUTONOMY": "auto",
        "SUTURE_NOTIFY_URL": "http://pager/",
        "SUTURE_PUBLISH_TO": "git:/srv/remote.git",
        variable: "recorded:/somewhere",
    }
    found = worlds.observing(settings.load(given))
    assert (found.autonomy, found.notify_url, found.publish_to) == ("observe", "", "")
    live = settings.load({**given, variable: "http://127.0.0.1:1"} | {"SUTURE_PLATFORM": "embedded:http://127.0.0.1:1"})
    assert worlds.observing(live) is live
