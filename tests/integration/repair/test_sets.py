"""The report tells the two sets apart; every attempt comes from the state file, so nothing is healed."""

import json
from pathlib import Path

import pytest
from pydantic import JsonValue

from evals.bench.repair.__main__ import main
from evals.bench.repair.attempt import Attempt

MENDED = {"booking-no-card": True, "booking-no-room": True, "tickets-contract": True, "tickets-no-parent": False}


def _run(folder: Path, *arguments: str) -> tuple[int, JsonValue]:
    state, figures = folder / "state.jsonl", folder / "figures.json"
    state.write_text("".join(_line(name, correct=correct) for name, correct in MENDED.items()), encoding="utf-8")
    chosen = ("--ways", "playbook", "--bugs", *MENDED, "--state", str(state), "--json", str(figures))
    code = main((*chosen, *arguments))
    return code, json.loads(figures.read_text(encoding="utf-8"))["figures"]["playbook"]


def _line(name: str, *, correct: bool) -> str:
    attempt = Attempt(bug=name, located=True, plausible=True, proposed=True, let_through=correct, correct=correct)
    return json.dumps({"way": "playbook", "repeat": 0, "attempt": attempt.model_dump(mode="json")}) + "\n"


def _counts(figures: JsonValue) -> dict[JsonValue, tuple[JsonValue, JsonValue]]:
    assert isinstance(figures, dict)
    sets = figures["sets"]
    assert isinstance(sets, list)
    return {part["way"]: (part["bugs"], part["correct"]) for part in sets if isinstance(part, dict)}


def test_each_set_has_a_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, figures = _run(tmp_path)
    assert code == 0
    assert _counts(figures) == {"playbook, development": (2, 2.0), "playbook, held-out": (2, 1.0)}
    shown = capsys.readouterr().out
    assert "playbook, development" in shown
    assert "playbook, held-out" in shown


@pytest.mark.parametrize(("name", "expected"), [("development", (2, 2.0)), ("held-out", (2, 1.0))])
def test_one_set_alone_is_only_that(tmp_path: Path, name: str, expected: tuple[int, float]) -> None:
    _, figures = _run(tmp_path, "--set", name)
    assert _counts(figures) == {f"playbook, {name}": expected}
