"""The service that an alert's labels name, among those that a world knows; two are a question, and none is guessed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident import label_names, subject
from incident.label_names import Kind
from incident.subject import Known, Named, Question, Unknown
from incident.workload import Alias

HERE = Path(__file__).parent
SHOP = Known(("orders", "stock", "storefront"))


def labels_of(name: str) -> dict[str, dict[str, str]]:
    read = json.loads((HERE / name).read_text())
    found: dict[str, dict[str, str]] = read.get("habits", read)
    return found


HABITS, STACKS = labels_of("habits.json"), labels_of("stacks.json")


@pytest.mark.parametrize("labels", HABITS.values(), ids=HABITS)
def test_the_habits_of_the_field_name_their_service(labels: dict[str, str]) -> None:
    assert subject.of(labels, SHOP) == Named("orders")


@pytest.mark.parametrize("labels", STACKS.values(), ids=STACKS)
def test_labels_as_real_stacks_write_them_name_their_service(labels: dict[str, str]) -> None:
    assert subject.of(labels, SHOP) == Named("orders")


@pytest.mark.parametrize("labels", [*HABITS.values(), *STACKS.values()], ids=[*HABITS, *STACKS])
def test_the_same_labels_name_nothing_in_a_world_without_that_service(labels: dict[str, str]) -> None:
    assert isinstance(subject.of(labels, Known(("billing", "stock"))), Unknown)


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param({"service": "orders", "deployment": "stock"}, id="service-and-deployment"),
        pytest.param({"service": "orders", "pod": "stock-7c9f8d6b5c-x2vqk"}, id="service-and-pod"),
        pytest.param({"job": "shop/orders", "app": "Stock"}, id="job-and-app"),
        pytest.param({"container": "orders", "exported_service": "stock"}, id="container-and-exported-service"),
        pytest.param({"service": "orders", "instance": "http://stock.shop.svc:80/"}, id="service-and-target"),
    ],
)
def test_two_answers_are_a_question_that_says_both(labels: dict[str, str]) -> None:
    found = subject.of(labels, SHOP)
    assert isinstance(found, Question)
    assert found.services == ("orders", "stock")
    assert all(label in found.why for label in labels)
    assert "orders" in found.why
    assert "stock" in found.why


def test_what_the_target_says_and_the_world_does_not_know_is_a_question_and_not_its_exporter() -> None:
    """A proxy that is a service of the world reports on others: an unknown one is not the proxy's own trouble."""
    found = subject.of({"exported_service": "billing", "service": "storefront"}, SHOP)
    assert isinstance(found, Question)
    assert "billing" in found.why


@pytest.mark.parametrize(
    "exporter", ["kube-state-metrics", "kube-prometheus-stack-kube-state-metrics", "redis_exporter"]
)
def test_a_label_that_names_an_exporter_never_wins(exporter: str) -> None:
    """Not even where the exporter is a service of the world, and its address a target of it."""
    target = Alias(service=exporter, kind="target", name="10.0.0.3:8080")
    known = Known(("orders", exporter), (target,))
    scrape = {"service": exporter, "job": exporter, "instance": "10.0.0.3:8080"}
    assert subject.of({**scrape, "pod": "orders-7c9f8d6b5c-x2vqk"}, known) == Named("orders")
    alone = subject.of(scrape, known)
    assert isinstance(alone, Question)
    assert exporter in alone.why
    assert isinstance(subject.of(scrape, SHOP), Unknown)
    assert subject.of({**scrape, "app": "orders"}, known, ("service", "job")) == Named("orders")


@pytest.mark.parametrize(
    "labels",
    [
        {"service": "orders-archive"},
        {"pod": "orders-archive-7c9f8d6b5c-x2vqk"},
        {"pod": "orders-export-batch"},
        {"pod": "orders-worker2"},
        {"service": "orders-2"},
        {"job": "ordersx"},
        {"container": "order"},
        {"endpoint": "/orders"},
        {"url": "/orders"},
        {"instance": "db.orders:5432"},
        {"instance": "proxy:80/orders"},
        {"instance": "http://proxy/orders"},
        {"upstream": "orders"},
        {"source_workload": "orders"},
        {"client": "orders"},
        {"namespace": "orders"},
        {"team": "orders"},
        {"alertname": "orders"},
        {"cluster": "orders", "node": "orders", "topic": "orders"},
        {"service": ""},
        {"service": "  "},
        {"service": "x" * 10_000},
        {},
    ],
    ids=str,
)
def test_what_does_not_name_the_service_is_not_guessed(labels: dict[str, str]) -> None:
    assert isinstance(subject.of(labels, SHOP), Unknown)


def test_a_name_that_the_world_knows_is_not_shortened_to_another_one() -> None:
    known = Known(("orders", "orders-service", "orders-0"))
    assert subject.of({"service": "orders-service"}, known) == Named("orders-service")
    assert subject.of({"pod": "orders-0"}, known) == Named("orders-0")
    assert subject.of({"pod": "orders-1"}, known) == Named("orders")


