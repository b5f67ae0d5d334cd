"""Checks ``own_tests`` and ``bounded``: the service's tests on base and patch, and limits that were reached."""

from incident.proof import Check
from tools.proof.checks import words
from tools.proof.checks.trial import Batch, Suite


def own_tests(suites: tuple[Suite, Suite] | None, added: tuple[str, ...]) -> Check:  # noqa: PLR0911 (one flat return for each reason)
    """``own_tests``: the base's tests pass with the patch, and the added ones fail without it.

    `suites` are the runs on the base and on the patch; `added` are the paths of the new tests, present in both.
    """
    name = "own_tests"
    if suites is None:
        return words.unknown(name, "not run, because the recorded failure is not fixed")
    base, patched = suites
    if base.broken or patched.broken:
        return (words.failed if patched.broken and not base.broken else words.unknown)(
            name, patched.broken or base.broken
        )
    new = {test for test in base.tests.keys() | patched.tests.keys() if _added(test, added)}
    old = base.tests.keys() - new
    sick = sorted(test for test in old if base.tests[test][0] in ("failed", "error"))
    if not old or sick:
        why = f"no test of the base was run (exit code {base.exit_code}): {base.tail.strip()[-200:]}"
        return words.unknown(name, f"the base's own tests fail: {words.some(sick)}" if old else why)
    broken = sorted(test for test in old if patched.tests.get(test, ("absent", ""))[0] != base.tests[test][0])
    if broken:
        said = patched.tests.get(broken[0], ("absent", "did not run"))[1]
        return words.failed(name, f"{len(broken)} of {len(old)} tests break: {words.some(broken)}: {said}")
    if base.doubt or patched.doubt:
        return (words.unknown if base.doubt else words.failed)(name, base.doubt or patched.doubt)
    if not added or not new:
        return words.unknown(name, "no regression test was added" if not added else "the added test was not collected")
    weak = sorted(test for test in new if base.tests.get(test, ("absent", ""))[0] != "failed")
    if weak:
        return words.failed(name, f"the added test does not fail without the patch: {words.some(weak)}")
    still = sorted(test for test in new if patched.tests.get(test, ("absent", ""))[0] != "passed")
    if still or patched.exit_code != 0 or base.tests.keys() != patched.tests.keys():
        said = patched.tests[still[0]][1] if still and still[0] in patched.tests else f"exit code {patched.exit_code}"
        return words.failed(name, f"the added test does not pass with the patch: {words.some(still)}: {said}")
    return words.passed(
        name, f"{len(old)} tests of the base pass; {len(new)} added fail without the patch and pass with it"
    )


def _added(test: str, added: tuple[str, ...]) -> bool:
    modules = tuple(path.removesuffix(".py").replace("/", ".") for path in added)
    holder = test.rpartition(".")[0] if "[" not in test else test.partition("[")[0].rpartition(".")[0]
    return any(
        module == holder or holder.startswith(module + ".") or module.endswith("." + holder) for module in modules
    )


def bounded(base: tuple[Batch, ...], patched: Batch, suites: tuple[Suite, Suite] | None) -> Check:
    """``bounded``: nothing ran into a limit of time, memory or output."""
    stopped = tuple(suite.stopped_by for suite in suites) if suites else ("", "")
    over = [*_over(patched), *filter(None, stopped[1:])]
    if over:
        return words.failed("bounded", f"the patched service runs into a limit: {words.some(over)}")
    before = [*(item for batch in base for item in _over(batch)), *filter(None, stopped[:1])]
    if before:
        return words.unknown("bounded", f"the base itself runs into a limit: {words.some(before)}")
    longest = max((reply.seconds for reply in patched.replies), default=0.0)
    return words.passed("bounded", f"within all limits; the slowest request took {longest:.2f} s")


def _over(batch: Batch) -> list[str]:
    found = [batch.stopped_by] if batch.stopped_by else []
    found += [f"request {reply.case} does not end" for reply in batch.replies if reply.timed_out]
    return found + [
        f"request {reply.case} ends the process" for reply in batch.replies if reply.crashed and not reply.timed_out
    ]
