"""Names that announce a secret: keys of objects, headers, query parameters, options of commands.  Pure.

A *plain* name (``password``) gives away whatever follows it.  A *doubtful* one (``token``, ``session``) names harmless
things as well, so what follows it must look like a secret.
"""

import functools
import itertools
import math
import re
from collections import Counter
from typing import Literal

from incident import setting

Kind = Literal["plain", "doubtful"]

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PLAIN = _listed(
    "password passwords passwd passphrase passcode pwd passw secret secrets credential credentials creds mnemonic"
    " apikey apikeys privatekey secretkey accesskey authkey signingkey encryptionkey masterkey sharedkey accountkey"
    " clientsecret connectionstring authorization jsessionid phpsessid aspsessionid sessionid sessid dsn requirepass"
    " passwort kennwort wachtwoord senha contrasena motdepasse haslo pswd psw pword pwrd passwrd masterauth authtoken accesstoken refreshtoken idtoken sharedaccesskey sharedaccesssignature"
)
_GLUED = ("password", "passwd", "passphrase", "secret", "apikey", "pwd", "bindpw", "rootpw")
"""Also ``PGPASSWORD`` and ``usersecret``."""
_KEYS = _listed(
    "api access secret private signing sign encryption encrypt encrypted master auth account shared license licence ssh"
    " deploy session cookie hmac jwt webhook client crypt recovery backup service application aes rsa tls ssl pgp gpg"
    " wrapping unseal instrumentation ingest psk wpa subscription integration stream"
)
_TOKENS = _listed(
    "access refresh auth session id bearer api csrf xsrf oauth deploy bot reset security registry personal user private"
    " secret job verification device push web app login identity root sas"
)
_PAIRS = frozenset(
    {
        *((first, key) for first in _KEYS for key in ("key", "keys")),
        *((first, "token") for first in _TOKENS),
        *((first, last) for first in ("seed", "recovery", "pass", "backup") for last in ("phrase", "words", "codes")),
        *(("connection", "string"), ("otp", "seed"), ("totp", "seed"), ("session", "id"), ("pass", "word")),
        *(("set", "cookie"), ("key", "data"), ("webhook", "url"), ("security", "code"), ("card", "number")),
        *(("key", "material"), ("auth", "code"), ("verification", "code")),
    }
)
_DOUBTFUL = _listed(
    "token tokens auth session cookie cookies bearer jwt sid pass pepper salt seed otp totp pin sig signature hmac csrf"
    " xsrf ticket webhook assertion passkey keystore psk pat cvv cvc samlresponse"
)
_DOUBTFUL_KEYS = frozenset(
    {"routing", "storage", "write", "data", "host", "user", "customer", "tenant", "project", "root"}
)
"""``routing_key`` is an address to a queue, and a secret to PagerDuty."""
_ABOUT = _listed(
    "length len size count name names type kind policy field fields column path file files url uri host endpoint ttl age"
    " expiry expires expiration timeout seconds ms attempts algorithm valid invalid error errors required manager store"
    " provider version enabled hint prompt label input form page status limit max min rotation strength missing wrong"
    " mismatch checker validator changed header scheme mode level failed denied"
)
"""``password_length`` is about a password, and is none."""
_HARMLESS = _listed(
    "primary foreign partition sort cache group public index hash unique lookup composite natural surrogate effect"
    " idempotency object map dict dedup"
)
"""``CACHE_KEY`` names no secret, and ``STRIPE_KEY`` does."""

_DIGITS = frozenset({"pin", "otp", "totp", "cvv", "cvc", "code", "mfa"})
"""Names whose secret may be a few digits."""

_NOTHING = _listed(
    "none null nil undefined true false yes no on off n/a str string int bool bytes optional any object required"
    " redacted masked enabled disabled"
)
_PLACEHOLDER = re.compile(
    r"[*x•.]{2,}|<[a-z _-]{0,60}>|\$?\{{1,2}[\w.:! -]{0,80}\}{1,2}|\$[A-Z_][A-Z0-9_]{0,60}|%(?:\(\w{1,40}\))?[sdr]"
)
_NUMBER = re.compile(r"[\d.,:+/-]+|[A-Z]{2,10}-\d{1,7}|v\d+(?:\.\d+)*|0[xX][\da-fA-F]{1,16}")
_CAMEL = re.compile(r"_?(?:[A-Z][a-z]+)+|[a-z]+(?:[A-Z][a-z]+)+")


@functools.lru_cache(maxsize=4096)
def kind(name: str) -> Kind | None:
    """Kind of secret that a name announces; None when it announces none."""
    words = tuple(word.lower() for word in _WORDS.findall(name))
    if not words:
        return None
    last = words[-1]
    if last in _ABOUT:
        # The address of a webhook is a secret, although it is about one (`webhook_url`).
        return "plain" if words[-2:] in _PAIRS else None
    if _plain(words):
        return "plain"
    if last in _DOUBTFUL or last.endswith(("token", "pw")):
        return "doubtful"
    if len(words) > 1 and last in ("key", "pass") and words[-2] not in _HARMLESS:
        return "doubtful" if name.upper() == name or words[-2] in _DOUBTFUL_KEYS else None
    return None


def _plain(words: tuple[str, ...]) -> bool:
    return (
        any(word in _PLAIN or word.endswith(_GLUED) for word in words)
        or any(pair in _PAIRS for pair in itertools.pairwise(words))
        or "".join(words) in _PLAIN
    )


def trivial(value: str) -> bool:
    """True when a value is empty, a mark or a placeholder."""
    return (
        value.lower() in _NOTHING
        or not value.strip()
        or setting.is_hidden(value)
        or _PLACEHOLDER.fullmatch(value) is not None
    )


def hides(name: str, value: str, *, plain: bool | None = None) -> bool:
    """True when a value is a secret by its name, or by its name and its looks.

    `plain` overrides the name's kind where the place of the value tells more.
    """
    known = kind(name)
    if known is None or trivial(value) or not any(map(str.isalnum, value)):
        return False
    if plain if plain is not None else known == "plain":
        return True
    if value.isdecimal() and 3 <= len(value) <= 8:
        return _WORDS.findall(name)[-1].lower() in _DIGITS
    return looks_secret(value)


def looks_secret(value: str) -> bool:
    """True when a value could have been drawn at random: long enough, of mixed characters, no number and no word."""
    if len(value) < 6 or trivial(value) or _NUMBER.fullmatch(value):
        return False
    if any(map(str.isalpha, value)) and any(map(str.isdigit, value)):
        return True
    if len(value) >= 12 and value.lower() != value != value.upper() and not _CAMEL.fullmatch(value):
        return True
    return len(value) >= 20 and not value.startswith("/") and entropy(value) >= 3.7


def entropy(value: str) -> float:
    """Shannon entropy, in bits a character."""
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
