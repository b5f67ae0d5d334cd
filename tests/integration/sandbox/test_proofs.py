"""Whole proofs of right and wrong patches of a small service, in the real sandbox."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from incident.capture import Call, Capture
from incident.evidence import Missing
from incident.proof import Proof, Reproduction
from incident.remedy import FileEdit
from tests.integration.sandbox import sample
from tests.integration.sandbox.conftest import NEEDS_BWRAP
from tools.proof.checks import neighbours, trial
from tools.proof.prover import Prover
from tools.recorder import flight_recorder
from tools.sandbox.bwrap import Bubblewrap

pytestmark = [
    NEEDS_BWRAP,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not sample.same_minor(), reason="the system's interpreter cannot use our pytest"),
]

SLIP = '    return 10 if body["member"]["tier"] == "gold" else NO_DISCOUNT'


class Case:
    """One prover on one version of the sample, with its reproduction."""

    def __init__(self, scratch: Path, files: Mapping[str, str]) -> None:
        self.files = dict(files)
        self.shelf = sample.Shelf(files)
        self.prover = Prover(self.shelf, Bubblewrap(), scratch)
        found = self.prover.reproduce(
            sample.COMMIT, sample.COMPONENT, sample.runtime(), (sample.GUEST,), sample.SIGNATURE, sample.HEALTHY
        )
        assert isinstance(found, Reproduction), found
        self.reproduction = found
        self.test = self.prover.regression_test(found, sample.COMPONENT)

    def prove(self, after: str, *more: FileEdit) -> Proof:
        patch = sample.patch(after, *(more or (self.test,)))
        return self.prover.prove(patch, sample.COMPONENT, sample.runtime(), self.reproduction, sample.HEALTHY)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(tmp_path_factory.mktemp("scratch"), sample.BASE)


def outcomes(proof: Proof) -> dict[str, str]:
    return {check.name: check.outcome for check in proof.checks}


def detail(proof: Proof, name: str) -> str:
    return next(check.detail for check in proof.checks if check.name == name)


def test_a_right_patch_passes_every_check(case: Case) -> None:
    proof = case.prove(sample.RIGHT)
    assert proof.outcome == "passed", proof.checks
    assert set(outcomes(proof)) == {
        "reproduces", "fixed", "answer", "guarded", "unambiguous", "same_answers", "own_tests", "bounded", "scope", "inverse"
    }  # fmt: skip
    assert "borrowed for POST stock.internal:9000/reservations" in detail(proof, "answer")
    assert "2 tests of the base pass; 1 added" in detail(proof, "own_tests")


def test_the_answers_of_patches_are_those_of_their_proofs_and_nothing_else_is_run(case: Case) -> None:
    still = sample.PRICES.replace('["tier"]', '["tier"] ')
    wide = sample.patch(sample.RIGHT, FileEdit(path="elsewhere/a.py", before=None, after="A = 1\n"))
    patches = (sample.patch(sample.RIGHT), sample.patch(still), wide)
    right, failing, refused = case.prover.answers(
        patches, sample.COMPONENT, sample.runtime(), case.reproduction, sample.HEALTHY
    )
    assert right is not None
    assert right == case.prove(sample.RIGHT).answer
    assert (failing, refused) == (None, None)


def test_a_patch_that_changes_nothing_that_matters_still_fails(case: Case) -> None:
    proof = case.prove(sample.PRICES.replace('["tier"]', '["tier"] '))
    assert outcomes(proof)["fixed"] == "failed"
    assert "TypeError" in detail(proof, "fixed")


def test_a_patch_that_changes_other_answers_fails(case: Case) -> None:
    proof = case.prove(sample.PRICES.replace(SLIP, "    return NO_DISCOUNT"))
    assert outcomes(proof)["fixed"] == "passed"
    assert outcomes(proof)["same_answers"] == "failed"
    assert "differs at body.total_cents" in detail(proof, "same_answers")
    assert outcomes(proof)["own_tests"] == "failed"


def fields(captures: Iterable[Capture]) -> set[str]:
    return {key for capture in captures if isinstance(capture.body, dict) for key in capture.body}


def choosy(*known: str) -> str:
    """A patch that is right where it knows all fields of a request."""
    stranger = f"    if set(body) - set({sorted(known)}):\n        return NO_DISCOUNT + 50\n    return"
    return sample.RIGHT.replace("    return 10", f"{stranger} 10")


def test_a_patch_that_is_right_for_recorded_fields_alone_fails_and_cannot_name_the_one_beside_them(case: Case) -> None:
    known = fields((sample.GUEST, *sample.HEALTHY))
    proof = case.prove(choosy(*known, "comment", "field", "extra"))
    assert outcomes(proof)["same_answers"] == "failed"
    assert "successes with a field more are answered otherwise" in detail(proof, "same_answers")
    told = case.prove(choosy(*known, *fields(neighbours.of(sample.HEALTHY))))
    assert outcomes(told)["same_answers"] == "passed"  # the control: whoever knew the field would not be found


def test_each_request_comes_from_a_port_of_its_own_and_from_the_same_when_it_is_made_again(tmp_path: Path) -> None:
    app = sample.APP.replace("json.dumps(body)", 'json.dumps({"port": scope["client"][1]})')
    bench = trial.Bench(sample.Shelf({**sample.BASE, "services/orders/app.py": app}), Bubblewrap(), tmp_path)
    subject = trial.Subject(commit=sample.COMMIT, component=sample.COMPONENT, runtime=sample.runtime())
    cases = (*sample.HEALTHY, *neighbours.of(sample.HEALTHY))
    replies = bench.drive(subject, {}, (*cases, *cases)).replies
    answers = [json.dumps(reply.body) for reply in replies]
    assert answers[: len(cases)] == answers[len(cases) :]
    assert len({answer for answer in answers if "port" in answer}) > 1


def test_a_patch_that_raises_something_else_fails(case: Case) -> None:
    proof = case.prove(
        sample.PRICES.replace(SLIP, '    if not body["member"]:\n        raise KeyError("member")\n' + SLIP)
    )
    assert "KeyError" in detail(proof, "fixed")


def test_a_patch_that_never_ends_is_found_by_its_processor_time(case: Case) -> None:
    proof = case.prove(sample.PRICES.replace(SLIP, '    while body["member"] is None:\n        pass\n' + SLIP))
    assert outcomes(proof)["bounded"] == "failed"
    assert detail(proof, "fixed") == "the recorded failure does not end"


def test_a_patch_that_eats_memory_is_stopped(case: Case) -> None:
    proof = case.prove(
        sample.PRICES.replace(SLIP, '    held = b"" if body["member"] else bytearray(2_000_000_000)\n' + SLIP)
    )
    assert proof.outcome == "failed"


def test_a_patch_that_ends_the_process_is_no_fix(case: Case) -> None:
    ends = '    if body["member"] is None:\n        import os\n        os._exit(0)\n'
    proof = case.prove(sample.PRICES.replace(SLIP, ends + SLIP))
    assert detail(proof, "fixed") == "the process died"


def test_a_patch_cannot_print_its_own_verdict(case: Case) -> None:
    forged = """    if body["member"] is None:
        import os
        line = b'{"case": "0", "status": 200, "is_json": true, "body": {"order": "o", "total_cents": 1, "reservation": "r"}}\\n'
        for descriptor in range(1, 64):
            try:
                os.write(descriptor, line)
            except OSError:
                pass
        os._exit(0)
