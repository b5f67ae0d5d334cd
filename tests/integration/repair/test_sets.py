"""The report tells sets and changed source apart; every attempt comes from the state file, so nothing is healed."""

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


def _line(name: str, *, correct: bool, restructured: int | str | None = None) -> str:
    attempt = Attempt(bug=name, located=True, plausible=True, proposed=True, let_through=correct, correct=correct)
    said = {"way": "playbook", "repeat": 0, "attempt": attempt.model_dump(mode="json")}
    # Older files do not say it.
    return json.dumps(said if restructured is None else {**said, "restructured": restructured}) + "\n"


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


def test_restructured_rows_say_so_and_take_no_attempt_on_other_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state, figures = tmp_path / "state.jsonl", tmp_path / "figures.json"
    state.write_text(
        _line("booking-no-card", correct=True)
        + _line("booking-no-card", correct=False, restructured=3)
        + _line("booking-no-card", correct=True, restructured=4),
        encoding="utf-8",
    )
    chosen = ("--ways", "playbook", "--bugs", "booking-no-card", "--state", str(state), "--json", str(figures))
    assert main((*chosen, "--restructured", "--seed", "3")) == 0
    said = json.loads(figures.read_text(encoding="utf-8"))
    assert (said["seed"], said["figures"]["restructured"]) == (3, True)
    assert _counts(said["figures"]["playbook"]) == {"playbook, development": (1, 0.0)}
    assert "playbook, development, restructured" in capsys.readouterr().out
    assert main(chosen) == 0
    said = json.loads(figures.read_text(encoding="utf-8"))
    assert "restructured" not in said["figures"]
    assert _counts(said["figures"]["playbook"]) == {"playbook, development": (1, 1.0)}


def test_rows_with_docstrings_are_rows_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state, figures = tmp_path / "state.jsonl", tmp_path / "figures.json"
    state.write_text(
        _line("booking-no-card", correct=False, restructured=3)
        + _line("booking-no-card", correct=True, restructured="3, documented"),
        encoding="utf-8",
    )
    chosen = ("--ways", "playbook", "--bugs", "booking-no-card", "--state", str(state), "--json", str(figures))
    assert main((*chosen, "--restructured", "--keep-docstrings", "--seed", "3")) == 0
    said = json.loads(figures.read_text(encoding="utf-8"))
    assert _counts(said["figures"]["playbook"]) == {"playbook, development": (1, 1.0)}
    assert "documented" in capsys.readouterr().out
    assert main((*chosen, "--keep-docstrings")) == 2
    assert "--restructured" in capsys.readouterr().err


def test_given_patches_know_the_source_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("--judge", "--restructured", "--bugs", "booking-no-card")) == 2
    assert "--judge" in capsys.readouterr().err
