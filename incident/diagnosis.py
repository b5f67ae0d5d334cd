"""Diagnosis: hypotheses, the evidence that each rests on, and the check that would disprove it."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from incident.value import Value


class CodeCause(Value):
    """A defect in a function of the service's own source."""

    kind: Literal["code"] = "code"
    path: str
    function: str
    line: int


class DeployCause(Value):
    """A deploy that made things worse."""

    kind: Literal["deploy"] = "deploy"
    version: str
    previous: str


class ConfigCause(Value):
    """A configuration value that was changed."""

    kind: Literal["config"] = "config"
    key: str
    old: str
    new: str


class DependencyCause(Value):
    """Something outside our repositories that the service calls."""

    kind: Literal["dependency"] = "dependency"
    host: str


class ResourceCause(Value):
    """A resource that ran out: memory, processor, disk, connections."""

    kind: Literal["resource"] = "resource"
    resource: Literal["memory", "cpu", "disk", "connections"]


class HangCause(Value):
    """A version that runs and answers nobody: its process is there, and the platform finds it not ready."""

    kind: Literal["hang"] = "hang"
    version: str


class UnknownCause(Value):
    """An honest "I don't know", with what is missing to know it."""

    kind: Literal["unknown"] = "unknown"
    reason: str


Cause = Annotated[
    CodeCause | DeployCause | ConfigCause | DependencyCause | ResourceCause | HangCause | UnknownCause,
    Field(discriminator="kind"),
]


class Disproof(StrEnum):
    """The closed set of checks that would disprove a hypothesis; code runs them, never the model."""

    ERRORS_ELSEWHERE = "errors_elsewhere"
    """Most of the service's errors are raised somewhere else than the blamed place."""
    ERRORS_BEFORE_CHANGE = "errors_before_change"
    """The errors were there before the blamed change."""
    OTHER_VERSION_TOO = "other_version_too"
    """The version that is said to be good shows the same error."""
    DEPENDENCY_HEALTHY = "dependency_healthy"
    """The blamed dependency answers well."""
    ANSWERS_SOMEBODY = "answers_somebody"
    """The version that is said to hang answers, or something else explains that it does not."""
    NONE = "none"
    """Nothing would disprove it, which counts against it."""


class Hypothesis(Value):
    """One explanation: which service, what cause, the evidence ids it rests on."""

    service: str
    cause: Cause
    evidence: tuple[str, ...]
    disproof: Disproof
    explanation: str = Field(max_length=2000)
    claimed_confidence: float = Field(ge=0, le=1)
    """The model's own confidence: recorded, and opens nothing."""


class Diagnosis(Value):
    """Hypotheses, the most credible first."""

    hypotheses: tuple[Hypothesis, ...]
    model: str
    prompt_digest: str = ""
    ruled: tuple[int, ...] = ()
    """Places of the hypotheses that rules found, whose words are theirs and not the model's."""

    @property
    def leading(self) -> Hypothesis:
        """The most credible hypothesis; a diagnosis without one holds a single UnknownCause."""
        return self.hypotheses[0]
