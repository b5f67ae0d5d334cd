"""The command that explains an old incident: the whole graph over a recording, which ends where something would be done."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from graph import investigate, replay, run
from graph.config import settings
from graph.console import cli
from graph.setup import stores
from tests.unit.recordings import shipped
from tests.unit.recordings.folders import at

WAITING, REFUSED = 6, 2


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A process that would act by itself if it were let."""
    monkeypatch.setenv("SUTURE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SUTURE_AUTONOMY", "auto")
    monkeypatch.setenv("SUTURE_PROFILE", "lab")
    return tmp_path / "home"


def investigated(*arguments: str) -> int:
    parser = cli.Parser()
    parser.add_argument("recording", type=Path)
    parser.add_argument("--as-of", default="")
    parser.add_argument("--record", type=Path)
    parser.add_argument("--json", action="store_true")
    return investigate.investigate(parser.parse_args(arguments))


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_shipped_recording_is_what_the_simulated_world_is_recorded_as(tmp_path: Path) -> None:
    shipped.make(tmp_path / "out")
    for path in sorted(shipped.FOLDER.rglob("*")):
        if path.is_file():
            again = tmp_path / "out" / path.relative_to(shipped.FOLDER)
            assert again.read_bytes() == path.read_bytes(), path.name


def test_the_release_is_blamed_and_what_would_have_been_done_is_said(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert investigated(str(shipped.FOLDER)) == WAITING
    report = capsys.readouterr().out
    assert "orders deploy of v2 after v1" in report
    assert "roll back (service orders, from version v2, to version v1" in report
    assert "| autonomy | observe |" in report
    assert "nothing in it can be changed" in report
    assert "This incident changed no service." in report
    assert "source of orders (the recording has no folder repo)" in report


def test_its_decisions_replay_and_the_same_world_has_one_incident(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert investigated(str(shipped.FOLDER), "--json") == WAITING
    (incident,) = told(capsys)["incidents"]
    assert (incident["service"], incident["outcome"]) == ("orders", "waiting")
    parser = cli.Parser()
    parser.add_argument("incident")
    parser.add_argument("--json", action="store_true")
    assert replay.replay(parser.parse_args([incident["id"]])) == 0
    capsys.readouterr()
    assert investigated(str(shipped.FOLDER), "--json") == WAITING
    assert [one["id"] for one in told(capsys)["incidents"]] == [incident["id"]]
    row = stores.row(stores.connect(settings.load({"SUTURE_HOME": str(home)})), incident["id"])
    assert row.opening["autonomy"] == "observe"


def test_before_the_release_nothing_is_blamed_on_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = investigated(str(shipped.FOLDER), "--as-of", "2025-12-31T23:59:50Z", "--json")
    found = told(capsys)
    assert code != WAITING
    assert "v2" not in json.dumps(found)
    records = "".join(path.read_text() for path in home.rglob("decisions.jsonl"))
    assert records
    assert '"what":"deploy"' not in records


def test_run_looks_at_a_recording_with_another_alert(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alert = tmp_path / "other.json"
    alert.write_text(
        json.dumps({"labels": {"alertname": "Odd", "service": "orders"}, "startsAt": "2026-01-01T00:00:50Z"})
    )
    code, out = commanded(["graph.run", str(alert), "--recording", str(shipped.FOLDER), "--json"], capsys)
    assert code in (5, WAITING)
    assert json.loads(out)["incidents"][0]["service"] == "orders"


def commanded(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run ``graph.run`` as its entry point does, with these words."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.argv", words)
        code = run.main()
    return code, capsys.readouterr().out


def test_an_as_of_without_a_recording_and_a_folder_without_an_alert_are_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alert = str(shipped.FOLDER / "alert.json")
    assert commanded(["graph.run", alert, "--as-of", at(1).isoformat()], capsys)[0] == REFUSED
    with pytest.raises(Exception, match=r"alert\.json"):
        investigated(str(tmp_path))


def test_broken_files_are_gaps_of_the_evidence_and_the_rest_is_used(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(shipped.FOLDER, folder)
    (folder / "traces" / "more.jsonl").write_text("torn\n")
    assert investigated(str(folder)) == WAITING
    printed = capsys.readouterr()
    assert "not read: traces/more.jsonl: line 1: it is no JSON object" in printed.err
    assert "traces/more.jsonl (line 1: it is no JSON object)" in printed.out
    assert "orders deploy of v2 after v1" in printed.out
