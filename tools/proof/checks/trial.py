"""Runs a commit, with or without edits, against recorded requests or its own tests."""

import functools
import json
import secrets
from collections.abc import Collection, Mapping
from pathlib import Path

from pydantic import JsonValue, ValidationError

from incident.capture import Call, Capture
from incident.errors import Refused, Unavailable
from incident.value import Value
from tools import ports
from tools.proof.checks import scratch, shadows, surroundings
from tools.reproduction import report

_SOURCES = Path(__file__).parents[2] / "reproduction"

_START = "from tools.reproduction import run\n\nrun.main()\n"

SECONDS_PER_CASE, CPU_PER_CASE = 10.0, 3
"""Wall clock and processor seconds of one request: a loop is found by the second, a wait by the first, and a machine
that is busy with an incident makes neither of a healthy request."""
CPU_PER_SUITE = 30
LIMITS = ports.Limits(seconds=60.0, processes=64, output_bytes=8 * 1024 * 1024)
"""One batch.  Threads count as processes, and each recorded host has one."""


class Place(Value):
    """One frame of a traceback inside the tree."""

    path: str
    line: int
    function: str
    qualified: str
    values: dict[str, str] = {}
    """Of what kind each local variable is; only of the innermost frame."""


class Thrown(Value):
    """An exception that left the application or was logged by it."""

    type: str
    message: str
    frames: tuple[Place, ...]


class Reply(Value):
    """The application's reply to one recorded request."""

    case: str
    status: int | None = None
    sha256: str = ""
    length: int = 0
    is_json: bool = False
    body: JsonValue = None
    raised: Thrown | None = None
    logged: tuple[Thrown, ...] = ()
    unexpected: tuple[str, ...] = ()
    """Calls that were not recorded; they were answered with 599."""
    borrowed: tuple[str, ...] = ()
    """Calls answered from other recorded requests of the route."""
    made: tuple[str, ...] = ()
    """Every outgoing call with a digest of its query and body, in order."""
    unmade: tuple[str, ...] = ()
    """Recorded calls that were not made."""
    replayed: bool = True
    timed_out: bool = False
    crashed: bool = False
    seconds: float = 0.0

    @property
    def failures(self) -> tuple[Thrown, ...]:
        """Exceptions: the one that left the application first, then those that were only logged."""
        return ((self.raised,) if self.raised else ()) + self.logged


class Batch(Value):
    """Replies to several requests, or the reason that there are none."""

    replies: tuple[Reply, ...] = ()
    broken: str = ""
    """The application could not be imported, or the batch ran into a limit."""
    stopped_by: str = ""
    seconds: float = 0.0


class Suite(Value):
    """A run of the service's own tests."""

    exit_code: int | None = None
    tests: dict[str, tuple[str, str]] = {}
    """Outcome (passed, failed, error, skipped) and message of each."""
    lines: tuple[int, ...] | None = None
    """Lines of the covered file that the tests ran; None when nobody looked."""
    doubt: str = ""
    """Reason that the report cannot be believed: a test that must fail lies among the service's own."""
    broken: str = ""
    stopped_by: str = ""
    tail: str = ""
    seconds: float = 0.0


class Subject(Value):
    """A service of the repository at a commit, to be run as the platform runs it."""

    commit: str
    component: ports.Component
    runtime: ports.Runtime


