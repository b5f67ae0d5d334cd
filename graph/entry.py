"""What every command does alike: one sentence for bad input, JSON on request, and the one blind except."""

import argparse
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue
from rich.console import Console

from graph import loading
from incident.errors import BadInput, SutureError
from tools.stores import home, redaction

DEFECT = 1
ESCALATED = 5

HINT = "set LOG_LEVEL=INFO to see where"

Command = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """Arguments, with one sentence and exit code 2 for wrong ones."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Refuse."""
        raise BadInput("arguments", " ".join(sys.argv[1:]), f"{message}; see python -m {self.prog} --help")


def main(parser: Parser, command: Command, arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    try:
        loading.ready()
        logging.basicConfig(level=level(os.environ), stream=sys.stderr)
        for handler in logging.getLogger().handlers:
            handler.setFormatter(Discreet(logging.BASIC_FORMAT))
        return command(parser.parse_args(arguments))
    except BadInput as error:
        say(str(error))
        return loading.REFUSED
    except SutureError as error:
        say(str(error))
        return ESCALATED
    except KeyboardInterrupt:
        say("interrupted: nothing was opened or changed")
        return loading.REFUSED
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 (the one blind except: a defect of ours ends in a sentence, too)
        say(f"a defect of ours: {type(error).__name__}: {error}".splitlines()[0])
        if logging.getLogger().isEnabledFor(logging.INFO):
            sys.stderr.write(redaction.redact_text(traceback.format_exc()))
        else:
            say(HINT)
        return DEFECT


class Discreet(logging.Formatter):
    """Lines of libraries, which log whole addresses, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return redaction.redact_text(super().format(record))


def level(environment: Mapping[str, str]) -> str:
    """The level of logging that the environment asks for.  Raises BadInput."""
    wanted = environment.get("LOG_LEVEL", "") or "ERROR"
    if wanted.upper() not in logging.getLevelNamesMapping():
        raise BadInput("LOG_LEVEL", wanted, "use one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
    return wanted.upper()


def say(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"suture: {redaction.redact_text(text)}\n")


def emit(value: JsonValue) -> None:
    """One JSON document on standard output."""
    clean = redaction.redact(value, redaction.SOURCE)
    sys.stdout.write(json.dumps(clean, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None) + "\n")


def write(text: str) -> None:
    """Text on standard output."""
    clean = redaction.redact_text(text)
    sys.stdout.write(clean if clean.endswith("\n") else clean + "\n")


def console() -> Console:
    """A console that knows about terminals, ``NO_COLOR`` and pipes; wide when nobody's width is known."""
    return Console(width=None if sys.stdout.isatty() else 160)


def root() -> Path:
    """The folder of all records, from the environment."""
    return home.default(os.environ)
