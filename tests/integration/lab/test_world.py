"""The embedded world's interface over real processes: two small services, a router, users, samples."""

import asyncio
import math
import os
from pathlib import Path

import aiohttp
import pytest

from evals.lab import wall
from evals.lab.instances import Instance
from incident.errors import Unavailable
from incident.evidence import Change, Measurement, Signals
from incident.workload import Effect, Routing, Workload
from tests.integration.lab import bench
from tests.integration.lab.bench import Bench
from tools import embedded
from tools.clock import SystemClock
from tools.embedded import world_proof


async def routing(lab: Bench) -> Routing:
    return Routing.model_validate((await lab.get("/services/back/routing"))[1])


async def workload(lab: Bench) -> Workload:
    return Workload.model_validate((await lab.get("/services/back"))[1])


def instance(lab: Bench, version: str) -> Instance:
    return next(one for one in lab.lab.services["back"].instances if one.release.version == version)


async def eventually(what: str, true: object) -> None:
    """Wait at most 20 s until an async question is answered with yes."""
    assert callable(true)
    for _ in range(200):
        if await true():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(what)


def test_a_world_says_who_it_is_and_what_it_runs(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        _, world = await lab.get("/world")
        assert isinstance(world, dict)
        folders = {"folder", "repository", "logs", "spans", "captures"}
        assert set(world) == {"id", "kind", "name", "started_at", "url", "pid", *folders}
        assert await lab.get("/services") == (200, ["back", "front"])
        now = await workload(lab)
        assert [(one.name, one.weight, one.ready) for one in now.versions] == [("1", 100, True)]
        assert await lab.get("/services/back/history", since="2020-01-01T00:00:00Z") == (200, [])
        pid = next((Path(world["logs"])).glob("back.1.*.jsonl")).name.split(".")[2]
        assert f"{world['logs']}/back.1.{pid}.jsonl" in Path(f"/proc/{pid}/environ").read_text().replace("\0", "\n")

    bench.run(tmp_path, scenario)


def test_the_lab_proves_who_it_is_with_the_secret_in_its_folder(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        found = await asyncio.to_thread(embedded.connect, lab.url, SystemClock())
        assert found.name == "the embedded lab (real processes on this machine)"
        assert await asyncio.to_thread(found.platform.services) == ("back", "front")
        with pytest.raises(KeyError):  # a refusal is signed as well
            await asyncio.to_thread(found.platform.read, "nobody")
        world_proof.make(tmp_path / "world", lab.lab.name)
        with pytest.raises(Unavailable, match="does not prove to be"):
            await asyncio.to_thread(embedded.connect, lab.url, SystemClock())

    bench.run(tmp_path, scenario)


def test_bad_questions_get_one_sentence(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        for path in ("/services/nobody", "/services/nobody/history?since=2020-01-01T00:00:00Z", "/nowhere"):
            status, answer = await lab.get(path)
            assert status == 404, path
            assert isinstance(answer, dict)
            assert set(answer) == {"error"}
        for path in ("/services/back/history", "/signals?service=back&start=yesterday&end=today"):
            assert (await lab.get(path))[0] == 422, path
        assert (await lab.get("/signals", service="nobody", start="x", end="y"))[0] == 404
        assert (await lab.post("/services/back/changes", {"revision": "1"}))[0] == 422
        assert (await lab.post("/services/back/changes", "x" * 300_000))[0] == 413
        assert (await lab.post("/lease", {"seconds": -1}))[0] == 422
        assert (await lab.post("/lease", {"seconds": 60}))[0] == 200

    bench.run(tmp_path, scenario, rate=5)


def test_a_stale_revision_conflicts_and_changes_nothing(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        status, first = await lab.change("1", {"kind": "annotate"}, key="1")
        assert (status, first["revision"]) == (200, "2")
        status, refused = await lab.change("1", {"kind": "annotate"}, key="2")
        assert (status, refused["error"]) == (409, "conflict")
        assert Workload.model_validate(refused["workload"]).effect == Effect(key="1")
        assert (await workload(lab)).revision == "2"

    bench.run(tmp_path, scenario, rate=5)


def test_of_many_writers_with_one_revision_exactly_one_wins(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        answers = await asyncio.gather(*(lab.deploy(f"v{number}", "1") for number in range(5)))
        assert sorted(status for status, _ in answers) == [200, 409, 409, 409, 409]
        assert len((await workload(lab)).versions) == 2

    bench.run(tmp_path, scenario, rate=5)


def test_changes_that_make_no_sense_are_refused_and_change_nothing(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        wrong: list[dict[str, object]] = [
            {"kind": "weights", "weights": {"1": 90}},
            {"kind": "weights", "weights": {"1": 110, "2": -10}},
            {"kind": "weights", "weights": {"1": 50, "nobody": 50}},
            {"kind": "remove", "version": "1"},
            {"kind": "remove", "version": "nobody"},
            {"kind": "restart", "version": "nobody"},
            {"kind": "configure", "version": "1", "key": "BACK_URL", "value": "http://elsewhere"},
            {"kind": "configure", "version": "1", "key": "not a name", "value": "x"},
            {"kind": "deploy", "version": "1", "commit": lab.commit, "config_from": "1"},
            {"kind": "deploy", "version": "../2", "commit": lab.commit, "config_from": "1"},
            {"kind": "deploy", "version": "2", "commit": "--output=x", "config_from": "1"},
            {"kind": "deploy", "version": "2", "commit": "0" * 40, "config_from": "1"},
            {"kind": "scale", "replicas": 3},
        ]
        before = await workload(lab)
        for change in wrong:
            status, answer = await lab.change("1", change, key="x")
            assert status == 422, change
            assert set(answer) == {"error"}
        assert await workload(lab) == before

    bench.run(tmp_path, scenario, rate=5)


def test_a_version_that_does_not_get_ready_fails_idle_and_leaves_no_process(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        for name in ("libs/shopkit/serve.py",):
            (lab.lab.world.checkouts / lab.commit[:12] / name).write_text("raise SystemExit('no licence')")
        assert (await lab.deploy("2", "1"))[0] == 200
        found = await lab.settled()
        assert found["state"] == "failed"
        assert "no licence" in str(found["reason"])
        two = (await workload(lab)).version("2")
        assert two is not None
        assert (two.ready, two.weight) == (False, 0)
        assert not list((lab.lab.world.root / "logs").glob("back.2.*"))
        # What failed can be taken away, and is then in nobody's way.
        assert (await lab.change("2", {"kind": "remove", "version": "2"}))[0] == 200
        assert (await lab.settled())["state"] == "in force"
        assert [one.name for one in (await workload(lab)).versions] == ["1"]

    bench.run(tmp_path, scenario, rate=5)


def test_the_router_splits_as_told_counts_what_it_sent_and_loses_nothing(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        await lab.deploy("2", "1")
        before = await routing(lab)
        assert (before.of("2") or before.versions[0]).requests == 0
        await lab.change("2", {"kind": "weights", "weights": {"1": 70, "2": 30}})
        old = await routing(lab)
        await asyncio.sleep(6)
        new = await routing(lab)
        grown = {name: _requests(new, name) - _requests(old, name) for name in ("1", "2")}
        total = sum(grown.values())
        assert total > 600
        assert abs(grown["2"] - 0.3 * total) < 5 * math.sqrt(total * 0.3 * 0.7)
        await lab.change("3", {"kind": "weights", "weights": {"2": 100}})
        status, now = await lab.change("4", {"kind": "remove", "version": "1"})
        assert (status, [one["name"] for one in now["versions"]]) == (200, ["2"])  # type: ignore[attr-defined] # parsed JSON
        seen = await lab.lab.load.ask("counts", {})
        assert isinstance(seen["statuses"], dict)
        assert set(seen["statuses"]) == {"200"}
        _, changes = await lab.get("/services/back/history", since="2020-01-01T00:00:00Z")
        assert isinstance(changes, list)
        read = [Change.model_validate(change) for change in changes]
        assert [change.what for change in read] == ["deploy", "weights", "weights", "remove"]
        assert (read[0].version, read[0].previous, read[0].previous_commit) == ("2", "1", lab.commit)

    bench.run(tmp_path, scenario, rate=150)


def _requests(found: Routing, version: str) -> int:
    counts = found.of(version)
    assert counts is not None
    return counts.requests


def test_configuring_and_restarting_lose_no_request(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        first = instance(lab, "1").port
        status, now = await lab.change("1", {"kind": "configure", "version": "1", "key": "DELAY", "value": "0.01"})
        assert status == 200
        assert Workload.model_validate(now).versions[0].config == {"DELAY": "0.01"}
        status, _ = await lab.change("2", {"kind": "restart", "version": "1"})
        assert status == 200
        assert instance(lab, "1").port != first
        await asyncio.sleep(1)
        seen = await lab.lab.load.ask("counts", {})
        assert isinstance(seen["statuses"], dict)
        assert set(seen["statuses"]) == {"200"}
        _, changes = await lab.get("/services/back/history", since="2020-01-01T00:00:00Z")
        assert isinstance(changes, list)
        assert [(one["what"], one["key"], one["old"], one["new"]) for one in changes] == [
            ("config", "DELAY", None, "0.01"),
            ("restart", None, None, None),
        ]
        _, runtime = await lab.get("/services/back/runtime")
        assert isinstance(runtime, dict)
        assert runtime["environment"]["DELAY"] == "0.01"
        assert all(Path(mount).is_dir() for mount in runtime["mounts"])

    bench.run(tmp_path, scenario, rate=100)


def test_a_removed_version_finishes_what_it_has(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        await lab.deploy("2", "1")
        await lab.change("2", {"kind": "configure", "version": "2", "key": "DELAY", "value": "1.5"})
        await lab.change("3", {"kind": "weights", "weights": {"2": 100}})
        await asyncio.sleep(0.5)
        await lab.change("4", {"kind": "weights", "weights": {"1": 100}})
        assert (await lab.change("5", {"kind": "remove", "version": "2"}))[0] == 200
        await asyncio.sleep(1)
        seen = await lab.lab.load.ask("counts", {})
        assert isinstance(seen["statuses"], dict)
        assert set(seen["statuses"]) == {"200"}

    bench.run(tmp_path, scenario, rate=40)


def test_a_crashed_process_is_started_again_and_its_errors_are_counted(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        one = instance(lab, "1")
        async with lab.http.get(f"{one.url}/healthz") as alive:
            assert alive.status == 200
        with pytest.raises(aiohttp.ClientError):
            await lab.http.get(f"{one.url}/crash")
        await eventually("it counts errors", lambda: _has_errors(lab))
        await eventually("it is ready again", lambda: _ready(lab))

    bench.run(tmp_path, scenario)


async def _has_errors(lab: Bench) -> bool:
    return (await routing(lab)).versions[0].errors > 0


async def _ready(lab: Bench) -> bool:
    return (await workload(lab)).versions[0].ready and instance(lab, "1").ready


def test_a_shift_of_users_fires_the_rules_of_the_service_and_of_its_caller_and_they_resolve(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        began = lab.lab.wall.now()
        await lab.lab.shift({"stock": 0.3})
        await eventually("both fire", lambda: _firing(lab, {"back", "front"}))
        _, rules = await lab.get("/rules")
        assert isinstance(rules, list)
        rule = next(one for one in rules if one["service"] == "back")
        _, measured = await lab.post("/measure", rule)
        value = Measurement.model_validate(measured)
        assert value.firing
        assert value.samples > 100
        window = {"start": wall.moment(began).isoformat(), "end": wall.moment(lab.lab.wall.now()).isoformat()}
        _, found = await lab.get("/signals", service="back", **window)
        signals = Signals.model_validate(found)
        assert 0.2 < signals.error_rate < 0.4
        assert signals.p99_ms is not None
        assert signals.memory_bytes is not None
        _, series = await lab.get("/range", service="back", name="errors", **window)
        assert isinstance(series, dict)
        assert sum(point[1] for point in series["points"]) > 10
        _, missing = await lab.get("/signals", service="back", version="9", **window)
        assert missing == {"missing": "no samples of back 9 in this window"}
        await lab.lab.shift({})
        await eventually("both resolve", lambda: _firing(lab, set()))

    bench.run(tmp_path, scenario, rate=100)


async def _firing(lab: Bench, services: set[str]) -> bool:
    _, payload = await lab.get("/alerts")
    assert isinstance(payload, dict)
    return {one["labels"]["service"] for one in payload["alerts"]} == services


def test_users_come_at_their_rate_however_slowly_the_shop_answers(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        await lab.change("1", {"kind": "configure", "version": "1", "key": "DELAY", "value": "1.2"})
        first = await lab.lab.load.ask("counts", {})
        await asyncio.sleep(5)
        second = await lab.lab.load.ask("counts", {})
        came = int(str(second["arrived"])) - int(str(first["arrived"]))
        assert abs(came - 5 * 100) < 5 * math.sqrt(500) + 50
        assert (await routing(lab)).versions[0].slow > 100

    bench.run(tmp_path, scenario, rate=100)


def test_the_shop_can_be_read_by_users_without_privileges(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        assert lab.lab.shop.python.stat().st_mode & 0o005 == 0o005
        tree = lab.lab.world.checkouts / lab.commit[:12]
        assert all(os.stat(file).st_mode & 0o004 for file in tree.rglob("*.py"))  # noqa: PTH116 (one call per file)

    bench.run(tmp_path, scenario, rate=5)
