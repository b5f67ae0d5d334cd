"""Commands that bring a world up, take it down, and ask for its state.

A lock file that the world's main process holds open for life says whether it runs; the kernel gives it
back however the process ends.
"""

import contextlib
import fcntl
import json
import os
import selectors
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from evals.lab import daemon, places, runtime, steering
from evals.lab.lab import PROJECT, FalseAlarm
from incident.errors import BadInput
from tools import program

READY_WITHIN = 90.0
FIRES_WITHIN = 180.0
ENDS_WITHIN = 20.0
VOID = 3
"""Exit code of ``up`` and ``check`` when the world itself misbehaved."""
REQUIREMENTS = Path(__file__).with_name("shop") / "requirements.txt"


class Failed(RuntimeError):
    """The world did not do what was asked; the message says why."""


class Void(Failed):
    """The world itself misbehaved, which nobody planned: start again."""


class Start(BaseModel):
    """Start of a world and the alert that is awaited: also the content of a sidecar file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fault: str | None = None
    false_alarm: FalseAlarm | None = None
    seed: int = 1
    lease: float | None = Field(default=None, gt=0)
    expect: dict[str, str] = {}
    """Labels of the alert that ``--wait-alert`` waits for; any alert when empty."""


def start_of(sidecar: Path) -> Start:
    """Read a sidecar file.  Raises BadInput."""
    try:
        return Start.model_validate(yaml.safe_load(sidecar.read_text()))
    except OSError as error:
        raise BadInput("sidecar", str(sidecar), "name a file that can be read") from error
    except (ValidationError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput("sidecar", str(sidecar), "write it as docs/lab.md says") from error


def up(
    world: Path,
    private: Path,
    start: Start,
    *,
    wait_alert: bool,
    tell: Callable[[str], object],
    more: Sequence[Path] = (),
) -> dict[str, JsonValue]:
    """Start a world, wait until it is ready (and its alert fires), and let it go on by itself.

    `more` are further folders of faults.
    Returns its ``url``, ``id`` and, when it was awaited, the alert's ``payload``.  When this is interrupted or fails,
    the world ends too.  Raises BadInput, Failed, Void and NoRuntime.
    """
    tell("preparing the shop's environment")
    shop = runtime.ensure(REQUIREMENTS, runtime.home())
    private.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with private.with_suffix(".lock").open("a+") as lock:
        if not _lock(lock.fileno()):
            raise BadInput("world", str(world), "a world runs there: end it with `down`, or use another folder")
        places.make_private(private)
        process = _spawn(private, lock.fileno())
        lock.seek(0)
        lock.truncate()
        lock.write(str(process.pid))
    assert process.stdin is not None
    try:
        given = start.model_dump(include={"fault", "false_alarm", "seed", "lease"})
        spec = daemon.Spec(
            world=world.resolve(),
            private=private,
            python=shop.python,
            mounts=shop.mounts,
            faults=tuple(place.resolve() for place in more),
            **given,
        )
        process.stdin.write(spec.model_dump_json().encode() + b"\n")
        process.stdin.flush()
        ready = _first_line(process, private)
        missing = ready["missing"] if isinstance(ready["missing"], dict) else {}
        for service, program in missing.items():
            tell(f"without {service}: this machine has no {program}")
        tell(f"{ready['url']} is up")
        payload = _await(str(ready["url"]), private, start.expect, tell) if wait_alert else None
        process.stdin.write(daemon.DETACH)
        process.stdin.close()
    except BaseException:  # an interrupt too must not leave a world behind
        _give_up(process)
        raise
    return {"url": ready["url"], "id": ready["id"], "payload": payload}


def down(world: Path, private: Path) -> None:
    """End the world of a folder; harmless when none runs.  Raises Failed when it will not end."""
    card = places.World(world.resolve()).card
    path = private.with_suffix(".lock")
    if path.exists():
        with path.open("a+") as lock:
            if not _lock(lock.fileno()):
                lock.seek(0)
                pidfd = os.pidfd_open(int(lock.read()))
                steering.send(private, steering.Down())
                if not _freed(lock.fileno()):
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                    if not _freed(lock.fileno()):
                        raise Failed(f"the world in {world} does not end")
                os.close(pidfd)
    card.unlink(missing_ok=True)


def status(world: Path, private: Path) -> dict[str, JsonValue]:
    """State of the world there, and its card."""
    card = places.World(world.resolve()).card
    path = private.with_suffix(".lock")
    if not path.exists() or not card.exists():
        return {"running": False}
    with path.open("a+") as lock:
        if _lock(lock.fileno()):
            return {"running": False}
    found: dict[str, JsonValue] = json.loads(card.read_text())
    return {"running": True, **found}


def _spawn(private: Path, lock: int) -> subprocess.Popen[bytes]:
    with (private / "lab.log").open("ab") as log:
        return subprocess.Popen(
            program.line("evals.lab.daemon"),
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=(lock,),
            start_new_session=True,
        )


def _first_line(process: subprocess.Popen[bytes], private: Path) -> dict[str, JsonValue]:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(READY_WITHIN):
            raise Failed(f"the world was not ready within {READY_WITHIN:.0f} s")
    line = process.stdout.readline()
    if not line:
        raise Failed(f"the world ended at once: {(private / 'lab.log').read_text()[-600:].strip()}")
    said: dict[str, JsonValue] = json.loads(line)
    if "error" in said:
        raise Failed(str(said["error"]))
    return said


def state(private: Path) -> dict[str, Any]:
    """State of a world's own behaviour: ``calm``, ``waits_for``, ``age``, ``void``.  Raises Unreachable."""
    return steering.send(private, steering.State())


