"""Stack traces become frames of the repository, and the frame that tells errors apart."""

import pytest
from pydantic import JsonValue

from incident.stacks import Frame
from tools.embedded import frames
from tools.frames import places

ROOT = "/srv/checkouts/abc"


def item(file: str, line: int = 3, function: str = "f") -> dict[str, JsonValue]:
    return {"file": file, "line": line, "function": function, "code": "x = 1"}


def read(stack: JsonValue) -> tuple[Frame, ...]:
    """The frames of a logged stack, of a process that runs below ROOT."""
    found = frames.logged({"type": "E", "message": "", "stack": stack})
    assert found is not None
    return places.Files(()).placed(found.frames, ROOT)


def paths(*files: str) -> list[str]:
    return [frame.path for frame in read([item(file) for file in files])]


def test_paths_are_relative_to_the_checkout_and_others_stay_absolute() -> None:
    assert paths(f"{ROOT}/services/orders/app.py", "/usr/lib/python3.11/json/__init__.py") == [
        "services/orders/app.py",
        "/usr/lib/python3.11/json/__init__.py",
    ]


@pytest.mark.parametrize(
    "file", [f"{ROOT}/../../etc/passwd", f"{ROOT}x/app.py", "relative.py", "../up.py", "<string>", "", "."]
)
def test_a_path_that_only_looks_as_if_it_were_inside_is_not_taken_for_it(file: str) -> None:
    found = read([item(file)])
    assert places.place(found, "services/orders") is None


@pytest.mark.parametrize(
    "stack",
    [None, "text", {}, [1, None, "x", []], [{"file": 1, "line": 1, "function": "f"}], [{"file": "a", "line": "1"}]],
)
def test_a_malformed_stack_has_no_frames(stack: JsonValue) -> None:
    assert read(stack) == ()


def test_of_a_deep_stack_the_innermost_frames_are_kept() -> None:
    found = read([item(f"{ROOT}/a.py", line) for line in range(1000)])
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
    found = read([hostile])[0]
    assert (found.path, found.line, found.code) == ("a.py", 0, "")
    assert len(found.function) == 200


NODE = f"""TypeError: Cannot read properties of undefined (reading 'stars')
    at mean (file://{ROOT}/services/ratings/stars.mjs:14:30)
    at file://{ROOT}/services/ratings/server.mjs:31:9
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
[cause]: RangeError: no rows
    at rows (file://{ROOT}/services/ratings/rows.mjs:3:5)"""


def test_the_text_of_a_stack_is_read_whatever_its_language() -> None:
    found = frames.logged({"type": "TypeError", "message": "said", "stack": NODE})
    assert found is not None
    assert (found.name, found.message) == ("TypeError", "said")
    assert [(frame.function, frame.line) for frame in found.frames][-1] == ("mean", 14)
    assert [(one.relation, one.exception) for one in found.chain] == [("cause", "RangeError")]


def test_an_exception_that_is_only_text_is_read_from_it() -> None:
    found = frames.logged(NODE)
    assert found is not None
    assert (found.name, found.message) == ("TypeError", "Cannot read properties of undefined (reading 'stars')")


def test_text_without_a_stack_leaves_what_was_raised() -> None:
    found = frames.logged({"type": "shop.Refused", "message": "no", "stack": "somewhere"})
    assert found is not None
    assert (found.name, found.message, found.frames) == ("Refused", "no", ())


@pytest.mark.parametrize("said", [None, 5, [], "KeyError", ""])
def test_what_says_nothing_of_an_exception_is_none(said: JsonValue) -> None:
    assert frames.logged(said) is None


def java(*frame: str) -> tuple[Frame, ...]:
    text = "shop.Refused: no\n" + "\n".join(f"\tat {one}" for one in frame)
    found = frames.logged({"type": "Refused", "message": "no", "stack": text})
    assert found is not None
    files = places.Files(["services/cart/src/main/java/shop/Prices.java", "services/user/Main.java"], "services/cart")
    return files.placed(found.frames, ROOT)


def test_a_runtime_that_names_no_folders_is_placed_by_how_the_paths_end() -> None:
    found = java("shop.Prices.of(Prices.java:9)", "java.base/java.lang.Thread.run(Thread.java:840)")
    assert [frame.path for frame in found] == [
        "<java/lang/Thread.java>",
        "services/cart/src/main/java/shop/Prices.java",
    ]
    at = places.place(found, "services/cart")
    assert at is not None
    assert at.function == "Prices.of"


def test_a_stack_of_a_library_alone_has_no_place() -> None:
    assert places.place(java("com.fasterxml.jackson.core.Parser.next(Parser.java:9)"), "services/cart") is None
