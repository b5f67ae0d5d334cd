"""A file of limits: one sentence for everything that is wrong with it, and a print that can be read back."""

import itertools
import tomllib
from pathlib import Path

import pytest

from graph import limits as printed
from graph.config import settings
from incident.errors import BadInput
from policies import limits, profiles


def given(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "limits.toml"
    file.write_text(text)
    return {"SUTURE_HOME": str(tmp_path / "home"), "SUTURE_LIMITS": str(file)}


REFUSED: list[tuple[str, str, str, str]] = [
    ("no TOML", "[risk", "SUTURE_LIMITS", "correct its TOML"),
    ("an unknown table", "[risks]\nreach = 1", "risks", "no limit has this name"),
    ("an unknown limit", "[risk]\nreech = 1", "risk.reech", "no limit has this name"),
    ("a text", '[risk]\nreach = "a"', "risk.reach", "valid integer"),
    ("a switch", "[reach]\nmax_tries = true", "reach.max_tries", "valid integer"),
    ("too small", "[reach]\nmax_tries = 0", "reach.max_tries", "greater than or equal to 1"),
    ("infinite", "[verify]\nbake_seconds = inf", "verify.bake_seconds", "finite"),
    ("not a number", "[canary]\nalpha = nan", "canary.alpha", "finite"),
    ("weights that do not add up", "[risk]\nreach = 1600", "risk", "add up to 10100"),
    ("thresholds the wrong way round", "[reach]\nauto_below = 7000", "reach", "must be smaller than never_from"),
    (
        "a freeze without a reason",
        "[reach]\nfreezes = [{ start = 2026-01-01T00:00:00Z }]",
        "reach.freezes.0",
        "required",
    ),
]


@pytest.mark.parametrize(("text", "field", "remedy"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_one_sentence_names_field_value_and_remedy(tmp_path: Path, text: str, field: str, remedy: str) -> None:
    with pytest.raises(BadInput) as refused:
        settings.load(given(tmp_path, text))
    said = str(refused.value)
    assert said.startswith(field)
    assert remedy in said
    assert "SUTURE_LIMITS" in said
    assert "\n" not in said


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    environment = {"SUTURE_HOME": str(tmp_path), "SUTURE_LIMITS": str(tmp_path / "nothing.toml")}
    with pytest.raises(BadInput, match="TOML file that can be read"):
        settings.load(environment)


def test_what_the_file_says_is_put_upon_the_standard_and_upon_the_lab(tmp_path: Path) -> None:
    environment = given(tmp_path, "[reach]\nauto_below = 1000\n[slo.services.payment]\nobjective = 0.9999\n")
    chosen = settings.load(environment)
    assert chosen.limits.reach.auto_below == 1_000
    assert chosen.limits.verify == profiles.standard().verify
    lab = settings.for_lab(chosen, "http://127.0.0.1:1", environment)
    assert lab.limits.reach.auto_below == 1_000
    assert lab.limits.verify == profiles.lab().verify
    assert lab.limits.slo.of("payment").objective == 0.9999


def test_a_freeze_window_is_read_as_a_time(tmp_path: Path) -> None:
    window = '{ start = 2026-12-20T00:00:00Z, end = 2027-01-02T00:00:00+01:00, reason = "Christmas" }'
    (freeze,) = settings.load(given(tmp_path, f"[reach]\nfreezes = [{window}]")).limits.reach.freezes
    assert freeze.start.isoformat() == "2026-12-20T00:00:00+00:00"
    assert freeze.reason == "Christmas"


@pytest.mark.parametrize("profile", [profiles.standard(), profiles.lab()], ids=["standard", "lab"])
def test_what_is_printed_can_be_read_back(tmp_path: Path, profile: limits.Limits) -> None:
    text = printed.toml(profile)
    assert settings.load(given(tmp_path, text)).limits.model_copy(update={"name": profile.name}) == profile
    assert set(tomllib.loads(text)) == {name for name, _ in profile} - {"name"}


def test_every_limit_is_printed_under_what_it_means() -> None:
    lines = printed.toml(profiles.standard()).splitlines()
    for before, line in itertools.pairwise(lines):
        if " = " in line and not line.startswith("#"):
            assert before.startswith("# "), line
            assert len(before) > 10, line
