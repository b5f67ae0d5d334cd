"""Shapes of secrets that gitleaks' rules do not have: credentials in URLs, headers, command lines, files, hashes, cards.  Pure."""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tools.secrets import names

Span = tuple[int, int]


@dataclass(frozen=True)
class Shape:
    """One shape: its first group is the secret, or all of it.  Without one of `needles` in lower case, there is none."""

    needles: tuple[str, ...]
    expression: str
    flags: int
    sure: Callable[[str], bool]
    prose: bool
    """It stands in logs and messages; source text that looks like it means something else."""

    @functools.cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled when a text first holds one of the needles."""
        return re.compile(self.expression, self.flags)

    def spans(self, text: str) -> Iterator[Span]:
        """Spans of its secrets in a text."""
        for found in self.pattern.finditer(text):
            group = next((number for number in range(1, self.pattern.groups + 1) if found[number]), 0)
            if self.sure(found[group]):
                yield found.span(group)


_BRAND = re.compile(r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7]|35|6[05])\d{14}|3[47]\d{13}|3[068]\d{12}")
"""Numbers of Visa, Mastercard, JCB, Discover, American Express and Diners."""


def _card(number: str) -> bool:
    """True for a card number: a brand's form, and the check digit of Luhn's formula (ISO/IEC 7812)."""
    plain = number.replace(" ", "").replace("-", "")
    doubled = [sum(divmod(2 * int(digit), 10)) if at % 2 else int(digit) for at, digit in enumerate(reversed(plain))]
    return _BRAND.fullmatch(plain) is not None and sum(doubled) % 10 == 0 and len(set(plain)) > 1


def _iban(account: str) -> bool:
    """True when the check digits of an IBAN are right (ISO 13616)."""
    plain = account.replace(" ", "")
    return 15 <= len(plain) <= 34 and int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def _opaque(value: str) -> bool:
    return not names.trivial(value) and not value.isdecimal()  # that one is a fencing token


def _userinfo(value: str) -> bool:
    return names.looks_secret(value) and len(value) >= 10


def _segment(value: str) -> bool:
    return names.looks_secret(value) and "/" not in value


_FILE = re.compile(
    r"(?:png|jpe?g|gif|svg|webp|css|js|mjs|ts|map|py|md|html?|json|toml|ya?ml|txt|whl|gz|zip|conf)\Z", re.IGNORECASE
)


def _address(value: str) -> bool:
    return not _FILE.search(value) and not value.startswith("git@")


def _shape(
    needles: str, pattern: str, sure: Callable[[str], bool] = _opaque, flags: int = 0, *, prose: bool = False
) -> Shape:
    return Shape(tuple(needles.split(" ; ")), pattern, re.ASCII | flags, sure, prose)


_I = re.IGNORECASE
_SCHEME = r"\b[A-Za-z][A-Za-z0-9+.-]{1,30}://"
_USER = r"[^\s:/@?#\"'<>]{0,200}"
_HOST = r"(?=[A-Za-z0-9\[])"
_URL = r"[^\s&\"'<>;\\]"
_NOT_PORT = r"(?!\d{1,5}(?:[:/ ]|\Z))"
_ARGUMENT = r"[^\s\"'=/.-][^\s\"']{2,}"
_LOGINS = (
    r"docker|podman|helm|oc|az|nerdctl|buildah|skopeo|mysql\w*|mariadb\w*|mongo\w*|sshpass|htpasswd|ldapsearch|smbclient|rabbitmqctl"
    r"|vault|cf|ibmcloud|twine|unzip|zip|7z|rar"
)

ADDRESSES = (
    _shape("://", rf"{_SCHEME}{_USER}:([^\s/\"'<>]{{1,400}})@{_HOST}"),
    # Of what is no web address, a slash may be part of the password.
    _shape(
        "://",
        rf"(?<![A-Za-z])(?!https?:)[A-Za-z][A-Za-z0-9+.-]{{1,30}}://{_USER}:(?!\d{{1,5}}/)([^\s\"'<>]{{1,400}})@{_HOST}",
    ),
    _shape("://", rf"{_SCHEME}([^\s:/@?#\"'<>]{{10,400}})@{_HOST}", _userinfo),
    _shape("@tcp( ; @unix( ; @(", r"[\w.-]{1,64}:([^\s@\"'/]{1,200})@(?:tcp|unix|udp)?\("),
    _shape(
        "jdbc:oracle ; sqlplus",
        r"\b(?:jdbc:oracle:\w+:|sqlplus\s+(?:-\w+\s+)*)[^\s/@\"']{1,64}/([^\s@\"']{1,200})@",
        flags=_I,
    ),
    _shape(
        "@",
        r"(?<=[/=?&:])(?<!://)(?<![\w.+-])([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[A-Za-z]{2,24})(?![\w@])",
        _address,
        prose=True,
    ),
    _shape(
        "hook",
        r"https?://[^\s\"'<>]{0,200}?/(?:[\w-]*hooks?(?:b2)?|hook/\w+)/([^\s\"'<>\\]{8,})",
        names.looks_secret,
        _I,
    ),
    _shape("hooks.", r"\bhooks\.[\w.-]{1,60}/(?:services|workflows|triggers|hooks)/([^\s\"'<>\\]{8,})"),
    _shape("/bot", r"/bot(\d{5,16}:[A-Za-z0-9_-]{30,})"),
    _shape(":aa", r"\b(\d{8,12}:AA[A-Za-z0-9_-]{32,35})\b"),
    _shape(":apa91b", r"\b([A-Za-z0-9_-]{7,20}:APA91b[A-Za-z0-9_-]{60,})"),
    _shape("/with/key/", r"/with/key/([\w-]{10,})"),
    _shape(
        "/reset ; /verif ; /confirm ; /activat ; /invit ; /magic ; /unsubscribe ; -reset/ ; -password/",
        r"/[\w-]*(?:reset|verify|verification|confirm|activate|activation|invite|invitation|magic|unsubscribe|password)[\w-]*/([\w.=-]{16,})",
        _segment,
        _I,
        prose=True,
    ),
    _shape(
        "sig= ; signature= ; sign= ; policy= ; sig%3d ; signature%3d",
        rf"(?:[?&;]|%26|%3[fF]|\\u0026)(?:X-(?:Amz|Goog|Ms|Oss)-)?(?:sig|signature|sign|policy)(?:=|%3[dD])({_URL}{{8,}})",
        flags=_I,
    ),
    _shape(
        "x-amz- ; x-goog- ; x-oss- ; accesskeyid ; accessid ; key-pair-id",
        rf"(?:X-(?:Amz|Goog|Oss)-(?:Security-Token|Credential)|(?:AWS|OSS|Google)?AccessKeyId|[?&]\w{{0,10}}AccessId|Key-Pair-Id)(?:=|%3[dD])({_URL}{{8,}})",
        flags=_I,
    ),
    _shape(
        "key= ; code= ; hash= ; state= ; pw= ; pass= ; auth= ; sid= ; p= ; k= ; t= ; s= ; api= ; samlresponse=",
        rf"[?&](?:\w{{0,20}}key|code|hash|pw|pass|auth|sid|state|p|k|t|s|api|SAMLResponse)=({_URL}{{12,}})",
        _segment,
    ),
)
HEADERS = (
    _shape(
        "bearer ; basic ; token ; apikey ; negotiate ; sharedkey ; ntlm",
        r"\b(?i:Bearer|Basic|Token|ApiKey|Negotiate|NTLM|SharedKey|SharedKeyLite)[ \t]+(?=[A-Za-z._~+/-]*[0-9=]|[A-Za-z0-9._~+/-]+[A-Z])([A-Za-z0-9._~+/:-]{8,}=*)",
    ),
    _shape(
        "signature= ; response= ; mac=",
        r"\b(?:AWS4-HMAC-SHA256|Digest|Hawk|OAuth)\b[^\n]{0,400}?\b(?:Signature|response|mac|oauth_signature)=\"?([^\s\",]{8,})",
        flags=_I,
    ),
    _shape("auth ", r"\bAUTH (?:PLAIN|LOGIN|XOAUTH2|CRAM-MD5)\s+([A-Za-z0-9+/=]{8,})"),
    _shape("auth", r"[\"']AUTH[\"']\s+(?:[\"']\w+[\"']\s+)?[\"']([^\"']+)[\"']", flags=_I),
    _shape("pass ", r"(?m)^(?:[<>*]\s+)?PASS (\S+)"),
    _shape(
        "code ; pin",
        r"\b(?:verification|security|one-time|login|access|confirmation|auth\w*|recovery)\s+(?:code|pin)\s*(?:is|:|=)?\s*(\d{4,8}|(?-i:(?=[A-Z]*\d)[A-Z0-9]{6,8}))\b",
        lambda _: True,
        _I,
        prose=True,
    ),
    _shape("is your", r"(?<![\w-])((?:[A-Z]-)?\d{4,8}) is your\b", lambda _: True, prose=True),
    _shape(
        "пароль ; 密码 ; 密碼 ; パスワード ; 비밀번호 ; contraseña ; hasło",
        r"(?i:пароль|密码|密碼|パスワード|비밀번호|contraseña|hasło)[\"']?\s{0,3}[:=\uff1a\uff1d]\s{0,3}[\"']?([^\s\"',;]{3,})",
    ),
)
COMMANDS = (
    _shape(
        "-u ; --user ; --creds",
        r"\b(?:curl|wget|https?|ab|skopeo|crane|oras|podman|buildah|docker)\b[^\n|]{0,400}?[ \t](?:-u[ \t]?|--user[= \t]|--(?:dest-|src-)?creds[= \t])[\"']?[^\s:\"'/]{0,100}:([^\s\"']{3,})",
    ),
    _shape("-p", rf"\b(?:{_LOGINS})\b[^\n|]{{0,300}}?[ \t]-[pP][ \t]?[\"']?{_NOT_PORT}({_ARGUMENT})"),
    _shape(
        "-p",
        rf"[ \t](?:-u|--user(?:name)?|-U|-l|--login)[= \t]?[^\s]{{1,80}}[^\n|]{{0,100}}?[ \t]-[pP][ \t]+[\"']?{_NOT_PORT}({_ARGUMENT})",
    ),
    _shape(
        "-w ; -p",
        r"\b(?:ldap\w+|psql|sqlcmd|bteq|isql|kinit)\b[^\n|]{0,300}?[ \t]-[wP][ \t]+[\"']?([^\s\"'-][^\s\"']{2,})",
    ),
    _shape("redis-cli", r"\bredis-cli\b[^\n|]{0,200}?[ \t](?:-a|--pass)[= \t]+[\"']?([^\s\"']{3,})"),
    _shape("htpasswd", r"\bhtpasswd\s+-\w*b\w*\s+\S+\s+\S+\s+[\"']?([^\s\"']{3,})"),
    _shape("smb ; net ", r"\s-U[ =]?[\w\\/.-]{1,64}%([^\s\"']{3,})", flags=_I),
    _shape(
        "echo ; printf",
        r"\b(?:echo|printf)\s+(?:-\w+\s+)*[\"']?([^\s|\"']{3,})[\"']?\s*\|[^\n|]{0,200}(?:--password-stdin|chpasswd|passwd|sudo -S|login)",
    ),
    _shape("pass:", r"(?<![\w/-])pass:([^\s\"':]{4,})", prose=True),
    _shape("identified", r"\bidentified\s+(?:with\s+\S+\s+)?by\s+(?:password\s+)?'([^']{1,200})'", flags=_I),
    _shape("password '", r"\bpassword\s+'([^'\s]{1,200})'", flags=_I, prose=True),
    _shape(
        "(",
        r"(?i:password|passwd|passphrase|secret|api_?key|access_?token)\(\s*[\"']([^\"'\s]{6,})[\"']\s*\)",
        names.looks_secret,
    ),
)
FILES = (
    _shape(
        "machine ; default",
        r"\b(?:machine\s+\S{1,250}\s+(?:login\s+\S{1,200}\s+)?|default\s+login\s+\S{1,200}\s+)(?:account\s+\S{1,200}\s+)?password\s+(\S{1,400})",
        flags=_I,
    ),
    _shape(
        ":", r"(?m)^[\w.*-]{1,250}:(?:\d{4,5}|\*):[\w.*-]{1,64}:[\w.*@-]{1,64}:((?:\\:|[^\s:]){3,200})$", prose=True
    ),
    _shape("requirepass ; masterauth", r"\b(?:requirepass|masterauth)\s+[\"']?([^\s\"']{3,})", flags=_I, prose=True),
    _shape('"auth"', r"\"auth\\*\"\s*:\s*\\*\"([A-Za-z0-9+/=_-]{8,})\\*\""),
    _shape('kind: secret ; kind: "secret', r"(?m)^([ \t]*)(?:data|stringData):[ \t]*\n((?:\1[ \t]+[^\n]*(?:\n|\Z))+)"),
    _shape(
        "private key",
        r"-----BEGIN (?:[A-Z0-9-]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----BEGIN )[\s\S])*?"
        r"(?:-----END (?:[A-Z0-9-]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----|(?=-----BEGIN )|\Z)",
    ),
    _shape(
        "ls0tls1crud",
        r"\bLS0tLS1CRUdJTi(?=[A-Za-z0-9+/]{0,16}(?:BSSVZBVEUg|UFJJVkFURS|QUklWQVRFI|IFBSSVZBVEU|gUFJJVkFURS))[A-Za-z0-9+/]{16,}={0,2}",
    ),
    _shape("iba", r"\bMII[A-Za-z0-9+/]{3}IBA[AD][A-Za-z0-9+/=]{40,}"),
    _shape("private-lines:", r"Private-Lines:\s*\d+((?:\s+[A-Za-z0-9+/=]{16,})+)", flags=_I),
    _shape('"kty', r"[{,]\s*\\*\"(?:d|p|q|dp|dq|qi|k)\\*\"\s*:\s*\\*\"([A-Za-z0-9_-]{16,})"),
)
HASHES = (
    _shape(
        "$",
        r"(\$(?:2[abxy]|5|6|1|apr1|y|7|argon2(?:id|i|d)|scrypt|pbkdf2(?:-\w+)?|sha1|bcrypt-sha256)\$[./A-Za-z0-9$=,_-]{12,}[./A-Za-z0-9])",
        lambda value: value.count("$") >= 3,
    ),
    _shape(
        "{s ; {md5 ; {crypt ; {pbkdf2",
        r"\{(?:SSHA(?:256|512)?|SHA(?:256|512)?|SMD5|MD5|CRYPT|PBKDF2\S{0,10})\}([A-Za-z0-9+/=$.]{12,})",
        flags=_I,
    ),
    _shape(
        "pbkdf2 ; argon2$ ; bcrypt ; scrypt:",
        r"\b(?:pbkdf2_\w+\$\d+|bcrypt(?:_sha256)?\$|argon2\$|scrypt:\d+:\d+:\d+\$|pbkdf2:\w+:\d+\$)\$?[^\s\"']{12,}",
    ),
)
OTHERS = (
    _shape(
        "akia ; asia",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b[^\n]{0,80}?[\s:=\"',/]([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    ),
    _shape("sk", r"\bSK[0-9a-f]{32}\b"),
    _shape("nral", r"\b[a-f0-9]{36}NRAL\b"),
    _shape("-us", r"\b[0-9a-f]{32}-us\d{1,2}\b"),
    _shape("/", r"\b[012]/\d{10,20}:[a-f0-9]{32}\b"),
    _shape(".", r"\b[MNO][A-Za-z\d_-]{23,25}\.[\w-]{6}\.[\w-]{27,}"),
    Shape(
        (),
        r"[2-6](?<![\w.-][2-6])\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,4}(?:[ -]?\d{1,3})?(?![\w-]|\.\d)",
        re.NOFLAG,
        _card,
        prose=True,
    ),
    Shape(
        (),
        r"[A-Z](?<!\w[A-Z])[A-Z]\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b",
        re.NOFLAG,
        _iban,
        prose=True,
    ),
)

SHAPES: tuple[Shape, ...] = (*ADDRESSES, *HEADERS, *COMMANDS, *FILES, *HASHES, *OTHERS)
