"""Describes exceptions as plain data: those that leave the application, and those that it only logs."""

from __future__ import annotations

import ast
import contextlib
import logging
import os
import traceback
import types
from typing import Any

_OURS = os.path.dirname(os.path.abspath(__file__)) + "/"  # noqa: PTH100, PTH120 (few imports)
"""Folder of the files that run the application: it is below its root in the sandbox, and none of its frames."""

_MOST_FRAMES = 40
_MOST_NAMES, _MOST_KEYS, _DEPTH, _LONGEST = 20, 12, 3, 300


def describe(error: BaseException, root: str) -> dict[str, Any]:
    """Type, message and the frames of the traceback that lie below `root`, innermost last.

    The last one says of what kind its local variables are, and nothing of what they hold.  An exception that only
    wraps one of the application's, as asyncio does with StopIteration, stands aside for it.
    """
    error = _own(error, root)
    frames: list[dict[str, Any]] = []
    file, line, values = "", 0, {}
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if _is_below(code.co_filename, root):
            frames.append(
                {
                    "path": code.co_filename[len(root) + 1 :],
                    "line": trace.tb_lineno,
                    "function": code.co_name,
                    "qualified": getattr(code, "co_qualname", code.co_name),
                }
            )
            file, line, values = code.co_filename, trace.tb_lineno, trace.tb_frame.f_locals
        trace = trace.tb_next
    if frames:
        frames[-1]["values"] = {**_kinds(values), **_parts(file, line, values)}
    return {"type": type(error).__name__, "message": str(error)[:300], "frames": frames[-_MOST_FRAMES:]}


def _own(error: BaseException, root: str) -> BaseException:
    """The first exception of the chain that passed through a file below `root`; the outermost one where none did."""
    found: BaseException | None = error
    for _ in range(_MOST_FRAMES):
        if found is None:
            break
        if any(_is_below(frame.f_code.co_filename, root) for frame, _line in traceback.walk_tb(found.__traceback__)):
            return found
        found = found.__cause__ or found.__context__
    return error


def _is_below(file: str, root: str) -> bool:
    return file.startswith(root + "/") and not file.startswith(_OURS)


def _kinds(values: dict[str, Any]) -> dict[str, str]:
    """The kind of each local variable: types, keys, lengths and None."""
    told = [(name, value) for name, value in list(values.items()) if name.isidentifier() and not _is_code(value)]
    return {name[:60]: _kind(value, _DEPTH)[:_LONGEST] for name, value in told[:_MOST_NAMES]}


def _parts(path: str, line: int, values: dict[str, Any]) -> dict[str, str]:
    """The kind of every element that the failing line takes out of a local variable: ``order['lines'][0]``."""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 (Python 3.9 without more imports)
            tree = ast.parse(file.read())
    except (OSError, ValueError, SyntaxError, RecursionError):
        return {}
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and node.lineno <= line <= (node.end_lineno or node.lineno):
            with contextlib.suppress(LookupError, TypeError):
                found[ast.unparse(node)[:80]] = _kind(_taken(node, values), _DEPTH)[:_LONGEST]
    return dict(list(found.items())[:_MOST_NAMES])


def _taken(node: ast.expr, values: dict[str, Any]) -> Any:
    """The value of names and elements, looked up without running anything of the service's.  Raises LookupError."""
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Subscript):
        holder, key = _taken(node.value, values), _taken(node.slice, values)
        if type(holder) in (dict, list, tuple) and type(key) in (str, int):
            return holder[key]
    raise LookupError


def _is_code(value: object) -> bool:
    return isinstance(value, (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType))


def _kind(value: object, depth: int) -> str:
    # Exact types only: a subclass may do anything when it is looked at.
    if value is None:
        return "None"
    name = type(value).__name__[:40]
    if type(value) is dict and depth:
        keys = [key for key in value if type(key) is str]
        if len(keys) < len(value) or not all(key.isidentifier() and len(key) <= 40 for key in keys):
            return f"dict of {len(value)}"  # its keys are somebody's data
        shown = [f"{key}: {_kind(value[key], depth - 1)}" for key in keys[:_MOST_KEYS]]
        return "dict(" + ", ".join([*shown, "..."] if len(keys) > _MOST_KEYS else shown) + ")"
    if type(value) in (list, tuple, set, frozenset) and depth:
        inside = dict.fromkeys(_kind(item, depth - 1) for item in list(value)[:_MOST_KEYS])  # type: ignore[call-overload]
        return f"{name} of {len(value)}" + (" " + " or ".join(inside) if inside else "")  # type: ignore[arg-type]
    return "empty str" if type(value) is str and not value else name


class Logged:
    """Remembers every exception that is logged, whatever handlers and levels the service sets up.

    The record factory is wrapped rather than a handler added: loggers that do not propagate would escape a handler.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self.found: list[dict[str, Any]] = []
        self._before = logging.getLogRecordFactory()
        logging.setLogRecordFactory(self._make)

    def _make(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self._before(*args, **kwargs)
        if record.exc_info and record.exc_info[1] is not None and len(self.found) < 20:
            self.found.append(describe(record.exc_info[1], self._root))
        return record
