"""The settings file ``suture.toml`` of whoever runs Suture: another way to set the variables of :mod:`graph.config.names`.

A variable of the environment wins over the file.  The file of the same name in a services' repository is another one
(:mod:`tools.suture_toml`): it names the folders of services, it is never read here, and nothing in it is a setting.
"""

import difflib
import math
import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from graph.config.names import SETTINGS, Setting
from incident.errors import BadInput
from tools.records import home

NAME = "suture.toml"

VARIABLE = "SUTURE_SETTINGS"

MAX_BYTES = 64 * 1024
"""Bytes of the file; one with every key and a comment on each stays far below it."""

MAX_LINE = 4096
"""Bytes of a line: the parser takes a time that grows with the square of a dotted key's length."""

_BY_KEY = {setting.key: setting for setting in SETTINGS if setting.key}


class Merged(dict[str, str]):
    """The variables of the environment, and those that the file sets besides."""

    def __init__(self, environment: Mapping[str, str], said: Mapping[str, str], path: Path | None) -> None:
        super().__init__({**said, **environment})
        self._path, self._said = path, frozenset(said) - frozenset(environment)

    def told(self, error: BadInput) -> BadInput:
        """Return the error with the place in the file, when the value that it is about came from there."""
        key = next((setting.key for setting in SETTINGS if setting.variable == error.field), "")
        if error.field not in self._said or not key:
            return error
        return BadInput(f"{key} in {self._path}", error.value, error.remedy)


def merged(environment: Mapping[str, str]) -> Merged:
    """Return the environment over the file that it names, or over the one in the home folder.

    Raises BadInput for a file that cannot be read, that others could have written, or that holds what is no setting.
    """
    path = _path(environment)
    if path is None:
        return Merged(environment, {}, None)
    content = _content(path)
    try:
        parsed = tomllib.loads(content)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a plain ValueError
        raise BadInput(VARIABLE, str(path), f"correct its TOML: {error}") from error
    return Merged(environment, dict(_variables(parsed, path)), path)


def _path(environment: Mapping[str, str]) -> Path | None:
    if said := environment.get(VARIABLE):
        return Path(said).absolute()
    try:
        beside = home.default(environment) / NAME
    except BadInput:  # there is no home, which is said where one is needed
        return None
    return beside if beside.exists() else None


def _content(path: Path) -> str:
    """Read the file.  Raises BadInput."""
    try:
        # O_NONBLOCK, because opening a pipe would wait for its writer.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            _check(path, os.fstat(file.fileno()))
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(VARIABLE, str(path), f"name a TOML file that can be read ({error.strerror})") from error
    if len(content) > MAX_BYTES or max(map(len, content.split(b"\n"))) > MAX_LINE:
        raise BadInput(VARIABLE, str(path), f"keep it below {MAX_BYTES} bytes, and {MAX_LINE} in a line")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(VARIABLE, str(path), "write it in UTF-8") from error


def _check(path: Path, found: os.stat_result) -> None:
    """Raise BadInput for a file that somebody else may have written: it decides what may be done without a person."""
    if not stat.S_ISREG(found.st_mode):
        raise BadInput(VARIABLE, str(path), "name a regular file")
    if found.st_uid not in (0, os.geteuid()):
        raise BadInput(VARIABLE, str(path), "name a file that belongs to you or to root")
    if stat.S_IMODE(found.st_mode) & 0o022:
        raise BadInput(VARIABLE, str(path), f"others can write it; close it: chmod go-w {path}")


def _variables(parsed: Mapping[str, object], path: Path) -> Iterator[tuple[str, str]]:
    for section, held in parsed.items():
        if section == "services":
            remedy = f"that section belongs into the {NAME} of the services' repository; name this file's own sections"
            raise BadInput(f"{section} in {path}", "a table", remedy)
        if not isinstance(held, dict):
            raise BadInput(f"{section} in {path}", held, f"use a section, as [{_sections()[0]}]")
        for name, value in held.items():
            setting = _BY_KEY.get(f"{section}.{name}")
            if setting is None:
                raise _stranger(f"{section}.{name}", value, path)
            yield setting.variable, _text(setting, value, path)


def _sections() -> list[str]:
    return list(dict.fromkeys(key.partition(".")[0] for key in _BY_KEY))


def _stranger(key: str, value: object, path: Path) -> BadInput:
    near = next(iter(difflib.get_close_matches(key, _BY_KEY, 1, 0.6)), "")
    # The value may be a secret that was put into the wrong place.
    shown = "(not shown)" if isinstance(value, str) else value
    return BadInput(f"{key} in {path}", shown, f"use {near}" if near else f"use a key of {', '.join(_sections())}")


def _text(setting: Setting, value: object, path: Path) -> str:
    """Return a value as its variable would hold it.  Raises BadInput for one of another form."""
    match setting.form, value:
        case "on or off", bool():
            return "on" if value else "off"
        case _, str():
            return value
        case "number" | "whole number", int() if not isinstance(value, bool):
            return str(value)
        case "number", float() if math.isfinite(value):
            return f"{value:.9f}".rstrip("0").rstrip(".")
        case "list of texts", list() if all(isinstance(item, str) for item in value):
            return ",".join(value)
    raise BadInput(f"{setting.key} in {path}", value, f"use a {setting.form}")
