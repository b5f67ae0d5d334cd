"""Secrets are taken out of what is recorded, shown or asked, before it is written, hashed or sent.  Pure.

Shapes of secrets come from gitleaks' rules (`secret_rules`), from shapes on top of them (`secret_shapes`) and from the
names that stand before a value (`secret_pairs`); what is wrapped in another encoding is looked at unwrapped.  It is
the same again on what it returned.  The structure stays: keys, lengths of lists, nulls and booleans are kept; only
strings and numbers change, and only to say that something stood there.  Digits under the key ``token`` stay: those
are fencing tokens.  Values of settings stay only where `incident.setting` allows it.
"""

import itertools
import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, JsonValue

from incident import setting
from tools.stores import secret_names, secret_text

MARK = setting.MARK

SOURCE = ("before", "after", "diff")
"""Keys of source text that already lies in a repository: it would no longer be that source otherwise."""

REPLAYED = (*SOURCE, "path", "query", "body", "response", "reads", "lent_reads", "values")
"""Besides, keys of recorded requests: what lies there are stand-ins already, to be replayed as they are."""

_VALUES = ("old", "new", "now", "back_to", "value")
"""Where the value stands that an object names under ``key`` or ``name``."""
_NAMES = ("key", "name", "header", "field", "option", "Name", "Key")
_ARGUMENTS = frozenset({"args", "arguments", "params", "parameters", "values", "bindings", "fields", "extra"})
_TEMPLATE = re.compile(r"%(?:\(\w+\))?[sdr]|\{\w*\}|<\*>|\$\d|(?<=[=(, ])\?")
_JWK = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
_NAME = re.compile(r"[\w.-]{1,60}")

V = TypeVar("V", bound=BaseModel)


def redact(value: JsonValue, keep: Collection[str] = ()) -> JsonValue:
    """The value without its secrets.  What lies under a key named in `keep` stays as it is."""
    return _Redaction(keep).of(value)


def redact_mapping(body: Mapping[str, JsonValue], keep: Collection[str] = ()) -> dict[str, JsonValue]:
    """The same for an object, whose keys tell more about what lies under them."""
    return _Redaction(keep).mapping(body)


def redact_text(text: str) -> str:
    """The text of a log, a message or a request, without its secrets."""
    return secret_text.redact(text)


def redact_source(text: str) -> str:
    """Source text without the secrets that stand in it as literals."""
    return secret_text.redact(text, source=True)


def redact_value(value: V, keep: Collection[str] = SOURCE) -> V:
    """A value of the domain without its secrets; the very same object when it has none."""
    said = value.model_dump(mode="json")
    clean = redact(said, keep)
    return value if clean == said else type(value).model_validate(clean)


