"""Good patches pass, and each way of hiding, widening or reaching is found on its own."""

import pytest

from incident.decision import Decision, because
from incident.remedy import FileEdit, Patch
from policies import limits
from policies.patch import rules
from tests.unit.policies import given
from tests.unit.policies.patches import GUARD, LINE, MODULE, TEST, added, edited, patch


def inspected(change: Patch, known: tuple[str, ...] = (), **bounds: int) -> Decision:
    return rules.inspect(
        rules.Facts(
            patch=change,
            component="orders",
            tests="orders/tests",
            limits=limits.Patch.model_validate(bounds),
            known_values=known,
        )
    )


def broken(change: Patch) -> set[str]:
    names = inspected(change).data["broken"]
    assert isinstance(names, list)
    return {str(name) for name in names}


GOOD_TIERS = {
    "a guard that flows into the module's default": GUARD,
    "an if that flows into the module's default": (
        '    membership = customer["membership"]\n'
        "    if membership is None:\n        return STANDARD_TIER\n"
        '    tier = membership["tier"]\n'
    ),
    "a conditional expression": '    tier = customer["membership"]["tier"] if customer["membership"] else STANDARD_TIER\n',
    "the default's own literal": '    tier = (customer["membership"] or {}).get("tier", "standard")\n',
    "a key that was renamed": '    tier = customer["membership"]["level"]\n',
    "both spellings of a key": '    tier = customer["membership"].get("tier", customer["membership"].get("level"))\n',
    "a conversion": '    tier = str(customer["membership"]["tier"])\n',
    "a narrow handler that falls back on a constant": (
        "    try:\n        " + LINE.strip() + "\n    except TypeError:\n        tier = STANDARD_TIER\n"
    ),
    "a narrow handler that says it better": (
        "    try:\n        "
        + LINE.strip()
        + '\n    except KeyError as error:\n        raise BadOrder("no tier") from error\n'
    ),
    "a loop over nothing instead of None": '    tier = next(iter(customer["tiers"] or ()), STANDARD_TIER)\n',
    "an inner function": (
        "    def read(found):\n        return found or STANDARD_TIER\n"
        '    tier = read(customer["membership"] and customer["membership"]["tier"])\n'
    ),
    "an import of what only computes": "    from collections.abc import Mapping\n\n    assert isinstance(order, Mapping)\n"
    + GUARD,
    "a further check": '    if "membership" not in customer:\n        raise BadOrder("no membership")\n' + LINE,
}


@pytest.mark.parametrize("name", sorted(GOOD_TIERS))
def test_a_small_honest_repair_passes(name: str) -> None:
    decision = inspected(patch(edited(LINE, GOOD_TIERS[name]), "tier_of", added()))
    assert decision.verdict.kind == "allow", decision.verdict.reason


