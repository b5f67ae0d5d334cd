"""Real commands before displays that fail: the exit code is the incident's, and nobody sees a traceback.

Another process reads, or does not: the reader is gone, has stopped, sits on a full disk, or has few letters.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest

pytestmark = pytest.mark.timeout(600)
ROOT = Path(__file__).parents[3]
WAITS = 6
"""Exit code of the incident that is driven here: a person is asked."""

Output = int | IO[bytes] | None


@dataclass
class Display:
    """What stands behind the three standard streams, and the environment."""

    out: Output = subprocess.PIPE
    err: Output = subprocess.PIPE
    environment: Mapping[str, str] = field(default_factory=dict)
    closed: str = ""
    """Streams that are closed before the command starts, in the shell's words."""
    keep: tuple[int, ...] = ()
    """Descriptors of ours to be closed in the end."""


def plain() -> Display:
    return Display()


def gone() -> Display:
    reader, writer = os.pipe()
    os.close(reader)
    return Display(out=writer, keep=(writer,))


def gone_for_both() -> Display:
    reader, writer = os.pipe()
    os.close(reader)
    return Display(out=writer, err=writer, keep=(writer,))


def stopped() -> Display:
    """A pipe that is full, and that nobody reads."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 512)
    except BlockingIOError:
        os.set_blocking(writer, True)
    return Display(out=writer, err=writer, keep=(reader, writer))


def full_disk() -> Display:
    device = os.open("/dev/full", os.O_WRONLY)
    return Display(out=device, err=device, keep=(device,))


def speaks(**environment: str) -> Callable[[], Display]:
    return lambda: Display(environment=environment)


def shut(streams: str) -> Callable[[], Display]:
    return lambda: Display(closed=streams)


DISPLAYS: dict[str, Callable[[], Display]] = {
    "control": plain,
    "reader gone": gone,
    "both readers gone": gone_for_both,
    "reader stopped": stopped,
    "full disk": full_disk,
    "no standard output": shut(">&-"),
    "no standard error": shut("2>&-"),
    "nothing at all": shut("<&- >&- 2>&-"),
    "ascii": speaks(PYTHONIOENCODING="ascii"),
    "latin-1": speaks(PYTHONIOENCODING="latin-1:strict"),
    "POSIX": speaks(LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
    "a terminal of one column": speaks(COLUMNS="1", LINES="1"),
    "a terminal of a nonsensical size": speaks(COLUMNS="²", LINES="-3", TERM="no-such", FORCE_COLOR="1"),
}

QUIET = ("Traceback", "Exception ignored", "Error:")


class Commands:
    """Somebody at a prompt, with a home and a world of their own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.alert = folder / "alert.json"
        own = {key: value for key, value in os.environ.items() if not key.startswith(("SUTURE_", "OPENAI_", "PYTHON"))}
        self.environment = {**own, "SUTURE_HOME": str(folder / "home"), "SUTURE_WORLD_URL": url}
        self.environment["SUTURE_AUTONOMY"] = "propose"

    def fire(self) -> None:
        """A new alert."""
        labels = {"alertname": "HighErrorRate", "service": "orders"}
        self.alert.write_text(json.dumps({"labels": labels, "startsAt": datetime.now(UTC).isoformat()}))

    def run(self, display: Display, module: str, *arguments: str) -> tuple[int, str, str]:
        """Exit code and what arrived on both streams."""
        command = [sys.executable, "-m", module, *arguments]
        if display.closed:
            command = ["sh", "-c", f'exec "$@" {display.closed}', "sh", *command]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**self.environment, **display.environment},
            stdin=subprocess.DEVNULL,
            stdout=display.out,
            stderr=display.err,
        )
        out, err = process.communicate()
        for descriptor in display.keep:
            os.close(descriptor)
        return process.returncode, _text(out), _text(err)


