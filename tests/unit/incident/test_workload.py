"""Workloads and changes: what records and ledgers hold of them stays as it was written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from graph.effects.perform import effect_key
from incident.evidence import Missing
from incident.workload import (
    Annotate,
    Before,
    Commit,
    Configure,
    Deploy,
    Effect,
    Overlay,
    Remove,
    Restart,
    Revision,
    SetWeights,
    Workload,
    WorkloadChange,
)

CHANGE: TypeAdapter[WorkloadChange] = TypeAdapter(WorkloadChange)
VERSION = {
    "name": "v1",
    "commit": "c",
    "weight": 100,
    "ready": True,
    "config": {},
    "started_at": "2026-01-01T00:00:00Z",
}
BEFORE = Before(weights={"v1": 100}, config={"v1": {"LIMIT": "3"}}, canary="v2")


@pytest.mark.parametrize(
    ("step", "change", "body", "key"),
    [
        (
            "deploy",
            Deploy(version="v2", source=Commit(commit="f" * 40), config_from="v1"),
            {"kind": "deploy", "version": "v2", "commit": "f" * 40, "config_from": "v1"},
            "8a7d0b466752d7866662009f970bf5a6",
        ),
        (
            "canary-10",
            SetWeights(weights={"v2": 10, "v1": 90}),
            {"kind": "weights", "weights": {"v2": 10, "v1": 90}},
            "3d4ead2d4dbe35f5ab1963481bfd325f",
        ),
        (
            "undo-config-LIMIT",
            Configure(version="v1", key="LIMIT", value="3"),
            {"kind": "configure", "version": "v1", "key": "LIMIT", "value": "3"},
            "69b14e9ac155a58d5cd6064500741b90",
        ),
        (
            "undo-remove",
            Remove(version="v2"),
            {"kind": "remove", "version": "v2"},
            "8a410d455a6467decf7c7771ce677099",
        ),
        ("restart", Restart(version="v1"), {"kind": "restart", "version": "v1"}, "6479403adf5c86268bfb95097d1e2a2e"),
        ("undo-done", Annotate(), {"kind": "annotate"}, "a1634b0d03f64d5e70fb5650ad9a6a11"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_incident_of_before_finds_its_effects_under_the_same_keys(
    step: str, change: WorkloadChange, body: dict[str, object], key: str
) -> None:
    """Keys as they were before a version could come from anything but a commit: an open incident resumes."""
    said = change.model_dump(mode="json")
    assert said == body
    assert effect_key("inc-1", "orders", step, said) == key
    assert CHANGE.validate_python(body) == change


@given(
    st.one_of(
        st.builds(Commit, commit=st.text()),
        st.builds(Overlay, files=st.dictionaries(st.text(), st.text()), commit=st.text()),
        st.builds(Revision, revision=st.text()),
    )
)
def test_a_deploy_is_read_as_it_was_written(source: Commit | Overlay | Revision) -> None:
    change = Deploy(version="v2", source=source, config_from="v1")
    assert CHANGE.validate_json(change.canonical()) == change


@pytest.mark.parametrize(
    "source", [{}, {"commit": "c", "revision": "v1"}, {"files": {}}, {"image": "x"}, {"commit": 3}], ids=str
)
def test_a_deploy_of_no_or_two_sources_is_refused(source: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CHANGE.validate_python({"kind": "deploy", "version": "v2", "config_from": "v1", **source})


def old(annotations: object) -> dict[str, object]:
    return {"service": "orders", "revision": 7, "versions": [VERSION], "annotations": annotations}


def test_a_recorded_workload_of_before_is_read() -> None:
    marks = {
        "suture.dev/effect": "k1",
        "suture.dev/token": "12",
        "suture.dev/grant": "g",
        "suture.dev/before": BEFORE.canonical().decode(),
        "example.com/note": "somebody's",
    }
    found = Workload.model_validate_json(json.dumps(old(marks)))
    assert (found.revision, found.effect) == ("7", Effect(key="k1", token=12, grant="g", before=BEFORE))
    assert Workload.model_validate(old({})).effect == Effect()
    assert Workload.model_validate_json(found.canonical()) == found


@pytest.mark.parametrize("name", ["token", "before"])
@pytest.mark.parametrize("text", ["{", "[]", '{"weights": "all"}', '{"weights": {}, "more": 1}', "x"])
def test_what_nobody_of_us_wrote_is_missing_and_not_nothing(name: str, text: str) -> None:
    assert isinstance(Workload.model_validate(old({f"suture.dev/{name}": text})).effect, Missing)


@pytest.mark.parametrize("wrong", [old(3), {**old({}), "revision": "7"}, {**old({}), "revision": None}], ids=str)
def test_any_other_form_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Workload.model_validate(wrong)
