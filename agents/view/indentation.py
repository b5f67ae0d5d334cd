"""Lines of code, and their indentation, taken away and given back; what stands inside of a text is left as it is."""

import io
import textwrap
import tokenize

_BEGINS = frozenset(
    {tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT, tokenize.ENCODING}
)
_OPENS = getattr(tokenize, "FSTRING_START", None)
"""Since Python 3.12 a formatted text is several tokens."""
_CLOSES = getattr(tokenize, "FSTRING_END", None)


def lines(code: str) -> list[str]:
    """The lines of the code with their ends, as Python counts them: a form feed, for one, ends none."""
    return io.StringIO(code, newline="").readlines()


def dedented(code: str) -> str:
    """The code without the indentation of its first line."""
    whole = lines(code)
    first = next((line for line in whole if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    kept = _content(code)
    if kept is None:
        return textwrap.dedent(code)
    return "".join(line if number in kept else line.removeprefix(indent) for number, line in enumerate(whole, start=1))


def indented(code: str, indent: str) -> list[str]:
    """The lines of the code, without their ends, each behind the indentation; blank ones are empty."""
    kept = _content(code) or frozenset()
    return [
        line if number in kept else indent + line if line.strip() else ""
        for number, line in enumerate((line.rstrip("\r\n") for line in lines(code)), start=1)
    ]


def _content(code: str) -> frozenset[int] | None:
    """Numbers of the lines that continue a text, where indentation is content; None for code that cannot be read.

    A text that is a statement of its own is a docstring, which is indented with its function.
    """
    found: set[int] = set()
    before, opened = tokenize.NEWLINE, []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code, newline="").readline):
            if token.type == _OPENS:
                opened.append(token.start[0])
            elif token.type == _CLOSES:
                found.update(range(opened.pop() + 1, token.end[0] + 1))
            elif token.type == tokenize.STRING and (before not in _BEGINS or opened):
                found.update(range(token.start[0] + 1, token.end[0] + 1))
            before = token.type
    except (tokenize.TokenError, SyntaxError, IndexError):
        return None
    return frozenset(found)
