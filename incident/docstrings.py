"""Values that a docstring gives for a case: ``0 without children``, ``"-" for a name that is empty``.  Pure."""

import ast
import re

_CASE = re.compile(
    r"""(?:^|[;,.(:]\s+)                        # a new thought begins
    (?: (?P<literal> -?\d+(?:\.\d+)? | "[^"\n]*" | '[^'\n]*' )
      | ``(?P<code>[^`\n]+)`` | `(?P<short>[^`\n]+)`
      | (?P<word> [A-Z][A-Z0-9_]+ ) )           # a name in capitals
    \s(?:when|without|for|if|where|unless|of)\b""",
    re.VERBOSE | re.MULTILINE,
)


def cases(docstring: str) -> tuple[ast.Constant, ...]:
    """Single values that it gives for a case, in its order, each once: numbers, texts, and names in capitals as texts."""
    found: dict[str, ast.Constant] = {}
    for match in _CASE.finditer(docstring):
        said = match["literal"] or match["code"] or match["short"]
        value = _constant(said) if said else ast.Constant(match["word"])
        found.setdefault(ast.dump(value), value)
    return tuple(found.values())


def _constant(text: str) -> ast.Constant:
    """The constant that a text writes, else the text itself: documentation often leaves the quotes out."""
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ast.Constant(text)
    return ast.Constant(value if isinstance(value, int | float | str | bool | None) else text)
