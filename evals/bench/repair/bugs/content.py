"""Bugs in the content service."""

from pydantic import JsonValue

from evals.bench.repair.planted import BUGSINPY, PYTER, SSTUBS, TBAR, TSSB, Bug, Request, Traffic, post


def _page(**changed: JsonValue) -> Request:
    body: dict[str, JsonValue] = {
        "path": "garden/roses",
        "title": "Roses & Tea",
        "width": 640,
        "language": "de",
        "editors": ["Ann", "Bo"],
    }
    return post("/pages", **(body | changed))


def _render(template: str, **values: JsonValue) -> Request:
    return post("/texts", template=template, values=dict(values))


def _menu(titles: list[JsonValue], paths: list[JsonValue], tree: JsonValue = None) -> Request:
    return post("/menus", titles=titles, paths=paths, tree=tree or {"children": [{"children": []}]})


def _outline(*lines: str) -> Request:
    return post("/outlines", lines=list(lines))


TRAFFIC = Traffic(
    service="content",
    healthy=(
        _page(),
        _page(path="shop", title="Our Shop", width="800"),
        _page(path="", title="Home", editors=["Cy"], language="en"),
        _render("Dear $name, welcome", name="Ann"),
        _render("a b c d e f g"),
        _menu(["A", "B"], ["a", "b"]),
        _menu(["A"], ["a"], {"children": []}),
        _outline("# Roses", "text"),
        _outline("text", "## Tea", "# no"),
    ),
)

BUGS = (
    Bug(
        name="content-umlaut",
        kind="missing argument",
        study=f"{SSTUBS}: same function, more arguments; {BUGSINPY}: encodings",
        service="content",
        path="texts.py",
        function="slug",
        right='title.encode("ascii", "ignore")',
        wrong='title.encode("ascii")',
        failing=_page(title="Äpfel und Tee"),
        hidden=(_page(title="Ü"), _page(title="Café 24"), _page(title="x — y", path="shop")),
    ),
    Bug(
        name="content-no-value",
        kind="missing key",
        study=f"{BUGSINPY}; {TBAR} FP2",
        service="content",
        path="texts.py",
        function="fill",
        right="values.get(name, MISSING)",
        wrong="values[name]",
        failing=_render("Dear $name, your $thing", name="Ann"),
        hidden=(_render("$x"), _render("$a and $b", b="bee"), _render("$name", name=None)),
    ),
    Bug(
        name="content-no-heading",
        kind="index out of range",
        study=f"{TBAR} FP3: insert a range checker",
        service="content",
        path="texts.py",
        function="first_heading",
        right="    if not headings:\n        return UNTITLED\n",
        wrong="",
        failing=_outline("only text"),
        hidden=(_outline(), _outline("a", "b #"), _outline("#")),
    ),
    Bug(
        name="content-no-editors",
        kind="null iterated",
        study=f"{PYTER}: iteration over NoneType",
        service="content",
        path="texts.py",
        function="byline",
        right='editors = page.get("editors") or ["the site"]',
        wrong='editors = page.get("editors")',
        failing=_page(editors=None),
        hidden=(_page(editors=None, path="shop"), _page(editors=[])),
    ),
    Bug(
        name="content-fraction-of-pixel",
        kind="number as text",
        study=f"{PYTER}: type conversion; {TSSB}: function around an expression",
        service="content",
        path="pages.py",
        function="width",
        right='int(float(page.get("width", STANDARD_WIDTH)))',
        wrong='int(page.get("width", STANDARD_WIDTH))',
        failing=_page(width="640.5"),
        hidden=(_page(width="99.9"), _page(width="0.4"), _page(width=12.7)),
    ),
    Bug(
        name="content-no-language",
        kind="missing key",
        study=f"{BUGSINPY}; {TBAR} FP2",
        service="content",
        path="pages.py",
        function="language",
        right='page.get("language", DEFAULT_LANGUAGE)',
        wrong='page["language"]',
        failing=post("/pages", path="shop", title="Shop", width=640, editors=["Ann"]),
        hidden=(post("/pages", path="garden", title="Gärten", editors=["Cy"], width=1), _page(language="fr")),
    ),
    Bug(
        name="content-uneven-menu",
        kind="wrong boolean literal",
        study=f"{SSTUBS}: change of a boolean literal",
        service="content",
        path="pages.py",
        function="menu",
        right="zip(titles, paths, strict=False)",
        wrong="zip(titles, paths, strict=True)",
        failing=_menu(["A", "B"], ["a"]),
        hidden=(_menu([], ["a"]), _menu(["A"], ["a", "b", "c"])),
    ),
    Bug(
        name="content-language-in-path",
        kind="wrong numeric literal",
        study=f"{SSTUBS}: change of a numeric literal",
        service="content",
        path="pages.py",
        function="section",
        right='path.split(":")[1]',
        wrong='path.split(":")[2]',
        failing=_page(path="de:garden/roses"),
        hidden=(_page(path="fr:shop"), _page(path="en:")),
    ),
    Bug(
        name="content-leaf-without-children",
        kind="null iterated",
        study=f"{PYTER}: iteration over NoneType",
        service="content",
        path="pages.py",
        function="depth",
        right='for child in node.get("children") or [])',
        wrong='for child in node["children"])',
        failing=_menu(["A"], ["a"], {"children": [{"children": None}]}),
        hidden=(
            _menu(["A"], ["a"], {"children": None}),
            _menu(["A"], ["a"], {"children": [{"children": [{"children": None}]}, {"children": []}]}),
        ),
    ),
    Bug(
        name="content-page-without-title",
        kind="missing key",
        study=f"{BUGSINPY}; {TBAR} FP2",
        service="content",
        path="pages.py",
        function="trail",
        right='        titles.append(TITLES.get(path, path.split("/")[-1]))',
        wrong="        titles.append(TITLES[path])",
        failing=_page(path="blog/first"),
        hidden=(_page(path="garden/herbs/mint"), _page(path="a/b/c")),
    ),
)
