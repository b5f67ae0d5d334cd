"""Every place that says which Python is supported, or which version this is, says the same."""

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PYTHON = "Programming Language :: Python :: "


def test_the_workflow_tries_each_python_that_is_named() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    named = [item.removeprefix(PYTHON) for item in PROJECT["project"]["classifiers"] if item.startswith(PYTHON)]
    assert workflow["jobs"]["check"]["strategy"]["matrix"]["python"] == named
    assert PROJECT["project"]["requires-python"] == f">={named[0]}"
    assert PROJECT["tool"]["mypy"]["python_version"] == named[0]


def test_the_version_comes_from_one_place() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "suture/__init__.py"
