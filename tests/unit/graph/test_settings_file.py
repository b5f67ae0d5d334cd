"""The settings file: another way to set the same variables, below the environment, and closed against strangers."""

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.config import settings, settings_file
from graph.config.names import SETTINGS
from incident.errors import BadInput
from tests.unit.graph import settings_page

WHOLE = """
[suture]
autonomy = "approve"
service_labels = ["app", "deployment"]
[world]
url = "http://127.0.0.1:8080"
repository = "git:/srv/shop"
[model]
stream = true
answer_tokens = 2048
temperature = 0.5
"""


def written(folder: Path, text: str, mode: int = 0o600) -> dict[str, str]:
    path = folder / "suture.toml"
    path.write_text(text)
    path.chmod(mode)
    return {"SUTURE_HOME": str(folder)}


def test_the_file_in_the_home_folder_sets_what_the_environment_does_not(tmp_path: Path) -> None:
    environment = written(tmp_path, WHOLE)
    found = settings.load(environment)
    assert (found.autonomy, found.service_labels, found.world_url) == (
        "approve",
        ("app", "deployment"),
        "http://127.0.0.1:8080",
    )
    assert found.ports == {"repository": "git:/srv/shop"}
    assert (found.thinking.streamed, found.thinking.answer_tokens, found.thinking.temperature) == (True, 2048, 0.5)
    over = settings.load({**environment, "SUTURE_AUTONOMY": "observe", "SUTURE_WORLD_URL": ""})
    assert (over.autonomy, over.world_url) == ("observe", "")


def test_a_file_elsewhere_is_named(tmp_path: Path) -> None:
    written(tmp_path, WHOLE)
    environment = {"SUTURE_HOME": str(tmp_path / "home"), "SUTURE_SETTINGS": str(tmp_path / "suture.toml")}
    assert settings.load(environment).autonomy == "approve"
    assert settings.load({"SUTURE_HOME": str(tmp_path / "home")}).autonomy == "propose"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[suture]\nautonmy = "auto"', r"suture\.autonmy in .*use suture\.autonomy"),
        ("autonomy = 3", r"autonomy in .*use a section"),
        ('[suture]\nautonomy = "Auto"', r"suture\.autonomy in .* is 'Auto': use one of"),
        ("[suture]\nautonomy = 3", r"suture\.autonomy in .*use a text"),
        ("[model]\nstream = 1", r"model\.stream in .*use a on or off"),
        ("[model]\nanswer_tokens = -1", r"model\.answer_tokens in .*whole number"),
        ('[services.orders]\npath = "x"', r"services in .*services' repository"),
        ("[suture", r"SUTURE_SETTINGS is .*correct its TOML"),
        (f"[suture]\nlimits = {'9' * 5000}", r"SUTURE_SETTINGS is .*in a line"),
        ('[model]\nkey = "s3cret"', r"model\.key in .*not shown"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=re.compile(said, re.DOTALL)) as refused:
        settings.load(written(tmp_path, text))
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(BadInput, match="chmod go-w"):
        settings.load(written(tmp_path, WHOLE, mode))
    assert settings.load(written(tmp_path, WHOLE, 0o644)).autonomy == "approve"


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "absent", "."):
        with pytest.raises(BadInput, match="SUTURE_SETTINGS"):
            settings.load({"SUTURE_HOME": str(tmp_path), "SUTURE_SETTINGS": str(tmp_path / name)})


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_a_sentence(content: bytes) -> None:
    place = Path(f"/proc/self/fd/{os.memfd_create('settings')}")
    try:
        place.write_bytes(content)
        place.chmod(0o600)
        settings_file.merged({"SUTURE_HOME": "/nowhere", "SUTURE_SETTINGS": str(place)})
    except BadInput:
        pass
    finally:
        os.close(int(place.name))


def test_every_variable_and_key_is_its_own() -> None:
    variables = [each.variable for each in SETTINGS]
    keys = [each.key for each in SETTINGS if each.key]
    assert len(set(variables)) == len(variables)
    assert len(set(keys)) == len(keys)
    assert all(key.count(".") == 1 for key in keys)


def test_the_page_and_the_schema_are_those_of_the_code() -> None:
    """``python -m tests.unit.graph.settings_page`` writes both."""
    assert settings_page.PAGE.read_text(encoding="utf-8") == settings_page.page()
    assert settings_page.SCHEMA.read_text(encoding="utf-8") == settings_page.schema()


def test_every_variable_that_the_settings_read_is_on_the_page() -> None:
    source = "".join(
        (Path(settings.__file__).parent / name).read_text() for name in ("settings.py", "model_settings.py")
    )
    read = set(re.findall(r'environment(?:\.get\(|\[)?"?([A-Z_]{4,})"', source)) | set(
        re.findall(r'"((?:SUTURE|OPENAI|OTEL|REDIS)_[A-Z_]+)"', source)
    )
    page = settings_page.page()
    assert {name for name in read if f"`{name}`" not in page} == set()


def test_the_schema_knows_every_key() -> None:
    found = json.loads(settings_page.schema())["properties"]
    assert {f"{section}.{name}" for section, held in found.items() for name in held["properties"]} == {
        each.key for each in SETTINGS if each.key
    }
