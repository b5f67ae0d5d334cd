"""A program of ours in the sandbox: nothing of a job, of its tree or of the service comes between."""

import json
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from incident.errors import Refused
from tests.integration.sandbox import sample
from tests.integration.sandbox.conftest import NEEDS_BWRAP
from tools import ports
from tools.proof.checks import trial
from tools.reproduction import answers
from tools.sandbox import interpreter
from tools.sandbox.bwrap import Bubblewrap

pytestmark = NEEDS_BWRAP

LOOK = """
import json, os, sys
import beside
print(json.dumps({"path": sys.path, "arguments": sys.argv[1:], "read": beside.WORD, "hostile": "hostile" in sys.modules,
                  "isolated": bool(sys.flags.isolated), "seen": sys.stdin.read(), "variables": sorted(os.environ)}))
"""

HOSTILE = "import sys\nsys.modules['hostile'] = sys\n"


def job(tree: Path, **changed: object) -> ports.Job:
    fields: dict[str, object] = {"argv": ("a", "b"), "tree": str(tree), "runner": {"__main__.py": LOOK, "beside.py": "WORD = 7\n"}}  # fmt: skip
    return ports.Job.model_validate({**fields, **changed})


def hostile(tree: Path) -> dict[str, str]:
    """A tree that stands in every way that an interpreter has, and variables that lead there."""
    for name in ("json.py", "beside.py", "sitecustomize.py", "usercustomize.py", "__main__.py", "__init__.py"):
        (tree / name).write_text(HOSTILE)
    return {
        "PYTHONPATH": "/tree",
        "PYTHONSTARTUP": "/tree/__main__.py",
        "PYTHONHOME": "/tree",
        "PYTHONUSERBASE": "/tree",
        "PYTHONINSPECT": "1",
        "PYTHONPLATLIBDIR": "tree",
        "PYTHONWARNINGS": "error::json.Hostile",
        "PYTHONBREAKPOINT": "json.hostile",
    }


def test_it_is_started_isolated_from_memory_with_its_arguments(tree: Path) -> None:
    ran = Bubblewrap().run(job(tree, environment=hostile(tree), stdin="given"))
    said = json.loads(ran.stdout)
    assert said["path"][0] == "/proc/self/fd/8"
    assert not [
        path
        for path in said["path"][1:]
        if not path.startswith("/usr/lib/python3") and not path.startswith(sys.base_prefix)
    ]
    assert (said["arguments"], said["read"], said["seen"]) == (["a", "b"], 7, "given")
    assert said["isolated"]
    assert not said["hostile"]


def test_control_the_same_program_in_the_tree_meets_what_lies_there(tree: Path) -> None:
    environment = {"PYTHONPATH": hostile(tree)["PYTHONPATH"]}
    (tree / "started.py").write_text(LOOK.replace("import beside\n", "").replace("beside.WORD", "7"))
    (tree / "json.py").unlink()
    ran = Bubblewrap().run(job(tree, runner={}, argv=("/usr/bin/python3", "/tree/started.py"), environment=environment))
    assert json.loads(ran.stdout)["hostile"]


def test_nobody_inside_can_write_it(tree: Path) -> None:
    """Control: the file on standard input can be emptied, and lies in memory as well."""
    code = """
import os
for descriptor in (8, 0):
    for act in (lambda file: file.truncate(0), lambda file: file.write(b"x")):
        try:
            with open(f"/proc/self/fd/{descriptor}", "r+b", buffering=0) as file:
                act(file)
            print(descriptor, "done")
        except OSError as error:
            print(descriptor, type(error).__name__)
"""
    ran = Bubblewrap().run(job(tree, runner={"__main__.py": code}, stdin="given"))
    assert ran.stdout.splitlines() == ["8 PermissionError", "8 PermissionError", "0 done", "0 PermissionError"], ran


def test_a_job_without_a_program_of_ours_holds_none(tree: Path) -> None:
    ran = Bubblewrap().run(job(tree, runner={}, argv=("/bin/ls", "/proc/self/fd")))
    assert ran.stdout.split() == ["0", "1", "2", "3"]  # 3 is the listing itself


def test_without_an_interpreter_of_the_system_our_own_is_taken(tmp_path: Path) -> None:
    own = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for system in (tmp_path / "nowhere", old):
        found = interpreter.choose(system, own, "/srv/python")
        assert found.command[0] == str(own)
        assert found.mounts == ("/srv/python",)
        with pytest.raises(Refused, match="neither"):
            interpreter.choose(system, system, "/srv/python")


def test_a_systems_interpreter_is_taken_only_where_the_sandbox_has_it(tmp_path: Path) -> None:
    link = tmp_path / "python3"
    link.symlink_to(sys.executable)
    found = interpreter.choose(link, Path(sys.executable), "/srv/python")
    assert (found.command[0] == str(link)) == Path(sys.executable).resolve().is_relative_to("/usr/bin")
    assert interpreter.trusted().command[1:] == ("-I", "-S", "-B")


@pytest.mark.parametrize("place", ["/srv/checkouts/a", "/tmp/lab/a", "/home/somebody/a", "/app"])
def test_the_tree_lies_where_the_job_says(tree: Path, place: str) -> None:
    ran = Bubblewrap().run(
        job(tree, runner={}, argv=("/bin/sh", "-c", "pwd; cat pkg/a.txt; echo b > b; ls"), place=place)
    )
    assert ran.stdout == f"{place}\nab\npkg\n"