BAD_TIERS: dict[str, tuple[str, str]] = {
    "a bare except": (f"    try:\n    {LINE}    except:\n        tier = STANDARD_TIER\n", "no_broad_except"),
    "except Exception": (
        f"    try:\n    {LINE}    except Exception:\n        tier = STANDARD_TIER\n",
        "no_broad_except",
    ),
    "except BaseException as one of two": (
        f"    try:\n    {LINE}    except (TypeError, BaseException):\n        tier = STANDARD_TIER\n",
        "no_broad_except",
    ),
    "except builtins.Exception": (
        f"    try:\n    {LINE}    except builtins.Exception:\n        tier = STANDARD_TIER\n",
        "no_broad_except",
    ),
    "a computed exception class": (
        f"    try:\n    {LINE}    except tuple(kinds):\n        tier = STANDARD_TIER\n",
        "no_broad_except",
    ),
    "contextlib.suppress": (
        f"    tier = STANDARD_TIER\n    with contextlib.suppress(TypeError):\n    {LINE}",
        "no_broad_except",
    ),
    "a swallowed TypeError": (f"    try:\n    {LINE}    except TypeError:\n        pass\n", "no_swallowed_exception"),
    "a TypeError that is only logged": (
        f'    try:\n    {LINE}    except TypeError:\n        log.warning("oops")\n',
        "no_swallowed_exception",
    ),
    "a handler with a made-up value": (
        f'    try:\n    {LINE}    except TypeError:\n        tier = "unknown"\n',
        "no_swallowed_exception",
    ),
    "a handler that returns None": (
        f"    try:\n    {LINE}    except TypeError:\n        return None\n",
        "no_swallowed_exception",
    ),
    "an early return of a made-up text": (
        '    if customer["membership"] is None:\n        return "guest"\n' + LINE,
        "no_made_up_return",
    ),
    "an early return of None": (
        '    if customer["membership"] is None:\n        return None\n' + LINE,
        "no_made_up_return",
    ),
    "a bare early return": ('    if customer["membership"] is None:\n        return\n' + LINE, "no_made_up_return"),
    "an early return of zero": ('    if not customer["membership"]:\n        return 0\n' + LINE, "no_made_up_return"),
    "an early return of an empty dict": (
        '    if not customer["membership"]:\n        return {}\n' + LINE,
        "no_made_up_return",
    ),
    "a made-up value in a wrapping": (
        '    if not customer["membership"]:\n        return Decimal("7")\n' + LINE,
        "no_made_up_return",
    ),
    "a made-up value at the end of a long way": (
        '    if not customer["membership"]:\n'
        '        a = "guest"\n        b = a\n        c = b\n        d = c\n        e = d\n        return e\n' + LINE,
        "no_made_up_return",
    ),
    "a made-up value that leads back to itself": (
        '    if not customer["membership"]:\n        a = "guest"\n        b = a\n        a = b\n        return a\n'
        + LINE,
        "no_made_up_return",
    ),
    "a condition that is never met, said with not": (
        f"    if not 1:\n    {LINE}    tier = STANDARD_TIER\n",
        "no_condition_disabled",
    ),
    "a condition that is always met": (
        f"    if True:\n        tier = STANDARD_TIER\n    else:\n    {LINE}",
        "no_condition_disabled",
    ),
    "a condition that is never met": (f"    if 0 == 1:\n    {LINE}    tier = STANDARD_TIER\n", "no_condition_disabled"),
    "a condition or True": (
        f"    if customer or True:\n        tier = STANDARD_TIER\n    else:\n    {LINE}",
        "no_condition_disabled",
    ),
    "a local import of os": ("    import os.path\n" + GUARD, "no_new_power"),
    "a local import of subprocess": ("    import subprocess\n" + GUARD, "no_new_power"),
    "from socket import": ("    from socket import socket\n" + GUARD, "no_new_power"),
    "requests": ("    import requests as r\n" + GUARD, "no_new_power"),
    "importlib": ("    import importlib\n" + GUARD, "no_new_power"),
    "ctypes": ("    import ctypes\n" + GUARD, "no_new_power"),
    "pytest": ("    import pytest\n" + GUARD, "no_new_power"),
    "atexit": ("    from atexit import register\n" + GUARD, "no_new_power"),
    "os by its other name": ("    import posix\n" + GUARD, "no_new_power"),
    "a module that nobody has heard of": ("    from paramiko import SSHClient\n" + GUARD, "no_new_power"),
    "a part of the service that the file does not import": ("    from . import admin\n" + GUARD, "no_new_power"),
    "os, which the file imports already": ('    os.environ["TIER"]\n' + GUARD, "no_new_power"),
    "eval": ('    tier = eval(customer["membership"])\n', "no_dynamic_code"),
    "exec": ('    exec(customer["code"])\n' + GUARD, "no_dynamic_code"),
    "__import__": ('    __import__("os").system("id")\n' + GUARD, "no_dynamic_code"),
    "open": ('    open("/etc/passwd")\n' + GUARD, "no_dynamic_code"),
    "a way round by dunders": ("    customer.__class__.__mro__\n" + GUARD, "no_dynamic_code"),
    "an answer that equals everything": (
        "    class Same(str):\n        def __eq__(self, other):\n            return other == other\n" + GUARD,
        "no_dynamic_code",
    ),
    "a dunder as a text": ('    getattr(customer, "__globals__")\n' + GUARD, "no_dynamic_code"),
    "setattr": ('    setattr(order, "tier", 1)\n' + GUARD, "no_dynamic_code"),
    "a global": ("    global STANDARD_TIER\n" + GUARD, "no_new_global_state"),
}


@pytest.mark.parametrize("name", sorted(BAD_TIERS))
def test_each_way_of_hiding_or_reaching_is_found(name: str) -> None:
    text, rule = BAD_TIERS[name]
    decision = inspected(patch(edited(LINE, text), "tier_of", added()))
    assert decision.verdict.kind == "deny"
    assert rule in broken(patch(edited(LINE, text), "tier_of", added()))


REMOVED = {
    "a validation": ("    validate(order)\n", "no_check_removed"),
    "a raise": ('    if order["total"] < 0:\n        raise BadOrder("negative total")\n', "no_check_removed"),
    "an assertion": ('    assert order["lines"]\n', "no_check_removed"),
    "a warning": ('        log.warning("closed account %s", customer["id"])\n', "no_report_removed"),
}


