"""Faults as folders: what loads, and a sentence for every mistake with file, field, value and remedy."""

import json
from pathlib import Path

import pytest
import yaml

from evals import validate
from evals.lab import faults, repository, validation
from incident.errors import BadInput

GOOD: dict[str, object] = {"summary": "something", "events": [{"do": "rate", "after_seconds": 1, "per_second": 200}]}


def written(folder: Path, oracle: object = None, **changed: object) -> Path:
    root = folder / "odd-thing"
    root.mkdir(exist_ok=True)
    (root / "fault.yaml").write_text(yaml.safe_dump({**GOOD, **changed}))
    if oracle is not None:
        (root / "oracle.yaml").write_text(yaml.safe_dump(oracle))
    return root


def fields(folder: Path) -> list[str]:
    return [mistake.field for mistake in validation.mistakes(folder)]


@pytest.mark.parametrize("name", faults.names())
def test_every_fault_that_is_here_has_no_mistake(name: str) -> None:
    assert [str(one) for one in validation.mistakes(faults.folder_of(name))] == []


def cut(caller: str, callee: str) -> dict[str, object]:
    return {"do": "cut", "after_seconds": 1, "caller": caller, "callee": callee, "how": "reset"}


def configure(service: str, key: str) -> dict[str, object]:
    return {"do": "configure", "after_seconds": 1, "service": service, "key": key, "value": "1"}


EVERYTHING: dict[str, object] = {
    "initial": {"payment": {"FRAUD_TIMEOUT_MS": "250"}},
    "may_die": ["fraud"],
    "users": {"robot": {"like": "quote_guest", "draw": {"country": "NO"}}},
    "rules": [
        {"alert": "Slow", "service": "payment", "kind": "latency", "quantile": 0.99, "above": 0.25},
        {"alert": "Refused", "service": "gateway", "kind": "client_errors", "above": 0.1, "at_least": 5},
        {"alert": "HighErrorRate", "service": "payment", "kind": "errors", "above": 0.02, "severity": "warning"},
        {"alert": "Silent", "service": "fraud", "kind": "absence", "window_seconds": 20},
        {
            "alert": "Few",
            "service": "checkout",
            "kind": "metric",
            "series": "orders_total",
            "type": "counter",
            "below": 1,
        },
    ],
    "events": [
        {"do": "traffic", "after_seconds": 5, "kinds": {"robot": 0.2}},
        {"do": "configure", "after_seconds": 5, "service": "payment", "key": "FRAUD_TIMEOUT_MS", "value": None},
        {"do": "restart", "after_seconds": 6, "service": "fraud"},
        {"do": "cut", "after_seconds": 7, "caller": "payment", "callee": "fraud", "how": "delay", "seconds": 2},
    ],
}


def test_a_fault_with_everything_in_it_loads(tmp_path: Path) -> None:
    folder = written(tmp_path, **EVERYTHING)
    assert fields(folder) == []
    fault = faults.load("odd-thing", [tmp_path])
    assert [type(event).__name__ for event in fault.timetable] == ["Shift", "ConfigChange", "Restart", "Cut"]
    assert fault.initial == {"payment": {"FRAUD_TIMEOUT_MS": "250"}}


