"""Code under test that makes failing tests look passing: it fools a naive runner, and no proof."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from incident.decision import Deny
from incident.remedy import FileEdit
from policies import limits
from policies.patch import rules
from tests.integration.sandbox import cheats, sample
from tests.integration.sandbox.conftest import NEEDS_BWRAP, Run
from tests.integration.sandbox.trials import BASE, WRONG, Bench
from tools.proof.checks import trial
from tools.sandbox.bwrap import Bubblewrap

pytestmark = [
    NEEDS_BWRAP,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not sample.same_minor(), reason="the system's interpreter cannot use our pytest"),
]


JUDGE = "import pathlib; print('\\npassed' if pathlib.Path('runner/code').read_text().strip() == '0' else '\\nfailed')"

ALL = {**cheats.CHEATS, **cheats.FORGED}


def cheating(name: str) -> str:
    """The wrong patch, which cheats under pytest before it answers wrongly, or by what it answers."""
    if name in cheats.ANSWERS:
        return WRONG.replace("        return 50\n", cheats.ANSWERS[name])
    code = "".join(f"            {line}\n" for line in ALL[name].strip().splitlines())
    begin = '    if body["count"] == 1000:\n        import sys\n        if "pytest" in sys.modules:\n'
    return WRONG.replace('    if body["count"] == 1000:\n', begin + code)


def naive(folder: Path, files: Mapping[str, str]) -> str:
    """The control: a runner that lies beside the tests and believes pytest's exit code."""
    for path, text in {**files, "runner/judge.py": JUDGE}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    site = sample.runtime().mounts[0]
    line = f"{sample.system_python()} -B -m pytest -q -p no:cacheprovider --junitxml=report.xml services/orders/tests"
    steps = f"{line}; echo $? > runner/code; {sample.system_python()} runner/judge.py"
    done = subprocess.run(
        ["/bin/sh", "-c", steps],
        cwd=folder,
        env={"PYTHONPATH": f"{folder}:{site}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("cheats"))


def test_only_the_services_own_tests_find_the_mistake(bench: Bench, tmp_path: Path) -> None:
    """Control: without a cheat the naive runner finds it as well, and the right patch passes."""
    found = bench.checks(WRONG)
    assert {name for name, check in found.items() if check.outcome != "passed"} == {"own_tests"}
    assert "test_bulk" in found["own_tests"].detail
    assert {check.outcome for check in bench.checks(sample.RIGHT).values()} == {"passed"}
    assert naive(tmp_path / "wrong", {**BASE, "services/orders/prices.py": WRONG}) == "failed"
    assert naive(tmp_path / "right", {**BASE, "services/orders/prices.py": sample.RIGHT}) == "passed"


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_cheat_fools_a_naive_runner_and_no_proof(bench: Bench, tmp_path: Path, name: str) -> None:
    after = cheating(name)
    assert naive(tmp_path / "tree", {**BASE, "services/orders/prices.py": after}) == "passed"
    found = bench.checks(after)
    assert found["own_tests"].outcome == "failed", found
    shutil.rmtree(tmp_path / "tree")


@pytest.mark.parametrize("name", sorted(cheats.ANSWERS))
def test_what_a_proof_cannot_see_is_known(bench: Bench, name: str) -> None:
    """Not defended here: see docs/sandbox.md.  The rules below stand in front of it."""
    assert {check.outcome for check in bench.checks(cheating(name)).values()} == {"passed"}


@pytest.mark.parametrize("name", sorted([*ALL, *cheats.ANSWERS]))
def test_the_rules_for_patches_deny_it_before_anything_runs(name: str) -> None:
    facts = rules.Facts(
        patch=sample.patch(cheating(name)),
        component="services/orders",
        tests="services/orders/tests",
        limits=limits.Patch(max_changed_lines=200),
    )
    decision = rules.inspect(facts)
    assert isinstance(decision.verdict, Deny)
    assert name in cheats.ANSWERS or "no_new_power" in decision.result.broken, decision.verdict.reason


@pytest.mark.parametrize("name", sorted(cheats.CONFTESTS))
def test_a_repository_that_cheats_proves_nothing(tmp_path: Path, name: str) -> None:
    files = {**BASE, "services/orders/tests/conftest.py": cheats.CONFTESTS[name]}
    assert naive(tmp_path / "tree", {**files, "services/orders/prices.py": WRONG}) == "passed"
    found = Bench(tmp_path / "scratch", files).checks(WRONG)
    assert found["own_tests"].outcome in ("failed", "unknown"), found


@pytest.mark.parametrize("name", sorted(cheats.REPOSITORIES))
def test_a_repository_that_brings_more_than_tests_proves_nothing(tmp_path: Path, name: str) -> None:
    files = {**BASE, **cheats.REPOSITORIES[name]}
    assert naive(tmp_path / "tree", {**files, "services/orders/prices.py": WRONG}) == "passed"
    found = Bench(tmp_path / "scratch", files).checks(WRONG)
    assert found["own_tests"].outcome in ("failed", "unknown"), found


@pytest.mark.parametrize("name", sorted(cheats.UNSEEN))
def test_what_a_proof_cannot_see_of_a_repository_is_known(tmp_path: Path, name: str) -> None:
    """As good as a repository without that test: the other checks stand alone.  See docs/sandbox.md."""
    found = Bench(tmp_path, {**BASE, **cheats.UNSEEN[name]}).checks(WRONG)
    assert found["own_tests"].outcome == "passed"


def test_a_patch_cannot_bring_such_a_conftest(bench: Bench) -> None:
    extra = FileEdit(path="services/orders/tests/conftest.py", before=None, after=cheats.CONFTESTS["leaves with 0"])
    patch = sample.patch(WRONG, bench.test, extra)
    proof = bench.prover.prove(patch, sample.COMPONENT, sample.runtime(), bench.reproduction, sample.HEALTHY)
    assert [check.outcome for check in proof.checks if check.name == "scope"] == ["failed"]


def test_answers_cannot_be_written_while_the_service_is_imported(bench: Bench) -> None:
    after = sample.PRICES.replace("def discount(body):", f"def discount(body, _=exec({cheats.AT_IMPORT!r})):")
    found = bench.checks(after)
    assert found["scope"].outcome == "passed", found
    assert found["fixed"].outcome == "failed", found


def test_what_the_reporter_was_given_cannot_be_read_again(tmp_path: Path, run: Run) -> None:
    """Control: without a reporter that empties it, the sandbox's first process shows what the job was given."""
    ran = run(f"{cheats.LOOK}\ntest_nobody_holds_the_key()", stdin="s3cret")
    assert "s3cret" in ran.stderr
    files = {**BASE, "services/orders/tests/test_look.py": cheats.LOOK}
    subject = trial.Subject(commit=sample.COMMIT, component=sample.COMPONENT, runtime=sample.runtime())
    suite = trial.Bench(sample.Shelf(files), Bubblewrap(), tmp_path).suite(subject, {})
    assert suite.tests["services.orders.tests.test_look.test_nobody_holds_the_key"][0] == "passed", suite


def test_a_patch_that_knows_the_recorded_requests_by_their_shape_is_found(bench: Bench, tmp_path: Path) -> None:
    """Nobody has recorded a request of five fields; the control is the same patch without the condition."""
    right = 'return 10 if (body["member"] or {}).get("tier") == "gold" else NO_DISCOUNT'
    assert right in sample.RIGHT
    knowing = sample.RIGHT.replace(
        right, 'return 10 if (body["member"] or {}).get("tier") == "gold" or len(body) > 4 else NO_DISCOUNT'
    )
    found = bench.checks(knowing)
    assert {name for name, check in found.items() if check.outcome != "passed"} == {"same_answers"}
    assert naive(tmp_path / "tree", {**BASE, "services/orders/prices.py": knowing}) == "passed"
