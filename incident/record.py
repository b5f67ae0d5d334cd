"""The journal of one incident: a tagged union with one class per thing that can happen.

Each is one line of ``decisions.jsonl``; the digest of that line enters the audit chain.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue

from incident.alert import Payload
from incident.decision import Decision
from incident.diagnosis import Diagnosis
from incident.ending import Ending
from incident.evidence import Condition, Dossier, Measurement
from incident.phase import Phase
from incident.proof import Proof, Review
from incident.remedy import Remedy
from incident.steering import Steering
from incident.value import Value


class Received(Value):
    """The alert came in, with the world and the limits that applied."""

    kind: Literal["received"] = "received"
    payload: Payload
    world: str
    autonomy: str
    model: str
    now: AwareDatetime | None = Field(default=None, exclude_if=lambda now: now is None)
    """The world's own time as the alert came in, which lies in the past over a recording; None: the record's."""


class Moved(Value):
    """The incident changed its state."""

    kind: Literal["moved"] = "moved"
    before: Phase
    after: Phase


class Gathered(Value):
    """Evidence was collected."""

    kind: Literal["gathered"] = "gathered"
    dossier: Dossier


Ended = Literal["answered", "unknown", "steps", "seconds", "tokens", "money", "silent", "too_long", "gone", "refused"]
"""Reason that a run of an agent is over; everything but the first two means: no answer.

`unknown`: it said that it does not know, which is an answer; `silent`: nothing that could be used; `too_long`: more than the context window holds; `gone`: the endpoint did
not answer in the time that it is waited for; `refused`: it does not take our key or does not know the model.
"""


class Answered(Value):
    """A model answered: its name, its prompt and what it used up.  The text is evidence, not a command."""

    kind: Literal["answered"] = "answered"
    agent: Literal["rca", "patch", "review"]
    model: str
    """Model that answered; with several models, the last one that was asked."""
    passed_over: tuple[str, ...] = ()
    """Reasons that models before that one did not answer."""
    ended: Ended = "answered"
    why: str = ""
    """For people: what ended it, when it was not an answer."""
    prompt: str = ""
    """Name and version."""
    prompt_digest: str
    steps: int
    tool_calls: tuple[str, ...]
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False
    """Some of the tokens are a guess, because the endpoint counted nothing."""
    cost_micros: int | None = 0
    """Millionths of the currency of the configured prices; None: a price is not known."""
    seconds: float = 0.0
    answer: dict[str, JsonValue]


class Diagnosed(Value):
    """The checked diagnosis."""

    kind: Literal["diagnosed"] = "diagnosed"
    diagnosis: Diagnosis


class Proposed(Value):
    """A remedy was put forward."""

    kind: Literal["proposed"] = "proposed"
    remedy: Remedy


class Proved(Value):
    """A proof of a remedy was made."""

    kind: Literal["proved"] = "proved"
    proof: Proof


class Reviewed(Value):
    """The reviewer answered its checklist."""

    kind: Literal["reviewed"] = "reviewed"
    review: Review


class Decided(Value):
    """A policy decided.  `facts` is its whole input, so that replay needs nothing else."""

    kind: Literal["decided"] = "decided"
    facts: dict[str, JsonValue]
    decision: Decision


class Intended(Value):
    """An effect is about to happen."""

    kind: Literal["intended"] = "intended"
    key: str
    target: str
    change: dict[str, JsonValue]


class Acted(Value):
    """Outcome of an intended effect."""

    kind: Literal["acted"] = "acted"
    key: str
    result: Literal["done", "found", "not_done", "refused", "unknown"]
    """`found`: it had happened before a crash, and the world says so; `not_done`: it was stopped before it happened."""
    detail: str


class Told(Value):
    """A person was told, or could not be."""

    kind: Literal["told"] = "told"
    channel: str
    delivered: bool
    text: str
    lines: tuple[str, ...] = ()
    """Lines of the notice."""


class Recovered(Value):
    """The alert's condition was read, and it was back inside its threshold."""

    kind: Literal["recovered"] = "recovered"
    condition: Condition
    measurement: Measurement


class Controlled(Value):
    """A person set a switch or answered."""

    kind: Literal["controlled"] = "controlled"
    action: Literal["pause", "resume", "abort", "stop-all", "approve", "reject", "why"]
    by: str
    os_user: str
    reason: str = ""


class Steered(Value):
    """A person said where the cause lies, or where it does not, and the running incident heard it."""

    kind: Literal["steered"] = "steered"
    word: Steering


class Judged(Value):
    """A person said whether the ended incident was handled rightly."""

    kind: Literal["judged"] = "judged"
    verdict: Literal["right", "wrong"]
    because: str = ""
    by: str
    os_user: str


class Closed(Value):
    """The incident ended, or waits."""

    kind: Literal["closed"] = "closed"
    ending: Ending
    running: str = ""
    """Version that runs now, for the report's first line."""


Event = Annotated[
    Received
    | Moved
    | Gathered
    | Answered
    | Diagnosed
    | Proposed
    | Proved
    | Reviewed
    | Decided
    | Intended
    | Acted
    | Told
    | Recovered
    | Controlled
    | Steered
    | Closed
    | Judged,
    Field(discriminator="kind"),
]


class Record(Value):
    """One line of the journal."""

    incident: str
    sequence: int
    at: AwareDatetime
    node: str
    event: Event
