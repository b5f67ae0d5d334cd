"""Reads the files of a recording within bounds, and keeps a sentence about everything that cannot be read."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue, ValidationError

from incident.errors import BadInput
from incident.evidence import Gap
from tools import text
from tools.recorded import bounds
from tools.secrets import redaction


class Troubles:
    """Sentences about what a recording holds and nobody can read."""

    def __init__(self) -> None:
        self._told: dict[str, list[str]] = {}
        self._more: dict[str, int] = {}

    def say(self, file: str, reason: str, line: int | None = None) -> None:
        """Add a sentence about a file, or a line of it."""
        told = self._told.setdefault(file, [])
        if len(told) == bounds.TOLD:
            self._more[file] = self._more.get(file, 0) + 1
            return
        where = "" if line is None else f"line {line}: "
        clean = redaction.redact_text(text.normalise(reason, 200))
        if f"{where}{clean}" not in told:
            told.append(f"{where}{clean}")

    def gaps(self) -> tuple[Gap, ...]:
        """The sentences, as gaps of the evidence."""
        found = []
        for file, told in self._told.items():
            more = self._more.get(file, 0)
            reasons = [*told, f"{more} more like these"] if more else told
            found += [Gap(source="recording", sought=text.normalise(file, 120), reason=reason) for reason in reasons]
        return tuple(found)


class Line(NamedTuple):
    """One JSON object of a file of lines."""

    file: str
    number: int
    body: dict[str, JsonValue]


class Files:
    """The regular files of a recording, named by their path in it."""

    def __init__(self, root: Path, troubles: Troubles) -> None:
        """Raises BadInput for what is no folder."""
        if not root.is_dir():
            raise BadInput("recording", str(root), "name a folder of exports (docs/recordings.md)")
        self._root, self.troubles = root, troubles

    @property
    def root(self) -> Path:
        """The folder."""
        return self._root

    def named(self, folder: str, *suffixes: str) -> tuple[str, ...]:
        """Names of a folder's files with these suffixes, sorted, at most `bounds.MAX_FILES`."""
        found = sorted(
            name for name in self._listed(folder) if name.endswith(suffixes) and self._is_file(f"{folder}/{name}")
        )
        if len(found) > bounds.MAX_FILES:
            self.troubles.say(folder, f"{len(found) - bounds.MAX_FILES} files are left out, there are too many")
        return tuple(f"{folder}/{name}" for name in found[: bounds.MAX_FILES])

    def has(self, name: str) -> bool:
        """True when there is a regular file of this name."""
        return self._is_file(name)

    def content(self, name: str) -> str | None:
        """A whole file; None, with a sentence, when it cannot be read."""
        path = self._root / name
        try:
            if path.stat().st_size > bounds.MAX_FILE:
                self.troubles.say(name, f"it has more than {bounds.MAX_FILE} bytes, and is left out")
                return None
            return path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            self.troubles.say(name, "it is no UTF-8")
        except OSError as error:
            self.troubles.say(name, f"it cannot be read ({error.strerror})")
        return None

    def document(self, name: str) -> JsonValue:
        """The JSON of a whole file; None, with a sentence, when it has none."""
        whole = self.content(name)
        if whole is None:
            return None
        found = parsed(whole)
        if found is None:
            self.troubles.say(name, "it is no JSON")
        return found

    def lines(self, name: str) -> Iterator[Line]:
        """The JSON objects of a file of lines; other lines get a sentence."""
        read = 0
        try:
            with (self._root / name).open("rb") as file:
                number = 0
                while raw := file.readline(bounds.MAX_LINE):
                    number, read = number + 1, read + len(raw)
                    if read > bounds.MAX_FILE:
                        self.troubles.say(
                            name, f"the rest is left out: it has more than {bounds.MAX_FILE} bytes", number
                        )
                        return
                    if len(raw) == bounds.MAX_LINE and not raw.endswith(b"\n"):
                        self.troubles.say(name, f"it is longer than {bounds.MAX_LINE} bytes, and is left out", number)
                        while (rest := file.readline(bounds.MAX_LINE)) and not rest.endswith(b"\n"):
                            pass
                        continue
                    if not raw.strip():
                        continue
                    body = parsed(raw)
                    if isinstance(body, dict):
                        yield Line(name, number, body)
                    else:
                        self.troubles.say(name, "it is no JSON object", number)
        except OSError as error:
            self.troubles.say(name, f"it cannot be read ({error.strerror})")

    def digest(self) -> str:
        """SHA-256 over names and bytes of all files, as 64 hexadecimal characters."""
        whole = hashlib.sha256()
        for folder, folders, names in os.walk(self._root):
            folders.sort()
            for name in sorted(names):
                path = Path(folder) / name
                if path.is_symlink() or not path.is_file():
                    continue
                whole.update(str(path.relative_to(self._root)).encode("utf-8", "surrogateescape") + b"\0")
                with path.open("rb") as file:
                    whole.update(hashlib.file_digest(file, "sha256").digest())
        return whole.hexdigest()

    def _listed(self, folder: str) -> list[str]:
        path = self._root / folder
        if path.is_symlink() or not path.is_dir():
            return []
        try:
            return os.listdir(path)  # noqa: PTH208 (names, not paths)
        except OSError as error:
            self.troubles.say(folder, f"it cannot be read ({error.strerror})")
            return []

    def _is_file(self, name: str) -> bool:
        path = self._root / name
        return path.is_file() and not path.is_symlink()


def parsed(raw: str | bytes) -> JsonValue:
    """The JSON of a text; None for anything else, NaN and infinity included."""
    try:
        found: JsonValue = json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return found


def _refuse(name: str) -> None:
    raise ValueError(name)


def first(error: ValidationError) -> str:
    """The first thing that a validation objects to, as one sentence."""
    one = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}"


def within(limit: int, troubles: Troubles, file: str, things: str) -> Callable[[], bool]:
    """A question that is True for the first `limit` times that it is asked; the file at which it ends gets a sentence."""
    counted = 0

    def room() -> bool:
        nonlocal counted
        counted += 1
        if counted == limit + 1:
            troubles.say(file, f"the rest is left out: a recording holds at most {limit} {things}")
        return counted <= limit

    return room
