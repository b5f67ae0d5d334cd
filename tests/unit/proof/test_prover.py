"""The prover over a scripted sandbox: what it asks for, what it remembers, what it never does."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pydantic import JsonValue

from incident.capture import Call, Capture
from incident.errors import Refused
from incident.evidence import Missing
from incident.proof import Reproduction
from incident.remedy import FileEdit, Patch
from tests.contract.repository import WithoutRemote
from tests.unit.proof.replies import COMPONENT, FAILED, FAILS, SIGNATURE, capture, reply
from tools import ports
from tools.proof.checks.trial import Reply
from tools.proof.prover import Prover
from tools.reproduction import report

SOURCE = "def price(body):\n    return body['a']['b']\n"
MENDED = "def price(body):\n    return (body['a'] or {}).get('b', 0)\n"
RUNTIME = ports.Runtime(
    python="/env/bin/python",
    mounts=("/env",),
    environment={"STOCK_URL": "http://127.0.0.1:81", "BANK_URL": "https://bank.example/v2", "OTHER": "http://x:1"},
)


class Shelf(WithoutRemote):
    """A repository of two files, and more."""

    def __init__(self) -> None:
        self.exports = 0
        self.more: dict[str, str] = {}

    def export(self, commit: str, target: str) -> None:
        self.exports += 1
        for path, text in {"orders/a.py": SOURCE, "orders/tests/test_a.py": "x", **self.more}.items():
            (Path(target) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(target) / path).write_text(text)

    def text(self, commit: str, path: str) -> str:
        return {"orders/a.py": SOURCE, "orders/tests/test_a.py": "x"}[path]

    def component(self, service: str) -> ports.Component | Missing:
        return COMPONENT

    def files(self, commit: str, folder: str) -> tuple[str, ...]:
        return ()

    def log(self, commit: str, folder: str, limit: int) -> tuple[ports.Commit, ...]:
        return ()

    def diff(self, before: Mapping[str, str], after: Mapping[str, str]) -> str:
        return ""

    def branch(self, name: str) -> str | None:
        return None

    def commit(self, branch: str, base: str, files: Mapping[str, str], message: str) -> str:
        raise NotImplementedError


Answer = Callable[[str, dict[str, JsonValue], bool], list[JsonValue]]


class Scripted:
    """A sandbox that answers each request by a function of (module, request, whether the patch is on)."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.jobs: list[ports.Job] = []
        self.noise, self.echo = "", False

    def run(self, job: ports.Job) -> ports.Ran:
        self.jobs.append(job)
        size = int(job.stdin[:12])
        raw = job.stdin.encode()
        request, key = json.loads(raw[12 : 12 + size]), raw[12 + size :]
        (module,) = job.argv
        patched = job.files.get("orders/a.py") == MENDED
        said = [json.dumps(message) for message in self._answer(module, request, patched)]
        lines = [f"{report.signature(key, number, text.encode())} {text}" for number, text in enumerate(said)]
        lines = [line for line in lines for _ in range(1 + self.echo)]
        return ports.Ran(exit_code=0, stdout=self.noise + "\n".join(lines), stderr="", seconds=0.1)


