"""Shapes of secrets that gitleaks' rules do not have: credentials in URLs, headers, command lines, files, hashes, cards.  Pure."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tools.stores import secret_names

Span = tuple[int, int]


class Shape(NamedTuple):
    """One shape: its first group is the secret, or all of it.  Without one of `needles` in lower case, there is none."""

    needles: tuple[str, ...]
    pattern: re.Pattern[str]
    sure: Callable[[str], bool] = lambda _: True

    def spans(self, text: str) -> Iterator[Span]:
        """Where its secrets stand."""
        for found in self.pattern.finditer(text):
            group = next((number for number in range(1, self.pattern.groups + 1) if found[number]), 0)
            if self.sure(found[group]):
                yield found.span(group)


_BRAND = re.compile(r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7]|35|6[05])\d{14}|3[47]\d{13}|3[068]\d{12}")
"""Numbers of Visa, Mastercard, JCB, Discover, American Express and Diners."""


def _card(number: str) -> bool:
    """Whether it has a brand's form, and its last digit is the one of Luhn's formula (ISO/IEC 7812)."""
    plain = number.replace(" ", "").replace("-", "")
    doubled = [sum(divmod(2 * int(digit), 10)) if at % 2 else int(digit) for at, digit in enumerate(reversed(plain))]
    return _BRAND.fullmatch(plain) is not None and sum(doubled) % 10 == 0 and len(set(plain)) > 1


def _iban(account: str) -> bool:
    plain = account.replace(" ", "")
    return 15 <= len(plain) <= 34 and int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def _opaque(value: str) -> bool:
    return not secret_names.trivial(value)


def _userinfo(value: str) -> bool:
    return secret_names.looks_secret(value) and len(value) >= 10


_PUBLIC = re.compile(
    r"(?:png|jpe?g|gif|svg|webp|css|js|mjs|ts|map|py|md|html?|json|toml|ya?ml|txt|whl|gz|zip|conf)\Z", re.IGNORECASE
)


def _address(value: str) -> bool:
    return not _PUBLIC.search(value) and not value.startswith("git@")


def _shape(needles: str, pattern: str, sure: Callable[[str], bool] = _opaque, flags: int = 0) -> Shape:
    return Shape(tuple(needles.split()), re.compile(pattern, re.ASCII | flags), sure)


_HOST = r"(?:[A-Za-z0-9][A-Za-z0-9.-]{0,250}|\[[0-9a-fA-F:.]{2,45}\])"
_END = r"(?=[\s\"'<>\\]|\Z)"

SHAPES: tuple[Shape, ...] = (
    # --- keys in armour; what has no end goes to the end of the text
    _shape(
        "private key",
        r"-----BEGIN (?:[A-Z0-9-]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----BEGIN )[\s\S])*?"
        r"(?:-----END (?:[A-Z0-9-]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----|(?=-----BEGIN )|\Z)",
    ),
    _shape("private-lines:", r"Private-Lines:\s*\d+((?:\s+[A-Za-z0-9+/=]{16,})+)", flags=re.IGNORECASE),
    _shape('"kty"', r"[{,]\s*\\*\"(?:d|p|q|dp|dq|qi|k)\\*\"\s*:\s*\\*\"([A-Za-z0-9_-]{16,})"),
    # --- addresses
    _shape("://", rf"\b[A-Za-z][A-Za-z0-9+.-]{{1,30}}://[^\s:/@?#\"'<>]{{0,200}}:([^\s/\"'<>]{{1,400}})@(?={_HOST})"),
    _shape(
        "://", rf"\b(?!https?:)[A-Za-z][A-Za-z0-9+.-]{{1,30}}://[^\s:/@?#\"'<>]{{0,200}}:(?!\d{{1,5}}/)([^\s\"'<>]{{1,400}})@(?={_HOST})"
    ),
    _shape("://", rf"\b[A-Za-z][A-Za-z0-9+.-]{{1,30}}://([^\s:/@?#\"'<>]{{10,400}})@(?={_HOST})", _userinfo),
    _shape("@tcp( @unix( @(", r"[\w.-]{1,64}:([^\s@\"'/]{1,200})@(?:tcp|unix|udp)?\("),
    _shape("@", r"\bjdbc:oracle:\w+:[^\s/@\"']{1,64}/([^\s@\"']{1,200})@"),
    _shape("@", r"(?<=[/=?&:])((?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[A-Za-z]{2,24})(?![\w@])", _address),
    _shape("hook", rf"https?://[^\s\"'<>]{{0,200}}?/(?:[\w-]*hooks?(?:b2)?|hook/\w+)/([^\s\"'<>\\]{{8,}}){_END}?", secret_names.looks_secret, re.IGNORECASE),
    _shape("hooks.slack hooks.zapier", r"\bhooks\.(?:slack|slack-gov|zapier)\.com/(?:services|workflows|triggers|hooks)/([^\s\"'<>\\]{8,})"),
    _shape("/bot", r"/bot(\d{5,16}:[A-Za-z0-9_-]{30,})"),
    _shape(":aa", r"\b(\d{8,12}:AA[A-Za-z0-9_-]{32,35})\b"),
    _shape("maker.ifttt logic.azure", r"\b(?:maker\.ifttt\.com/trigger/[^\s/]{1,80}(?:/json)?/with/key/)([\w-]{10,})"),
    _shape(
        "sig= signature= sign= policy= sig%3d signature%3d",
        r"(?:[?&;]|%26|%3[fF]|\\u0026)(?:X-(?:Amz|Goog|Ms|Oss)-)?(?:sig|signature|sign|policy)(?:=|%3[dD])([^\s&\"'<>;\\]{8,})",
        flags=re.IGNORECASE,
    ),
    _shape(
        "x-amz- x-goog- x-oss- accesskeyid key-pair-id policy=",
        r"(?:X-(?:Amz|Goog|Oss)-(?:Security-Token|Credential)|(?:AWS|OSS|Google)?AccessKeyId|AccessId|Key-Pair-Id|Policy)(?:=|%3[dD])([^\s&\"'<>;\\]{8,})",
        flags=re.IGNORECASE,
    ),
    _shape(
        "key= code= hash= state= pw= pass= auth= sid= p=",
        r"[?&](?:\w{0,20}key|code|hash|pw|pass|auth|sid|state|p|k|t|s|api)=([^\s&\"'<>;\\]{12,})",
        lambda value: secret_names.looks_secret(value) and "/" not in value,
    ),
    # --- headers
    _shape(
        "bearer basic token digest apikey negotiate sharedkey hawk aws4-hmac ntlm",
        r"\b(?i:Bearer|Basic|Token|ApiKey|Negotiate|NTLM|SharedKey|SharedKeyLite)[ \t]+(?=[A-Za-z._~+/-]*[0-9=]|[A-Za-z0-9._~+/-]+[A-Z])([A-Za-z0-9._~+/:-]{8,}=*)",
    ),
    _shape("signature= response= mac=", r"\b(?:AWS4-HMAC-SHA256|Digest|Hawk|OAuth)\b[^\n]{0,400}?\b(?:Signature|response|mac|oauth_signature)=\"?([^\s\",]{8,})", flags=re.IGNORECASE),
    # --- command lines
    _shape(
        "-u --user --creds",
        r"\b(?:curl|wget|http|https|ab|skopeo|crane|oras|podman|buildah|docker)\b[^\n|]{0,400}?[ \t](?:-u[ \t]?|--user[= \t]|--creds[= \t]|--dest-creds[= \t]|--src-creds[= \t])[\"']?[^\s:\"'/]{0,100}:([^\s\"']{3,})",
    ),
    _shape(
        "-p --pass",
        r"\b(?:docker|podman|helm|oc|az|nerdctl|buildah|skopeo|mysql\w*|mariadb\w*|mongo\w*|sshpass|htpasswd|ldapsearch|smbclient|rabbitmqctl|vault|cf|ibmcloud)\b"
        r"[^\n|]{0,300}?[ \t](?:-p[ \t]?)[\"']?(?!\d{1,5}(?:[:/ ]|\Z))([^\s\"'=/.-][^\s\"']{2,})",
    ),
    _shape("-p", r"[ \t](?:-u|--user(?:name)?|-U|-l|--login)[= \t]?[^\s]{1,80}[^\n|]{0,100}?[ \t]-[pP][ \t]+[\"']?(?!\d{1,5}(?:[:/ ]|\Z))([^\s\"'-][^\s\"']{2,})"),
    _shape("-w", r"\b(?:ldap\w+|psql|sqlcmd|bteq|isql|kinit|net)\b[^\n|]{0,300}?[ \t]-[wP][ \t]+[\"']?([^\s\"'-][^\s\"']{2,})"),
    _shape("redis-cli", r"\bredis-cli\b[^\n|]{0,200}?[ \t](?:-a|--pass)[= \t]+[\"']?([^\s\"']{3,})"),
    _shape("pass:", r"\bpass:([^\s\"':]{4,})"),
    _shape("identified", r"\bidentified\s+(?:with\s+\S+\s+)?by\s+(?:password\s+)?'([^']{1,200})'", flags=re.IGNORECASE),
    _shape("password", r"\bpassword\s+'([^']{1,200})'", flags=re.IGNORECASE),
    # --- files
    _shape("login machine", r"\b(?:machine\s+\S+\s+|default\s+)?login\s+\S{1,200}\s+(?:account\s+\S+\s+)?password\s+(\S{1,400})", flags=re.IGNORECASE),
    _shape("machine", r"\bmachine\s+\S{1,250}\s+password\s+(\S{1,400})", flags=re.IGNORECASE),
    _shape(":", r"(?m)^[\w.*-]{1,250}:(?:\d{4,5}|\*):[\w.*-]{1,64}:[\w.*@-]{1,64}:((?:\\:|[^\s:]){3,200})$"),
    _shape('"auth"', r"\"auth\\*\"\s*:\s*\\*\"([A-Za-z0-9+/=_-]{8,})\\*\""),
    _shape("ls0tls1crud", r"\bLS0tLS1CRUdJTi(?=[A-Za-z0-9+/]{0,16}(?:BSSVZBVEUg|UFJJVkFURS|QUklWQVRFI|IFBSSVZBVEU|gUFJJVkFURS))[A-Za-z0-9+/]{16,}={0,2}"),
    # --- hashes of passwords
    _shape("$", r"(\$(?:2[abxy]|5|6|1|apr1|y|7|argon2(?:id|i|d)|scrypt|pbkdf2(?:-\w+)?|sha1|bcrypt-sha256)\$[./A-Za-z0-9$=,_-]{12,}[./A-Za-z0-9])", lambda value: value.count("$") >= 3),
    _shape("{ssha} {sha} {smd5} {ssha256} {ssha512} {crypt} {pbkdf2}", r"\{(?:SSHA(?:256|512)?|SHA(?:256|512)?|SMD5|MD5|CRYPT|PBKDF2\S{0,10})\}([A-Za-z0-9+/=$.]{12,})", flags=re.IGNORECASE),
    _shape("pbkdf2_ argon2$ bcrypt_ bcrypt$ scrypt:", r"\b(?:pbkdf2_\w+\$\d+|bcrypt(?:_sha256)?\$|argon2\$|scrypt:\d+:\d+:\d+\$|pbkdf2:\w+:\d+\$)\$?[^\s\"']{12,}"),
    # --- tokens with a known beginning
    _shape(
        "eyj",
        r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,3}",
    ),
    _shape("akia asia aroa aida abia acca", r"\b(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}\b(?:[^\n]{0,80}?[\s:=\"',/]([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=]))"),
    _shape("akia asia aroa aida abia acca", r"\b(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    _shape("ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", r"\bgh[opsur]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}"),
    _shape("glpat- gldt- glrt- glft- gloas- glsoat- glptt- glcbt- glagent- glimt- glffct-", r"\bgl(?:pat|dt|rt|ft|oas|soat|ptt|cbt|agent|imt|ffct)-[A-Za-z0-9_.-]{16,}"),
    _shape("xox xapp-", r"\b(?:xox[abcdeoprs](?:\.xox[bp])?|xapp)-[A-Za-z0-9-]{10,}"),
    _shape("sk- pk- rk_ sk_ whsec_", r"\b(?:sk-[A-Za-z0-9_-]{16,}|[srp]k_(?:live|test|prod)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,})"),
    _shape(
        "hf_ npm_ dckr_ rubygems_ glsa_ glc_ hvs. hvb. hvr. dop_v1 doo_v1 dor_v1 pypi- aiza ya29. 1//0 figd_ r8_ gsk_ xai- nvapi- pplx-"
        " nrak- nrjs- nrii- nrra- nral ltai shpat_ shpca_ shppa_ shpss_ atatt sgp_ pul- lin_api tskey- secret_ ntn_ dapi key- phc_ phx_ sbp_ re_ apify_api_ age-secret",
        r"\b(?:hf_[A-Za-z]{20,}|npm_[A-Za-z0-9]{20,}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{16,}|rubygems_[a-f0-9]{20,}|gl(?:sa|c)_[A-Za-z0-9_+/=-]{20,}"
        r"|hv[sbr]\.[A-Za-z0-9_-]{16,}|do[opr]_v1_[a-f0-9]{32,}|pypi-[A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{20,}"
        r"|1//0[A-Za-z0-9_-]{20,}|figd_[A-Za-z0-9_-]{20,}|r8_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{30,}|xai-[A-Za-z0-9]{30,}|nvapi-[A-Za-z0-9_-]{30,}"
        r"|pplx-[A-Za-z0-9]{30,}|NR(?:AK|JS|II|RA)-[A-Za-z0-9_-]{16,}|[a-f0-9]{36}NRAL|LTAI[A-Za-z0-9]{12,}|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{20,}"
        r"|ATATT3[A-Za-z0-9_=-]{20,}|sgp_[A-Za-z0-9_]{30,}|pul-[a-f0-9]{30,}|lin_api_[A-Za-z0-9]{20,}|tskey-[a-z]+-[A-Za-z0-9-]{16,}"
        r"|(?:secret|ntn)_[A-Za-z0-9]{40,}|dapi[a-f0-9]{32}|key-[a-f0-9]{32}|ph[cx]_[A-Za-z0-9]{30,}|sbp_[a-f0-9]{30,}|re_[A-Za-z0-9_]{24,}"
        r"|apify_api_[A-Za-z0-9]{30,}|AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{20,})",
    ),
    _shape("sg.", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    _shape("sk", r"\bSK[0-9a-f]{32}\b"),
    # --- money
    Shape((), re.compile(r"[2-6](?<![\w.-][2-6])\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,4}(?:[ -]?\d{1,3})?(?![\w-]|\.\d)"), _card),
    Shape((), re.compile(r"[A-Z](?<!\w[A-Z])[A-Z]\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b"), _iban),
)  # fmt: skip
