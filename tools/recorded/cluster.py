"""Reads ``kubectl get pods,deployments,replicasets,nodes -o json``: versions, their history, and where pods ran."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from incident.evidence import Change
from incident.places import Pod
from incident.workload import Version
from tools.recorded import bounds, times
from tools.recorded.files import Files, within
from tools.recorded.naming import Naming
from tools.recorded.said import said

FOLDER = "cluster"

_COMMITS = ("org.opencontainers.image.revision", "suture.dev/commit")
"""Labels or annotations of a pod that name the commit that it was built from."""
_ZONES = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Set:
    """A ReplicaSet: one version of a service."""

    service: str
    name: str
    version: str
    commit: str
    images: tuple[str, ...]
    config: Mapping[str, str]
    created: datetime
    ready: int


@dataclass
class Cluster:
    """Everything that was exported of a cluster."""

    sets: dict[str, list[Set]] = field(default_factory=dict)
    """Versions of each service, the oldest first."""
    pods: dict[str, list[Pod]] = field(default_factory=dict)

    def versions(self, service: str) -> tuple[Version, ...]:
        """The versions that run, with their share of the ready pods; the newest one where none is ready."""
        held = self.sets.get(service, [])
        running = [one for one in held if one.ready] or held[-1:]
        weights = _shares([one.ready for one in running])
        return tuple(
            Version(
                name=one.version,
                commit=one.commit,
                weight=weight,
                ready=one.ready > 0,
                config=dict(one.config),
                started_at=one.created,
            )
            for one, weight in zip(running, weights, strict=True)
        )

    def history(self) -> Iterator[Change]:
        """A deploy for each version that took the place of another, or a changed setting where only that differs."""
        for service, held in self.sets.items():
            for before, after in itertools.pairwise(held):
                yield from _changes(service, before, after)


def read(files: Files, naming: Naming, as_of: datetime) -> Cluster:
    """The objects that were there at a time; one that cannot be read gets a sentence."""
    everything: dict[str, list[Object]] = {}
    for name in files.named(FOLDER, ".json"):
        room = within(bounds.MAX_ITEMS, files.troubles, name, "objects")
        for item in _items(files, name):
            if not room():
                break
            created = times.read(_of(item, "metadata").get("creationTimestamp"))
            if not isinstance(item.get("kind"), str) or created is None or not _of(item, "metadata").get("name"):
                files.troubles.say(name, "an object has no kind, name or creationTimestamp")
            elif created <= as_of:
                everything.setdefault(item["kind"], []).append(item)
    return _put_together(everything, naming)


def _items(files: Files, name: str) -> Iterator[Object]:
    document = files.document(name)
    if not isinstance(document, dict):
        if document is not None:
            files.troubles.say(name, "it is no object of Kubernetes")
        return
    items = document.get("items", [document])
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield item


def _put_together(everything: Mapping[str, list[Object]], naming: Naming) -> Cluster:
    found = Cluster()
    owners: dict[tuple[str, str], tuple[str, str]] = {}
    owned: dict[str, list[Object]] = {}
    for one in everything.get("ReplicaSet", ()):
        deployment = _owner(one, "Deployment")
        if deployment:
            owned.setdefault(_service(one, deployment, naming), []).append(one)
    for one in (
        *everything.get("Deployment", ()),
        *everything.get("StatefulSet", ()),
        *everything.get("DaemonSet", ()),
    ):
        service = _service(one, _of(one, "metadata")["name"], naming)
        # Without its sets a Deployment is its only version.
        owned.setdefault(service, [one])
    for service, held in owned.items():
        ordered = sorted(held, key=lambda one: str(_of(one, "metadata")["creationTimestamp"]))
        found.sets[service] = _sets(service, ordered, naming)
        for one, known in zip(ordered, found.sets[service], strict=True):
            owners[_where(one), known.name] = (service, known.version)
    zones = {_of(node, "metadata")["name"]: _labelled(node, _ZONES) for node in everything.get("Node", ())}
    for one in everything.get("Pod", ()):
        owner = next(
            (_owner(one, kind) for kind in ("ReplicaSet", "StatefulSet", "DaemonSet") if _owner(one, kind)), ""
        )
        service, version = owners.get((_where(one), owner), ("", ""))
        labels = _of(_of(one, "metadata"), "labels")
        service, version = service or naming.service(labels), version or naming.version(labels)
        node = str(_of(one, "spec").get("nodeName") or "")
        if service:
            pod = Pod(
                name=said(str(_of(one, "metadata")["name"])), version=version, node=said(node), zone=zones.get(node, "")
            )
            found.pods.setdefault(service, []).append(pod)
    return found


def _sets(service: str, held: list[Object], naming: Naming) -> list[Set]:
    named: list[Set] = []
    taken: set[str] = set()
    # The newest of equal names keeps it: telemetry speaks of what runs.
    for one in reversed(held):
        template = _of(_of(one, "spec"), "template")
        containers = [item for item in _of(template, "spec").get("containers") or () if isinstance(item, dict)]
        images = tuple(said(str(item.get("image") or "")) for item in containers)
        name = str(_of(one, "metadata")["name"])
        tag = next((image.rpartition(":")[2] for image in images if ":" in image.rpartition("/")[2]), "")
        version = naming.version(_of(_of(template, "metadata"), "labels")) or tag or name
        if version in taken:
            version = f"{version}-{name.rpartition('-')[2]}"
        taken.add(version)
        created = times.read(_of(one, "metadata")["creationTimestamp"])
        ready = _of(one, "status").get("readyReplicas") or 0
        if created is not None:
            named.append(
                Set(
                    service=service,
                    name=name,
                    version=version,
                    commit=_labelled(template, _COMMITS) or _labelled(one, _COMMITS),
                    images=images,
                    config=dict(_environment(containers)),
                    created=created,
                    ready=ready if isinstance(ready, int) else 0,
                )
            )
    return named[::-1]


def _environment(containers: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Variables with a value of their own; those of secrets and config maps have none here."""
    for container in containers:
        for item in container.get("env") or ():
            if isinstance(item, dict) and isinstance(item.get("name"), str) and isinstance(item.get("value"), str):
                yield item["name"], item["value"]