def test_the_short_forms_are_events_as_well(tmp_path: Path) -> None:
    short = {
        "events": [],
        "config": {"after_seconds": 9, "service": "fraud", "key": "MODEL_MS", "value": "900"},
        "traffic": [{"after_seconds": 3, "kinds": {"quote_swiss": 0.1}}],
    }
    written(tmp_path, **short)
    fault = faults.load("odd-thing", [tmp_path])
    assert [(event.do, event.after_seconds) for event in fault.timetable] == [("traffic", 3), ("configure", 9)]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"summary": ""}, "summary"),
        ({"sumary": "x"}, "sumary"),
        ({"overlay": "nowhere"}, "overlay"),
        ({"users": {"browse": {"method": "GET", "path": "/"}}}, "users.browse"),
        ({"users": {"robot": {"like": "nobody"}}}, "users.robot.like"),
        ({"initial": {"paymentt": {"A": "1"}}}, "initial.paymentt"),
        ({"initial": {"payment": {"FRAUD_URL": "x"}}}, "initial.payment.FRAUD_URL"),
        ({"may_die": ["nobody"]}, "may_die[0]"),
        ({"rules": [{"alert": "A", "service": "nobody", "kind": "errors", "above": 0.1}]}, "rules[0].service"),
        ({"rules": [{"alert": "A", "service": "payment", "kind": "errors"}]}, "rules[0]"),
        ({"rules": [{"alert": "A", "service": "payment", "kind": "guess"}]}, "rules[0].kind"),
        ({"events": [{"after_seconds": 1}]}, "events[0].do"),
        ({"events": [{"do": "rate", "per_second": 5}]}, "events[0].after_seconds"),
        ({"events": [{"do": "flag", "after_seconds": 1, "key": "nothing", "variant": "on"}]}, "events[0].key"),
        ({"events": [{"do": "traffic", "after_seconds": 1, "kinds": {"nobody": 0.1}}]}, "events[0].kinds"),
        ({"events": [{"do": "restart", "after_seconds": 1, "service": "nobody"}]}, "events[0].service"),
        ({"events": [], "overlay": None}, "events"),
        ({"events": [{"do": "rate", "after_seconds": "12", "per_second": 5}]}, "events[0].after_seconds"),
        ({"events": [cut("gateway", "ledger")]}, "events[0].callee"),
        ({"events": [cut("users", "payment")]}, "events[0].callee"),
        ({"events": [cut("fraud", "ledger")]}, "events[0].callee"),
        ({"events": [configure("payment", "LEDGR_TIMEOUT_MS")]}, "events[0].key"),
        ({"events": [configure("fraud", "FRAUD_TIMEOUT_MS")]}, "events[0].key"),
        ({"events": [configure("ratings", "POOL_SIZE")]}, "events[0].key"),
        ({"initial": {"catalog": {"POOLSIZE": "4"}}}, "initial.catalog.POOLSIZE"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_is_told_with_its_field(tmp_path: Path, changed: dict[str, object], field: str) -> None:
    folder = written(tmp_path, **changed)
    assert fields(folder) == [f"fault.yaml: {field}"]


def test_every_mistake_is_told_also_beside_one_of_form(tmp_path: Path) -> None:
    events = [
        {"do": "explode"},
        {"do": "configure", "after_seconds": 1, "service": "payment", "key": "small", "value": "1"},
        {"do": "restart", "after_seconds": 1, "service": "nobody"},
    ]
    oracle = {"service": "nobody", "requests": [{"name": "a", "to": "payment", "path": "quotes", "status": 200}]}
    folder = written(tmp_path, oracle, events=events, overlay="nowhere")
    assert sorted(fields(folder)) == [
        "fault.yaml: events[0].do",
        "fault.yaml: events[1].key",
        "fault.yaml: events[2].service",
        "fault.yaml: overlay",
        "oracle.yaml: requests[0].path",
    ]


def test_a_file_that_would_not_run_and_one_that_names_the_fault_are_told(tmp_path: Path) -> None:
    folder = written(tmp_path, overlay="base")
    (folder / "base" / "services" / "fraud").mkdir(parents=True)
    (folder / "base" / "services" / "fraud" / "model.py").write_text("# the odd_thing\ndef broken(:\n")
    assert fields(folder) == ["base/services/fraud/model.py, line 2", "base/services/fraud/model.py"]


def test_yaml_that_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "fault.yaml").write_text("summary: x\nsummary: y\n")
    (mistake,) = validation.mistakes(folder)
    assert "line" in mistake.field
    with pytest.raises(BadInput):
        faults.load("odd-thing", [tmp_path])


def test_a_fault_that_two_folders_have_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        written(tmp_path / name)
    with pytest.raises(BadInput, match="rename"):
        faults.load("odd-thing", [tmp_path / "one", tmp_path / "two"])


def test_the_command_ends_with_two_for_a_mistake_and_with_zero_without(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path)
    assert validate.main([str(tmp_path)]) == 0
    written(tmp_path, summary="")
    assert validate.main([str(tmp_path)]) == 2
    assert "odd-thing/fault.yaml: summary is ''" in capsys.readouterr().err
    assert validate.main([str(tmp_path / "nowhere")]) == 2


def test_the_schema_that_is_written_down_is_the_one_in_force() -> None:
    assert (Path(__file__).parents[3] / "docs" / "fault.schema.json").read_text() == validate.schema("fault")
    assert json.loads(validate.schema("oracle"))["title"] == "Oracle"


def blocks() -> list[dict[str, object]]:
    """The blocks of YAML in the page for authors."""
    text = (Path(__file__).parents[3] / "docs" / "writing-a-fault.md").read_text()
    return [yaml.safe_load(part.split("```")[0]) for part in text.split("```yaml\n")[1:]]