class Bench:
    """Runs trials on trees that are exported once per commit."""

    def __init__(self, repository: ports.Repository, sandbox: ports.Sandbox, folder: Path) -> None:
        self._repository, self._sandbox, self._scratch = repository, sandbox, folder

    def tree(self, commit: str) -> Path:
        """The exported tree of a commit; whole or not there."""
        if not commit.isalnum():
            raise Refused(f"{commit!r} is no commit that could be exported")
        target = self._scratch / f"tree-{commit}"
        if target.is_dir():
            return target
        scratch.sweep(self._scratch)
        with scratch.folder(self._scratch, "export") as fresh:
            try:
                self._repository.export(commit, str(fresh))
                # A rename, so that nobody runs a tree that is half written.
                fresh.rename(target)
            except OSError as error:
                if not target.is_dir():  # or another process was faster
                    raise Unavailable(f"the tree of {commit[:12]} cannot be written to {self._scratch}") from error
        return target

    def drive(
        self,
        subject: Subject,
        edits: Mapping[str, str],
        cases: tuple[Capture, ...],
        borrowed: tuple[Call, ...] = (),
        borrowers: Collection[int] = (0,),
    ) -> Batch:
        """Send recorded requests to the service's application, each in a process of its own.

        Those at the places `borrowers` may use borrowed answers.
        """
        request: dict[str, JsonValue] = {
            "app": subject.component.app,
            "seconds_per_case": SECONDS_PER_CASE,
            "cpu_per_case": CPU_PER_CASE,
            "added": [name for name in surroundings.ADDED if name not in subject.runtime.environment],
            "cases": [
                _case(number, capture, borrowed if number in borrowers else ()) for number, capture in enumerate(cases)
            ],
        }
        ran, messages = self._run("driver", subject, edits, request)
        try:
            if messages and "import_failed" in messages[0]:
                thrown = Thrown.model_validate(messages[0]["import_failed"])
                return Batch(broken=f"the application cannot be imported: {thrown.type}: {thrown.message}")
            replies = tuple(Reply.model_validate(message) for message in messages)
        except ValidationError as error:  # an answer nested without end, for one
            return Batch(broken=f"an answer cannot be read: {error.error_count()} fields", seconds=ran.seconds)
        broken = "" if len(replies) == len(cases) else f"{len(replies)} of {len(cases)} requests were answered"
        if broken and not ran.stopped_by:
            broken += f" ({_last(ran.stderr)})"
        return Batch(replies=replies, broken=broken, stopped_by=ran.stopped_by or "", seconds=ran.seconds)

    def suite(self, subject: Subject, edits: Mapping[str, str], covering: str = "") -> Suite:
        """Run the service's tests as they are at the commit, with the edits on top, and watch one file's lines."""
        standing = shadows.found(self.tree(subject.commit), subject.runtime)
        if standing:
            return Suite(broken=f"{standing} of the tree stands before a module that runs the tests and judges them")
        request: dict[str, JsonValue] = {
            "targets": [subject.component.tests],
            "added": [*sorted(edits)],
            "cpu": CPU_PER_SUITE,
            "cover": covering,
        }
        ran, messages = self._run("suite", subject, edits, request)
        if ran.stopped_by or not messages:
            why = f"stopped by the {ran.stopped_by} limit" if ran.stopped_by else _last(ran.stderr)
            return Suite(broken=f"the tests did not end: {why}", stopped_by=ran.stopped_by or "", seconds=ran.seconds)
        message = messages[0]
        if "missing" in message:
            return Suite(broken=str(message["missing"]), seconds=ran.seconds)
        return Suite.model_validate(
            {
                "exit_code": message["exit"],
                "tests": message["tests"],
                "doubt": message["doubt"],
                "lines": message.get("lines"),
                "tail": f"{message['tail']}{ran.stderr[-500:]}",
                "seconds": ran.seconds,
            }
        )

    def _run(
        self, module: str, subject: Subject, edits: Mapping[str, str], request: dict[str, JsonValue]
    ) -> tuple[ports.Ran, list[dict[str, JsonValue]]]:
        tree, runtime = self.tree(subject.commit), subject.runtime
        shown = surroundings.shown(runtime)
        place = runtime.root or surroundings.place(runtime.environment, tree, shown)
        request["root"] = place
        request["python"] = runtime.python
        request["environment"] = dict(surroundings.variables(runtime.environment, tree, shown))
        text = json.dumps(request).encode()
        # Drawn for each run: lines that an earlier run signed prove nothing in this one.
        key = secrets.token_hex(32)
        job = ports.Job(
            argv=(module,),
            tree=str(tree),
            place=place,
            mounts=runtime.mounts,
            image=runtime.image,
            files=dict(edits),
            runner=runner(),
            stdin=f"{len(text):012d}{text.decode()}{key}",
            limits=LIMITS,
        )
        ran = self._sandbox.run(job)
        return ran, _messages(ran.stdout, key)


@functools.cache
def runner() -> dict[str, str]:
    """Program that runs inside the sandbox: the text of our files by path."""
    files = {f"tools/reproduction/{path.name}": path.read_text() for path in sorted(_SOURCES.glob("*.py"))}
    return {"__main__.py": _START, "tools/__init__.py": "", **files}


def _case(number: int, capture: Capture, borrowed: tuple[Call, ...]) -> JsonValue:
    dumped: dict[str, JsonValue] = capture.model_dump(
        mode="json", include={"method", "path", "query", "headers", "body", "calls", "reads"}
    )
    # A seed and a client's port that nobody can know before: what is always the same would tell a patch where it runs.
    # Requests that differ in their body alone draw alike, so that their answers can be compared.
    return {
        **dumped,
        "id": str(number),
        "seed": capture.model_copy(update={"body": None}).digest(),
        "port": 32768 + int(capture.digest()[:8], 16) % 28232,
        "borrowed": [call.model_dump(mode="json") for call in borrowed],
    }


def _messages(stdout: str, key: str) -> list[dict[str, JsonValue]]:
    """The lines that the reporter signed, in its order; everything else was printed by the service's code."""
    found: list[dict[str, JsonValue]] = []
    number = 0
    for line in stdout.splitlines():
        said, _, text = line.partition(" ")
        # The number is signed as well, so no line can be repeated, left out or moved.
        if not secrets.compare_digest(said.encode(), report.signature(key.encode(), number, text.encode()).encode()):
            continue
        number += 1
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            continue  # cut off by the output limit, or nested without end
        if isinstance(message, dict):
            found.append(message)
    return found


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:200] if lines else "no reason given"
