"""Reads YAML files that people write, and says of each mistake which field holds which value and what to write instead.

A `BadInput` is one such sentence.  Readers of a whole file collect all of them; loaders raise the first.
"""

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, JsonValue, ValidationError

from incident.errors import BadInput

_Model = TypeVar("_Model", bound=BaseModel)
_TAGS = ("do", "kind")
"""Keys that choose one of several forms of an entry; pydantic writes their values into the place of a mistake."""


_FORMS = {
    "string_type": "a text, in quotes where YAML reads something else",
    "string_too_short": "a text that is not empty",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number, without quotes"),
    **dict.fromkeys(("float_type", "float_parsing"), "a number, without quotes"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false, without quotes"),
    **dict.fromkeys(("list_type", "tuple_type"), "a list"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "a mapping"),
}
"""Right forms, by pydantic's name of the mistake."""
_PATTERNS = {
    "^/": "a path that begins with /",
    "^[A-Z][A-Z0-9_]{0,62}$": "a name of capital letters, digits and _",
    "^[a-z][a-z0-9-]{0,62}$": "a service's name: small letters, digits and hyphens",
    "^[A-Za-z][A-Za-z0-9_]*$": "a name of letters, digits and _, a letter first",
}
"""Patterns of the files' fields in words."""


class _Missing:
    """Stands where a value should be."""

    def __repr__(self) -> str:
        return "missing"


MISSING = _Missing()
"""The value of a field that is not there, in a sentence."""


class _Loader(yaml.SafeLoader):
    """Reads dates, and words like NO and off, as the text that they are, and refuses a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 (as overridden)
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key} stands twice", node.start_mark)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


_TEXT = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag not in _TEXT]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def parse(path: Path) -> JsonValue:
    """The file's content.  Raises BadInput when it cannot be read or is no YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Mistake(path.name, (), MISSING, f"put a file that can be read at {path}") from error
    except UnicodeDecodeError as error:
        raise Mistake(path.name, (), f"byte {error.start}", "write the file in UTF-8") from error
    try:
        found: JsonValue = yaml.load(text, Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path.name}, line {mark.line + 1}, column {mark.column + 1}" if mark else path.name
        raise Mistake(place, (), error.problem or str(error), "write YAML that can be read") from error
    except (yaml.YAMLError, ValueError) as error:
        raise Mistake(path.name, (), str(error)[:60], "write YAML that can be read") from error
    return found


class Mistake(BadInput):
    """A mistake of form at a known place of a file: what stands there cannot be looked at any further."""

    def __init__(self, file: str, parts: tuple[str | int, ...], value: object, remedy: str) -> None:
        super().__init__(place(file, *parts), value, remedy)
        self.parts = parts


def checked(model: type[_Model], body: JsonValue, file: str) -> tuple[_Model | None, tuple[Mistake, ...]]:
    """The value that a file's content describes, or None and every mistake in it."""
    if not isinstance(body, dict):
        return None, (Mistake(file, (), body, f"write a mapping with the keys {_keys(model)}"),)
    try:
        return model.model_validate(body), ()
    except ValidationError as error:
        found = [_mistake(model, one, body, file) for one in error.errors(include_url=False)]
        # A list whose entries are wrong is too short as well, which says nothing more.
        outer = {one.parts[:length] for one in found for length in range(len(one.parts))}
        return None, tuple(one for one in found if one.parts not in outer or not one.parts)


def only(model: type[_Model], path: Path) -> _Model:
    """The value that a file describes.  Raises BadInput for the first mistake."""
    found, mistakes = checked(model, parse(path), path.name)
    if found is None:
        raise mistakes[0]
    return found


def place(file: str, *parts: str | int) -> str:
    """A field's place in words: ``fault.yaml: events[0].service``."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return f"{file}: {text}" if text else file


def closest(word: str, known: Sequence[str]) -> str:
    """One of the known words that may be meant, or all of them."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else f"use one of {', '.join(known) or 'none, for there is none'}"


def _mistake(model: type[BaseModel], error: Any, body: JsonValue, file: str) -> Mistake:
    parts, here = _real(error["loc"], body)
    kind, message = error["type"], str(error["msg"])
    context = error.get("ctx", {})
    if kind == "missing":
        return Mistake(file, parts, MISSING, "add it")
    if kind == "extra_forbidden":
        known = _keys(model) if len(parts) == 1 else "the keys in docs/writing-a-fault.md"
        return Mistake(file, parts, error["input"], f"leave it out; known are {known}")
    if kind.startswith("union_tag"):
        tag = str(context.get("discriminator", "")).strip("'")
        given = here.get(tag, MISSING) if isinstance(here, dict) else here
        known = context.get("expected_tags") or "the kinds in docs/writing-a-fault.md"
        return Mistake(file, (*parts, tag), given, f"use one of {known}")
    return Mistake(file, parts, error["input"], _remedy(kind, context, message))


def _remedy(kind: str, context: Any, message: str) -> str:
    if kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern"))
        return f"write {_PATTERNS.get(pattern, f'a text of the form {pattern}')}"
    if kind == "literal_error":
        return f"write {context.get('expected')}"
    if kind in _FORMS:
        return f"write {_FORMS[kind]}"
    return message.removeprefix("Value error, ").replace("Input should be", "write a value").replace("Input", "it")


def _real(loc: Sequence[str | int], body: JsonValue) -> tuple[tuple[str | int, ...], JsonValue]:
    """The path in the file of pydantic's path, which names the chosen form of an entry as well, and what stands there."""
    parts: list[str | int] = []
    here = body
    for part in loc:
        if isinstance(here, dict) and part not in here and part in {here.get(tag) for tag in _TAGS}:
            continue
        parts.append(part)
        if isinstance(here, dict) and isinstance(part, str):
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        else:
            here = None
    return tuple(parts), here


def _keys(model: type[BaseModel]) -> str:
    return ", ".join(model.model_fields)
