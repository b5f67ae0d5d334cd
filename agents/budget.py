"""Budget of one agent run.  Every limit ends the run in a typed outcome, never in an error."""

from pydantic import Field

from incident.value import Value

ROOMY = 16_000
"""Tokens of a question; models with less room do better with one small question at a time than with tools."""


class Budget(Value):
    """Limits of one run of one agent.  Zero left is a limit, too: such a run ends before its first question."""

    steps: int = Field(default=16, ge=1)
    """Questions to the model.  A good run needs two to six; a small model wanders, so it gets some more."""
    seconds: float = Field(default=120.0, gt=0)
    """From the first question to the last answer, waiting for a busy endpoint included."""
    tokens: int = Field(default=120_000, ge=0)
    """Input and output together, as the endpoint counts them, or estimated when it counts nothing."""
    cost_micros: int | None = Field(default=None, ge=0)
    """Millionths of the currency of the prices; None: no limit.  One question may overshoot, the next is not asked."""
    mistakes: int = Field(default=4, ge=1)
    """Answers in a row that could not be used (prose, broken calls, wrong arguments) before it counts as silent."""
    context_tokens: int = Field(default=28_000, ge=500)
    """Room for one question, tools included: the model's context window without the room for its answer."""
    answer_seconds: float = Field(default=60.0, gt=0)
    """For one answer, from the question to its last byte."""
    patience_seconds: float = Field(default=90.0, ge=0)
    """Seconds to wait, per question, for an endpoint that is busy or gone.

    Rate limits are mostly per minute, so a Retry-After of 60 s is honoured; one that asks for more than what is left of
    this counts as gone.
    """
    tries: int = Field(default=3, ge=1)
    """Number of times that a small question for a patch is asked side by side.

    An endpoint that takes one at a time queues them.
    """
    candidates: int = Field(default=6, ge=1)
    """Patches kept from one run of the patch agent; each costs a proof in the sandbox."""

    def shared(self, among: int) -> "Budget":
        """The share of each of several runs that go on at once: tokens and money are split, time is not."""
        cost = None if self.cost_micros is None else self.cost_micros // among
        return self.model_copy(update={"tokens": self.tokens // among, "cost_micros": cost})

    @property
    def roomy(self) -> bool:
        """True when a function, the file around it and several answers of tools fit into one question."""
        return self.context_tokens >= ROOMY
