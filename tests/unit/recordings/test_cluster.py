"""Versions, their history and where pods ran are read from what kubectl prints."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from incident.evidence import Missing
from incident.places import Pod
from tests.unit.recordings.folders import NOON, at, said, world
from tools import recorded


def meta(name: str, minutes: float, owner: str = "", **more: Any) -> dict[str, Any]:
    kind = "ReplicaSet" if owner.count("-") > 1 else "Deployment"
    owners = [{"kind": kind, "name": owner}] if owner else []
    created = at(60 * minutes).isoformat().replace("+00:00", "Z")
    return {"name": name, "namespace": "shop", "creationTimestamp": created, "ownerReferences": owners, **more}


def replicas(name: str, minutes: float, image: str, ready: int, **environment: str) -> dict[str, Any]:
    env: list[dict[str, Any]] = [{"name": key, "value": value} for key, value in environment.items()]
    env.append({"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "x", "key": "y"}}})
    template: dict[str, Any] = {
        "metadata": {"annotations": {"org.opencontainers.image.revision": image[-2:] * 20}},
        "spec": {"containers": [{"image": f"registry:5000/orders:{image}", "env": env}]},
    }
    return {
        "kind": "ReplicaSet",
        "metadata": meta(name, minutes, "orders-api"),
        "spec": {"template": template},
        "status": {"readyReplicas": ready} if ready else {},
    }


LIST = {
    "kind": "List",
    "items": [
        {"kind": "Deployment", "metadata": meta("orders-api", -600), "spec": {}},
        replicas("orders-api-bb", 5, "1.1", 2, LIMIT="5"),
        replicas("orders-api-aa", -300, "1.0", 1, LIMIT="5"),
        replicas("orders-api-cc", 8, "1.1", 0, LIMIT="3"),
        {"kind": "Pod", "metadata": meta("orders-api-bb-1", 5, "orders-api-bb"), "spec": {"nodeName": "n1"}},
        {"kind": "Node", "metadata": {**meta("n1", -900), "labels": {"topology.kubernetes.io/zone": "z1"}}},
    ],
}
NAMES = '[services.names]\n"shop/orders-api" = "orders"\n'


def of(folder: Path, more: Mapping[str, str] = {}, minutes: float = 6) -> recorded.RecordedWorld:
    files = {"cluster/all.json": json.dumps(LIST), "recording.toml": NAMES, **more}
    return world(folder, files, at(60 * minutes))


def test_replica_sets_are_versions_with_their_share_of_the_ready_pods(tmp_path: Path) -> None:
    found = of(tmp_path).platform
    assert found.services() == ("orders",)
    workload = found.read("orders")
    assert [(one.name, one.weight, one.commit) for one in workload.versions] == [
        ("1.0", 33, ".0" * 20),
        ("1.1", 67, ".1" * 20),
    ]
    assert workload.versions[1].config == {"LIMIT": "5"}


def test_one_that_took_the_place_of_another_is_a_deploy_and_a_new_environment_a_changed_setting(tmp_path: Path) -> None:
    (deploy,) = of(tmp_path).platform.history("orders", at(-36000))
    assert (deploy.what, deploy.version, deploy.previous, deploy.at) == ("deploy", "1.1", "1.0", at(300))
    late = of(tmp_path, minutes=9)
    changes = late.changes.within(NOON, at(900))
    assert not isinstance(changes, Missing)
    assert [(one.what, one.key, one.old, one.new) for one in changes][-1] == ("config", "LIMIT", "5", "3")
    assert late.platform.history("orders", NOON) == changes


def test_pods_have_nodes_and_zones(tmp_path: Path) -> None:
    found = of(tmp_path).places.of("orders")
    assert not isinstance(found, Missing)
    assert found.pods == (Pod(name="orders-api-bb-1", version="1.1", node="n1", zone="z1"),)
    assert {alias.name for alias in of(tmp_path).aliases()} == {"orders-api", "orders-api-bb-1"}


def test_what_came_after_the_as_of_is_not_there(tmp_path: Path) -> None:
    found = of(tmp_path, minutes=4)
    assert [one.name for one in found.platform.read("orders").versions] == ["1.0"]
    assert found.platform.history("orders", at(-36000)) == ()
    assert isinstance(found.places.of("orders"), Missing)


def test_a_document_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    found = of(
        tmp_path, {"cluster/b.json": "[]", "cluster/c.json": '{"items": [{"kind": "Pod"}]}', "cluster/d.json": "{"}
    )
    assert found.platform.services() == ("orders",)
    assert said(found) == [
        "cluster/b.json: it is no object of Kubernetes",
        "cluster/c.json: an object has no kind, name or creationTimestamp",
        "cluster/d.json: it is no JSON",
    ]
