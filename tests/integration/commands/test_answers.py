"""People answer a waiting incident: to what they saw, by name, once, and nobody else's word opens the gate.

One incident waits in a served world; each test has a copy of its home.  What counts is what the world did.
"""

import contextlib
import json
import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from graph.config import settings
from graph.runtime import question as asking
from graph.setup import stores
from incident.control import Approval
from incident.workload import Effect
from tests.integration.commands import forked
from tools import embedded
from tools.clock import SystemClock

pytestmark = pytest.mark.timeout(900)
ROOT = Path(__file__).parents[3]
US = pwd.getpwuid(os.getuid()).pw_name
LIES = {"LOGNAME": "ceo", "USER": "ceo", "LNAME": "ceo", "USERNAME": "ceo", "SUDO_USER": "ceo", "SUDO_UID": "0"}


class Home(NamedTuple):
    """One SUTURE_HOME with an incident that waits, and the commands that people start on it."""

    root: Path
    url: str
    alert: Path

    def run(self, module: str, *arguments: str, **more: str) -> forked.Ran:
        own = {key: value for key, value in os.environ.items() if not key.startswith(("SUTURE_", "OPENAI_"))}
        told = {"SUTURE_HOME": str(self.root), "SUTURE_WORLD_URL": self.url, "SUTURE_AUTONOMY": "approve"}
        told["SUTURE_PROFILE"] = "lab"
        return forked.run(module, *arguments, environment={**own, **told, **more})

    def repeated(self) -> forked.Ran:
        """The alert comes again, as Alertmanager repeats it."""
        return self.run("graph.run", str(self.alert), "--json")

    def listed(self) -> dict[str, Any]:
        (row,) = json.loads(self.run("graph.list", "--all", "--json").stdout)
        assert isinstance(row, dict)
        return row

    def books(self) -> stores.Stores:
        return stores.connect(settings.load({"SUTURE_HOME": str(self.root)}))

    def answers(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in (self.root / "audit.jsonl").read_bytes().splitlines()]
        return [line["body"] for line in lines if line["action"] == "answered"]

    def touched(self) -> bool:
        """Whether anything of the service was changed or claimed."""
        world = embedded.connect(self.url, SystemClock())
        return world.platform.read("orders").effect != Effect()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("asked")
    command = [sys.executable, "-m", "tools.scripted", str(folder / "world"), "--wakes-in=-300", "--deployed-ago=40"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        alert = folder / "alert.json"
        labels = {"alertname": "HighErrorRate", "service": "orders"}
        alert.write_text(json.dumps({"labels": labels, "startsAt": datetime.now(UTC).isoformat()}))
        home = Home(folder / "home", str(json.loads(process.stdout.readline())["url"]), alert)
        said = home.run("graph.run", str(alert), "--json")
        assert said.returncode == 6, said.stderr
        yield home
        process.kill()
        process.wait()


@pytest.fixture
def home(asked: Home, tmp_path: Path) -> Home:
    """A copy that a test may do anything to."""
    shutil.copytree(asked.root, tmp_path / "home")
    return asked._replace(root=tmp_path / "home")


def test_every_place_that_asks_shows_the_plan_and_how_to_answer(home: Home) -> None:
    known = home.listed()
    plan, answer = known["plan"], f"graph.approve {known['id']} --plan {known['plan']} --as NAME"
    assert len(plan) == 64
    assert answer in " ".join(home.run("graph.explain", known["id"]).stdout.split())
    assert plan[:16] in home.run("graph.list").stdout.replace("\n", "")
    notices = [json.loads(line) for line in (home.root / "notices.jsonl").read_text().splitlines()]
    assert [notice["body"]["plan"] for notice in notices] == [plan]
    assert answer in notices[0]["body"]["answer"]
    assert answer in (home.root / "incidents" / known["id"] / "report.md").read_text()
    assert answer in home.run("graph.run", str(home.alert)).stdout


def test_the_same_question_is_told_once_however_often_the_alert_comes(home: Home) -> None:
    for _ in range(2):
        assert home.repeated().returncode == 6
    assert len((home.root / "notices.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param([], id="no plan"),
        pytest.param(["--plan", ""], id="an empty plan"),
        pytest.param(["--plan", "{11}"], id="too few digits"),
        pytest.param(["--plan", "f" * 64], id="another plan"),
        pytest.param(["--plan", "{64}0"], id="too many digits"),
        pytest.param(["--plan", "%"], id="no digits"),
        pytest.param(["--plan", "{12}%"], id="a wildcard"),
    ],
)
def test_an_approval_that_does_not_name_the_plan_is_refused_and_changes_nothing(home: Home, plan: list[str]) -> None:
    known = home.listed()
    words = [known["plan"][: int(word[1:3])] + word[4:] if word.startswith("{") else word for word in plan]
    said = home.run("graph.approve", known["id"], *words, "--as", "dana")
    assert said.returncode == 2
    assert "--plan" in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1
    assert home.listed() == known
    assert home.answers() == []
    assert not home.touched()


@pytest.mark.parametrize("name", ["", "  ", "\t\n", "\u200b\u202e", "\x1b[2J", "\x07"])
def test_an_answer_without_a_name_is_refused(home: Home, name: str) -> None:
    known = home.listed()
    said = home.run("graph.approve", known["id"], "--plan", known["plan"], "--as", name)
    assert said.returncode == 2
    assert "--as" in said.stderr
    assert home.answers() == []
    assert home.listed()["status"] == "waiting"


def test_a_rejection_needs_no_plan_and_its_name_is_cleaned_and_its_user_is_the_systems(home: Home) -> None:
    known = home.listed()
    said = home.run("graph.approve", known["id"], "--reject", "--as", " da\x1b[31mna\u202e\n ", "--json", **LIES)
    assert said.returncode == 4, said.stderr
    (answer,) = home.answers()
    assert (answer["by"], answer["approved"]) == ("dana", False)
    assert answer["os_user"].split()[0] == US
    assert home.listed()["status"] == "closed"
    assert not home.touched()


def test_a_rejection_of_another_plan_is_refused(home: Home) -> None:
    said = home.run("graph.approve", home.listed()["id"], "--reject", "--plan", "f" * 64, "--as", "dana")
    assert said.returncode == 2
    assert home.listed()["status"] == "waiting"


def test_an_answered_question_is_not_listed_again_and_a_second_answer_hears_who_was_first(home: Home) -> None:
    """As it is right after the answer: whoever took it was killed before anything else happened."""
    known = home.listed()
    shared = home.books()
    row = shared.incidents.find(known["id"])
    assert row is not None
    question = asking.asked(shared, row.id)
    claimed = shared.incidents.claim(row, "999999999:1")
    assert question is not None
    assert claimed is not None
    shared.incidents.answer(claimed, question.id, approval(question.plan, question.base, approved=False))
    after = home.listed()
    assert (after["status"], after["plan"], after["waiting_on"]) == ("open", "", "")
    assert "eve" in after["reason"]
    said = home.run("graph.approve", known["id"], "--plan", known["plan"], "--as", "dana")
    assert said.returncode == 2
    assert "eve" in said.stderr
    assert len(home.answers()) == 1
    resumed = json.loads(home.run("graph.resume", "--json").stdout)
    assert [(one["outcome"], "eve" in one["reason"]) for one in resumed["incidents"]] == [("rejected", True)]


def test_of_two_who_answer_at_once_one_counts_and_the_other_is_told_so(home: Home) -> None:
    known = home.listed()
    said: dict[str, forked.Ran] = {}

    def reject(name: str) -> None:
        said[name] = home.run("graph.approve", known["id"], "--reject", "--as", name)

    threads = [threading.Thread(target=reject, args=(name,)) for name in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.returncode for one in said.values()) == [2, 4], [one.stderr for one in said.values()]
    (answer,) = home.answers()
    assert said[answer["by"]].returncode == 4


def approval(plan: str, base: str, *, approved: bool = True) -> Approval:
    now = datetime.now(UTC) - timedelta(seconds=1)
    return Approval(
        plan_digest=plan,
        base=base,
        approved=approved,
        by="eve",
        os_user="eve",
        at=now,
        expires_at=now + timedelta(hours=1),
    )


def written(home: Home, *, question: bool) -> None:
    """Somebody who can write the database, and has no key, answers for everybody."""
    shared = home.books()
    (row,) = shared.incidents.rows()
    asked = asking.asked(shared, row.id)
    assert asked is not None
    body = approval(asked.plan, asked.base).model_dump_json()
    with contextlib.closing(sqlite3.connect(home.root / "incidents.db")) as connection, connection:
        if question:
            connection.execute(
                "INSERT INTO approvals (incident, plan_digest, base, body, question, mark) VALUES (?, ?, ?, ?, ?, ?)",
                (row.id, asked.plan, asked.base, body, asked.id, "0" * 64),
            )
        else:
            connection.execute(
                "INSERT INTO approvals (sequence, incident, plan_digest, base, body) VALUES (?, ?, ?, ?, ?)",
                (10**9, row.id, asked.plan, asked.base, body),
            )


@pytest.mark.parametrize("question", [True, False], ids=["to the question", "as older versions wrote it"])
def test_an_approval_written_into_the_database_makes_nothing_happen(home: Home, question: bool) -> None:
    """Neither the repeated alert nor a resumption acts on it."""
    written(home, question=question)
    said = home.repeated()
    assert said.returncode == (5 if question else 6), said.stderr
    if question:
        assert "no mark of this installation" in said.stdout + said.stderr
    assert not home.touched()
    home.run("graph.resume", "--json")
    assert not home.touched()


def test_a_rejection_is_not_turned_into_an_approval_by_a_row_that_is_there_already(home: Home) -> None:
    written(home, question=False)
    said = home.run("graph.approve", home.listed()["id"], "--reject", "--as", "dana")
    assert said.returncode == 4, said.stderr
    assert not home.touched()


def test_the_plan_that_was_looked_at_goes_through(asked: Home) -> None:
    """The control, and the last test here: the same commands with the plan's first digits heal the service."""
    known = asked.listed()
    assert not asked.touched()
    said = asked.run("graph.approve", known["id"], "--plan", known["plan"][:12].upper(), "--as", "dana", "--json")
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["outcome"] == "healed"
    assert asked.touched()
    (answer,) = asked.answers()
    assert (answer["by"], answer["plan_digest"]) == ("dana", known["plan"])
    again = asked.run("graph.approve", known["id"], "--plan", known["plan"], "--as", "eve")
    assert again.returncode == 2
    assert "dana" in again.stderr
