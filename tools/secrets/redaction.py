"""Redacts secrets from JSON values, texts and domain values before they are written, hashed or sent.  Pure.

Shapes of secrets come from gitleaks' rules (`rules`), from shapes on top of them (`shapes`, `prefixes`) and from the
names that stand before a value (`pairs`); text in another encoding is decoded and looked at as well.  Redacting twice
changes nothing more.  The structure stays: lengths of lists, nulls, booleans and harmless keys are kept; only strings
and numbers change, and only to say that something stood there.  Digits under the key ``token`` stay: those are fencing
tokens.  Values of settings stay only where `incident.setting` allows it.
"""

import itertools
import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, JsonValue

from incident import setting
from tools.secrets import names
from tools.secrets import text as secret_text

MARK = setting.MARK

SOURCE = ("before", "after", "diff")
"""Keys of source text that already lies in a repository: it would no longer be that source otherwise."""

REPLAYED = (*SOURCE, "path", "query", "body", "response", "reads", "lent_reads", "values")
"""Besides, keys of recorded requests: what lies there are stand-ins already, to be replayed as they are."""

_GROWN = 200
"""Characters from which on a text is not longer without its secrets than it was: fields of that length are bounded."""

_VALUES = frozenset({"old", "new", "now", "back_to", "value"})
"""Keys of the value that an object names under ``key`` or ``name``."""
_OTHERS = frozenset({"v", "input", "from", "to", "old_value", "new_value"})
"""Keys of such a value in what others write, of which only what looks like a secret is one."""
_NAMES = ("key", "name", "header", "field", "option", "Name", "Key", "attribute", "k")
_PATHS = ("loc", "path")
"""Keys that give the place of such a value: pydantic's errors, and JSON Patch (RFC 6902)."""
_NAME = re.compile(r"[\w.-]{1,60}")
_ARGUMENTS = frozenset({"args", "arguments", "params", "parameters", "values", "bindings", "fields", "extra"})
_TEMPLATE = re.compile(r"%(?:\(\w{1,40}\))?[sdr]|\{\w{0,40}\}|<\*>|\$\d|(?<=[=(, ])\?")
_BEFORE_TEMPLATE = re.compile(r"([\w.-]{2,60})[\"']?\s{0,3}(?:[:=]|is|to)?\s{0,3}[\"']?\Z")
_TEMPLATES = 20
"""Places in a text that are looked at for what they would be filled with."""
_JWK = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
_KUBERNETES = frozenset({"data", "stringData"})

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
        # The keys inside of such text tell what is secret, and the text as a whole does not.
        clean = self._nested(text) if text[:1] in ("{", "[") and text != MARK else None
        if clean is None:
            clean = secret_text.redact(text, source=source)
        return clean[: len(text)] if len(text) >= _GROWN else clean

    def _nested(self, text: str) -> str | None:
        """A string that is JSON itself: its own keys tell more.  None when nothing in it is a secret."""
        try:
            value = json.loads(text)
            clean = self.of(value) if isinstance(value, dict | list) else value
        except (ValueError, RecursionError):
            return None
        return None if clean == value else json.dumps(clean, separators=(",", ":"), ensure_ascii=False)

    def sequence(self, items: Sequence[JsonValue]) -> list[JsonValue]:
        texts = [item for item in items if isinstance(item, str)]
        if len(texts) < len(items) or len(texts) < 2:
            return [self.of(item) for item in items]
        return [self.text(text) for text in _following(_lines(texts))]

    def mapping(self, body: Mapping[str, JsonValue], above: str = "") -> dict[str, JsonValue]:
        """An object; `above` is the name under which it lies: ``{"api": {"key": …}}``."""
        hidden = _hidden_in(body)
        named = next((str(body[name]) for name in _NAMES if isinstance(body.get(name), str)), "") or _last(body)
        clean: dict[str, JsonValue] = {}
        for key, item in body.items():
            name = _key(key, clean)
            if key in self._keep:
                clean[name] = item
            elif key in hidden:
                clean[name] = _blank(item)
            elif named and key.lower() in _VALUES:
                clean[name] = self._setting(named, item, listed=isinstance(body.get("key"), str))
            elif named and key.lower() in _OTHERS:
                clean[name] = self._setting(named, item, listed=False)
            elif key == "config" and isinstance(item, dict):
                clean[name] = self._settings(item)
            else:
                clean[name] = self._under(key, item, above)
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
        return self._under(name if _NAME.fullmatch(name) else "", value)

    def _under(self, key: str, item: JsonValue, above: str = "") -> JsonValue:
        """The redacted value of a key.

        All of it is a secret under a plain name, and a text that looks like one under others.
        """
        if names.kind(key) == "plain":
            return _blank(item)
        if isinstance(item, str):
            if key.lower().endswith("token") and not item.isdecimal() and not names.trivial(item):
                return MARK
            clean = self._called(key, item, source=key == "code")
            return MARK if above and self._looks(f"{above} {key}", item, clean) else clean
        if isinstance(item, list) and names.kind(key):
            return [self._called(key, each) if isinstance(each, str) else self.of(each) for each in item]
        if isinstance(item, dict) and len(key) <= _GROWN:
            return self.mapping(item, key)
        return self.of(item)

    def _called(self, key: str, text: str, *, source: bool = False) -> str:
        """A text under a key; it may look like a secret only once its own are taken out."""
        clean = self.text(text, source=source)
        return MARK if self._looks(key, text, clean, plain=None) else clean

    @staticmethod
    def _looks(key: str, *texts: str, plain: bool | None = False) -> bool:
        return any(names.hides(key, text, plain=plain) for text in texts)


