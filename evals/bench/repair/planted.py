"""Planted bug: a service that is right, one function made wrong, and the requests that tell the two apart.

The right service is the oracle.  A hidden test is a request whose answer must be the right service's, byte for byte of
its JSON; it stays in this process, and neither the healed repository nor any record of a run holds it.
"""

from pydantic import JsonValue

from incident.value import Value

BUGSINPY = "BugsInPy (Widyasari et al., FSE 2020)"
PYTER = "PyTER (Oh and Oh, FSE 2022)"
TBAR = "TBar (Liu et al., ISSTA 2019)"
SSTUBS = "ManySStuBs4J (Karampatsis and Sutton, MSR 2020)"
TSSB = "TSSB-3M (Richter and Wehrheim, MSR 2022)"
DEFECTS4J = "Defects4J dissection (Sobreira et al., SANER 2018)"


class Request(Value):
    """One request of a user."""

    method: str
    path: str
    body: JsonValue = None

    def __hash__(self) -> int:
        return hash(self.canonical())


class Traffic(Value):
    """Requests to a service on a good day; the hidden tests ask them again."""

    service: str
    healthy: tuple[Request, ...]
    private: frozenset[str] = frozenset({"name", "author", "editors"})
    """Keys whose values the recorder replaces by stand-ins."""


class Bug(Value):
    """One planted bug.  `right` stands once in the file and is replaced by `wrong`."""

    name: str
    kind: str
    study: str
    service: str
    path: str
    """Relative to the service's folder."""
    function: str
    right: str
    wrong: str
    failing: Request
    hidden: tuple[Request, ...]
    """More requests of the kind that fails, with other values."""
    restructured: int | None = None
    """Seed by which the service's source is changed when the bug is in it; None: it stays as it was written."""
    documented: bool = False
    """Docstrings stay when it is changed."""
    moved: frozenset[str] = frozenset()
    """Functions beside `function` into which what is wrong was moved by that."""


def post(path: str, /, **body: JsonValue) -> Request:
    """A request with a JSON body."""
    return Request(method="POST", path=path, body=body)


def get(path: str) -> Request:
    """A request without a body."""
    return Request(method="GET", path=path)
