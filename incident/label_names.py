"""Names of labels under which alerts speak of services, and what kind of name stands there.

Each stack writes them in its own way (``k8s_deployment_name``, ``exported_job``, ``ServiceName``), so a label is read
word by word: the last ones say what is named, and the ones before must be among those that change nothing about that.
"""

import functools
import re
from enum import StrEnum


class Kind(StrEnum):
    """Kind of the name that a label holds."""

    SERVICE = "service"
    """A service, or the workload that runs it."""
    POD = "pod"
    """One of several that run a service, with a suffix of its own."""
    TARGET = "target"
    """An address: host and port, or a URL."""
    NAMESPACE = "namespace"
    """The namespace of a service: one of the same name in another namespace is another service."""
    PROJECT = "project"
    """A project or stack, whose name may stand before a service's."""


_NOUNS: dict[str, Kind] = {
    **dict.fromkeys(("service", "svc", "microservice", "app", "application", "workload", "component"), Kind.SERVICE),
    **dict.fromkeys(("deployment", "deploy", "statefulset", "sts", "daemonset", "rollout", "cronjob"), Kind.SERVICE),
    **dict.fromkeys(("job", "server", "backend", "family", "release", "taskgroup"), Kind.SERVICE),
    **dict.fromkeys(("function", "faas", "lambda", "resourcename"), Kind.SERVICE),
    **dict.fromkeys(("appid", "applicationid", "serviceid", "jobid"), Kind.SERVICE),
    **dict.fromkeys(("deploymentconfig", "hpa", "pdb", "vpa", "scaledobject", "servicegroup"), Kind.SERVICE),
    **dict.fromkeys(("horizontalpodautoscaler", "poddisruptionbudget", "verticalpodautoscaler"), Kind.SERVICE),
    # `kubernetes_name` is the name of a Service, and `app_kubernetes_io_name` that of an application.
    **dict.fromkeys(("kubernetes", "io"), Kind.SERVICE),
    **dict.fromkeys(("pod", "replicaset", "container", "name", "task", "jobname", "unit", "groupname"), Kind.POD),
    **dict.fromkeys(("alloc", "createdby", "ownername"), Kind.POD),
    **dict.fromkeys(("instance", "target", "host", "hostname", "address", "addr", "url"), Kind.TARGET),
    **dict.fromkeys(("namespace", "ns"), Kind.NAMESPACE),
    **dict.fromkeys(("project", "stack", "stacknamespace"), Kind.PROJECT),
}
"""Kinds of names, by the last words of a label."""

_BEFORE = frozenset(
    (
        *("exported", "label", "labels", "pod", "container", "tag", "tags", "dimension", "meta", "resource", "metric"),
        *("k8s", "kubernetes", "kube", "io", "openshift", "helm", "sh", "app", "apps", "argo", "argoproj", "knative"),
        *("com", "org", "docker", "compose", "swarm", "podman", "hashicorp", "nomad", "consul", "traefik", "istio"),
        *("aws", "amazonaws", "ecs", "task", "definition", "azure", "gcp", "otel", "opentelemetry", "cloud", "run"),
        *(
            "scrape",
            "spring",
            "systemd",
            "sloth",
            "pyrra",
            "slo",
            "dd",
            "asserts",
            "backstage",
            "mesh",
            "backend",
            "component",
            "application",
        ),
        *("destination", "dest", "dst", "canonical", "affected", "alert", "alerting", "job", "workload", "service"),
    )
)
"""Words before them that do not make it another thing's name: `source`, `client` or `upstream` would."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


@functools.lru_cache(maxsize=4096)
def kind(label: str) -> Kind | None:
    """Return the kind of name that a label holds; None for a label that names no service."""
    if label in ("alertname", "__name__") or len(label) > 100:
        return None
    words = [word.lower() for word in _WORDS.findall(label)]
    if words and words[-1].removesuffix("name") in _NOUNS and words[-1] not in _NOUNS:  # servicename
        words[-1] = words[-1].removesuffix("name")
    for length in (2, 1):
        if length == 1 and words[-1:] == ["name"] and len(words) > 1:
            return kind("_".join(words[:-1]))
        if found := _NOUNS.get("".join(words[-length:])) if len(words) >= length else None:
            return found if _BEFORE.issuperset(words[:-length]) else None
    return None


def exported(label: str) -> bool:
    """True for a label that the target itself said, and that Prometheus renamed because the scrape has one of that name."""
    return label.startswith("exported_")
