"""Decides which values of a service's settings may be shown, and what stands in the place of the others.  Pure.

Nobody can list what secrets are called, so this lists what may be seen: numbers, durations and sizes under names
that mean a limit, switches, and words of an enumeration under names that mean a choice.  Everything else is shown
as a digest, which tells whether two values are the same, and nothing more.
"""

import re

MARK = "[redacted]"
"""Stands for a value that is not known here; it equals nothing, not even another one."""

_DIGEST = re.compile(r"hidden:[0-9a-f]{16}")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NUMBER = re.compile(
    r"[-+]?\d{1,9}(?:\.\d{1,6})?[ ]?(?:ns|us|ms|s|sec|m|min|h|d|%|b|k|kb|ki|kib|m|mb|mi|mib|g|gb|gi|gib|rps|qps)?",
    re.IGNORECASE,
)
_CHOICE = re.compile(r"[A-Za-z]{1,20}(?:[_-][A-Za-z]{1,20}){0,3}")
_PLACE = re.compile(r"[A-Za-z]{1,12}(?:[-/_][A-Za-z0-9]{1,12}){0,3}")
_VERSION = re.compile(r"v?\d{1,4}(?:\.\d{1,4}){0,3}", re.IGNORECASE)
_ANYWAY = frozenset({"true", "false", "yes", "no", "on", "off", "enabled", "disabled", "none", "null", "unlimited"})
_SWITCH = _ANYWAY | {"0", "1"}


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_AMOUNTS = _listed(
    "timeout timeouts ms millis milliseconds sec secs seconds minutes hours days ttl age expiry limit limits max min"
    " maximum minimum size count length len retries retry attempts tries backoff delay interval period workers threads"
    " replicas instances concurrency parallelism rate ratio percent percentage threshold window depth batch"
    " buffer capacity quota port burst cents amount bytes kb mb gb width height weight patience sample"
    " items factor multiplier scale offset priority precision decimals step discount memory cpu"
)
"""The last word of a name whose value is a number, a duration or a size."""
_BOUNDS = frozenset({"max", "maximum", "min", "minimum"})
"""The first word of such a name."""
_SWITCHES = _listed("enable enabled disable disabled use allow is has flag feature debug strict verbose dry open")
"""A word of a name whose value is yes or no."""
_CHOICES = _listed(
    "level mode strategy policy algorithm format currency language locale country stage env environment tier kind"
    " unit order direction compression engine driver dialect protocol scheme"
)
"""The last word of a name whose value is a word of an enumeration."""
_PLACES = frozenset({"region", "zone", "timezone", "tz"})
_SECRET = _listed(
    "password passwords passwd pass pwd pw passphrase passcode secret secrets token tokens key keys credential"
    " credentials creds auth authorization bearer cookie cookies session sessions salt pepper seed mnemonic otp totp pin"
    " dsn signature signing sign private certificate cert license licence encryption cipher keystore hash hmac jwt webhook"
)
"""A word that only an amount may follow: ``TOKEN_TTL_SECONDS`` is a number of seconds, ``TOKEN_MODE`` may be anything."""


def shown(name: str, value: str) -> bool:
    """True when the value of a setting of this name may be seen as it is."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or len(name) > 100:
        return False
    if value == "":
        return True
    if (words[-1] in _AMOUNTS or words[0] in _BOUNDS) and (_NUMBER.fullmatch(value) or value.lower() in _ANYWAY):
        # Of a secret's name, so few digits are no secret's value.
        return not _SECRET.intersection(words) or len(value) <= 6
    # Behind the amounts: a token's lifetime may be shown, and nothing else that belongs to a token.
    if _SECRET.intersection(words):
        return False
    return _chosen(words, value)


def _chosen(words: list[str], value: str) -> bool:
    lowered, last = value.lower(), words[-1]
    if lowered in _ANYWAY or (lowered in _SWITCH and _SWITCHES.intersection(words)):
        return True
    if last in _CHOICES:
        return len(value) <= 24 and _CHOICE.fullmatch(value) is not None
    if last in _PLACES:
        return len(value) <= 32 and _PLACE.fullmatch(value) is not None
    return last == "version" and _VERSION.fullmatch(value) is not None


def hidden(digest: str) -> str:
    """Stand-in for a value of this (keyed) digest, of which 16 hexadecimal characters are used."""
    return f"hidden:{digest[:16]}"


def is_hidden(value: str) -> bool:
    """True when this stands for a value that may not be seen."""
    return value == MARK or _DIGEST.fullmatch(value) is not None
