"""Rivals: the standard other ways in which a function could deal with what makes a statement fail."""

import ast

from agents.playbook.repair import rivals
from agents.playbook.repair.fault import Fault

SOURCE = """def total(items, member):
    if not items:
        return 0
    found = 0
    for item in items:
        found += item["price"]["cents"]
    return found
"""

MODULE = f"""class Bad(Exception):
    pass

NOTHING = -1

def check(item):
    if not item:
        raise Bad("no item")
    if item == 1:
        raise Bad(f"not {{item}}")

{SOURCE}"""


def fault(source: str = SOURCE, line: int = 6, **changed: str) -> Fault:
    said = {"exception": "TypeError", "message": "'NoneType' object is not subscriptable", "module": MODULE, **changed}
    return Fault.model_validate({"source": source, "line": line, **said})


def sources(found: Fault) -> dict[str, str]:
    return {item.source: item.template for item in rivals.candidates(found)}


def test_every_rival_parses_differs_and_says_that_it_is_one() -> None:
    found = sources(fault())
    assert 3 < len(found) <= rivals.MOST
    for source, template in found.items():
        ast.parse(source)
        assert source != SOURCE
        assert template.startswith(rivals.RIVAL)


def test_it_refuses_by_an_exception_that_the_file_raises_with_a_fixed_text() -> None:
    refusals = [source for source, template in sources(fault()).items() if template == "rival refuse"]
    assert len(refusals) == 1
    assert "raise Bad('no item') from None" in refusals[0]
    assert "except TypeError:" in refusals[0]


def test_it_takes_each_way_out_and_leaves_items_out() -> None:
    found = sources(fault())
    assert any(
        "return 0" in source and template == "rival way out"
        for source, template in found.items()
        if source.count("return 0") > 1
    )
    assert any("continue" in source and template == "rival omission" for source, template in found.items())
    # `found` is a variable: another return of it may come before it is there.
    assert not any("    return found\n        found +=" in source for source in found)


def test_a_missing_key_is_tested_for_by_its_name() -> None:
    missing = fault(exception="KeyError", message="'price'")
    assert any('if "price" not in item:\n            continue' in source for source in sources(missing))
    other = fault(exception="KeyError", message="'other'")
    assert not any("not in item" in source for source in sources(other))


def test_without_a_simple_statement_there_is_none() -> None:
    assert sources(fault(line=2, exception="KeyError", message="'price'")) == {}
    assert sources(fault(source="def broken(:\n    pass\n")) == {}


def test_each_value_in_scope_takes_the_place_of_what_is_returned_or_bound() -> None:
    source = "def share(done, total):\n    part = done / total\n    return part\n"
    module = f"EMPTY = 0\n\n{source}"
    found = sources(fault(source, 2, exception="ZeroDivisionError", message="division by zero", module=module))
    inside = [text for text, template in found.items() if template == "rival value"]
    assert all(any(f"part = {value}\n" in text for text in inside) for value in ("done", "total", "EMPTY"))


def test_where_the_condition_is_known_nothing_is_caught_for_a_value_in_scope() -> None:
    source = "def fee(member, usual):\n    cents = member.fee\n    return cents\n"
    message = "'NoneType' object has no attribute 'fee'"
    found = sources(fault(source, 2, exception="AttributeError", message=message, module=source))
    inside = [text for text, template in found.items() if template == "rival value"]
    assert any("if member is None:\n        cents = usual\n" in text for text in inside)
    assert not any("except" in text for text in inside)


def test_what_the_docstring_names_comes_before_other_values() -> None:
    source = (
        'def initial(text):\n    """The first letter; ``#`` or EMPTY without one, 7 for none."""\n    return text[0]\n'
    )
    module = f"OTHER = 1\nEMPTY = 2\n\n{source}"
    found = sources(fault(source, 3, exception="IndexError", message="string index out of range", module=module))
    inside = [text for text, template in found.items() if template == "rival value"]
    assert ["return EMPTY" in inside[0], "return '#'" in inside[1], "return 7" in inside[2]] == [True] * 3
    assert any("return OTHER" in text for text in inside[3:])
