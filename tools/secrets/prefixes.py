"""Tokens with a known prefix, also when a log cut them short: gitleaks' rules want their full length.  Pure."""

import functools
import re
from collections.abc import Iterator

_WORD = "A-Za-z0-9_-"
_PLAIN = "A-Za-z0-9"
_HEX = "a-f0-9"
_BASE64 = "A-Za-z0-9+/=_-"

BEGINNINGS: tuple[tuple[str, str, int], ...] = (
    # --- clouds
    *((prefix, "A-Z0-9", 16) for prefix in ("AKIA", "ASIA", "AROA", "AIDA", "ABIA", "ACCA")),
    *(("LTAI", _PLAIN, 12), ("AKID", _PLAIN, 13), ("AIza", _WORD, 30), ("ya29.", _WORD, 20), ("1//0", _WORD, 20)),
    *(
        ("GOCSPX-", _WORD, 20),
        ("dop_v1_", _HEX, 32),
        ("doo_v1_", _HEX, 32),
        ("dor_v1_", _HEX, 32),
        ("SCW", "A-Z0-9", 17),
    ),
    # --- code and packages
    *((f"gh{kind}_", _PLAIN, 20) for kind in "opsur"),
    *(
        (f"gl{kind}-", "A-Za-z0-9_.-", 16)
        for kind in ("pat", "dt", "rt", "ft", "oas", "soat", "ptt", "cbt", "agent", "imt")
    ),
    *(
        ("github_pat_", _WORD, 20),
        ("ATATT3", _BASE64, 20),
        ("ATBB", _PLAIN, 24),
        ("npm_", _PLAIN, 20),
        ("pypi-", _WORD, 16),
    ),
    *(
        ("rubygems_", _HEX, 20),
        ("dckr_pat_", _WORD, 16),
        ("dckr_oat_", _WORD, 16),
        ("cio", _PLAIN, 32),
        ("oy2", "a-z0-9", 43),
    ),
    *(("sgp_", _WORD, 30), ("CCIPAT_", _WORD, 20), ("bkua_", _HEX, 30), ("sqp_", _HEX, 30), ("squ_", _HEX, 30)),
    # --- models
    *(("sk-", _WORD, 16), ("hf_", "A-Za-z", 20), ("r8_", _PLAIN, 30), ("gsk_", _PLAIN, 30), ("xai-", _PLAIN, 30)),
    *(("nvapi-", _WORD, 30), ("pplx-", _PLAIN, 30), ("lsv2_", _WORD, 30), ("pcsk_", _WORD, 30), ("ABSK", _BASE64, 60)),
    # --- services
    *((f"{kind}_{mode}_", _PLAIN, 10) for kind in ("sk", "rk", "pk") for mode in ("live", "test", "prod")),
    *(
        ("sk_", _HEX, 40),
        ("whsec_", _BASE64, 16),
        ("SG.", "A-Za-z0-9_.-", 30),
        ("key-", _HEX, 32),
        ("sq0csp-", _WORD, 20),
    ),
    *((f"xox{kind}-", "A-Za-z0-9-", 10) for kind in "abcdeoprs"),
    *(("xoxe.xox", "A-Za-z0-9-", 10), ("xapp-", "A-Za-z0-9-", 10), ("shpat_", _HEX, 20), ("shpss_", _HEX, 20)),
    *(
        ("secret_", _PLAIN, 40),
        ("ntn_", _PLAIN, 40),
        ("lin_api_", _PLAIN, 20),
        ("figd_", _WORD, 20),
        ("phc_", _PLAIN, 30),
    ),
    *(("sbp_", _HEX, 30), ("re_", _WORD, 24), ("apify_api_", _PLAIN, 30), ("tskey-", _WORD, 20), ("nfp_", _PLAIN, 30)),
    # --- operations
    *((f"hv{kind}.", _WORD, 16) for kind in "sbr"),
    *((f"NR{kind}-", _WORD, 16) for kind in ("AK", "JS", "II", "RA")),
    *(("glsa_", _WORD, 20), ("glc_", _BASE64, 20), ("dapi", _HEX, 32), ("pul-", _HEX, 30), ("sntrys_", _BASE64, 30)),
    *(("AGE-SECRET-KEY-1", "A-Z0-9", 20), ("AGE-SECRET-KEY-PQ-1", "A-Z0-9", 20), ("ops_ey", _BASE64, 40)),
    # --- forms of tokens and keys
    *(
        ("eyJ", "A-Za-z0-9_.-", 24),
        ("gAAAAA", _WORD, 50),
        ("xprv", _PLAIN, 100),
        ("MDAxY", _BASE64, 40),
        ("H4sIA", _BASE64, 30),
    ),
    *((f"v{version}.{kind}.", "A-Za-z0-9_.-", 20) for version in "1234" for kind in ("local", "public")),
    *(("b3BlbnNzaC1rZXktdjE", _BASE64, 20), ("MIGHAgEAMBMG", _BASE64, 40), ("MHcCAQEE", _BASE64, 40)),
)
"""Prefix of each kind of token, the characters of the rest, and the least number of them."""


class Beginning:
    """One kind of token with a known prefix."""

    prose = False

    def __init__(self, prefix: str, rest: str, least: int) -> None:
        self.needles = (prefix.lower(),)
        # Not inside of a word: `task-` ends in a prefix of tokens.
        self._expression = rf"(?<![A-Za-z0-9]){re.escape(prefix)}[{rest}]{{{least},}}"

    @functools.cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled when a text first holds the prefix."""
        return re.compile(self._expression, re.ASCII)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans of such tokens in a text."""
        for found in self.pattern.finditer(text):
            # ``eyJ…`` is JSON in base64, and one of its parts is no token.
            if not found.group().startswith("eyJ") or "." in found.group():
                yield found.span()


TOKENS = tuple(Beginning(*beginning) for beginning in BEGINNINGS)
