"""A function is shown without its indentation and put back with it, and its texts are the same afterwards."""

import ast
import textwrap

import pytest

from agents.view import indentation, source

FILES = {
    "a text at the left edge": '''class Mail:
    def body(self) -> str:
        return """Dear all,
the shop
  is open.
"""
''',
    "a text deeper than the code": '''class Mail:
    def body(self, name: str) -> str:
        text = """
              centred
        left"""
        return text + name
''',
    "a formatted text": '''class Mail:
    def body(self, name: str) -> str:
        return f"""Dear {name},
        {name.strip(
        )}
yours"""
''',
    "a docstring": '''class Mail:
    def body(self) -> str:
        """Summary.

        More,
            deeper.
        """
        return ""
''',
    "adjacent texts": """class Mail:
    def body(self) -> str:
        return (
            "a"
            "b"
        )
""",
    "a form feed and a line separator in a text": """class Mail:
    def other(self) -> str:
        return "\\x0c\x0c\u2028"

    def body(self) -> str:
        return "b"
""",
}


@pytest.mark.parametrize("name", FILES)
def test_what_was_cut_out_goes_back_to_its_place(name: str) -> None:
    text = FILES[name]
    place = next(item for item in source.outline("m.py", text) if item.name == "Mail.body")
    shown = source.cut(text, place)
    ast.parse(shown)
    changed = shown.rstrip("\n") + "\n    # seen\n    assert self\n"
    after = source.replace(text, place, changed)
    assert after.replace("        # seen\n        assert self\n", "") == text


def test_control_dedenting_by_the_least_indented_line_leaves_a_text_at_the_edge_as_code_that_cannot_be_read() -> None:
    lines = FILES["a text at the left edge"].splitlines(keepends=True)
    with pytest.raises(SyntaxError):
        ast.parse(textwrap.dedent("".join(lines[1:])))


def test_code_that_cannot_be_read_is_dedented_like_any_text() -> None:
    assert indentation.dedented('    a = (\n    """') == 'a = (\n"""'