class _Redaction:
    """One document's redaction."""

    def __init__(self, keep: Collection[str]) -> None:
        self._keep = keep

    def of(self, value: JsonValue) -> JsonValue:
        match value:
            case str():
                return self.text(value)
            case list():
                return self.sequence(value)
            case dict():
                return self.mapping(value)
            case _:
                return value

    def text(self, text: str, *, source: bool = False) -> str:
        if text[:1] in ("{", "[") and text != MARK:
            nested = self._nested(text)
            if nested is not None:
                return nested
        return secret_text.redact(text, source=source)

    def _nested(self, text: str) -> str | None:
        """A string that is JSON itself: its own keys tell more.  None when nothing in it is a secret."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict | list):
            return None
        clean = redact(value, self._keep)
        return None if clean == value else json.dumps(clean, separators=(",", ":"), ensure_ascii=False)

    def sequence(self, items: Sequence[JsonValue]) -> list[JsonValue]:
        texts = [item for item in items if isinstance(item, str)]
        if len(texts) < len(items) or len(texts) < 2:
            return [self.of(item) for item in items]
        return [self.text(text) for text in _following(_lines(texts))]

    def mapping(self, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        named = next((body[name] for name in _NAMES if isinstance(body.get(name), str)), None)
        announced = any(isinstance(item, str) and _announces(item) for item in body.values())
        jwk = isinstance(body.get("kty"), str)
        clean: dict[str, JsonValue] = {}
        for key, item in body.items():
            if key in self._keep:
                clean[key] = item
            elif (jwk and key in _JWK) or (announced and key in _ARGUMENTS):
                clean[key] = _blank(item)
            elif key.lower() in _VALUES and isinstance(named, str):
                clean[key] = self._setting(named, item, listed=isinstance(body.get("key"), str))
            elif key == "config" and isinstance(item, dict):
                clean[key] = self._settings(item)
            else:
                clean[key] = self._under(key, item)
        return clean

    def _settings(self, config: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """The configuration of one version, or of several by name."""
        return {
            name: self._settings(value) if isinstance(value, dict) else self._setting(name, value, listed=True)
            for name, value in config.items()
        }

    def _setting(self, name: str, value: JsonValue, *, listed: bool) -> JsonValue:
        """The value of something with a name; `listed`: a setting, whose name must be on the list of those to be shown."""
        if listed and isinstance(value, str | int | float) and not isinstance(value, bool):
            return value if setting.is_hidden(str(value)) or setting.shown(name, str(value)) else MARK
        kind = _kind(name)
        if kind == "plain" or (kind and isinstance(value, str) and _hides(kind, value)):
            return _blank(value)
        return self.of(value)

    def _under(self, key: str, item: JsonValue) -> JsonValue:
        kind = _kind(key)
        if kind == "plain" or (kind and isinstance(item, str) and _hides(kind, item, last=key)):
            return _blank(item)
        if key == "code" and isinstance(item, str):
            return self.text(item, source=True)
        return self.of(item)


def _hides(kind: secret_names.Kind, value: str, last: str = "") -> bool:
    if secret_names.trivial(value):
        return False
    if kind == "plain" or last.lower().endswith("token"):
        return not value.isdecimal() or kind == "plain"
    return secret_names.looks_secret(value)


def _lines(texts: list[str]) -> list[str]:
    """Strings in a row that are the lines of a key."""
    if not any("PRIVATE KEY" in text for text in texts) or any("\n" in text for text in texts):
        return texts
    lines = secret_text.redact("\n".join(texts)).split("\n")
    return lines if len(lines) == len(texts) else texts


def _following(texts: list[str]) -> list[str]:
    """Strings in a row where one says that the next is a secret: the words of a command, a name and its value."""
    if _announces(texts[0]):
        return [texts[0], *(text if secret_names.trivial(text) else MARK for text in texts[1:])]
    found = list(texts)
    for at, (text, following) in enumerate(itertools.pairwise(texts), start=1):
        kind = _kind(text) if text.startswith("-") or len(texts) == 2 else None
        if kind and not following.startswith("-") and not _kind(following) and _hides(kind, following):
            found[at] = MARK
    return found


def _kind(text: str) -> secret_names.Kind | None:
    """What a text says about the value behind it, if it is a name at all."""
    return secret_names.kind(text) if _NAME.fullmatch(text) else None


def _announces(text: str) -> bool:
    """Whether a text leaves a place for a secret that is kept apart from it: ``password=%s``."""
    for found in _TEMPLATE.finditer(text[:2000]):
        before = re.search(r"([\w.-]{2,60})[\"']?\s{0,3}(?:[:=]|is|to)?\s{0,3}[\"']?$", text[: found.start()])
        if before is not None and secret_names.kind(before[1]):
            return True
    return False


def _blank(value: JsonValue) -> JsonValue:
    match value:
        case None | bool() | "":
            return value
        case str():
            return value if setting.is_hidden(value) else MARK
        case list():
            return [_blank(item) for item in value]
        case dict():
            return {key: _blank(item) for key, item in value.items()}
        case _:
            return MARK