def test_a_mount_inside_the_trees_place_is_there(tree: Path, public: Path) -> None:
    """A virtual environment often lies in the checkout."""
    (public / "env").mkdir()
    (public / "env" / "made.py").write_text("m")
    ran = Bubblewrap().run(
        job(
            tree,
            runner={},
            argv=("/bin/sh", "-c", "cat env/made.py pkg/a.txt"),
            place=str(public),
            mounts=(str(public / "env"),),
        )
    )
    assert ran.stdout == "ma"


@pytest.mark.parametrize("place", ["/usr/lib/python3.11", "/etc", "/", "/tmp", "relative", "//usr", "/srv/../usr"])
def test_the_tree_never_lies_over_the_system(tree: Path, place: str) -> None:
    with pytest.raises(Refused, match="no place for the work folder"):
        Bubblewrap().run(job(tree, place=place))


def test_the_tree_never_lies_in_a_mount(tree: Path, public: Path) -> None:
    with pytest.raises(Refused, match="no place for the work folder"):
        Bubblewrap().run(job(tree, place=str(public / "in"), mounts=(str(public),)))


ACTS = """
import os, sys

def act(name, work):
    try:
        work(f"/proc/{sys.argv[1]}")
        print(name)
    except OSError:
        pass

act("memory", lambda place: open(place + "/mem", "rb").close())
act("variables", lambda place: open(place + "/environ", "rb").read())
act("descriptors", lambda place: os.listdir(place + "/fd"))
act("our program", lambda place: os.close(os.open(place + "/fd/8", os.O_RDONLY)))
act("maps", lambda place: open(place + "/maps", "rb").read())
act("working folder", lambda place: os.readlink(place + "/cwd"))
"""

REPORTING = """
import subprocess, sys
from tools.reproduction import report
{hidden}
report.begin()
subprocess.run(["/usr/bin/python3", "-I", "-c", {acts!r}, str(__import__("os").getpid())], close_fds=True)
"""


@pytest.mark.parametrize("hidden", [True, False], ids=["hidden", "control"])
def test_what_reports_cannot_be_looked_into(tree: Path, hidden: bool) -> None:
    start = REPORTING.format(hidden="" if hidden else "report.hide = lambda: None", acts=ACTS)
    text = "{}"
    given = {"runner": {**trial.runner(), "__main__.py": start}, "stdin": f"{len(text):012d}{text}{'k' * 64}"}
    ran = Bubblewrap().run(job(tree, **given))
    assert (ran.exit_code, ran.stderr) == (0, "")
    everything = ["memory", "variables", "descriptors", "our program", "maps", "working folder"]
    assert ran.stdout.split("\n")[:-1] == ([] if hidden else everything)


FORGING = """
import json

real = json.dumps


def dumps(value, **options):
    if isinstance(value, dict) and "status" in value:
        value = {**value, "status": 299, "made": ["GET a/b 0"], "unmade": [], "unexpected": [], "case": "9", "seconds": 0}
    return real(value, **options)


json.dumps = dumps
"""


def test_a_service_cannot_say_what_it_has_called(tmp_path: Path) -> None:
    """Control: what it answered is for it to say, and the same trick changes that."""
    app = sample.APP.replace("import asyncio", f"import asyncio\n{FORGING}")
    files = {**sample.BASE, "services/orders/app.py": app}
    bench = trial.Bench(sample.Shelf(files), Bubblewrap(), tmp_path)
    subject = trial.Subject(commit=sample.COMMIT, component=sample.COMPONENT, runtime=sample.runtime())
    (reply,) = bench.drive(subject, {}, (sample.GUEST,)).replies
    assert reply.status == 299
    assert (reply.case, reply.unmade, reply.unexpected) == ("0", (), ())
    assert [call.rpartition(" ")[0] for call in reply.made] == [f"GET {sample.PRICES_HOST}/prices/sku-1"]


def test_what_the_last_request_still_sends_is_no_call_of_the_next() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    downstream = answers.Downstream({f"127.0.0.1:{port}": port})
    call = {"host": f"127.0.0.1:{port}", "method": "GET", "path": "/a", "status": 200, "body": 1}
    first = downstream.turn_to([call], [])
    late = socket.create_connection(("127.0.0.1", port))
    assert _asked(port) == b"200"
    assert first.told()["unmade"] == []
    silent = {**call, "status": None, "error": "ReadTimeout"}
    second = downstream.turn_to([silent], [])
    with late:
        late.sendall(b"GET /b HTTP/1.1\r\n\r\n")
        late.recv(100)
    waiting = threading.Thread(target=_asked, args=(port,), daemon=True)
    waiting.start()
    until = time.monotonic() + 20
    while second.told()["unmade"] and time.monotonic() < until:
        time.sleep(0.01)
    assert [made.rpartition(" ")[0] for made in second.told()["made"]] == [f"GET 127.0.0.1:{port}/a"]
    assert waiting.is_alive()
    downstream.turn_to([], [])
    waiting.join(20)  # a time-out is played for as long as its request lasts
    assert not waiting.is_alive()


def _asked(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /a HTTP/1.1\r\n\r\n")
        try:
            return connection.recv(100)[9:12]
        except ConnectionResetError:
            return b""
