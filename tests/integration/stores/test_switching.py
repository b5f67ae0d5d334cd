"""Two people, a worker's Ctrl-C and a supervisor step in at the same time, each a process: no abort is lost."""

import argparse
import contextlib
import signal
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph import control
from graph.config import settings
from graph.runtime import interrupts
from graph.setup import stores
from incident.control import Control
from policies import profiles
from tests.integration.stores.children import child

pytestmark = pytest.mark.timeout(600)

INCIDENTS = tuple(f"inc-{number}" for number in range(25))
AT = datetime(2026, 1, 1, 12, tzinfo=UTC)

Say = Callable[[str], object]


def books(folder: Path) -> stores.Stores:
    return stores.connect(settings.Settings(home=folder / "home", limits=profiles.standard()))


def switched(shared: stores.Stores, incident: str, name: str, action: str) -> None:
    """What ``graph.control INCIDENT ACTION --as NAME`` does with what it has read."""
    seen = shared.incidents.control(incident)
    update = {"paused": action == "pause", "aborted": seen.aborted or action == "abort"}
    said = argparse.Namespace(name=name, reason="")
    control.switched(shared, incident, seen, update, said, action)


def aborts(say: Say, folder: Path) -> None:
    shared = books(folder)
    for incident in INCIDENTS:
        switched(shared, incident, "ann", "abort")
        say(incident)


def goes_back_and_forth(_: Say, folder: Path, *actions: str) -> None:
    shared = books(folder)
    for _round in range(2):
        for incident in INCIDENTS:
            for action in actions:
                switched(shared, incident, "bob", action)


def is_interrupted(say: Say, folder: Path) -> None:
    """The worker of each incident gets a Ctrl-C."""
    shared = books(folder)
    for incident in INCIDENTS:
        interrupts.abort(shared, incident)
        say(incident)


@pytest.mark.parametrize("stops", [aborts, is_interrupted], ids=["a person aborts", "the worker is interrupted"])
def test_of_many_aborts_none_is_lost_to_those_who_resume_and_pause_at_the_same_time(
    tmp_path: Path, stops: Callable[..., None]
) -> None:
    shared = books(tmp_path)
    with (
        child(goes_back_and_forth, tmp_path, "resume", "pause") as bob,
        child(goes_back_and_forth, tmp_path, "pause", "resume") as eve,
        child(stops, tmp_path) as ann,
    ):
        told = ann.heard()
        assert [one.end() for one in (ann, bob, eve)] == [0, 0, 0]
    assert told == list(INCIDENTS)
    lost = [incident for incident in told if not shared.incidents.control(incident).aborted]
    assert lost == []
    chained = {str(said["incident"]) for incident in INCIDENTS for said in shared.audit.find("abort", incident)}
    assert chained == set(INCIDENTS)
    shared.audit.verify()


def test_an_abort_is_not_lost_to_a_process_that_is_killed_while_it_resumes(tmp_path: Path) -> None:
    shared = books(tmp_path)
    for incident in INCIDENTS[:5]:
        with child(goes_back_and_forth, tmp_path, "pause", "resume") as bob:
            switched(shared, incident, "ann", "abort")
            bob.signal(signal.SIGKILL)
            bob.end()
        assert shared.incidents.control(incident).aborted
    assert books(tmp_path).incidents.control(INCIDENTS[0]).aborted


def whole_row(folder: Path, incident: str, body: str) -> None:
    """How versions before wrote a switch: the whole row, as it was read before."""
    with contextlib.closing(sqlite3.connect(folder / "home" / "incidents.db", timeout=30)) as database, database:
        database.execute(
            "INSERT INTO controls (incident, body) VALUES (?, ?)"
            " ON CONFLICT (incident) DO UPDATE SET body = excluded.body",
            (incident, body),
        )


def test_control_whole_rows_that_are_read_before_and_written_later_lose_it(tmp_path: Path) -> None:
    """Bob's process has read, and writes when it is told to: Ann's abort, written meanwhile, is gone from the row."""
    books(tmp_path)

    def resumes(say: Say, folder: Path) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        seen = Control()
        say("read")
        signal.sigwait([signal.SIGUSR1])
        whole_row(folder, "inc-1", seen.model_copy(update={"by": "bob"}).model_dump_json())

    with child(resumes, tmp_path) as bob:
        assert bob.wait_for_word() == "read\n"
        whole_row(tmp_path, "inc-1", Control(aborted=True, by="ann").model_dump_json())
        bob.signal(signal.SIGUSR1)
        assert bob.end() == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "home" / "incidents.db")) as database:
        (body,) = database.execute("SELECT body FROM controls").fetchone()
    assert not Control.model_validate_json(body).aborted


def test_a_pause_and_the_kill_switch_of_two_people_both_stand(tmp_path: Path) -> None:
    shared = books(tmp_path)

    def stops_all(_: Say, folder: Path) -> None:
        own = books(folder)
        for _round in range(10):
            own.incidents.set_control(None, Control(stop_all=True, by="ann", at=AT))

    with child(stops_all, tmp_path) as ann, child(goes_back_and_forth, tmp_path, "resume", "pause") as bob:
        assert [one.end() for one in (ann, bob)] == [0, 0]
    found = shared.incidents.control("inc-1")
    assert (found.stop_all, found.paused) == (True, True)
