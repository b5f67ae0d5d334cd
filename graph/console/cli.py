"""Frame of every command: one sentence for bad input, JSON on request, and an exit code that output cannot change."""

import argparse
import contextlib
import json
import logging
import os
import shutil
import signal
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from pydantic import JsonValue

from graph import startup
from incident.errors import BadInput, SutureError
from tools import outlet
from tools import text as tool_text
from tools.secrets import redaction

if TYPE_CHECKING:
    from rich.console import Console

DEFECT = 1
ESCALATED = 5

HINT = "set LOG_LEVEL=INFO to see where"

LINE = 4_000
"""Characters of one line to standard error."""

LINGER = 10.0
"""Seconds for which a command that acts waits at its end for a slow reader."""

WIDTHS = (40, 240)
"""Least and most columns of the display, whatever a terminal says; a narrower one breaks the lines itself."""

DEAF_TO = (signal.SIGHUP, signal.SIGTTOU)
"""Signals of a terminal that is closed, or that lets nobody write from the background."""

Command = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """Arguments, with one sentence and exit code 2 for wrong ones."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Raise BadInput with argparse's message."""
        raise BadInput("arguments", " ".join(sys.argv[1:]), f"{message}; see {self.prog} --help")


def main(parser: Parser, command: Command, arguments: Sequence[str] | None = None, *, acts: bool = False) -> int:
    """Run a command and return its exit code.

    A command that `acts` never waits for a reader of its output, and ends as its incident does.  Of any other
    command the output is the result, so it ends with 5 when that could not be written.
    """
    with outlet.reserved(), _guarded(acts=acts) as out:
        code = _run(parser, command, arguments)
        # After an interrupt nobody waits for a reader.
        complete = _drained(out, LINGER if acts or code == startup.REFUSED else None)
        if complete and out.failure is None:
            return code
        gone = isinstance(out.failure, BrokenPipeError)
        if acts or not gone:
            say(f"not everything could be shown: {_why(out.failure)}")
        return code if acts or gone else code or ESCALATED


def _run(parser: Parser, command: Command, arguments: Sequence[str] | None) -> int:
    try:
        startup.ready()
        logging.basicConfig(level=level(os.environ), stream=sys.stderr)
        for handler in logging.getLogger().handlers:
            handler.setFormatter(Discreet(logging.BASIC_FORMAT))
        return command(parser.parse_args(arguments))
    except BadInput as error:
        say(str(error))
        return startup.REFUSED
    except SutureError as error:
        say(str(error))
        return ESCALATED
    except KeyboardInterrupt:
        say("interrupted: nothing was opened or changed")
        return startup.REFUSED
    except Exception as error:  # noqa: BLE001 (an internal error ends in a sentence, too)
        say(f"internal error (please report): {type(error).__name__}: {error}".splitlines()[0])
        if logging.getLogger().isEnabledFor(logging.INFO):
            sys.stderr.write(redaction.redact_text(traceback.format_exc()))
        else:
            say(HINT)
        return DEFECT


class Discreet(logging.Formatter):
    """Formatter that takes secrets out of log lines, because libraries log whole addresses."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without secrets."""
        return redaction.redact_text(super().format(record))


@contextlib.contextmanager
def _guarded(*, acts: bool) -> Iterator[outlet.Outlet]:
    """Send all output through outlets, and keep a closed terminal from ending a command that acts."""
    before = sys.stdout, sys.stderr
    deaf = [number for number in DEAF_TO if acts and signal.getsignal(number) is signal.SIG_DFL]
    out, err = outlet.onto(before[0], waits=not acts), outlet.onto(before[1])
    sys.stdout, sys.stderr = out.text(), err.text()
    for number in deaf:
        signal.signal(number, signal.SIG_IGN)
    try:
        yield out
    finally:
        for each in (out, err):
            _drained(each, outlet.ARRIVAL)
        sys.stdout, sys.stderr = before
        for number in deaf:
            signal.signal(number, signal.SIG_DFL)


def _drained(out: outlet.Outlet, patience: float | None) -> bool:
    try:
        return out.drained(patience)
    except KeyboardInterrupt:  # whoever waits for a reader may stop waiting
        return False


def _why(failure: Exception | None) -> str:
    if failure is None:
        return "nobody reads standard output"
    return (failure.strerror if isinstance(failure, OSError) else "") or str(failure)


def level(environment: Mapping[str, str]) -> str:
    """Return the level of logging that the environment asks for.  Raises BadInput."""
    wanted = environment.get("LOG_LEVEL", "") or "ERROR"
    if wanted.upper() not in logging.getLevelNamesMapping():
        raise BadInput("LOG_LEVEL", wanted, "use one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
    return wanted.upper()


def say(text: str) -> None:
    """Write one line to standard error; what came in with an alert may be in it."""
    outlet.say(sys.stderr, f"suture: {tool_text.normalise(redaction.redact_text(text), LINE)}\n")


def emit(value: JsonValue) -> None:
    """Write one JSON document to standard output."""
    clean = redaction.redact(value, redaction.SOURCE)
    sys.stdout.write(
        json.dumps(clean, ensure_ascii=escaped(sys.stdout), indent=2 if sys.stdout.isatty() else None) + "\n"
    )


def escaped(stream: TextIO) -> bool:
    """True when JSON must escape letters beyond ASCII, because the stream may not have them."""
    return not (stream.encoding or "").lower().startswith("utf")


def write(text: str) -> None:
    """Write text to standard output."""
    clean = redaction.redact_text(text)
    sys.stdout.write(clean if clean.endswith("\n") else clean + "\n")


def send(content: bytes) -> bool:
    """Write bytes to standard output.  False once nobody takes them any more."""
    sys.stdout.buffer.write(content)
    out = outlet.behind(sys.stdout)
    return out is None or out.failure is None


def console() -> "Console":
    """Return a console that respects terminals, ``NO_COLOR`` and pipes; wide when no width is known."""
    from rich.console import Console  # noqa: PLC0415 (loaded where something is drawn: most commands print lines)

    # Both are given, because rich may turn COLUMNS and LINES into an error or an endless line.
    return Console(width=columns(), height=50)


def columns() -> int:
    """Return the columns of the display; many when no width is known."""
    wide = shutil.get_terminal_size().columns if sys.stdout.isatty() else 160
    least, most = WIDTHS
    return min(max(wide, least), most)


def paragraph(text: str, indent: str = "", hanging: str | None = None) -> None:
    """Write text to standard output in lines that fit the display, the later ones at another indent where one is given.

    A word that is longer than the display is not broken, so that it can be copied.
    """
    lines = textwrap.wrap(
        text,
        columns(),
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    write("\n".join(lines))
