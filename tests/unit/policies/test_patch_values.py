"""What says nothing but constants, asked of the module itself."""

import ast

import pytest

from policies.patch import values


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("1", True),
        ("-1", True),
        ("not None", True),
        ("-total", False),
        ("(1, [2], {3})", True),
        ("(1, total)", False),
        ("{'a': 1}", True),
        ("{'a': total}", False),
        ("{total: 1}", False),
        ("{**total}", False),
        ("Decimal('0')", True),
        ("JSONResponse({}, status_code=200)", True),
        ("JSONResponse({}, status_code=code)", False),
        ("lookup(1)", False),
        ("total", False),
    ],
)
def test_a_literal_is_built_of_constants_only(text: str, *, want: bool) -> None:
    assert values.literal(ast.parse(text, mode="eval").body) is want