@pytest.mark.parametrize("name", sorted(REMOVED))
def test_what_is_taken_away_is_found(name: str) -> None:
    text, rule = REMOVED[name]
    guarded = edited(LINE, GUARD)
    assert broken(patch(guarded)) == set()
    assert broken(patch(edited(text, "", module=guarded))) == {rule}


STATUS = {
    "500 becomes 200": ("status_code=500", "status_code=200"),
    "422 becomes 201": ("status_code=422", "status_code=201"),
    "500 becomes HTTPStatus.OK": ("status_code=500", "status_code=HTTPStatus.OK"),
    "500 becomes HTTP_200_OK": ("status_code=500", "status_code=status.HTTP_200_OK"),
    "500 becomes a variable": ("status_code=500", "status_code=tier"),
    "500 becomes 204": ("status_code=500", "status_code=204"),
}


@pytest.mark.parametrize("name", sorted(STATUS))
def test_a_status_is_not_turned_good(name: str) -> None:
    assert "no_status_turned_good" in broken(patch(edited(*STATUS[name]), "handle"))


def test_a_repair_of_the_handler_that_keeps_its_answers_passes() -> None:
    repaired = edited("    if tier is None:\n", "    if not tier:\n")
    assert broken(patch(repaired, "handle")) == set()


def test_a_method_is_found_by_its_dotted_name() -> None:
    after = edited("return sum(line", "return sum(0 if line is None else line")
    change = patch(after, "Cart.total")
    assert "function_found_once" not in broken(change)
    assert broken(patch(after, "total")) == {"function_found_once"}


def test_a_return_that_the_function_has_already_may_come_earlier() -> None:
    module = MODULE.replace("        return STANDARD_TIER\n    return tier", "        return 0\n    return tier")
    early = '    if customer["membership"] is None:\n        return 0\n' + LINE
    assert broken(patch(edited(LINE, early, module=module), before=module)) == set()
    assert broken(patch(edited(LINE, early))) == {"no_made_up_return"}


HEAD = "def tier_of(customer, order):\n"


@pytest.mark.parametrize("early", ["        return 0\n", '        return "GUEST"\n'])
def test_a_value_that_the_docstring_gives_for_a_case_is_not_made_up(early: str) -> None:
    guarded = '    if customer["membership"] is None:\n' + early + LINE

    def changed(said: str) -> Patch:
        module = MODULE.replace(HEAD, f'{HEAD}    """{said}"""\n')
        assert module != MODULE
        return patch(edited(LINE, guarded, module=module), before=module)

    assert broken(changed("The tier; 0 without a membership. GUEST when it is no member.")) == set()
    assert broken(changed("The tier of a customer, or 0, or GUEST.")) == {"no_made_up_return"}
    # A patch cannot say so itself.
    late = edited(LINE, guarded).replace(HEAD, f'{HEAD}    """The tier; 0 for all. GUEST for some."""\n')
    assert "no_made_up_return" in broken(patch(late))


OUTSIDE = {
    "another function": edited(LINE, GUARD).replace("rates.get(country, STANDARD_RATE)", "STANDARD_RATE"),
    "a constant": edited(LINE, GUARD).replace('STANDARD_TIER = "standard"', 'STANDARD_TIER = "gold"'),
    "an import": edited(LINE, GUARD).replace("import os\n", "import os\nimport socket\n"),
    "a comment": edited(LINE, GUARD).replace("import os\n", "import os  # noqa\n"),
    "a new function": edited(LINE, GUARD) + "\n\ndef helper():\n    return 1\n",
    "the line after it": edited(LINE, GUARD).replace("\n\nasync def handle", "\n\n\nasync def handle"),
    "a trailing byte": edited(LINE, GUARD) + "\n",
}


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_nothing_outside_the_function_differs(name: str) -> None:
    assert "only_the_function" in broken(patch(OUTSIDE[name]))


SIGNATURES = {
    "a new argument": ("def tier_of(customer, order):", "def tier_of(customer, order, default=None):"),
    "a default": ("def tier_of(customer, order):", "def tier_of(customer, order=None):"),
    "another order": ("def tier_of(customer, order):", "def tier_of(order, customer):"),
    "async": ("def tier_of(customer, order):", "async def tier_of(customer, order):"),
    "no decorator": ("@traced\n", ""),
    "another decorator": ("@traced\n", "@cached\n"),
}


@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_the_signature_stays(name: str) -> None:
    after = edited(*SIGNATURES[name], module=edited(LINE, GUARD))
    assert "same_signature" in broken(patch(after))


