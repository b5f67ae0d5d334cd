"""A name means what it means to the language, in every scope."""

import ast

import pytest

from policies.patch import scopes

MEANT = {
    "an argument": ("def f(os):\n    os.system\n", ["local"]),
    "a name of the module": ("def f(x):\n    os.system\n", ["shared"]),
    "bound later": ("def f(x):\n    os.system\n    os = 1\n", ["local"]),
    "bound in a comprehension": ("def f(x):\n    [os for os in ()]\n    os.system\n", ["shared"]),
    "inside the comprehension": ("def f(x):\n    [os.system for os in x]\n", ["local"]),
    "the first source of a comprehension": ("def f(x):\n    [1 for os in os.system]\n", ["shared"]),
    "the second source": ("def f(x):\n    [1 for os in x for y in os.system]\n", ["local"]),
    "assigned through a comprehension": ("def f(x):\n    [(os := 1) for y in x]\n    os.system\n", ["local"]),
    "assigned in a lambda": ("def f(x):\n    [(lambda: (os := 1)) for y in x]\n    os.system\n", ["shared"]),
    "an argument of a lambda": ("def f(x):\n    lambda os: os.system\n    os.system\n", ["local", "shared"]),
    "a default of a lambda": ("def f(x):\n    lambda os=os.system: 0\n", ["shared"]),
    "an argument of an inner function": ("def f(x):\n    def g(os):\n        os.system\n    os.system\n", ["local", "shared"]),
    "a default of an inner function": ("def f(x):\n    def g(os=os.system):\n        pass\n", ["shared"]),
    "an annotation of an inner function": ("def f(x):\n    def g(os: os.system):\n        pass\n", ["shared"]),
    "a decorator of an inner function": ("def f(x):\n    @os.system\n    def g(os):\n        pass\n", ["shared"]),
    "a name around an inner function": ("def f(os):\n    def g():\n        os.system\n", ["local"]),
    "a class inside": ("def f(x):\n    class C:\n        os = 1\n    os.system\n", ["shared"]),
    "a handler": ("def f(x):\n    try:\n        x\n    except ValueError as os:\n        os.system\n", ["local"]),
    "a pattern": ("def f(x):\n    match x:\n        case {'a': [os, *y], **z}:\n            os.system\n", ["local"]),
    "the rest of a pattern": ("def f(x):\n    match x:\n        case {**os}:\n            os.system\n", ["local"]),
    "a loop": ("def f(x):\n    for (a, os) in x:\n        os.system\n", ["local"]),
    "a deletion": ("def f(x):\n    del os\n    os.system\n", ["local"]),
    "a global": ("def f(x):\n    global os\n    os = 1\n    os.system\n", ["shared"]),
    "an import": ("def f(x):\n    import os.path\n    os.system\n", ["import os"]),
    "an import under another name": ("def f(x):\n    import sys as os\n    os.system\n", ["import sys"]),
    "an import of a name": ("def f(x):\n    from .a import b as os\n    os.system\n", ["import .a.b"]),
    "an import and something else": ("def f(x):\n    os = 1\n    import os\n    os.system\n", ["import os"]),
    "a name that is normalised": ("def f(x):\n    import \uff4f\uff53\n    os.system\n", ["import os"]),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(MEANT))
def test_a_name_means_what_it_means_to_the_language(name: str) -> None:
    source, meant = MEANT[name]
    found = []
    for place in scopes.places(ast.parse(source).body[0]):
        if isinstance(place.node, ast.Attribute):
            local = place.local("os")
            found.append("shared" if local is None else " ".join(("import", *local)) if local else "local")
    assert found == meant


def test_every_node_is_a_place_once() -> None:
    tree = ast.parse("".join(source for source, _ in MEANT.values()))
    expected = [node for node in ast.walk(tree) if not isinstance(node, ast.arguments)]
    places = [id(place.node) for place in scopes.places(tree)]
    assert [node for node in expected if id(node) not in places] == []
    shared = (ast.expr_context, ast.operator)  # one object of these stands at many places of a tree
    unique = [id(place.node) for place in scopes.places(tree) if not isinstance(place.node, shared)]
    assert len(unique) == len(set(unique))