def _last(body: Mapping[str, JsonValue]) -> str:
    """The last part of a place that an object names; empty when it names none."""
    for name in _PATHS:
        place = body.get(name)
        parts = place.split("/") if isinstance(place, str) else place
        if isinstance(parts, list) and parts and isinstance(parts[-1], str):
            return parts[-1]
    return ""


def _key(key: str, taken: Mapping[str, JsonValue]) -> str:
    """A key, which may be a secret itself; two of them stay two."""
    clean = key if len(key) < 12 else secret_text.redact(key)
    while clean in taken:
        clean += "+"
    return clean


def _hidden_in(body: Mapping[str, JsonValue]) -> frozenset[str]:
    """Keys of an object under which secrets lie, by what else it says."""
    hidden: frozenset[str] = frozenset()
    if isinstance(body.get("kty"), str):
        hidden |= _JWK
    if body.get("kind") == "Secret":
        hidden |= _KUBERNETES
    if not _ARGUMENTS.isdisjoint(body) and any(isinstance(item, str) and _announces(item) for item in body.values()):
        hidden |= _ARGUMENTS
    return hidden


def _lines(texts: list[str]) -> list[str]:
    """Strings in a row that are the lines of a key."""
    if not any("PRIVATE KEY" in text for text in texts) or any("\n" in text for text in texts):
        return texts
    lines = secret_text.redact("\n".join(texts)).split("\n")
    return lines if len(lines) == len(texts) else texts


def _following(texts: list[str]) -> list[str]:
    """Strings in a row where one says that the next is a secret: the words of a command, a name and its value."""
    if _announces(texts[0]):
        return [texts[0], *(text if names.trivial(text) else MARK for text in texts[1:])]
    found = list(texts)
    for at, (text, following) in enumerate(itertools.pairwise(texts), start=1):
        says = (text.startswith("-") or len(texts) == 2) and _NAME.fullmatch(text) is not None
        if says and not following.startswith("-") and not names.kind(following):
            found[at] = MARK if names.hides(text, following) else following
    return found


def _announces(text: str) -> bool:
    """True when a text leaves a place for a secret that is kept apart from it: ``password=%s``."""
    for found in itertools.islice(_TEMPLATE.finditer(text), _TEMPLATES):
        before = _BEFORE_TEMPLATE.search(text[max(0, found.start() - 80) : found.start()])
        if before is not None and names.kind(before[1]):
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
