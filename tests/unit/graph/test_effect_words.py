"""Effects are told in words, whatever their kind."""

import pytest
from pydantic import JsonValue

from graph.reports import effect_words
from incident.workload import Annotate, Commit, Configure, Deploy, Remove, Restart, SetWeights, WorkloadChange


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            Deploy(version="v2", source=Commit(commit="0123456789abcdef"), config_from="v1"),
            "start v2 (0123456789ab), no traffic yet",
        ),
        (SetWeights(weights={"v2": 10, "v1": 90}), "route 90 % to v1, 10 % to v2"),
        (Remove(version="v1"), "remove v1"),
        (Restart(version="v1"), "restart v1"),
        (Configure(version="v1", key="LIMIT", value="5"), "set LIMIT to 5 for v1"),
        (Configure(version="v1", key="LIMIT", value=None), "unset LIMIT for v1"),
        (Annotate(), "kind annotate"),
    ],
    ids=lambda value: value.kind if hasattr(value, "kind") else "",
)
def test_each_change_of_a_workload_has_its_words(change: WorkloadChange, words: str) -> None:
    assert effect_words.told(change.model_dump(mode="json")) == words


def test_a_commit_names_branch_and_base() -> None:
    change: dict[str, JsonValue] = {"branch": "suture/inc-1", "base": "fedcba9876543210", "patch": "00"}
    assert effect_words.told(change) == "commit the patch to suture/inc-1, on top of fedcba987654"
