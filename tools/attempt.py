"""Runs work whose failure must not end what surrounds it: whatever it raises is a value.

The display, and what is done once something has failed already, are the only users: a blind except hides defects.
"""

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from incident.errors import Superseded, SutureError

T = TypeVar("T")

LONGEST = 200
"""Characters of an error that are told."""


def run(work: Callable[[], T]) -> T | Exception:
    """The result of the work, or the error that it raised.

    Raises Superseded: whoever lost an incident to another process does not go on with it.
    """
    try:
        return work()
    except Superseded:
        raise
    except Exception as error:  # what must go on, goes on after any error
        logging.getLogger(__name__).info("went on after an error", exc_info=error)
        return error


def failure(work: Callable[[], object]) -> Exception | None:
    """The error that the work raised, if it did."""
    done = run(work)
    return done if isinstance(done, Exception) else None


@contextmanager
def collected(errors: list[Exception]) -> Iterator[None]:
    """While this lasts, an error ends the block and is collected.  Raises Superseded, as `run` does."""
    try:
        yield
    except Superseded:
        raise
    except Exception as error:
        logging.getLogger(__name__).info("went on after an error", exc_info=error)
        errors.append(error)


def sentence(error: Exception) -> str:
    """An error in words for people: ours and the system's as they are, any other as the defect that it is."""
    if isinstance(error, SutureError):
        said = f"{error}"
    elif isinstance(error, OSError):
        said = error.strerror or f"{error}" or type(error).__name__
    else:
        frames = traceback.extract_tb(error.__traceback__)[-1:]
        place = "".join(f" at {Path(frame.filename).name}:{frame.lineno}" for frame in frames)
        said = f"internal error (please report): {type(error).__name__}{place}: {error}"
    return " ".join(said.split())[:LONGEST]
