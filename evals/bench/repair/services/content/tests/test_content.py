from services.content import app, pages, texts


def test_slugs():
    assert texts.slug("Roses & Tea") == "roses-tea"
    assert texts.slug("!") == "untitled"


def test_templates():
    assert texts.fill("Dear $name", {"name": "Ann"}) == "Dear Ann"
    assert texts.excerpt("one two three", 2) == "one two …"


def test_headings():
    assert texts.first_heading(["text", "# Roses"]) == "Roses"


def test_trails():
    assert pages.trail("garden/roses") == ["Home", "Garden", "Roses"]
    assert pages.section("garden/roses") == "garden"


def test_menus():
    assert pages.menu(["A", "B"], ["a", "b"]) == ["A -> a", "B -> b"]
    assert pages.depth({"children": [{"children": []}]}) == 2


def test_pages():
    answer = app.stored({"path": "shop", "title": "Shop", "width": 640, "language": "de", "editors": ["Ann"]})
    assert answer["width"] == 640
    assert answer["byline"] == "by Ann"
