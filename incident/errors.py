"""The errors of the system.

::

    SutureError
    ├── BadInput            the person's input is refused; one sentence, exit code 2
    ├── ToolMistake         the model asked a tool for something it can mend; shown to the model
    ├── Unavailable         a backend did not answer, in time or at all; retried, then it holds
    │   ├── Throttled       a backend says not now, and nothing happened; tried again after what it asks for
    │   └── Refused         a backend will not, now or later; nothing happened, and trying again is no use
    ├── Conflict            the world moved since it was read; re-read and decide again
    ├── Fenced              a newer owner holds the resource; stop, never retry
    │   └── Superseded      another process works on the incident now; stop at once and write nothing more
    ├── Unsure              it cannot be known whether an effect happened; a person decides
    ├── Halted              a person or the kill switch said stop
    └── Tampered            a record does not verify; acting stops

Adapters translate what their client library raises into these at their border and chain the
original.  What a model may see is ToolMistake and nothing else.
"""


class SutureError(Exception):
    """Anything that the system raises on purpose."""


class BadInput(SutureError):
    """The input is refused: which field, what stood there, what to do instead."""

    def __init__(self, field: str, value: object, remedy: str) -> None:
        self.field, self.value, self.remedy = field, value, remedy
        shown = repr(value)
        shown = shown if len(shown) <= 80 else shown[:77] + "..."
        super().__init__(f"{field} is {shown}: {remedy}")


class ToolMistake(SutureError):
    """A tool was called with something that does not exist or is not allowed; the model may try again."""


class Unavailable(SutureError):
    """A backend did not answer.  It is never a pass."""


class Throttled(Unavailable):
    """A backend takes no more just now (429) and did nothing; `after` is how many seconds it asks to be left alone."""

    def __init__(self, message: str, after: float) -> None:
        super().__init__(message)
        self.after = after


class Refused(Unavailable):
    """A backend refuses for good and did nothing; whoever treats it as Unavailable is on the safe side.

    The world refuses a change that makes no sense, and the sandbox a run that it cannot confine.
    """


class Conflict(SutureError):
    """A conditional write was refused because the resource changed since it was read."""


class Fenced(SutureError):
    """A larger fencing token is recorded at the resource: somebody newer owns it."""


class Superseded(Fenced):
    """Another process works on the incident: whatever this one still has in mind is no longer its to do."""


class Unsure(SutureError):
    """An effect may or may not have happened and the world does not tell."""


class Halted(SutureError):
    """A person (or the kill switch) stopped the work before the next effect."""


class Tampered(SutureError):
    """A record or the audit chain does not verify; the message says where."""
