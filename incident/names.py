"""Forms of a name: as it stands in a label, and what is left of it without what stacks put around it.

Literal forms come first, so that a name which the world knows is never shortened to another one.
"""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from incident.label_names import Kind

_SAFE = "bcdfghjklmnpqrstvwxz2456789"
"""Characters of Kubernetes' random suffixes: no vowels, so that they are no words (k8s.io/apimachinery util/rand)."""

_MIXED = r"(?=[a-z0-9]*\d[a-z0-9]*[a-z])"
"""A digit with a letter somewhere behind it, which numbered words do not have: `worker2` is no hash."""

_RANDOM = rf"(?:[{_SAFE}]{{5}}|{_MIXED}[a-z0-9]{{5}})"
_HASH = rf"(?:[{_SAFE}]{{6,10}}|{_MIXED}[a-z0-9]{{6,10}})"

_POD_ENDS = tuple(
    re.compile(end)
    for end in (
        rf"-{_HASH}-(?:{_RANDOM}|[a-z0-9]{{5}})$",  # a pod of a ReplicaSet
        rf"-\d{{8,10}}(?:-(?:{_RANDOM}|[a-z0-9]{{5}}))?$",  # a Job of a CronJob, and its pod
        rf"-\d{{1,4}}-{_RANDOM}$",  # a pod of a DeploymentConfig, or of an indexed Job
        rf"-{_RANDOM}$",  # a pod of a DaemonSet or a Job
        rf"-{_HASH}$",  # a ReplicaSet
        r"[-_]\d{1,4}$",  # a pod of a StatefulSet, a container of Compose
        r"\.\d{1,4}(?:\.[a-z0-9]{20,30})?$",  # a task of Swarm
        r"-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$",  # an allocation of Nomad
        r"-\d{5}-deployment$",  # a revision of Knative
    )
)
"""Ends that those which run a service carry behind its name."""

_ENDS = re.compile(
    r"[-_.](?:svc|service|deployment|deploy|statefulset|sts|daemonset|rollout|headless|metrics|monitor|servicemonitor|"
    r"podmonitor|container|task|tg|primary|canary|stable|preview|active|v\d{1,3})$"
)
"""Kinds of objects, roles of a rollout and versions, that are written behind a service's name."""

_CLUSTER = re.compile(r"(?:[^.]+\.)?(?P<name>[^.]+)\.(?P<namespace>[^.]+)\.svc(?:\..+)?")
"""An address in Kubernetes: service and namespace, and before them a pod of it.  What is behind it may be a port."""
_HOST = re.compile(r"(?P<name>[^.]+)\.(?:service(?:\.[^.]+)?\.consul|local|internal|localdomain)")
_KUBELET = re.compile(r"k8s_[^_]+_(?P<name>[^_]+)_(?P<namespace>[^_]+)_[^_]+_\d+")
"""A container's name as the kubelet gives it to Docker: container, pod, namespace, uid and attempt."""
_ECS = re.compile(r"ecs-(?P<name>.+)-\d+-.+-[0-9a-f]{12,32}")
"""A container's name as the agent of ECS gives it: family, revision, container and a random number."""
_ALLOCATION = re.compile(r"(?P<name>[^.]+)\.[^.]+\[\d+\]")
"""An allocation of Nomad: job, group and number."""
_INGRESS = re.compile(r"(?P<namespace>[a-z0-9]+)-(?P<name>.+?)(?:-(?:\d{2,5}|https?|grpc|web))?@kubernetes[a-z]*")
"""A service as Traefik names it: namespace, service and port."""
_PART = re.compile(r"\d{1,4}|(?:periodic|dispatch)-.+")
"""Last part of a path that numbers what stands before it: an endpoint of a monitor, a run of a job of Nomad."""

_EXPORTER = re.compile(
    r"(?:^|[-_./])(?:exporter|kube-state-metrics|ksm|metrics-server|cadvisor|kubelet|pushgateway|blackbox|"
    r"otel-collector|otelcol|opentelemetry-collector|otel-agent|telegraf|statsd|collectd|node-problem-detector|"
    r"vmagent|vmalert|vmsingle|vmselect|victoriametrics|victoria-metrics|grafana-agent|grafana|alloy|mimir|cortex|"
    r"prometheus|kube-prometheus|alertmanager|thanos|promtail|fluentd|fluent-bit|datadog-agent|cloudwatch|yace|"
    r"ingress-nginx|nginx-ingress|traefik|envoy-stats|istiod|linkerd|kube-proxy|kubernetes-nodes)(?:$|[-_./:])"
)
"""Programs that measure others: a label of the scrape with such a name says who measured, not who is measured."""

LONGEST = 253
"""Characters of a name in DNS and in Kubernetes; what is longer names nothing."""


class Form(NamedTuple):
    """One form of a name, and the namespace that stood with it."""

    name: str
    namespace: str = ""


def key(name: str) -> str:
    """Return what two spellings of a name share: case, and the sign between words, are no difference."""
    return re.sub(r"[_\s]+", "-", name.strip()).casefold()


def exporter(name: str) -> bool:
    """True for the name of a program that measures others."""
    return _EXPORTER.search(key(name[:LONGEST])) is not None


def forms(name: str, kind: Kind, around: Collection[str] = ()) -> Iterator[Form]:
    """Yield the forms of a name, the most literal first; the namespaces and projects `around` may be parts of it."""
    if not 0 < len(name) <= LONGEST:
        return
    waiting, seen = [Form(name.strip())], set[Form]()
    while waiting and len(seen) < 24:
        form = waiting.pop(0)
        if form in seen or not form.name:
            continue
        seen.add(form)
        yield form
        parts = (*_parts(form.name, kind), *_without(form.name, around))
        waiting += [Form(part.name, part.namespace or form.namespace) for part in parts]
        shorter = [_ENDS.sub("", form.name, count=1)]
        if kind is not Kind.SERVICE:
            shorter += [end.sub("", form.name, count=1) for end in _POD_ENDS]
        waiting += [Form(text, form.namespace) for text in shorter if text != form.name]


def _parts(name: str, kind: Kind) -> Iterator[Form]:
    """Yield the name that stands in an address, a path or a longer name."""
    if "://" in name:
        yield Form(name.split("://", 1)[1].rpartition("@")[2])
        return
    if kind is Kind.TARGET:
        yield Form(re.split(r"[/?#]", name, maxsplit=1)[0])  # a path names no service
    elif "/" in name:
        head, _, tail = name.rpartition("/")
        yield Form(head) if _PART.fullmatch(tail) else Form(tail, head.rpartition("/")[2])
    for sign in ("@", ":"):  # orders@docker, orders:8000
        if sign in name:
            yield Form(name.partition(sign)[0])
    for pattern in (_KUBELET, _ECS, _CLUSTER, _HOST, _ALLOCATION, _INGRESS):
        if found := pattern.fullmatch(name):
            yield Form(**found.groupdict())
    yield Form(re.sub(r"\.\d{2,5}$", "", name))  # orders.shop.8000
    if name != name.lower():
        yield Form(name.lower())
        yield Form(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower())  # OrdersService


def _without(name: str, around: Collection[str]) -> Iterator[Form]:
    """Yield a name without the namespace or project before it, or the namespace behind it."""
    for outer in filter(None, around):
        if name[len(outer) : len(outer) + 1] in tuple("-_.") and name.startswith(outer):
            yield Form(name[len(outer) + 1 :])
        if name.endswith(f".{outer}"):
            yield Form(name[: -len(outer) - 1], outer)