def _text(content: bytes | None) -> str:
    return (content or b"").decode("utf-8", "replace")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a served world in which a bad version was deployed just now: going back needs no sandbox."""
    command = [sys.executable, "-m", "tools.scripted", str(folder), "--wakes-in=-300", "--deployed-ago=32"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        yield str(json.loads(process.stdout.readline())["url"])
    process.wait()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """A home with one incident that waits for a person."""
    folder = tmp_path_factory.mktemp("asked")
    with served(folder / "world") as url:
        made = Commands(folder, url)
        made.fire()
        assert made.run(plain(), "graph.run", str(made.alert))[0] == WAITS
        yield made


@pytest.fixture
def prompt(tmp_path: Path) -> Iterator[Commands]:
    with served(tmp_path / "world") as url:
        made = Commands(tmp_path, url)
        made.fire()
        yield made


@pytest.mark.parametrize("name", DISPLAYS)
def test_an_incident_ends_as_it_would_before_any_display(prompt: Commands, name: str) -> None:
    code, out, err = prompt.run(DISPLAYS[name](), "graph.run", str(prompt.alert))
    assert code == WAITS, err
    assert not [word for word in QUIET if word in out + err]


@pytest.mark.parametrize("how", ["file in the way", "below a file", "full device", "nowhere", "named pipe"])
def test_records_that_cannot_be_copied_change_nothing(prompt: Commands, how: str) -> None:
    folder = prompt.folder / "record"
    places = {"full device": Path("/dev/full"), "nowhere": Path("/proc/none/x"), "below a file": folder / "sub"}
    if how in ("file in the way", "below a file"):
        folder.write_text("")
    if how == "named pipe":
        folder.mkdir()
        os.mkfifo(folder / "report.md")
    code, out, err = prompt.run(
        plain(), "graph.run", str(prompt.alert), "--record", str(places.get(how, folder)), "--json"
    )
    assert code == WAITS, err
    assert json.loads(out)["outcome"] == "waiting"
    assert "were not all copied" in err


def test_a_folder_without_rights_changes_nothing_either(prompt: Commands) -> None:
    """For whoever may write anywhere the copy works; the ending is the same."""
    folder = prompt.folder / "record"
    folder.mkdir(mode=0o500)
    code, _, err = prompt.run(plain(), "graph.run", str(prompt.alert), "--record", str(folder / "x"))
    assert code == WAITS, err
    assert ("were not all copied" in err) is (os.geteuid() != 0)


RESULTS = {
    "graph.list": ("--all",),
    "graph.explain": ("INCIDENT",),
    "graph.replay": ("INCIDENT",),
    "graph.audit": ("verify",),
    "graph.limits": (),
}
"""Commands whose output is their result."""

ACTS = {"graph.control": ("INCIDENT", "status"), "graph.resume": ("--once",)}
"""Commands that end as what they did."""


def answered(at: Commands, module: str, arguments: tuple[str, ...], name: str) -> tuple[int, str]:
    incident = next((at.folder / "home" / "incidents").iterdir()).name
    given = tuple(incident if item == "INCIDENT" else item for item in arguments)
    code, out, err = at.run(DISPLAYS[name](), module, *given)
    assert not [word for word in QUIET if word in out + err], out + err
    return code, out


@pytest.mark.parametrize("name", ["control", "reader gone", "nothing at all", "ascii", "a terminal of one column"])
@pytest.mark.parametrize("module", [*RESULTS, *ACTS])
def test_a_command_without_a_reader_ends_as_ever(asked: Commands, module: str, name: str) -> None:
    assert answered(asked, module, {**RESULTS, **ACTS}[module], name)[0] == 0


@pytest.mark.parametrize("module", RESULTS)
def test_a_result_that_could_not_be_written_is_no_success(asked: Commands, module: str) -> None:
    assert answered(asked, module, RESULTS[module], "full disk")[0] == 5


@pytest.mark.parametrize("module", ACTS)
def test_what_was_done_is_done_before_a_full_disk(asked: Commands, module: str) -> None:
    assert answered(asked, module, ACTS[module], "full disk")[0] == 0


@pytest.mark.parametrize("name", ["reader gone", "full disk", "ascii"])
def test_control_a_plain_program_ends_otherwise(asked: Commands, name: str) -> None:
    made = Commands(asked.folder, "")
    display = DISPLAYS[name]()
    process = subprocess.Popen(
        [sys.executable, "-c", "print('90 % → 10 %')"],
        env={**made.environment, **display.environment},
        stdout=display.out,
        stderr=subprocess.PIPE,
    )
    _, err = process.communicate()
    for descriptor in display.keep:
        os.close(descriptor)
    assert process.returncode != 0
    assert b"Error" in err


def test_no_file_of_ours_becomes_standard_output(prompt: Commands) -> None:
    """With descriptor 1 closed, the next file that is opened would get every line that anybody prints."""
    code, _, err = prompt.run(shut(">&-")(), "graph.run", str(prompt.alert))
    assert code == WAITS, err
    home = prompt.folder / "home"
    written = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert not any(content.startswith((b"waiting", b"    0.0 s")) for content in written)
    assert prompt.run(plain(), "graph.audit", "verify")[0] == 0
