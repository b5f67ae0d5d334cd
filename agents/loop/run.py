"""State of one agent run: its budget used so far, and its end."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from agents.budget import Budget
from agents.models import factory
from agents.models.patience import Reply
from incident.record import Ended
from tools import ports

A = TypeVar("A")

UNBOUNDED = 1_000_000
"""Tokens of a question to rules, which read whatever there is."""

HALVINGS = 3
"""Number of times that a question that was too long is made shorter before the run ends."""


@dataclass
class Run(Generic[A]):
    """State of one run while it goes on, and its result and usage afterwards."""

    budget: Budget
    clock: ports.Clock
    started: float
    model: BaseChatModel
    """The model that is asked now, and in the end the one that answered."""
    messages: list[BaseMessage]
    answers: list[A] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    """Of the answers, the reasons of those that say that it does not know."""
    calls: list[str] = field(default_factory=list)
    steps: int = 0
    mistakes: int = 0
    """In a row."""
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False
    """Some of the tokens are a guess, because an endpoint counted nothing."""
    cost_micros: int | None = 0
    """Millionths of the currency of the prices; None: a model without a price was asked."""
    slowest: float = 0.0
    """Seconds of the slowest answer so far."""
    halved: int = 0
    passed_over: list[str] = field(default_factory=list)
    """Reasons that models before the one that answered did not."""
    failed: tuple[Ended, str] | None = None
    """The endpoint ended the run, and why."""

    @property
    def ended(self) -> Ended | None:  # noqa: PLR0911 (one row of a table each)
        """Reason that the run is over, or None while it may go on."""
        # Before the limits: an answer counts although it used up the last of a budget.
        if self.answers:
            return "unknown" if len(self.given_up) == len(self.answers) else "answered"
        if self.failed is not None:
            return self.failed[0]
        if self.mistakes >= self.budget.mistakes:
            return "silent"
        if self.steps >= self.budget.steps:
            return "steps"
        if self.seconds >= self.budget.seconds:
            return "seconds"
        if self.budget.cost_micros is not None and not self._affordable(self.budget.cost_micros):
            return "money"
        return "tokens" if self.tokens >= self.budget.tokens else None

    @property
    def seconds(self) -> float:
        """Seconds since the run started."""
        return self.clock.monotonic() - self.started

    @property
    def deadline(self) -> float:
        """Monotonic seconds at which the run must be over."""
        return self.started + self.budget.seconds

    @property
    def tokens(self) -> int:
        """Tokens used so far."""
        return self.input_tokens + self.output_tokens

    @property
    def room(self) -> int:
        """Tokens that one question may have.  The window is that of a language model; rules have none."""
        return self.budget.context_tokens >> self.halved if factory.asks(self.model) else UNBOUNDED

    def last(self, question: int) -> bool:
        """True when the budget leaves no other question after the next, which has so many tokens."""
        return (
            self.steps + 1 >= self.budget.steps
            # Twice: the next question, and the one after it, which repeats the conversation.
            or self.tokens + 2 * question >= self.budget.tokens
            or self.seconds + 2 * self.slowest >= self.budget.seconds
        )

    def _affordable(self, limit: int) -> bool:
        # What is not known may be too much.
        return self.cost_micros is not None and self.cost_micros < limit

    def charge(self, reply: Reply, seconds: float) -> None:
        """Count an answer, however little use it is."""
        self.steps += 1
        self.input_tokens += reply.input_tokens
        self.output_tokens += reply.output_tokens
        self.estimated = self.estimated or reply.estimated
        self.slowest = max(self.slowest, seconds)
        price = factory.price(self.model)
        if price is None or self.cost_micros is None:
            self.cost_micros = None
        else:
            self.cost_micros += price.micros(reply.input_tokens, reply.output_tokens)

    def shorten(self, why: str) -> None:
        """Give the next question half the room; after a few times the run ends."""
        self.halved += 1
        if self.halved > HALVINGS:
            self.failed = ("too_long", why)

    def pass_over(self, ended: Ended, why: str, rest: list[BaseChatModel]) -> None:
        """Go on with the next model, from the evidence and not from another's half-finished thoughts; or end."""
        self.passed_over.append(why)
        if not rest:
            self.failed = (ended, why)
            return
        self.model = rest.pop(0)
        # The first two are the prompt and the evidence.
        del self.messages[2:]
        self.mistakes = self.halved = 0
