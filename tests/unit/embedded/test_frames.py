"""Stack traces become frames of the repository, and the frame that tells errors apart."""

import pytest
from pydantic import JsonValue

from incident.evidence import Frame
from tools.embedded import frames
from tools.frames import places

ROOT = "/srv/checkouts/abc"


def item(file: str, line: int = 3, function: str = "f") -> dict[str, JsonValue]:
    return {"file": file, "line": line, "function": function, "code": "x = 1"}


def paths(*files: str) -> list[str]:
    return [frame.path for frame in frames.read([item(file) for file in files], ROOT)]


def test_paths_are_relative_to_the_checkout_and_others_stay_absolute() -> None:
    assert paths(f"{ROOT}/services/orders/app.py", "/usr/lib/python3.11/json/__init__.py") == [
        "services/orders/app.py",
        "/usr/lib/python3.11/json/__init__.py",
    ]


@pytest.mark.parametrize(
    "file", [f"{ROOT}/../../etc/passwd", f"{ROOT}x/app.py", "relative.py", "../up.py", "<string>", "", "."]
)
def test_a_path_that_only_looks_as_if_it_were_inside_is_not_taken_for_it(file: str) -> None:
    found = frames.read([item(file)], ROOT)
    assert places.place(found, "services/orders") is None


@pytest.mark.parametrize(
    "stack",
    [None, "text", {}, [1, None, "x", []], [{"file": 1, "line": 1, "function": "f"}], [{"file": "a", "line": "1"}]],
)
def test_a_malformed_stack_has_no_frames(stack: JsonValue) -> None:
    assert frames.read(stack, ROOT) == ()


def test_of_a_deep_stack_the_innermost_frames_are_kept() -> None:
    found = frames.read([item(f"{ROOT}/a.py", line) for line in range(1000)], ROOT)
    assert [frame.line for frame in found] == list(range(950, 1000))


def frame(path: str, line: int = 1) -> Frame:
    return Frame(path=path, line=line, function="f")


ORDERS = "services/orders"


@pytest.mark.parametrize(
    ("stack", "component", "expected"),
    [
        # the service's own innermost frame, although a library raised
        (["services/orders/app.py", "services/orders/prices.py", "libs/kit/client.py"], ORDERS, "services/orders/prices.py"),
        (["services/orders/app.py", "/usr/lib/python3.11/json/decoder.py"], ORDERS, "services/orders/app.py"),
        # without a frame of the component, the innermost outside shared libraries
        (["services/other/app.py", "libs/kit/client.py"], ORDERS, "services/other/app.py"),
        # nobody knows the component
        (["services/orders/app.py", "libs/kit/client.py"], "", "services/orders/app.py"),
        # only a shared library of the repository
        (["libs/kit/app.py", "libs/kit/client.py"], ORDERS, "libs/kit/client.py"),
        # a folder whose name only begins alike is another component
        (["services/orders/app.py", "services/orders-admin/app.py"], ORDERS, "services/orders/app.py"),
        # an environment inside the checkout is foreign
        (["services/orders/app.py", "services/orders/.venv/lib/site-packages/x.py"], ORDERS, "services/orders/app.py"),
        # nothing of the repository
        (["/usr/lib/python3.11/json/decoder.py"], ORDERS, None),
        ([], ORDERS, None),
    ],
)  # fmt: skip
def test_errors_are_told_apart_by_the_innermost_frame_of_the_service(
    stack: list[str], component: str, expected: str | None
) -> None:
    found = places.place([frame(path) for path in stack], component)
    assert (found.path if found else None) == expected


def test_hostile_text_in_a_frame_is_made_harmless() -> None:
    hostile: JsonValue = {
        "file": f"{ROOT}/a\u202e.py",
        "line": -5,
        "function": "f\x1b[31m\n" + "x" * 999,
        "code": "\u200b" * 9,
    }
    found = frames.read([hostile], ROOT)[0]
    assert (found.path, found.line, found.code) == ("a.py", 0, "")
    assert len(found.function) == 200
