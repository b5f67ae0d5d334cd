"""Secrets are taken out of what is recorded, before it is written or hashed.

Pure, and the same again on what it returned.  The structure stays: keys, lengths of lists, nulls and
booleans are kept; only strings and numbers change, and only to say that something stood there.  Digits
under the key ``token`` stay: those are fencing tokens.
"""

import re
from collections.abc import Collection, Mapping

from pydantic import JsonValue

MARK = "[redacted]"

_PASSES = 8
"""Taking one secret out may lay the next one bare (a word boundary appears); nearly always two passes are enough."""

_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----.*?"
    r"(?:-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
_URL = re.compile(r"(?P<before>\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s:/@?#\"']{0,200}:)[^\s/@\"']{1,400}(?=@)")
_SCHEME = re.compile(
    r"(?P<before>\b(?i:Bearer|Basic|Token)[ \t]+)"
    r"(?=[A-Za-z._~+/-]*[0-9=]|[A-Za-z0-9._~+/-]+[A-Z])"  # a word of prose ("Basic Authentication") has neither
    r"[A-Za-z0-9._~+/-]{8,}=*"
)
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?")
_KNOWN = re.compile(
    r"\b(?:(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}"  # AWS access key ids
    r"|gh[opsur]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{16,}|[sr]k_(?:live|test)_[A-Za-z0-9]{10,}"
    r"|AIza[A-Za-z0-9_-]{30,})"
)

_WORDS = (
    r"(?:password|passwd|passphrase|pwd|secret|client[_-]?secret|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key"
    r"|(?:access|refresh|auth|session|id|bearer)[_-]?token|credentials?)"
)
_GLUED = r"[A-Za-z0-9]{0,20}(?:password|passwd|passphrase|secret)"
"""Also ``PGPASSWORD`` and ``userSecret``."""
_SENSITIVE = (
    rf"(?:(?i:(?:[A-Za-z0-9]{{1,40}}[_.-]){{0,6}}(?:{_WORDS}|{_GLUED}))"
    r"|(?:[A-Z0-9]{1,40}_){1,6}(?:KEY|TOKEN|PASS|PW))"
)
_PAIR = re.compile(
    rf"(?<![A-Za-z0-9])(?P<before>{_SENSITIVE}[\"']?[ \t]{{0,3}}(?::=|=>|[=:])[ \t]{{0,3}})"
    r"(?:\"(?P<double>[^\"\n]*)\"|'(?P<single>[^'\n]*)'|(?P<bare>[^\s\"'&,;<>()\[\]{}]+))"
)
_HINT = re.compile(
    r"(?i:passw|passphrase|pwd|secret|(?:api|access|private)[_-]?key|token|credential|bearer|basic)|_(?:KEY|PASS|PW)"
)
"""Every match of `_PAIR` and `_SCHEME` holds one of these; looking for them first is several times as fast."""
_KEY = re.compile(rf"(?i:authorization|proxy[_-]authorization|cookie|set[_-]cookie|x[_-]api[_-]key)|{_SENSITIVE}")
_TOKEN = re.compile(r"(?i:token|x[_-][a-z-]{0,20}token)")
_VALUES = frozenset({"old", "new", "now", "back_to", "value"})
"""Where the value of a setting stands that an object names under ``key``: changes, causes, remedies."""


def redact(value: JsonValue, keep: Collection[str] = ()) -> JsonValue:
    """The value without its secrets.

    What lies under a key named in `keep` stays as it is: source text that already lies in a repository
    would no longer be that source otherwise.
    """
    match value:
        case str():
            return redact_text(value)
        case list():
            return [redact(item, keep) for item in value]
        case dict():
            return redact_mapping(value, keep)
        case _:
            return value


def redact_mapping(body: Mapping[str, JsonValue], keep: Collection[str] = ()) -> dict[str, JsonValue]:
    """The same for an object, whose keys tell more about what lies under them."""
    hidden = _VALUES if _names_secret(body.get("key")) else frozenset[str]()
    return {
        key: item if key in keep else _blank(item) if key in hidden else _under(key, item, keep)
        for key, item in body.items()
    }


def _names_secret(name: JsonValue) -> bool:
    """Whether an object speaks of a setting whose value is a secret, such as ``{"key": "DB_PASSWORD", "new": ...}``."""
    return isinstance(name, str) and (_KEY.fullmatch(name) or _TOKEN.fullmatch(name)) is not None


def redact_text(text: str) -> str:
    """The text without its secrets."""
    for _ in range(_PASSES):
        clean = _once(text)
        if clean == text:
            return text
        text = clean
    return text


def _once(text: str) -> str:
    """One pass.  A text without a rule's mark is not searched: most have none."""
    if "-----BEGIN" in text:
        text = _PRIVATE_KEY.sub(MARK, text)
    if "://" in text:
        text = _URL.sub(rf"\g<before>{MARK}", text)
    if _HINT.search(text):
        text = _SCHEME.sub(rf"\g<before>{MARK}", text)
        text = _PAIR.sub(_pair, text)
    if "eyJ" in text:
        text = _JWT.sub(MARK, text)
    return _KNOWN.sub(MARK, text)


def _under(key: str, item: JsonValue, keep: Collection[str]) -> JsonValue:
    if _KEY.fullmatch(key) or (_TOKEN.fullmatch(key) and isinstance(item, str) and not item.isdecimal()):
        return _blank(item)
    return redact(item, keep)


def _blank(value: JsonValue) -> JsonValue:
    match value:
        case None | bool() | "":
            return value
        case list():
            return [_blank(item) for item in value]
        case dict():
            return {key: _blank(item) for key, item in value.items()}
        case _:
            return MARK


def _pair(found: re.Match[str]) -> str:
    before = found["before"]
    if found["double"] is not None:
        return f'{before}"{MARK if found["double"] else ""}"'
    if found["single"] is not None:
        return f"{before}'{MARK if found['single'] else ''}'"
    return f"{before}{MARK}"