FILES: dict[str, tuple[FileEdit, str]] = {
    "an edited test": (added(before="def test_x(): ..."), "tests_only_added"),
    "a deleted test": (added(text="", before=TEST), "tests_only_added"),
    "a conftest": (added("orders/tests/conftest.py"), "tests_only_added"),
    "a pytest.ini": (added("orders/tests/pytest.ini"), "tests_only_added"),
    "a test without tests": (added(text="x = 1\n"), "tests_only_added"),
    "a test that does not parse": (added(text="def test_x(:"), "tests_only_added"),
    "a second source file": (added("orders/rates.py"), "tests_only_added"),
    "a test somewhere else": (added("stock/tests/test_x.py"), "allowed_paths"),
    "a path that climbs out": (added("orders/tests/../../test_x.py"), "allowed_paths"),
    "an absolute path": (added("/orders/tests/test_x.py"), "allowed_paths"),
    "a hidden folder": (added("orders/tests/.git/test_x.py"), "allowed_paths"),
    "a folder of a similar name": (added("orders2/test_x.py"), "allowed_paths"),
}


@pytest.mark.parametrize("name", sorted(FILES))
def test_other_files_are_only_ever_new_tests(name: str) -> None:
    extra, rule = FILES[name]
    assert broken(patch(edited(LINE, GUARD), "tier_of", added())) == set()
    assert rule in broken(patch(edited(LINE, GUARD), "tier_of", extra))


@pytest.mark.parametrize(
    "path", ["stock/tiers.py", "orders/tests/test_x.py", "orders/schema.json", "orders/../stock/a.py", "tiers.py"]
)
def test_the_source_lies_in_the_component_and_is_no_test(path: str) -> None:
    assert {"one_source_file", "allowed_paths"} & broken(patch(edited(LINE, GUARD), path=path))


def test_an_empty_component_is_not_every_path() -> None:
    facts = rules.Facts(patch=patch(edited(LINE, GUARD)), component="", tests="", limits=limits.Patch())
    assert rules.inspect(facts).verdict.kind == "deny"


def test_a_new_source_file_is_no_repair() -> None:
    assert "one_source_file" in broken(patch(edited(LINE, GUARD), before=None))


def test_a_patch_that_does_not_parse_is_refused() -> None:
    assert "parses" in broken(patch(edited(LINE, "    tier = (\n")))


def test_a_patch_without_the_function_is_refused() -> None:
    assert "function_found_once" in broken(patch(edited(LINE, GUARD), "missing"))


def test_a_patch_that_changes_only_a_comment_changes_nothing() -> None:
    assert "changes_something" in broken(patch(edited(LINE, LINE + "    # harmless\n")))


def test_a_patch_that_changes_nothing_is_not_small_but_empty() -> None:
    assert "small" in broken(patch(MODULE))


def test_size_is_the_one_fact_that_tips_it() -> None:
    long = "".join(f'    step{n} = order["total"]\n' for n in range(9)) + GUARD
    change = patch(edited(LINE, long))
    assert inspected(change, max_changed_lines=11).verdict.kind == "allow"
    assert inspected(change, max_changed_lines=10).verdict.kind == "deny"


INVENTED = {
    "a get default": '    tier = (customer["membership"] or {}).get("tier", "basic")\n',
    "an or": '    tier = (customer["membership"] or {}).get("tier") or "basic"\n',
    "a conditional": '    tier = customer["membership"]["tier"] if customer["membership"] else "basic"\n',
    "a zero": '    tier = (customer["membership"] or {}).get("tier", 0)\n',
    "a made-up record": '    tier = (customer["membership"] or {"tier": "basic"})["tier"]\n',
}


@pytest.mark.parametrize("name", sorted(INVENTED))
def test_a_default_that_nobody_defined_is_a_persons_to_judge(name: str) -> None:
    verdict = inspected(patch(edited(LINE, INVENTED[name]))).verdict
    assert verdict.kind == "hold"
    assert verdict.liftable


def test_a_default_that_the_schema_names_is_not_made_up() -> None:
    change = patch(edited(LINE, INVENTED["a get default"]))
    assert inspected(change, known=("basic",)).verdict.kind == "allow"


@pytest.mark.parametrize("empty", ["{}", "()", "[]", "None", "dict()"])
def test_an_empty_value_only_flows_on(empty: str) -> None:
    text = f'    tier = rate_of(customer, customer["membership"] or {empty})\n'
    assert inspected(patch(edited(LINE, text))).verdict.kind == "allow"


def test_the_decision_lists_every_rule_it_held_the_patch_against() -> None:
    decision = inspected(patch(edited(LINE, GUARD), "tier_of", added()))
    assert len(decision.constraints) >= 18
    assert all(item.held for item in decision.constraints)