def counts(private: Path) -> dict[str, int]:
    """Answers that users got so far, by status.  Raises Unreachable."""
    answered: Any = steering.send(private, steering.Counts())["statuses"]
    return {str(status): int(number) for status, number in answered.items()}


def await_calm(private: Path, tell: Callable[[str], object]) -> None:
    """Wait until the world's timetable begins, and say what it waits for.  Raises Void and Unreachable."""
    told = ""
    while not (found := state(private))["calm"]:
        if found["void"]:
            tell("stopped waiting: the world did not get calm")
            raise Void(f"the world misbehaved: {'; '.join(found['void'])}")
        if found["waits_for"] and found["waits_for"] != told:
            told = found["waits_for"]
            tell(f"waiting until the world is calm: {told}")
        time.sleep(0.5)


def _await(url: str, private: Path, expect: Mapping[str, str], tell: Callable[[str], object]) -> JsonValue:
    """Ask for alerts until one with the expected labels fires."""
    await_calm(private, tell)
    tell("waiting for the alert")
    deadline = time.monotonic() + FIRES_WITHIN
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/alerts", timeout=5) as answer:  # noqa: S310 (our own loopback address)
                payload = json.load(answer)
        except (urllib.error.URLError, TimeoutError) as error:
            raise Failed(f"the world at {url} ended while its alert was awaited") from error
        if any(expect.items() <= alert["labels"].items() for alert in payload["alerts"]):
            tell("it fires")
            fired: JsonValue = payload
            return fired
        time.sleep(0.2)
    if causes := state(private)["void"]:
        raise Void(f"the world misbehaved: {'; '.join(causes)}")
    raise Failed(f"no alert with {dict(expect)} fired within {FIRES_WITHIN:.0f} s")


def _give_up(process: subprocess.Popen[bytes]) -> None:
    """End a world that is not to live on: by closing the pipe that holds it, and for good if it hangs."""
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it has ended already
        process.stdin.close()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _freed(fd: int) -> bool:
    """True when the holder lets go within ENDS_WITHIN seconds."""
    deadline = time.monotonic() + ENDS_WITHIN
    while time.monotonic() < deadline:
        if _lock(fd):
            return True
        time.sleep(0.05)
    return False
