"""Proves a patch: the recorded failure fails before it and passes after it, and nothing else moves.

Knows the repository and the sandbox by their ports only.  What each check means stands in docs/sandbox.md.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from incident.capture import Call, Capture
from incident.errors import Unavailable
from incident.evidence import Missing, Signature
from incident.proof import Answer, Check, Proof, Reproduction
from incident.remedy import FileEdit, Patch
from tools import ports
from tools.proof.checks import (
    ambiguity,
    answer,
    defaults,
    failure,
    guards,
    inverse,
    kin,
    loans,
    neighbours,
    refusals,
    regression,
    sameness,
    scope,
    suites,
    trial,
    words,
)
from tools.proof.checks import coverage as covering

_TRIED = 12
"""Failing requests that are tried as reproductions, in one batch, the smallest first."""


class Prover:
    """Reproduces failures and proves patches, on trees exported below `scratch`.

    What the base commit answers is remembered, so that several candidates are judged against one run of it.
    """

    def __init__(self, repository: ports.Repository, sandbox: ports.Sandbox, scratch: Path) -> None:
        self._repository, self._scratch = repository, scratch
        self._bench = trial.Bench(repository, sandbox, scratch)
        self._base: dict[tuple[str, ...], tuple[trial.Batch, trial.Batch]] = {}
        self._base_suites: dict[tuple[str, ...], trial.Suite] = {}
        self._earlier: dict[tuple[str, ...], trial.Batch] = {}

    def imported(self, commit: str, component: ports.Component, runtime: ports.Runtime) -> str:
        """Import a service's application in the sandbox; empty when that works, and otherwise the reason.

        Raises Unavailable, Refused.
        """
        subject = trial.Subject(commit=commit, component=component, runtime=runtime)
        return self._bench.drive(subject, {}, ()).broken

    def reproduce(
        self,
        base_commit: str,
        component: ports.Component,
        runtime: ports.Runtime,
        failing: tuple[Capture, ...],
        signature: Signature,
        healthy: tuple[Capture, ...] = (),
    ) -> Reproduction | Missing:
        """The smallest recorded request that fails on the base with the same exception at the same place."""
        failed = [
            capture for capture in failing if capture.outcome == "failed" and capture.service == component.service
        ]
        whole = [capture for capture in failed if not capture.truncated]
        if not whole:
            return Missing(reason="every recorded failure was cut at the size cap" if failed else "nothing captured")
        cases = tuple(sorted(whole, key=lambda capture: len(capture.canonical()))[:_TRIED])
        subject = trial.Subject(commit=base_commit, component=component, runtime=runtime)
        batch = self._bench.drive(subject, {}, cases)
        if batch.broken:
            return Missing(reason=batch.broken)
        for capture, reply in zip(cases, batch.replies, strict=True):
            if failure.same(reply, signature, component):
                lent = loans.calls(capture, healthy)
                return Reproduction(
                    capture=capture,
                    signature=signature,
                    base_commit=base_commit,
                    borrowed=lent,
                    lent_reads=loans.reads(capture, healthy),
                    environment=loans.addresses(runtime, (*capture.calls, *lent)),
                    values=failure.values(reply, signature, component),
                    refusals=tuple(sorted({item.status for item in refusals.recorded(capture.route, healthy)})),
                )
        return Missing(reason=failure.why_not(batch.replies[0], signature))

    def regression_test(
        self, reproduction: Reproduction, component: ports.Component, patch: Patch | None = None
    ) -> FileEdit:
        """A new test file for the service's own suite that fails on the base and passes when mended."""
        own = refusals.raised(patch, self._reader(patch.base_commit))[0] if patch else frozenset[str]()
        return regression.write(reproduction, component, refuses=bool(own))

    def _reader(self, commit: str) -> refusals.Read:
        def read(path: str) -> str | None:
            try:
                return self._repository.text(commit, path)
            except KeyError:
                return None

        return read

    def prove(
        self,
        patch: Patch,
        component: ports.Component,
        runtime: ports.Runtime,
        reproduction: Reproduction,
        healthy: tuple[Capture, ...],
    ) -> Proof:
        """Every check of a patch.  One that touches more than it may is not run at all."""
        static = self._static(patch, component, reproduction)
        if any(check.outcome != "passed" for check in static):
            return Proof(remedy_digest=patch.digest(), base=patch.base_commit, checks=static)
        subject = trial.Subject(commit=patch.base_commit, component=component, runtime=runtime)
        whole = tuple(item for item in healthy if not item.truncated)
        found = self._dynamic(subject, patch, reproduction, whole)
        return found.model_copy(update={"checks": (*found.checks, *static)})

    def answers(
        self,
        patches: tuple[Patch, ...],
        component: ports.Component,
        runtime: ports.Runtime,
        reproduction: Reproduction,
        healthy: tuple[Capture, ...],
    ) -> tuple[Answer | None, ...]:
        """The answer of each patch to the failing request, in their order; None where it is not mended.

        One that touches more than it may is not run.  An answer whose shape was never recorded is none either, but for
        a refusal: a branch of refusals is often taken for the first time.
        """
        whole = tuple(item for item in healthy if not item.truncated)
        case, borrowed = loans.completed(reproduction, whole), loans.borrowed(reproduction, whole)

        def driven(patch: Patch) -> trial.Batch:
            subject = trial.Subject(commit=patch.base_commit, component=component, runtime=runtime)
            return self._twice(subject, {edit.path: edit.after for edit in patch.edits}, case, borrowed)

        # Before Python 3.11.8 two threads must not parse at the same time, so all that does is outside.
        allowed = [
            patch.base_commit == reproduction.base_commit and self._scope(patch, component).outcome == "passed"
            for patch in patches
        ]
        with ThreadPoolExecutor(2, thread_name_prefix="prover") as pool:
            batches = pool.map(driven, [patch for patch, may in zip(patches, allowed, strict=True) if may])
            return tuple(
                self._usual(patch, next(batches), reproduction, whole) if may else None
                for patch, may in zip(patches, allowed, strict=True)
            )

    def _usual(
        self, patch: Patch, batch: trial.Batch, reproduction: Reproduction, healthy: tuple[Capture, ...]
    ) -> Answer | None:
        foreign = refusals.raised(patch, self._reader(patch.base_commit))[1]
        found = answer.given(batch)
        if found is None or failure.fixed(batch, reproduction, healthy, foreign).outcome == "failed":
            return None
        known = answer.check(batch, reproduction, healthy).outcome == "passed"
        return found if known or 400 <= found.status < 500 else None

    def _scope(self, patch: Patch, component: ports.Component) -> Check:
        read = self._reader(patch.base_commit)
        texts = {edit.path: read(edit.path) for edit in patch.edits}
        return scope.check(patch, component, {path: text for path, text in texts.items() if text is not None})

    def _static(self, patch: Patch, component: ports.Component, reproduction: Reproduction) -> tuple[Check, ...]:
        found = self._scope(patch, component)
        if found.outcome != "passed":
            return (found,)
        if patch.base_commit != reproduction.base_commit:
            return (found, words.unknown("reproduces", "it was reproduced on another commit than the patch's base"))
        return (found, inverse.check(self._bench.tree(patch.base_commit), patch.edits, self._scratch))

    def _dynamic(
        self, subject: trial.Subject, patch: Patch, reproduction: Reproduction, healthy: tuple[Capture, ...]
    ) -> Proof:
        """Run base and patch at the same time: requests first, then tests unless the failure is still there."""
        recorded = (loans.completed(reproduction, healthy), *healthy)
        read = self._reader(patch.base_commit)
        schemas = (read(path) or "" for path in subject.component.schemas)
        beside = kin.of(recorded[0], healthy, defaults.named(read(patch.path) or "", schemas))
        cases = (*recorded, *neighbours.of(healthy))
        told = tuple(one.capture for one in beside)
        borrowed = loans.borrowed(reproduction, healthy)
        edits = {edit.path: edit.after for edit in patch.edits}
        # The base gets the added tests without the mended file, because they must fail there.
        tests = {path: text for path, text in edits.items() if path != patch.path}
        with ThreadPoolExecutor(2, thread_name_prefix="prover") as pool:
            patched_run = pool.submit(self._bench.drive, subject, edits, cases, borrowed)
            base_run = pool.submit(self._on_base, subject, cases, borrowed)
            patched = patched_run.result()
            foreign = refusals.raised(patch, read)[1]
            fixed = failure.fixed(patched, reproduction, healthy, foreign)
            # Tests take longest, and a candidate that does not mend the request is lost whatever they say.
            runs = twice = None
            if fixed.outcome != "failed":
                suite_run = pool.submit(self._bench.suite, subject, edits, patch.path)
                base_suite = self._suite_on_base(subject, tests)
                runs = (base_suite, suite_run.result())
                twice = pool.submit(self._twice, subject, edits, recorded[0], borrowed)
            base, again = base_run.result()
            # Apart from the others: one that does not end must not hold up what is measured.
            near = None
            if told and fixed.outcome != "failed":
                moved = pool.submit(self._bench.drive, subject, edits, told, borrowed, range(len(told)))
                near = ambiguity.Near(*self._on_base(subject, told, borrowed, borrow=True), moved.result())
        clear = ambiguity.check(near, patched, beside)
        if clear.outcome == "unknown" and fixed.outcome != "failed":
            # Only where nothing that runs now tells, an older version is asked.
            before = self._before(subject, reproduction, (base, again), (recorded, cases))
            clear = ambiguity.check(near, patched, beside, before)
        checks = (
            failure.reproduces(base, reproduction, subject.component),
            fixed,
            answer.check(patched, reproduction, healthy),
            guards.check(patched, patch),
            clear,
            sameness.check(base, again, patched, reproduction, recorded),
            suites.own_tests(runs, tuple(tests)),
            suites.bounded((base, again), patched, runs),
        )
        return Proof(
            remedy_digest=patch.digest(),
            base=patch.base_commit,
            checks=checks,
            coverage=covering.measured(patch, runs[1] if runs else None),
            answer=answer.given(twice.result()) if twice else None,
        )

    def _before(
        self,
        subject: trial.Subject,
        reproduction: Reproduction,
        on_base: tuple[trial.Batch, trial.Batch],
        asked: tuple[tuple[Capture, ...], tuple[Capture, ...]],
    ) -> ambiguity.Before | None:
        """Answer to the failing request of the latest version before that answers recorded successes as the base does.

        `asked` are the recorded requests, the failing one first, and these with the requests beside the successes.
        """
        recorded, cases = asked
        borrowed = loans.borrowed(reproduction, recorded[1:])
        for commit in reproduction.earlier:
            older = subject.model_copy(update={"commit": commit})
            key = (older.digest(), *(value.digest() for value in (*cases, *borrowed)))
            if key not in self._earlier:
                try:
                    self._earlier[key] = self._bench.drive(older, {}, cases, borrowed)
                except (KeyError, Unavailable):  # the repository does not know it any more
                    continue
            found = self._earlier[key]
            if sameness.check(*on_base, found, reproduction, recorded).outcome == "passed":
                return ambiguity.Before(commit, found.replies[0])
        return None

    def _twice(
        self, subject: trial.Subject, edits: Mapping[str, str], case: Capture, borrowed: tuple[Call, ...]
    ) -> trial.Batch:
        """Ask a patched service the failing request two times, so that what varies by itself shows."""
        return self._bench.drive(subject, edits, (case, case), borrowed, range(2))

    def _on_base(
        self, subject: trial.Subject, cases: tuple[Capture, ...], borrowed: tuple[Call, ...], *, borrow: bool = False
    ) -> tuple[trial.Batch, trial.Batch]:
        """Run all cases on the base twice, in one sandbox, so that what varies by itself shows.

        The first of them may use borrowed answers; with `borrow` all may.
        """
        key = (subject.digest(), *(value.digest() for value in (*cases, *borrowed)))
        if key not in self._base:
            both = self._bench.drive(subject, {}, (*cases, *cases), borrowed, range(2 * len(cases)) if borrow else (0,))
            first, second = both.replies[: len(cases)], both.replies[len(cases) :]
            self._base[key] = (
                both.model_copy(update={"replies": first}),
                both.model_copy(update={"replies": second}),
            )
        return self._base[key]

    def _suite_on_base(self, subject: trial.Subject, tests: Mapping[str, str]) -> trial.Suite:
        key = (subject.digest(), *(f"{path}\0{text}" for path, text in sorted(tests.items())))
        if key not in self._base_suites:
            self._base_suites[key] = self._bench.suite(subject, tests)
        return self._base_suites[key]