def test_deeply_nested_text_is_refused_and_not_a_crash() -> None:
    assert "parses" in broken(patch(edited(LINE, "    tier = " + "(" * 5000 + ")" * 5000 + "\n")))


def test_a_none_that_is_written_into_a_text_is_held_for_a_person() -> None:
    before = 'def line(day):\n    return f"until {day.isoformat()}"\n'
    after = before.replace("{day.isoformat()}", "{day.isoformat() if day is not None else None}")
    held = inspected(of_text(before, after)).verdict
    assert held.kind == "hold"
    assert held.reason == because("invented_values", defaults=("None in a text",))


def test_control_a_none_that_was_there_is_left_alone() -> None:
    before = 'def line(day, n):\n    return f"{n} until {day if day is not None else None}"\n'
    assert inspected(of_text(before, before.replace("{n} until", "{n + 0} until"))).verdict.kind == "allow"


def of_text(before: str, after: str) -> Patch:
    """A patch of a function ``line`` in a file that holds nothing else."""
    edit = FileEdit(path="orders/text.py", before=before, after=after)
    return Patch(
        service="orders",
        base_commit="c",
        path=edit.path,
        function="line",
        edits=(edit,),
        diff="d",
        summary="s",
    )


APART = 'def line(text, other):\n    name, value = text.split(":")\n    return name, value\n'


@pytest.mark.parametrize(
    "after",
    ['text.split(":", 1)', 'text.rsplit(":", 1)', 'text.split(":")[:2]', 'text.split(";")', 'text.partition(":")[::2]'],
)
def test_where_a_text_is_taken_apart_is_a_persons_to_judge(after: str) -> None:
    verdict = inspected(of_text(APART, APART.replace('text.split(":")', after))).verdict
    assert verdict.kind == "hold"
    assert given.codes(verdict.reason) & {"taken_apart", "part_left_out"}


def test_control_a_text_that_is_taken_apart_as_before_or_for_the_first_time_is_not() -> None:
    calm = APART.replace("text.split", "text.strip().split").replace("return name,", "return name or other,")
    assert inspected(of_text(APART, calm)).verdict.kind == "allow"
    new = APART.replace("return name,", 'return other.split(":", 1)[0],')
    assert inspected(of_text(APART, new)).verdict.kind == "allow"


HELD = 'from shop import units\n\n\ndef f(text):\n    return text["weight"].strip()\n\n\ndef g(text):\n    return units.grams(text)\n'
MENDED = HELD.replace('text["weight"].strip()', 'units.grams(text["weight"])')


def facts_of(before: str, after: str, **more: object) -> rules.Facts:
    edit = FileEdit(path="shop/a.py", before=before, after=after)
    change = Patch(service="shop", base_commit="c", path=edit.path, function="f", edits=(edit,), diff="d", summary="s")
    plain = {"patch": change, "component": "shop", "tests": "shop/tests", "limits": limits.Patch()}
    return rules.Facts.model_validate(plain | more)


def test_a_function_of_another_module_may_be_called_anew_when_its_source_shows_that_it_only_computes() -> None:
    held = rules.inspect(facts_of(HELD, MENDED)).verdict
    assert held.kind == "hold"
    assert held.liftable
    assert rules.inspect(facts_of(HELD, MENDED, computing=("shop.units.grams",))).verdict.kind == "allow"
    assert rules.inspect(facts_of(HELD, MENDED, computing=("shop.units.other",))).verdict.kind == "hold"


SEEN_BEFORE = "def f(store, key):\n    return store[key]\n"


@pytest.mark.parametrize(
    ("body", "seen", "want"),
    [
        ("    return keep(store).get(key)\n", {}, "deny"),
        ("    return store.get(key)\n", {"store": "dict of 3"}, "allow"),
        ("    return store.get(key)\n", {"store": "Client"}, "deny"),
        ("    return store.get(key)\n", {}, "allow"),
        ("    return key.replace(store, key)\n", {}, "hold"),
        ("    return key.replace(store, key)\n", {"key": "str"}, "allow"),
        ("    return key.replace(store, key)\n", {"key": "PosixPath"}, "deny"),
    ],
)
def test_of_what_type_a_value_was_where_it_fails_says_what_its_methods_do(
    body: str, seen: dict[str, str], want: str
) -> None:
    after = SEEN_BEFORE.replace("    return store[key]\n", body)
    assert rules.inspect(facts_of(SEEN_BEFORE, after, seen=seen)).verdict.kind == want
