"""A frame gets the repository's file that it can only stand for, and otherwise none."""

import pytest

from incident.stacks import Frame
from tools.frames import places, reading

REPOSITORY = (
    "services/cart/app.py",
    "services/cart/prices.py",
    "services/cart/api/routes.py",
    "services/user/app.py",
    "services/user/api/routes.py",
    "libs/kit/client.py",
    "internal/prices/prices.go",
    "main.go",
    "src/main/java/shop/prices/Prices.java",
    "src/test/java/shop/prices/PricesTest.java",
    "web/src/cart.ts",
)
CART = "services/cart"


def located(*paths: str, component: str = CART, files: tuple[str, ...] = REPOSITORY) -> list[str]:
    frames = [Frame(path=path, line=1, function="f") for path in paths]
    return [frame.path for frame in places.Files(files, component).located(frames)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/srv/checkout/services/cart/app.py", "services/cart/app.py"),
        ("<services/cart/app.py>", "services/cart/app.py"),
        ("<C:/work/shop/services/user/app.py>", "services/user/app.py"),
        ("/app/kit/client.py", "libs/kit/client.py"),
        ("<example.com/shop/internal/prices/prices.go>", "internal/prices/prices.go"),
        ("<shop/prices/Prices.java>", "src/main/java/shop/prices/Prices.java"),
        # two services have such a file: the one of the component that is asked about
        ("/app/api/routes.py", "services/cart/api/routes.py"),
    ],
)
def test_a_path_that_ends_like_one_file_is_that_file(path: str, expected: str) -> None:
    assert located(path) == [expected]


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/python3.11/api/routes.py",
        "/home/u/.pyenv/versions/3.11.7/lib/python3.11/api/routes.py",
        "/app/services/cart/.venv/lib/site-packages/api/routes.py",
        "/app/node_modules/api/routes.py",
        "/usr/local/go/src/internal/prices/prices.go",
        "/root/go/pkg/mod/example.com/other@v1.0.0/internal/prices/prices.go",
        "/opt/other/app.py",
        "/main.go",
        "<app.js>",
        "<node:internal/prices>",
        "<>",
        "/",
    ],
)
def test_a_path_of_something_else_has_no_place(path: str) -> None:
    assert located(path) == [path]


def test_without_a_component_two_files_that_end_alike_are_no_place() -> None:
    assert located("/app/api/routes.py", component="") == ["/app/api/routes.py"]
    assert located("/app/api/routes.py", component="services/user") == ["services/user/api/routes.py"]


def test_a_file_at_the_top_of_an_image_is_placed_by_the_others_of_its_trace() -> None:
    assert located("/app/app.py", "/app/api/routes.py") == ["services/cart/app.py", "services/cart/api/routes.py"]


def test_a_flat_image_is_the_component_when_all_its_files_are() -> None:
    assert located("/app/app.py", "/app/prices.py") == ["services/cart/app.py", "services/cart/prices.py"]
    assert located("/app/app.py", "/app/other.py") == ["/app/app.py", "/app/other.py"]


def test_control_one_file_alone_could_be_any_programs() -> None:
    assert located("/app/app.py") == ["/app/app.py"]


def test_the_frames_of_a_real_trace_are_placed() -> None:
    text = (
        'Exception in thread "main" java.lang.NullPointerException: x\n\tat shop.prices.Prices.price(Prices.java:12)\n'
        "\tat java.base/java.util.stream.IntPipeline.sum(IntPipeline.java:475)\n\tat shop.Main.main(Main.java:72)\n"
    )
    frames = places.Files(REPOSITORY).located(reading.traces(text)[0].frames)
    found = places.place(frames, "")
    assert found is not None
    assert (found.path, found.line, found.function) == ("src/main/java/shop/prices/Prices.java", 12, "Prices.price")