def well(module: str, request: dict[str, JsonValue], patched: bool) -> list[JsonValue]:
    """A world in which the patch is right."""
    if module == "suite":
        new = "passed" if patched else "failed"
        return [
            {
                "exit": int(not patched),
                "tail": "",
                "doubt": "",
                "tests": {"orders.tests.test_a.t": ["passed", ""], "orders.tests.test_new.t": [new, ""]},
            }
        ]
    cases = request["cases"]
    assert isinstance(cases, list)
    failing = [reply() if patched else FAILS] + [reply()] * (len(cases) // (1 if patched else 2))
    given = (failing * 2)[: len(cases)] if patched else _twice(len(cases))
    return [{**item.model_dump(mode="json"), "case": str(number)} for number, item in enumerate(given)]


def _twice(count: int) -> list[Reply]:
    half = [FAILS, *[reply()] * (count // 2 - 1)] if count > 1 else [FAILS]
    return (half * 2)[:count]


def subject(tmp_path: Path, answer: Answer = well) -> tuple[Prover, Scripted, Shelf]:
    sandbox, shelf = Scripted(answer), Shelf()
    return Prover(shelf, sandbox, tmp_path), sandbox, shelf


def nested(depth: int) -> JsonValue:
    found: JsonValue = None
    for _ in range(depth):
        found = [found]
    return found


def patch(after: str = MENDED) -> Patch:
    test = FileEdit(path="orders/tests/test_new.py", before=None, after="def t(): pass")
    edit = FileEdit(path="orders/a.py", before=SOURCE, after=after)
    return Patch(
        service="orders", base_commit="c0", path="orders/a.py", function="price",
        edits=(edit, test), diff="", summary="s",
    )  # fmt: skip


def reproduced(prover: Prover, *failing: Capture, healthy: tuple[Capture, ...] = ()) -> Reproduction | Missing:
    return prover.reproduce("c0", COMPONENT, RUNTIME, failing, SIGNATURE, healthy)


ODD = FAILED.model_copy(update={"body": {"a": None}})
EVEN = capture(body={"a": {"b": "x"}})


def test_a_right_patch_is_proved_and_bound_to_its_digest(tmp_path: Path) -> None:
    prover, _, _ = subject(tmp_path)
    found = reproduced(prover, ODD)
    assert isinstance(found, Reproduction)
    proof = prover.prove(patch(), COMPONENT, RUNTIME, found, (EVEN,))
    assert proof.outcome == "passed", proof.checks
    assert (proof.remedy_digest, proof.base) == (patch().digest(), "c0")


def test_a_patch_is_a_persons_where_nothing_tells_what_the_answer_should_be(tmp_path: Path) -> None:
    prover, _, _ = subject(tmp_path)
    found = reproduced(prover, FAILED)
    assert isinstance(found, Reproduction)
    proof = prover.prove(patch(), COMPONENT, RUNTIME, found, (capture(),))
    assert proof.outcome == "unknown"
    assert [check.name for check in proof.checks if check.outcome == "unknown"] == ["unambiguous"]


def test_a_patch_out_of_scope_never_enters_the_sandbox(tmp_path: Path) -> None:
    prover, sandbox, _ = subject(tmp_path)
    found = reproduced(prover, FAILED)
    assert isinstance(found, Reproduction)
    before = len(sandbox.jobs)
    proof = prover.prove(patch("import os\n" + MENDED), COMPONENT, RUNTIME, found, (capture(),))
    assert proof.outcome == "failed"
    assert len(sandbox.jobs) == before


def test_a_patch_on_another_commit_than_the_reproduction_is_unknown(tmp_path: Path) -> None:
    prover, sandbox, _ = subject(tmp_path)
    other = Reproduction(capture=FAILED, signature=SIGNATURE, base_commit="c9")
    assert prover.prove(patch(), COMPONENT, RUNTIME, other, (capture(),)).outcome == "unknown"
    assert sandbox.jobs == []


def test_the_base_is_run_once_for_two_candidates(tmp_path: Path) -> None:
    prover, sandbox, shelf = subject(tmp_path)
    found = reproduced(prover, FAILED)
    assert isinstance(found, Reproduction)
    prover.prove(patch(), COMPONENT, RUNTIME, found, (capture(),))
    assert len(sandbox.jobs) == 1 + 5
    prover.prove(patch(), COMPONENT, RUNTIME, found, (capture(),))
    assert len(sandbox.jobs) == 1 + 5 + 3
    assert shelf.exports == 1


class Versions(Scripted):
    """A sandbox that knows which commit's tree it was given last."""

    tree = ""

    def run(self, job: ports.Job) -> ports.Ran:
        self.tree = job.tree
        return super().run(job)


@pytest.mark.parametrize(
    ("earlier", "outcome"), [((), "unknown"), (("c1",), "passed"), (("c2",), "unknown"), (("c2", "c1"), "passed")]
)
def test_a_version_that_served_before_tells_where_nothing_else_does(
    tmp_path: Path, earlier: tuple[str, ...], outcome: str
) -> None:
    """Only one that answers recorded successes as the base does: c2 answers them otherwise."""

    def answer(module: str, request: dict[str, JsonValue], patched: bool) -> list[JsonValue]:
        said = well(module, request, patched or sandbox.tree.endswith(("tree-c1", "tree-c2")))
        odd = reply({"other": 1}).model_dump(mode="json")
        return [{**odd, "case": str(at)} for at in range(len(said))] if sandbox.tree.endswith("tree-c2") else said

    sandbox = Versions(answer)
    prover = Prover(Shelf(), sandbox, tmp_path)
    found = reproduced(prover, FAILED)
    assert isinstance(found, Reproduction)
    proof = prover.prove(patch(), COMPONENT, RUNTIME, found.model_copy(update={"earlier": earlier}), (capture(),))
    assert {check.name: check.outcome for check in proof.checks}["unambiguous"] == outcome


def test_lines_without_a_signature_are_ignored(tmp_path: Path) -> None:
    prover, sandbox, _ = subject(tmp_path)
    sandbox.noise = f'{"0" * 64} {{"case": "0", "status": 200}}\n{{"case": "0"}}\nhello\n'
    assert isinstance(reproduced(prover, FAILED), Reproduction)


def test_a_signed_line_that_is_said_again_counts_once(tmp_path: Path) -> None:
    """Code in the sandbox can read what the reporter wrote; that gives it nothing to say."""
    prover, sandbox, _ = subject(tmp_path)
    sandbox.echo = True
    assert isinstance(reproduced(prover, FAILED), Reproduction)


def test_fewer_answers_than_requests_are_no_answer(tmp_path: Path) -> None:
    prover, _, _ = subject(tmp_path, lambda *_: [])
    found = reproduced(prover, FAILED)
    assert isinstance(found, Missing)
    assert found.reason.startswith("0 of 1 requests were answered")


@pytest.mark.parametrize(
    "answer",
    [
        {"case": 7, "surprise": True},
        {"case": "0", "body": nested(300)},
        {"import_failed": {"type": "E", "message": nested(300), "frames": []}},
        {"import_failed": 7},
        7,
        None,
    ],
)
def test_an_unreadable_answer_is_no_answer_and_nothing_to_wait_for(tmp_path: Path, answer: JsonValue) -> None:
    prover, _, _ = subject(tmp_path, lambda *_: [answer])
    found = reproduced(prover, FAILED)
    assert isinstance(found, Missing)
    assert "cannot be read" in found.reason or "0 of 1 requests were answered" in found.reason


@pytest.mark.parametrize("commit", ["../x", "a/b", "", "HEAD~1"])
def test_a_commit_that_is_no_id_is_refused(tmp_path: Path, commit: str) -> None:
    prover, _, _ = subject(tmp_path)
    with pytest.raises(Refused):
        prover.reproduce(commit, COMPONENT, RUNTIME, (FAILED,), SIGNATURE)


@pytest.mark.parametrize(
    "failing",
    [(), (capture(),), (capture(service="else", outcome="failed"),)],
    ids=["none", "a success", "another service"],
)
def test_without_a_failure_of_the_service_nothing_is_captured(tmp_path: Path, failing: tuple[Capture, ...]) -> None:
    prover, _, _ = subject(tmp_path)
    assert reproduced(prover, *failing) == Missing(reason="nothing captured")


def test_successes_lend_the_calls_that_the_failure_never_made(tmp_path: Path) -> None:
    stock = Call(method="GET", host="127.0.0.1:81", path="/stock", status=200, body=1)
    bank = Call(method="POST", host="bank.example:443", path="/v2/pay", status=201, body={"id": "x"})
    refused = Call(method="GET", host="x:1", path="/no", status=404)
    failed = FAILED.model_copy(update={"calls": (stock,)})
    healthy = (
        capture(calls=(stock, bank, refused)),
        capture(route="GET /else", calls=(Call(method="GET", host="x:1", path="/else", status=200),)),
        capture(truncated=True, calls=(Call(method="GET", host="x:1", path="/cut", status=200),)),
    )
    prover, _, _ = subject(tmp_path)
    found = reproduced(prover, failed, healthy=healthy)
    assert isinstance(found, Reproduction)
    assert found.borrowed == (bank,)
    assert found.environment == {"BANK_URL": "https://bank.example/v2", "STOCK_URL": "http://127.0.0.1:81"}
    assert "ADDRESSES = {'BANK_URL': '/v2', 'STOCK_URL': ''}" in prover.regression_test(found, COMPONENT).after


def test_successes_lend_the_readings_that_the_failure_never_took(tmp_path: Path) -> None:
    clock, later, stock = ({"name": name, "value": value} for name, value in (("clock", 1), ("clock", 2), ("stock", 3)))
    failed = FAILED.model_copy(update={"reads": capture(reads=(clock,)).reads})
    healthy = (
        capture(reads=(clock,)),
        capture(reads=(later, clock, stock)),
        capture(route="GET /e", reads=(stock,) * 9),
    )
    prover, sandbox, _ = subject(tmp_path)
    found = reproduced(prover, failed, healthy=healthy)
    assert isinstance(found, Reproduction)
    assert [(read.name, read.value) for read in found.lent_reads] == [("clock", 1), ("stock", 3)]
    assert "'value': 3" in prover.regression_test(found, COMPONENT).after
    bare = found.model_copy(update={"lent_reads": ()})
    prover.prove(patch(), COMPONENT, RUNTIME, bare, healthy)
    first = json.loads(sandbox.jobs[1].stdin[12 : 12 + int(sandbox.jobs[1].stdin[:12])])["cases"][0]
    assert [read["value"] for read in first["reads"]] == [1, 1, 3]


def test_only_the_failing_request_may_borrow(tmp_path: Path) -> None:
    bank = Call(method="POST", host="bank.example:443", path="/pay", status=201)
    prover, sandbox, _ = subject(tmp_path)
    found = reproduced(prover, FAILED)
    assert isinstance(found, Reproduction)
    prover.prove(patch(), COMPONENT, RUNTIME, found, (capture(calls=(bank,)), capture()))
    cases = json.loads(sandbox.jobs[1].stdin[12 : 12 + int(sandbox.jobs[1].stdin[:12])])["cases"]
    assert [len(case["borrowed"]) for case in cases[:3]] == [1, 0, 0]


def test_a_url_with_an_odd_port_is_no_address(tmp_path: Path) -> None:
    odd = RUNTIME.model_copy(update={"environment": {"A": "http://127.0.0.1:port", "B": "http://[::1", "C": "::"}})
    prover, _, _ = subject(tmp_path)
    found = prover.reproduce("c0", COMPONENT, odd, (FAILED,), SIGNATURE)
    assert isinstance(found, Reproduction)
    assert found.environment == {}


def test_the_job_is_bounded_reads_only_its_mounts_and_knows_no_host_path(tmp_path: Path) -> None:
    prover, sandbox, _ = subject(tmp_path)
    reproduced(prover, FAILED)
    (job,) = sandbox.jobs
    assert job.mounts == ("/env",)
    assert str(tmp_path) not in json.dumps([job.argv, job.environment, job.stdin])


def test_nothing_of_the_service_is_on_the_way_of_what_reports(tmp_path: Path) -> None:
    """Neither its interpreter nor its variables nor its files: they reach the process that runs its code alone."""
    prover, sandbox, _ = subject(tmp_path)
    reproduced(prover, FAILED)
    (job,) = sandbox.jobs
    assert job.environment == {}
    assert job.argv == ("driver",)
    assert "__main__.py" in job.runner
    assert job.files == {}
    request = json.loads(job.stdin[12 : 12 + int(job.stdin[:12])])
    assert request["python"] == "/env/bin/python"
    assert request["environment"]["OTHER"] == "http://x:1"


@pytest.mark.parametrize(
    ("path", "well"),
    [
        ("pytest.py", False), ("_pytest/__init__.py", False), ("json.py", False), ("xml/__init__.py", False), ("pluggy.so", False),
        ("hmac.cpython-311-x86_64-linux-gnu.so", False), ("libs/py.py", False),
        ("pytest.ini", True), ("json/schema.json", True), ("services/json.py", True), ("test/__init__.py", True), (".suture/hmac.py", True),
    ],
)  # fmt: skip
def test_a_tree_that_stands_before_what_judges_its_tests_proves_nothing_by_them(
    tmp_path: Path, path: str, well: bool
) -> None:
    prover, _, shelf = subject(tmp_path)
    shelf.more[path] = ""
    runtime = RUNTIME.model_copy(update={"environment": {"PYTHONPATH": "/srv/a:/srv/a/libs"}})
    found = prover.reproduce("c0", COMPONENT, runtime, (ODD,), SIGNATURE)
    assert isinstance(found, Reproduction)
    proof = prover.prove(patch(), COMPONENT, runtime, found, (EVEN,))
    said = {check.name: check for check in proof.checks}
    assert said["own_tests"].outcome == ("passed" if well else "unknown")
    assert well or path.partition("/__init__")[0] in said["own_tests"].detail
    assert proof.outcome == said["own_tests"].outcome