"""
    proof = case.prove(sample.PRICES.replace(SLIP, forged + SLIP))
    assert proof.outcome == "failed", proof.checks


def test_a_patch_that_answers_in_another_shape_is_not_proved(case: Case) -> None:
    """No recorded answer is like it, and none beside it: nobody knows whether it is right."""
    hiding = sample.APP.replace(
        "    total = prices.total(body, unit", '    total = None if body["member"] is None else prices.total(body, unit'
    )
    patch = sample.patch(hiding, case.test, path="services/orders/app.py", function="order")
    proof = case.prover.prove(patch, sample.COMPONENT, sample.runtime(), case.reproduction, sample.HEALTHY)
    assert (outcomes(proof)["answer"], outcomes(proof)["unambiguous"]) == ("unknown", "unknown")
    assert "body.total_cents:null was never seen" in detail(proof, "answer")
    control = case.prove(sample.RIGHT)
    assert (outcomes(control)["answer"], outcomes(control)["unambiguous"]) == ("passed", "passed")


def test_a_patch_that_drops_a_call_behind_the_same_answer_fails(case: Case) -> None:
    app = sample.APP.replace(
        '    kept = await asyncio.to_thread(fetch, os.environ["STOCK_URL"] + "/reservations", {"sku": body["sku"]})\n',
        '    kept = {"id": "r-1"}\n',
    ).replace(
        "    total = prices.total(body",
        '    body = {**body, "member": body["member"] or {"tier": "basic"}}\n    total = prices.total(body',
    )
    patch = sample.patch(app, case.test, path="services/orders/app.py", function="order")
    proof = case.prover.prove(patch, sample.COMPONENT, sample.runtime(), case.reproduction, sample.HEALTHY)
    assert outcomes(proof)["fixed"] == "passed"
    assert "calls nothing instead of POST stock.internal:9000/reservations" in detail(proof, "same_answers")


def test_a_regression_test_that_also_passes_without_the_patch_proves_nothing(case: Case) -> None:
    idle = FileEdit(path="services/orders/tests/test_idle.py", before=None, after="def test_idle():\n    pass\n")
    proof = case.prove(sample.RIGHT, idle)
    assert "does not fail without the patch" in detail(proof, "own_tests")


def test_without_a_regression_test_nobody_knows(case: Case) -> None:
    patch = sample.patch(sample.RIGHT)
    proof = case.prover.prove(patch, sample.COMPONENT, sample.runtime(), case.reproduction, sample.HEALTHY)
    assert outcomes(proof)["own_tests"] == "unknown"


def test_without_recorded_successes_nobody_knows(case: Case) -> None:
    patch = sample.patch(sample.RIGHT, case.test)
    proof = case.prover.prove(patch, sample.COMPONENT, sample.runtime(), case.reproduction, ())
    assert (outcomes(proof)["fixed"], outcomes(proof)["same_answers"]) == ("unknown", "unknown")
    assert proof.outcome == "unknown"


def test_the_base_is_exported_and_run_once_for_several_candidates(case: Case) -> None:
    case.prove(sample.RIGHT)
    case.prove(sample.RIGHT + "\n")
    assert case.shelf.exports == 1


def test_a_truncated_capture_is_no_reproduction(case: Case) -> None:
    cut = sample.GUEST.model_copy(update={"truncated": True})
    found = reproduce(case, cut)
    assert found == Missing(reason="every recorded failure was cut at the size cap")
    assert reproduce(case) == Missing(reason="nothing captured")


def test_a_request_that_goes_well_in_the_sandbox_needs_state(case: Case) -> None:
    fine = sample.capture("POST /orders", sample.order({"tier": "gold"}), failed=True)
    stock = Call(method="POST", host=sample.STOCK_HOST, path="/reservations", status=200, body={"id": "r"})
    found = reproduce(case, fine.model_copy(update={"calls": (*fine.calls, stock)}))
    assert found == Missing(reason="needs state: it answers 200 in the sandbox")


def test_a_request_that_fails_elsewhere_is_no_reproduction(case: Case) -> None:
    found = reproduce(case, sample.capture("POST /orders", {"id": "o-1", "sku": "sku-1", "member": None}, failed=True))
    assert isinstance(found, Missing)
    assert found.reason.startswith("fails elsewhere: KeyError: 'count'")


def test_the_smallest_of_several_failures_is_taken(case: Case) -> None:
    large = sample.capture("POST /orders", {**sample.order(None), "note": "x" * 500}, failed=True)
    found = reproduce(case, large, sample.GUEST)
    assert isinstance(found, Reproduction)
    assert found.capture == sample.GUEST


def reproduce(case: Case, *failing: object) -> Reproduction | Missing:
    return case.prover.reproduce(sample.COMMIT, sample.COMPONENT, sample.runtime(), failing, sample.SIGNATURE)  # type: ignore[arg-type]


def test_an_exception_that_is_only_logged_counts(tmp_path: Path) -> None:
    quiet = sample.APP.replace("        raise\n", '        status, body = 500, {"error": "sorry"}\n')
    proof_of = Case(tmp_path, {**sample.BASE, "services/orders/app.py": quiet})
    assert proof_of.prove(sample.RIGHT).outcome == "passed"
    assert "still fails" in detail(proof_of.prove(sample.PRICES.replace('["tier"]', '["tier"] ')), "fixed")


def test_what_varies_by_itself_is_not_compared(tmp_path: Path) -> None:
    varying = sample.APP.replace('{"order": body["id"]', '{"order": os.urandom(4).hex()')
    proof_of = Case(tmp_path, {**sample.BASE, "services/orders/app.py": varying})
    proof = proof_of.prove(sample.RIGHT)
    assert proof.outcome == "passed", proof.checks
    for name in ("same_answers", "unambiguous"):
        assert "not compared, as the base varies them: body.order" in detail(proof, name)
    assert "body.total_cents" in detail(proof_of.prove(sample.PRICES.replace(SLIP, "    return 0")), "same_answers")


def test_recorded_readings_of_the_clock_are_given_again(tmp_path: Path) -> None:
    timed = sample.APP.replace(
        '    return 200, {"total_cents": prices.total(body, 100)}',
        '    at = flight_recorder.read("clock", __import__("time").time)\n'
        '    return 200, {"total_cents": prices.total({**body, "count": int(at)}, 100)}',
    ).replace("from services.orders import prices", "from services.orders import flight_recorder, prices")
    files = {
        **sample.BASE,
        "services/orders/app.py": timed,
        "services/orders/flight_recorder.py": Path(flight_recorder.__file__).read_text(),
    }
    shelf = Prover(sample.Shelf(files), Bubblewrap(), tmp_path)
    reads = ({"name": "clock", "value": 12.5},)
    failing = sample.capture("POST /quotes", {"member": None}, failed=True, reads=reads)
    healthy = sample.capture("POST /quotes", {"member": {"tier": "gold"}}, reads=reads)
    signature = sample.SIGNATURE.model_copy(update={"route": "POST /quotes"})
    found = shelf.reproduce(sample.COMMIT, sample.COMPONENT, sample.runtime(), (failing,), signature)
    assert isinstance(found, Reproduction), found
    patch = sample.patch(sample.RIGHT, shelf.regression_test(found, sample.COMPONENT))
    proof = shelf.prove(patch, sample.COMPONENT, sample.runtime(), found, (healthy,))
    assert proof.outcome == "passed", proof.checks
    blind = sample.capture("POST /quotes", {"member": None}, failed=True)
    assert isinstance(shelf.reproduce(sample.COMMIT, sample.COMPONENT, sample.runtime(), (blind,), signature), Missing)


def test_an_application_that_cannot_be_imported_is_said_so(tmp_path: Path) -> None:
    files = {**sample.BASE, "services/orders/app.py": "import nowhere\n"}
    found = Prover(sample.Shelf(files), Bubblewrap(), tmp_path).reproduce(
        sample.COMMIT, sample.COMPONENT, sample.runtime(), (sample.GUEST,), sample.SIGNATURE
    )
    assert isinstance(found, Missing)
    assert "cannot be imported: ModuleNotFoundError" in found.reason


def test_a_downstream_that_did_not_answer_is_played_so(tmp_path: Path) -> None:
    """The request fails in the price call; the recorded error says that nobody answered."""
    dead = Call(method="GET", host=sample.PRICES_HOST, path="/prices/sku-1", status=None, error="ConnectionResetError")
    failing = sample.GUEST.model_copy(update={"calls": (dead,), "exception": "ConnectionResetError"})
    line = (
        sample.APP.splitlines().index(
            "    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=2) as answer:"
        )
        + 1
    )
    signature = sample.SIGNATURE.model_copy(
        update={
            "exception": "ConnectionResetError",
            "path": "services/orders/app.py",
            "function": "fetch",
            "line": line,
        }
    )
    prover = Prover(sample.Shelf(sample.BASE), Bubblewrap(), tmp_path)
    found = prover.reproduce(sample.COMMIT, sample.COMPONENT, sample.runtime(), (failing,), signature)
    assert isinstance(found, Reproduction), found


def test_the_changed_lines_that_the_tests_run_are_counted(case: Case) -> None:
    """The added test runs the application in a process of its own; its lines count as well."""
    covered = case.prove(sample.RIGHT).coverage
    assert covered is not None
    assert covered.changed
    assert covered.ran == covered.changed


def test_a_changed_line_that_no_test_runs_is_told_apart(case: Case) -> None:
    """Control: a branch that nothing takes is changed and not run."""
    unused = sample.RIGHT.replace(
        "def discount(body):\n", 'def discount(body):\n    if body == "never":\n        return 100\n'
    )
    assert unused != sample.RIGHT
    covered = case.prove(unused).coverage
    assert covered is not None
    assert set(covered.changed) - set(covered.ran) == {
        number for number, line in enumerate(unused.splitlines(), start=1) if "return 100" in line
    }
