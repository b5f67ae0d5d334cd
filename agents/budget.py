"""What one run of an agent may use up.  Every limit ends the run in a typed outcome, never in an error."""

from pydantic import Field

from incident.value import Value


class Budget(Value):
    """Limits of one run of one agent."""

    steps: int = Field(default=16, ge=1)
    """Questions to the model.  A good run needs two to six; a small model wanders, so it gets some more."""
    seconds: float = Field(default=120.0, gt=0)
    """From the first question to the last answer, waiting for a busy endpoint included."""
    tokens: int = Field(default=120_000, ge=1)
    """Input and output together, as the endpoint counts them; one that counts nothing is held by `steps`."""
    mistakes: int = Field(default=4, ge=1)
    """Answers in a row that could not be used (prose, broken calls, wrong arguments) before it counts as silent."""
    context_tokens: int = Field(default=24_000, ge=1)
    """Room for one question.  Above it the oldest tool results are taken out, with a note in their place."""
    candidates: int = Field(default=6, ge=1)
    """Patches kept from one run of the patch agent; each costs a proof in the sandbox."""
