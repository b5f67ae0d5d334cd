"""``graph.control``: what cannot be meant together is refused, and nothing is changed by that."""

import json
import os
import pwd
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from graph.config import settings
from graph.setup import stores
from tests.integration.commands import forked
from tests.integration.stores.rows import row
from tools import ports

pytestmark = pytest.mark.timeout(300)

US = pwd.getpwuid(os.getuid()).pw_name


class Shell(NamedTuple):
    """Somebody at a prompt, with one incident that nobody works on."""

    root: Path
    shared: stores.Stores

    def run(self, *arguments: str, **more: str) -> forked.Ran:
        own = {key: value for key, value in os.environ.items() if not key.startswith(("SUTURE_", "OPENAI_"))}
        return forked.run("graph.control", *arguments, environment={**own, "SUTURE_HOME": str(self.root), **more})

    def chained(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in (self.root / "audit.jsonl").read_bytes().splitlines()]
        return [line for line in lines if line["action"] not in ("record", "resumed")]

    def switches(self) -> tuple[bool, bool, bool]:
        found = self.shared.incidents.control("inc-1")
        return found.stop_all, found.paused, found.aborted


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shared = stores.connect(settings.load({"SUTURE_HOME": str(tmp_path / "home")}))
    assert shared.incidents.claim(row(), "999999999:1") is not None
    shared.incidents.release("inc-1")
    return Shell(tmp_path / "home", shared)


@pytest.mark.parametrize(
    "words",
    [
        ("--stop-all", "--start-all", "--as", "ann"),
        ("inc-1", "abort", "--stop-all", "--as", "ann"),
        ("inc-1", "resume", "--start-all", "--as", "ann"),
        ("inc-1", "status", "--stop-all", "--as", "ann"),
        ("inc-1", "--stop-all", "--as", "ann"),
        ("--stop-all",),
        ("--stop-all", "--as", " "),
        ("--start-all", "--as", "\u200b"),
        ("inc-1", "abort"),
        ("inc-1", "pause", "--as", "\x1b[2J"),
        ("inc-1", "--as", "ann"),
        ("inc-1", "explode", "--as", "ann"),
        ("inc-9", "abort", "--as", "ann"),
        ("../home", "abort", "--as", "ann"),
        (),
    ],
)
def test_bad_arguments_get_one_sentence_and_change_nothing(shell: Shell, words: tuple[str, ...]) -> None:
    said = shell.run(*words)
    assert said.returncode == 2, said
    assert len(said.stderr.strip().splitlines()) == 1
    assert said.stdout == ""
    assert shell.switches() == (False, False, False)
    assert shell.chained() == []


def test_each_switch_is_chained_with_its_name_and_the_systems_user(shell: Shell) -> None:
    """Whatever the environment says who that is."""
    for words in (("inc-1", "pause"), ("inc-1", "resume"), ("inc-1", "abort"), ("--stop-all",), ("--start-all",)):
        said = shell.run(*words, "--as", " an\x1b[31mn ", "--reason", "a\nstorm", "--json", LOGNAME="ceo", USER="ceo")
        assert said.returncode == 0, said.stderr
    told = shell.chained()
    assert [line["action"] for line in told] == ["pause", "resume", "abort", "stop-all", "start-all"]
    assert {line["actor"] for line in told} == {"ann"}
    assert {line["body"]["os_user"].split()[0] for line in told} == {US}
    assert {line["body"]["reason"] for line in told} == {"a storm"}
    assert shell.switches() == (False, False, True)


def test_resuming_what_was_aborted_says_that_it_stays_stopped(shell: Shell) -> None:
    shell.run("inc-1", "abort", "--as", "ann")
    said = shell.run("inc-1", "resume", "--as", "bob", "--json")
    assert "an abort stands" in said.stderr
    assert json.loads(said.stdout)["control"]["by"] == "ann"
    assert shell.switches() == (False, False, True)


def test_the_kill_switch_answers_with_what_stands(shell: Shell) -> None:
    assert json.loads(shell.run("--stop-all", "--as", "ann", "--json").stdout) == {"stop_all": True}
    assert json.loads(shell.run("--start-all", "--as", "ann", "--json").stdout) == {"stop_all": False}


def test_a_closed_incident_is_not_switched(shell: Shell) -> None:
    known = shell.shared.incidents.claim(row(), "999999999:1")
    assert isinstance(known, ports.Row)
    shell.shared.incidents.update(known.model_copy(update={"status": "closed", "outcome": "healed", "holder": ""}))
    said = shell.run("inc-1", "abort", "--as", "ann")
    assert said.returncode == 2
    assert "healed" in said.stderr
    assert shell.chained() == []