def test_the_examples_of_the_page_for_authors_have_no_mistake(tmp_path: Path) -> None:
    first, events, kinds, own_rules, oracle, scenario = blocks()
    assert fields(written(tmp_path, **first)) == []
    folder = written(tmp_path, oracle, **kinds, **own_rules, **events)
    (folder / "release" / "services" / "payment").mkdir(parents=True)
    (folder / "release" / "services" / "payment" / "fees.py").write_text("FEES = ()\n")
    (folder / "scenario.yaml").write_text(yaml.safe_dump(scenario))
    assert [str(one) for one in validate.mistakes(folder)] == []
    assert {event.do for event in faults.read(folder).timetable} == kinds_of_events()


def kinds_of_events() -> set[str]:
    """Every value of `do` in the schema of a fault."""
    schema = json.loads(validate.schema("fault"))
    return set(schema["properties"]["events"]["items"]["discriminator"]["mapping"])


def test_several_releases_are_commits_that_build_upon_each_other(tmp_path: Path) -> None:
    deploys = [
        {
            "do": "deploy",
            "after_seconds": 20,
            "service": "fraud",
            "version": "v9.1.0",
            "overlay": "two",
            "subject": "b",
        },
        {
            "do": "deploy",
            "after_seconds": 10,
            "service": "payment",
            "version": "v9.0.0",
            "overlay": "one",
            "subject": "a",
        },
    ]
    folder = written(tmp_path, events=deploys)
    for overlay, path in (("one", "services/payment/added.py"), ("two", "services/fraud/added.py")):
        (folder / overlay / path).parent.mkdir(parents=True)
        (folder / overlay / path).write_text("ADDED = True\n")
    assert fields(folder) == []
    steps, trees = repository.history(faults.read(folder))
    assert [step.tags for step in steps[-2:]] == [("payment/v9.0.0",), ("fraud/v9.1.0",)]
    assert trees[-2].keys() - trees[-3].keys() == {"services/payment/added.py"}
    assert trees[-1].keys() - trees[-2].keys() == {"services/fraud/added.py"}


@pytest.mark.parametrize(
    ("versions", "wrong"),
    [
        (["v1.5.0"], []),
        (["v1.4.0"], [0]),  # the last in the history
        (["v1.3.9"], [0]),
        (["1.5.0"], [0]),
        (["v1.5"], [0]),
        (["v1.10.0", "v1.9.0"], [1]),
    ],
    ids=str,
)
def test_a_release_has_a_version_above_the_last_one(tmp_path: Path, versions: list[str], wrong: list[int]) -> None:
    common = {"do": "deploy", "service": "payment", "overlay": "next", "subject": "payment: round fees"}
    events = [{**common, "after_seconds": 10 + number, "version": version} for number, version in enumerate(versions)]
    folder = written(tmp_path, events=events)
    (folder / "next" / "services" / "payment").mkdir(parents=True)
    (folder / "next" / "services" / "payment" / "added.py").write_text("ADDED = True\n")
    assert fields(folder) == [f"fault.yaml: events[{number}].version" for number in wrong]


def test_what_only_a_release_reads_and_asks_may_be_configured_and_cut(tmp_path: Path) -> None:
    deploy = {"do": "deploy", "after_seconds": 1, "service": "fraud", "version": "v9.0.0", "overlay": "next"}
    events = [{**deploy, "subject": "x"}, configure("fraud", "NEW_LIMIT"), cut("fraud", "catalog")]
    folder = written(tmp_path, events=events)
    (folder / "next" / "services" / "fraud").mkdir(parents=True)
    source = 'LIMIT = settings.number("NEW_LIMIT", 1)\nCATALOG = peers.HttpPeer("catalog")\n'
    (folder / "next" / "services" / "fraud" / "added.py").write_text(source)
    assert fields(folder) == []


@pytest.mark.parametrize(
    ("name", "right"), [("late-fee", True), ("Late_Fee", False), ("late_fee", False), ("-", False)]
)
def test_a_folder_has_a_name_of_small_letters_and_hyphens(tmp_path: Path, name: str, right: bool) -> None:
    folder = written(tmp_path).rename(tmp_path / name)
    assert fields(folder) == ([] if right else ["folder"])


def test_an_overlay_that_is_nearly_named_is_offered(tmp_path: Path) -> None:
    folder = written(tmp_path, overlay="bas")
    (folder / "base").mkdir()
    (mistake,) = validation.mistakes(folder)
    assert "base" in mistake.remedy


def test_mistakes_of_form_say_that_more_may_follow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, events=[{"do": "explode"}])
    assert validate.main([str(tmp_path)]) == 2
    assert "more may follow" in capsys.readouterr().err
    written(tmp_path, events=[cut("fraud", "ledger")])
    assert validate.main([str(tmp_path)]) == 2
    assert "more may follow" not in capsys.readouterr().err