def _changes(service: str, before: Set, after: Set) -> Iterator[Change]:
    if before.images != after.images or before.commit != after.commit:
        yield Change(
            service=service,
            at=after.created,
            what="deploy",
            version=after.version,
            previous=before.version,
            commit=after.commit or None,
            previous_commit=before.commit or None,
        )
    for key in sorted({*before.config, *after.config}):
        old, new = before.config.get(key), after.config.get(key)
        if old != new:
            yield Change(
                service=service, at=after.created, what="config", version=after.version, key=key, old=old, new=new
            )


def _shares(counts: list[int]) -> list[int]:
    """Whole shares in percent that add up to 100; the first one gets what rounding leaves."""
    total = sum(counts)
    if not counts:
        return []
    shares = [100 * count // total if total else 0 for count in counts]
    shares[shares.index(max(shares))] += 100 - sum(shares)
    return shares


def _service(item: Object, name: str, naming: Naming) -> str:
    return naming.called(naming.names.get(f"{_where(item)}/{name}") or name)


def _owner(item: Object, kind: str) -> str:
    owners = _of(item, "metadata").get("ownerReferences") or ()
    return next((str(one.get("name")) for one in owners if isinstance(one, dict) and one.get("kind") == kind), "")


def _where(item: Object) -> str:
    return str(_of(item, "metadata").get("namespace") or "")


def _labelled(item: Object, names: tuple[str, ...]) -> str:
    held = {**_of(_of(item, "metadata"), "labels"), **_of(_of(item, "metadata"), "annotations")}
    return said(next((str(held[name]) for name in names if held.get(name)), ""), 100)


def _of(item: Object, key: str) -> Object:
    found = item.get(key)
    return found if isinstance(found, dict) else {}
