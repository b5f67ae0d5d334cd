"""Measures the door: reads large payloads, names the service of each alert and groups them.  ``python -m evals.bench.intake``.

The alerts are pods' as kube-prometheus-stack writes them, over the services of a simulated world and others beside
them; nothing is driven, because what an incident costs does not depend on how many alerts it had.
"""

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue

from graph.config.settings import Settings
from graph.runtime import cases
from incident import alert
from policies import profiles
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world

SIGNS = "bcdfghjklmnpqrstvwxz2456789"


def pod_alerts(count: int, services: tuple[str, ...], seed: int) -> Iterator[dict[str, JsonValue]]:
    """Alerts of pods, each of another one, over the services by turns."""
    drawn = random.Random(seed)
    for number in range(count):
        service = services[number % len(services)]
        suffix = "".join(drawn.choices(SIGNS, k=5))
        labels: dict[str, JsonValue] = {
            "alertname": "KubePodCrashLooping",
            "container": service,
            "endpoint": "http",
            "instance": "10.244.0.3:8080",
            "job": "kube-state-metrics",
            "namespace": "shop",
            "pod": f"{service}-7c9f8d6b5c-{suffix}",
            "prometheus": "monitoring/k8s",
            "reason": "CrashLoopBackOff",
            "service": "kube-prometheus-stack-kube-state-metrics",
            "severity": "warning",
            "uid": f"{drawn.getrandbits(128):032x}",
        }
        yield {
            "status": "firing",
            "labels": labels,
            "annotations": {
                "description": "Pod is in waiting state " * 20,
                "runbook_url": "https://runbooks.example/x",
            },
            "startsAt": f"2026-11-28T18:{number // 60 % 60:02d}:{number % 60:02d}Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example/graph?g0.expr=" + "x" * 200,
            "fingerprint": f"{number:016x}",
        }


def measured(count: int, services: tuple[str, ...], seed: int) -> dict[str, JsonValue]:
    """Read one payload of so many alerts, and say how long each part took."""
    listed: JsonValue = list(pod_alerts(count, services, seed))
    raw = json.dumps({"version": "4", "alerts": listed}).encode()
    world = incident_world(ManualClock())
    began = time.perf_counter()
    payload = alert.parse(raw)
    read = time.perf_counter()
    split = cases.of(Settings(home=Path("/nowhere"), limits=profiles.standard()), world, payload)
    done = time.perf_counter()
    return {
        "alerts": count,
        "services": len(services),
        "mebibytes": round(len(raw) / 2**20, 1),
        "reading_seconds": round(read - began, 2),
        "naming_and_grouping_seconds": round(done - read, 2),
        "incidents": len(split.cases),
        "left_out": split.left_out[-1] if split.left_out else "",
        "peak_mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main(arguments: list[str]) -> int:
    """Print one line of JSON for each size."""
    parser = argparse.ArgumentParser(prog="python -m evals.bench.intake", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--alerts", type=int, nargs="*", default=[100, 20_000, 24_000])
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    for count in given.alerts:
        for services in (("orders", "stock", "storefront"), ("orders", *(f"unknown{number}" for number in range(50)))):
            sys.stdout.write(json.dumps(measured(count, services, given.seed)) + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
