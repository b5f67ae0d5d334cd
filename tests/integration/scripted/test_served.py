"""The scripted world as a process: reached by the embedded adapters over a socket, with a real git repository."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from incident.errors import Unsure
from incident.evidence import Condition, ErrorLog, Measurement, Missing
from incident.workload import Commit, Deploy, Effect, SetWeights
from tools import embedded, ports
from tools.clock import SystemClock
from tools.scripted import source

ROOT = Path(__file__).parents[3]
SECONDS = timedelta(seconds=1)


class Served(NamedTuple):
    """A served world and the process it lives in."""

    world: embedded.EmbeddedWorld
    process: "subprocess.Popen[bytes]"
    port: int


Serve = Callable[..., Served]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    started: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str) -> Served:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.scripted", str(tmp_path / "world"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        started.append(process)
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        url = str(said["url"])
        return Served(embedded.connect(url, SystemClock()), process, int(url.rsplit(":", 1)[1]))

    yield begin
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            stream.close()


def eventually(look: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if look():
            return True
        time.sleep(0.1)
    return False


def errors(served: Served, version: str | None = None) -> tuple[ErrorLog, ...]:
    now = SystemClock().now()
    found = served.world.logs.errors("orders", now - 60 * SECONDS, now, version)
    assert not isinstance(found, Missing)
    return found


def measured(served: Served) -> Measurement:
    rule = served.world.metrics.rule("HighErrorRate", {"service": "orders"})
    assert isinstance(rule, Condition)
    found = served.world.metrics.measure(rule)
    assert isinstance(found, Measurement)
    return found


def ways(traces: ports.Traces) -> list[list[str]]:
    """Services that each failing request of the last minute went through."""
    now = SystemClock().now()
    found = traces.failing("storefront", now - 60 * SECONDS, now, 50)
    return [[span.service for span in trace if span.kind == "server"] for trace in found]


def test_an_incident_can_be_seen_patched_and_cured_over_the_interface(serve: Serve) -> None:
    served = serve("--wakes-in=-30")
    world = served.world
    assert measured(served).firing
    place = errors(served)[-1].signature
    assert place is not None
    running = world.platform.read("orders").versions[0]
    text = world.repository.text(running.commit, "services/orders/pricing.py")
    assert text == source.PRICING
    mended = text.replace(source.BUGGY_LINE, source.MENDED_LINE)
    fix = world.repository.commit("suture/inc-1", running.commit, {"services/orders/pricing.py": mended}, "Mend")
    deploy = Deploy(version="v1-fix", source=Commit(commit=fix), config_from="v1")
    first = world.platform.change("orders", deploy, revision="r1", effect=Effect(key="k1"))
    world.platform.change("orders", SetWeights(weights={"v1-fix": 100}), revision=first.revision, effect=Effect())
    assert eventually(lambda: measured(served).value < 0.05)
    assert not any(log.exception == "AttributeError" for log in errors(served, "v1-fix"))
    # The world goes on while its files are read: a new trace may have its first spans only.
    assert eventually(lambda: ["storefront", "orders"] in ways(world.traces))
    assert world.captures.recorded("orders", "failed", SystemClock().now() - 60 * SECONDS, SystemClock().now())


def test_control_without_the_patch_the_rate_stays(serve: Serve) -> None:
    served = serve("--wakes-in=-30")
    assert not eventually(lambda: measured(served).value < 0.05, seconds=3.0)


def test_a_lost_answer_over_a_real_socket_is_unsure_and_the_key_tells(serve: Serve) -> None:
    served = serve('--trouble={"changes": {"1": "lost_answer", "2": "lost_request"}}')
    platform = served.world.platform
    deploy = Deploy(version="v1-fix", source=Commit(commit="f" * 40), config_from="v1")
    with pytest.raises(Unsure):
        platform.change("orders", deploy, revision="r1", effect=Effect(key="k1"))
    assert platform.read("orders").effect == Effect(key="k1")
    with pytest.raises(Unsure):
        platform.change("orders", SetWeights(weights={"v1-fix": 100}), revision="r2", effect=Effect(key="k2"))
    assert platform.read("orders").effect == Effect(key="k1")


@pytest.mark.parametrize("end", ["close", "kill"])
def test_nothing_is_left_when_whoever_started_it_is_gone(serve: Serve, end: str) -> None:
    served = serve()
    assert served.world.platform.read("orders").revision == "r1"
    if end == "close":
        assert served.process.stdin is not None
        served.process.stdin.close()
    else:
        served.process.send_signal(signal.SIGKILL)
    assert eventually(lambda: served.process.poll() is not None)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", served.port)) != 0
