"""What is no readable Python is refused, whatever it does to a parser."""

import ast

import pytest

from policies.patch import text as patch_text
from tests.unit.policies.patches import GUARD, LINE, edited, patch
from tests.unit.policies.test_patch_rules import broken, inspected

UNREADABLE = {
    "a null byte": "x = 1\x00\n",
    "half of a character": "x = '\ud800'\n",
    "a deep expression": "x = " + "not " * 400 + "1\n",
    "a deeper one": "x = " + "not " * 20_000 + "1\n",
    "many brackets": "x = " + "(" * 150 + ")" * 150 + "\n" + "y = " + "[" * 190 + "]" * 190 + "\n",
    "too many brackets": "x = " + "(" * 5_000 + ")" * 5_000 + "\n",
    "a long sum": "x = " + "+".join("1" * 400) + "\n",
    "a long chain": "x = a" + ".a" * 400 + "\n",
    "a long text": "# " + "a" * patch_text.LONGEST + "\n",
    "letters that mean others": "# coding: rot13\nk = 1\n",
    "letters that mean others, in the second line": "\n# vim: set fileencoding=utf-7 :\nx = 1\n",
    "no Python": "def (\n",
}


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_what_cannot_be_judged_has_no_tree(name: str) -> None:
    assert patch_text.parse(UNREADABLE[name]) is None


@pytest.mark.parametrize(
    "text", ["x = 1\n", "# coding: utf-8\nx = 1\n", "#!/usr/bin/python\n# -*- coding: UTF_8 -*-\n", ""]
)
def test_control_ordinary_files_have_one(text: str) -> None:
    assert patch_text.parse(text) is not None


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_only_the_ends_of_the_language_end_a_line(ends: str) -> None:
    text = f"a\x0cb{ends}c\u2028d{ends}e\x85f"
    assert patch_text.lines(text) == [f"a\x0cb{ends}", f"c\u2028d{ends}", "e\x85f"]
    assert "".join(patch_text.lines(text)) == text


HIDDEN = {
    "an override of the direction": "\u202e",
    "a character without width": "\u200b",
    "a line separator": "\u2028",
    "a form feed": "\x0c",
    "an escape": "\x1b",
    "a hard space": "\u00a0",
}


@pytest.mark.parametrize("name", sorted(HIDDEN))
def test_a_patch_brings_no_character_that_nobody_sees(name: str) -> None:
    comment = GUARD.rstrip("\n") + f"  # {HIDDEN[name]}\n"
    assert broken(patch(edited(LINE, comment))) == {"readable"}
    # It may stay where it is.
    module = edited("STANDARD_TIER =", f"# {HIDDEN[name]}\nSTANDARD_TIER =")
    assert broken(patch(edited(LINE, GUARD, module=module), before=module)) == set()


def test_a_line_ends_as_the_others_of_the_file_do() -> None:
    overwritten = GUARD.rstrip("\n") + "  # \r    tier = None\n"
    assert broken(patch(edited(LINE, overwritten))) == {"readable"}
    windows = edited(LINE, LINE).replace("\n", "\r\n")
    mended = edited(LINE, GUARD).replace("\n", "\r\n")
    assert broken(patch(mended, before=windows)) == set()


def test_a_line_is_short_enough_to_be_read_to_its_end() -> None:
    long = GUARD.rstrip("\n") + "  # " + "a" * patch_text.WIDEST + "\n"
    assert broken(patch(edited(LINE, long))) == {"readable"}


def test_an_encoding_is_no_business_of_a_patch() -> None:
    module = 'def tier_of(customer):\n    return customer["tier"].lower()\n'
    after = 'def tier_of(customer):\n    # coding: latin-1\n    return customer["tier"].lower().strip()\n'
    assert broken(patch(after, before=module)) >= {"readable"}


def test_a_page_break_above_hides_no_change_of_what_stands_there() -> None:
    """`str.splitlines` counts it as the end of a line, and the parser does not."""
    module = edited("log = logging", "# \x0c\nlog = logging")
    changed = edited("@traced\ndef", "@traced\n@cached\ndef", module=module)
    assert "only_the_function" in broken(patch(changed, "tier_of", before=module)) | broken(
        patch(changed, "handle", before=module)
    )
    moved = edited(LINE, GUARD, module=module).replace("FREE_SHIPPING = Decimal", "FREE_SHIPPING = 1 + Decimal")
    assert "only_the_function" in broken(patch(moved, before=module))


def test_names_that_hold_each_other_take_no_time_and_no_stack() -> None:
    doubling = "".join(f"    a{n} = [a{n + 1}, a{n + 1}]\n" for n in range(30))
    assert inspected(patch(edited(LINE, doubling + GUARD + "    a0.append(a1)\n"))).verdict.kind != "allow"
    chained = "    a25 = customer; " + "; ".join(f"a{n} = a{n + 1}" for n in range(25)) + "\n"
    assert inspected(patch(edited(LINE, chained + GUARD))).verdict.kind == "allow"
    nested = "    tier = " + "str(" * 60 + "customer" + ")" * 60 + "\n"
    assert inspected(patch(edited(LINE, nested))).verdict.kind == "allow"


@pytest.mark.parametrize(
    "code",
    [
        "f'{x}'",
        "f\"go{'ld'}\"",
        "f\"{d['a']}, {x!r:>{wide}}\"",
        "f'{{{x}}}\\n\\\\'",
        'f"it\'s {x}"',
        "f'''it's \"{x}\"'''",
        "f'{(a if b else c)}'",
        "f'{ {x}}'",
        "f'{x:%Y-%m-%d}' + 'plain'",
        'f"""{f"{d[\'a\']}"}"""',
        "call(f'a{b}', *c, key=lambda: f'{d}')",
    ],
)
def test_code_is_written_alike_on_every_python(code: str) -> None:
    tree = ast.parse(code, mode="eval")
    assert patch_text.unparse(tree) == code
    assert ast.dump(tree) == ast.dump(ast.parse(code, mode="eval")), "the tree stays as it was"


def test_code_that_only_a_newer_python_reads_has_a_text_too() -> None:
    inner = ast.Constant(value='it\'s a "name"\'\'\'"""\n')
    tree = ast.JoinedStr(values=[ast.FormattedValue(value=inner, conversion=-1), ast.Constant(value="'\"")])
    assert "name" in patch_text.unparse(tree)
