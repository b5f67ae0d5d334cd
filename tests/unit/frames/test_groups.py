"""Errors without a place are grouped by exception, message and where a library raised them."""

from incident.evidence import Signature
from incident.stacks import Frame
from incident.unplaced import Unplaced
from tools.frames import groups


def unplaced(message: str, path: str = "/usr/lib/python3.11/json/decoder.py", line: int = 3) -> Signature | Unplaced:
    frames = [Frame(path="/usr/bin/server", line=1, function="main"), Frame(path=path, line=line, function="decode")]
    return groups.key("cart", "GET /", "JSONDecodeError", message, frames, None)


def test_neither_a_variable_nor_a_version_of_a_library_makes_another_group() -> None:
    assert unplaced("line 1 column 5") == unplaced("line 7 column 2", "/usr/lib/python3.13/json/decoder.py", 9)


def test_control_another_message_or_function_is_another_group() -> None:
    assert unplaced("line 1") != unplaced("row 1")
    assert unplaced("line 1") != groups.key("cart", "GET /", "JSONDecodeError", "line 1", (), None)


def test_an_error_with_a_place_keeps_its_signature() -> None:
    known = Signature(service="cart", route="GET /", exception="E", path="a.py", function="f", line=1)
    assert groups.key("cart", "GET /", "E", "m", (), known) is known
