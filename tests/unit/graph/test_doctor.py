"""What the doctor sees of an installation, and what it says of parts that are not configured."""

import argparse
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import graph
from graph import doctor
from graph import list as listing
from graph.config import names, settings
from graph.console import cli
from graph.setup import health
from incident.errors import BadInput, SutureError, Unavailable
from tests.unit.graph.rows import row

ROOT = Path(graph.__file__).resolve().parents[1]


def test_the_names_of_settings_are_those_that_the_source_reads() -> None:
    read: set[str] = set()
    for package in ("incident", "tools", "policies", "agents", "graph", "suture"):
        for path in (ROOT / package).rglob("*.py"):
            if path.name != "names.py":
                read |= set(re.findall(r'"(SUTURE_[A-Z_]+)"', path.read_text(encoding="utf-8")))
    assert read == names.OURS


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SUTURE_AUTONMY", "SUTURE_AUTONOMY"),
        ("SUTURE_NOTIFICATION_URL", "SUTURE_NOTIFY_URL"),
        ("suture_home", "SUTURE_HOME"),
        ("SUTUREHOME", "SUTURE_HOME"),
        ("SUTRE_AUTONOMY", "SUTURE_AUTONOMY"),
        ("SUTUER_WORLD_URL", "SUTURE_WORLD_URL"),
        ("SUTURE_XYZ", ""),
    ],
)
def test_a_misspelt_setting_is_named_with_the_one_that_was_meant(name: str, meant: str) -> None:
    assert names.unknown([name, "PATH", "SHELL", "STRUCTURE_HOME", "SUTURE_LIMITS", "SUTURE_LAB_FAULTS"]) == {
        name: meant
    }
    with pytest.raises(SutureError, match=name):
        health.settings({name: "x"})


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation without anything configured, and without a sandbox's cost."""
    for name in {*names.OURS, "OPENAI_MODEL", "OPENAI_BASE_URL", "REDIS_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"}:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SUTURE_HOME", str(tmp_path / "home"))
    monkeypatch.setitem(doctor.PARTS, "sandbox", lambda _: "well")
    return tmp_path


def examined(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, bool | None]]:
    code = doctor.examine(argparse.Namespace(json=True))
    return code, {item["part"]: item["well"] for item in json.loads(capsys.readouterr().out)}


def test_without_a_world_the_rest_is_in_order(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, parts = examined(capsys)
    assert code == 0
    assert {part for part, well in parts.items() if well is None} == set(doctor.ABSENT)
    assert all(well for part, well in parts.items() if part not in doctor.ABSENT)


@pytest.mark.parametrize(
    ("variable", "value", "part"),
    [
        ("SUTURE_WORD_URL", "http://127.0.0.1:1", "settings"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", "spans"),
        ("OPENAI_BASE_URL", "ftp://x", "model"),
    ],
)
def test_a_part_that_would_fail_an_incident_fails_here(
    bare: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    part: str,
) -> None:
    monkeypatch.setenv(variable, value)
    monkeypatch.setenv("OPENAI_MODEL", "m" if part == "model" else "")
    code, parts = examined(capsys)
    assert code == cli.ESCALATED
    assert [name for name, well in parts.items() if well is False] == [part]


def test_what_is_unavailable_is_said_and_what_is_absent_is_not_an_error() -> None:
    def fails() -> str:
        raise Unavailable("it is gone")

    assert doctor.tried("platform", fails) == doctor.Row("platform", well=False, says="it is gone")
    assert doctor.tried("platform", lambda: "").well is None


@pytest.mark.parametrize("columns", [40, 80])
def test_a_list_fits_the_display(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setattr(cli, "columns", lambda: columns)
    reason = "held for approval: the change of the release is wider than the limits allow without a person"
    told = row(status="waiting", service="storefront", reason=reason).model_copy(
        update={"plan": "ab" * 32, "changed_at": datetime(2026, 1, 31, tzinfo=UTC), "waiting_on": "a person"}
    )
    listing.tell(told, "", 0, lambda holder: holder)
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= columns for line in lines)
    said = " ".join(" ".join(lines).split())
    assert all(item in said for item in (told.id, "storefront", reason, ("ab" * 32)[: listing.SHOWN], "a person"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SUTURE_NOTIFY_URL", "hooks.example/secret"),
        ("SUTURE_NOTIFY_URL", "ftp://hooks.example"),
        ("SUTURE_NOTIFY_URL", "http://"),
        ("SUTURE_SERVICE_LABELS", "app deployment"),
        ("SUTURE_SERVICE_LABELS", "app,,deployment"),
        ("SUTURE_WORLD_URL", "shop"),
        ("SUTURE_AUTONOMY", "Auto"),
        ("SUTURE_PROFILE", "labb"),
    ],
)
def test_a_setting_of_a_wrong_form_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(BadInput, match=name) as refused:
        settings.load({name: value})
    assert "secret" not in str(refused.value)