def test_spellings_that_the_world_tells_apart_stay_apart() -> None:
    known = Known(("Orders", "orders"))
    assert subject.of({"service": "Orders"}, known) == Named("Orders")
    assert isinstance(subject.of({"service": "ORDERS"}, known), Question)


def test_the_order_that_a_person_sets_settles_what_would_be_a_question() -> None:
    labels = {"service": "storefront", "deployment": "orders", "owner_team": "stock"}
    assert isinstance(subject.of(labels, SHOP), Question)
    assert subject.of(labels, SHOP, ("deployment",)) == Named("orders")
    assert subject.of(labels, SHOP, ("missing", "service", "deployment")) == Named("storefront")
    assert subject.of(labels, SHOP, ("owner_team",)) == Named("stock"), "also a label that names no service elsewhere"
    assert subject.of({"pod": "orders-0", "service": "?"}, SHOP, ("service",)) == Named("orders"), "the others follow"


IN_SHOP = (
    Alias(service="orders", kind="workload", name="orders-api", namespace="shop"),
    Alias(service="orders", kind="pod", name="oddly-named", namespace="shop"),
    Alias(service="stock", kind="pod", name="cache-0", namespace="shop"),
    Alias(service="storefront", kind="pod", name="cache-0", namespace="front"),
    Alias(service="stock", kind="target", name="10.0.0.9:8000"),
    Alias(service="hidden", kind="workload", name="secret", namespace="shop"),
)
WORLD = Known(("orders", "stock", "storefront"), IN_SHOP)


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"deployment": "orders-api", "namespace": "shop"}, "orders"),
        ({"job": "shop/orders-api"}, "orders"),
        ({"service": "shop-orders-api"}, "orders"),
        ({"deployment": "orders", "namespace": "shop"}, "orders"),
        ({"pod": "oddly-named", "namespace": "shop"}, "orders"),
        ({"pod": "orders-api-7c9f8d6b5c-x2vqk", "namespace": "shop"}, "orders"),
        ({"pod": "cache-0", "namespace": "shop"}, "stock"),
        ({"pod": "cache-0", "namespace": "front"}, "storefront"),
        ({"exported_pod": "cache-0", "exported_namespace": "front", "namespace": "shop"}, "storefront"),
        ({"instance": "10.0.0.9:8000"}, "stock"),
        ({"instance": "http://10.0.0.9:8000/metrics"}, "stock"),
    ],
    ids=str,
)
def test_a_world_that_knows_its_pods_and_targets_is_asked_for_them(labels: dict[str, str], service: str) -> None:
    assert subject.of(labels, WORLD) == Named(service)


@pytest.mark.parametrize(
    "labels",
    [
        {"deployment": "orders", "namespace": "staging"},
        {"pod": "orders-7c9f8d6b5c-x2vqk", "namespace": "staging"},
        {"job": "staging/orders"},
        {"instance": "http://orders.staging.svc:8000"},
        {"deployment": "secret", "namespace": "shop"},
        {"instance": "10.0.0.9:9100"},
    ],
    ids=str,
)
def test_another_namespace_or_port_is_another_service(labels: dict[str, str]) -> None:
    assert isinstance(subject.of(labels, WORLD), Unknown)


def test_a_pod_of_two_services_is_a_question() -> None:
    assert isinstance(subject.of({"pod": "cache-0"}, WORLD), Question)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("service", Kind.SERVICE),
        ("exported_service", Kind.SERVICE),
        ("serviceName", Kind.SERVICE),
        ("k8s_statefulset_name", Kind.SERVICE),
        ("label_app_kubernetes_io_name", Kind.SERVICE),
        ("kubernetes_pod_name", Kind.POD),
        ("job_name", Kind.POD),
        ("k8s_namespace_name", Kind.NAMESPACE),
        ("instance", Kind.TARGET),
        ("source_service", None),
        ("client_name", None),
        ("team", None),
        ("severity", None),
        ("", None),
    ],
)
def test_a_labels_words_say_what_it_names(label: str, kind: Kind | None) -> None:
    assert label_names.kind(label) is kind


WORDS = st.text(max_size=12) | st.sampled_from(["orders", "shop/orders", "orders-7c9f8d6b5c-x2vqk", "http://orders:1/"])
NAMES = st.sampled_from(["service", "pod", "job", "instance", "namespace", "exported_job"]) | st.text(max_size=8)


@given(st.dictionaries(NAMES, WORDS, max_size=6))
def test_whatever_stands_in_labels_is_answered_with_a_service_of_the_world_or_none(labels: dict[str, str]) -> None:
    found = subject.of(labels, SHOP)
    assert not isinstance(found, Named) or found.service in SHOP.services
