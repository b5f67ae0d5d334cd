"""Test doubles of the sandbox and the prover: they run nothing and give scripted answers."""

from collections.abc import Callable, Iterable
from typing import Literal

from incident.capture import Capture
from incident.errors import Unavailable
from incident.evidence import Missing, Signature
from incident.proof import Answer, Check, Coverage, Proof, Reproduction
from incident.remedy import FileEdit, Patch
from tools import ports

CHECKS = (
    "reproduces",
    "fixed",
    "answer",
    "guarded",
    "unambiguous",
    "same_answers",
    "own_tests",
    "scope",
    "inverse",
    "bounded",
)
"""The checks of a patch, by name."""

Outcome = Literal["passed", "failed", "unknown"]


class ScriptedSandbox:
    """Answers jobs from a list and remembers them; with nothing left it refuses to run, as a real one may."""

    def __init__(self, answers: Iterable[ports.Ran]) -> None:
        self._answers = list(answers)
        self.jobs: list[ports.Job] = []

    def run(self, job: ports.Job) -> ports.Ran:
        """The next answer.  Raises Unavailable when there is none left."""
        self.jobs.append(job)
        if not self._answers:
            raise Unavailable("the scripted sandbox has no answer left")
        return self._answers.pop(0)


class ScriptedProver:
    """A prover of which one check (`own_tests` unless named) comes out as `judge` says; every other check passes.

    `answer` says the answer to the failing request.
    """

    def __init__(
        self,
        judge: Callable[[Patch], Outcome],
        judged: str = "own_tests",
        answer: Callable[[Patch], str] = lambda _: "200 {}",
    ) -> None:
        self._judge, self._check, self._answer = judge, judged, answer

    def reproduce(
        self,
        base_commit: str,
        component: ports.Component,
        runtime: ports.Runtime,
        failing: tuple[Capture, ...],
        signature: Signature,
        healthy: tuple[Capture, ...] = (),
    ) -> Reproduction | Missing:
        """The first complete capture of the signature's exception; nothing is run."""
        del component, runtime, healthy
        fits = [one for one in failing if one.exception == signature.exception and not one.truncated]
        if not fits:
            return Missing(reason="nothing captured")
        return Reproduction(capture=fits[0], signature=signature, base_commit=base_commit)

    def answers(
        self,
        patches: tuple[Patch, ...],
        component: ports.Component,
        runtime: ports.Runtime,
        reproduction: Reproduction,
        healthy: tuple[Capture, ...],
    ) -> tuple[Answer | None, ...]:
        """The scripted answers; none to a patch that fails."""
        del component, runtime, reproduction, healthy
        return tuple(self._answered(patch) for patch in patches)

    def _answered(self, patch: Patch) -> Answer | None:
        if self._judge(patch) == "failed":
            return None
        return Answer(status=200, said=self._answer(patch), shape=())

    def regression_test(
        self, reproduction: Reproduction, component: ports.Component, patch: Patch | None = None
    ) -> FileEdit:
        """A test file that names the trace it stands for."""
        del patch
        after = f"def test_request_{reproduction.capture.trace_id[:8]}(answer):\n    assert answer({reproduction.capture.path!r}) < 500\n"
        return FileEdit(path=f"{component.tests}/test_regression.py", before=None, after=after)

    def prove(
        self,
        patch: Patch,
        component: ports.Component,
        runtime: ports.Runtime,
        reproduction: Reproduction,
        healthy: tuple[Capture, ...],
    ) -> Proof:
        """Every check, with the outcome that was scripted."""
        del component, runtime, reproduction, healthy
        outcome = self._judge(patch)
        checks = tuple(
            Check(name=name, outcome=outcome if name == self._check else "passed", detail="scripted") for name in CHECKS
        )
        return Proof(
            remedy_digest=patch.digest(),
            base=patch.base_commit,
            checks=checks,
            coverage=Coverage(changed=(1,), ran=(1,)) if outcome == "passed" else None,
            answer=self._answered(patch),
        )
