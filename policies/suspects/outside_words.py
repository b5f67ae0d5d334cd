"""Causes outside that protocols have words of their own for: name server, certificate, clock, quota.  Pure.

The words are those of the error codes of POSIX, DNS (RFC 8914), TLS alerts (RFC 8446), HTTP status 429 (RFC 6585)
and gRPC, which libraries of all languages pass on; messages in other words are not understood.

Limits: the words name what went wrong on the way, which a changed setting may have brought; a workload can write
anything, so this convicts nobody alone.
"""

import math
import re

from incident.decision import SCALE, because
from incident.observed import Observed
from policies.suspects import novelty, scores
from policies.suspects.scores import Reading, Score, Suspect

CAUSES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "name server",
        re.compile(r"NXDOMAIN|SERVFAIL|EAI_AGAIN|EAI_NONAME|ENOTFOUND|UnknownHost|no such host|name resolution", re.I),
    ),
    (
        "certificate",
        re.compile(r"certificate[ _]?(?:has[ _])?expired|CERT_HAS_EXPIRED|x509|bad_certificate|unknown_ca", re.I),
    ),
    ("clock", re.compile(r"clock skew|not yet valid|RequestTimeTooSkewed|issued in the future|ntp", re.I)),
    (
        "quota",
        re.compile(r"\b429\b|RESOURCE_EXHAUSTED|too many requests|quota (?:exceeded|exhausted)|rate.?limit", re.I),
    ),
    ("disk", re.compile(r"ENOSPC|no space left|EDQUOT|read-only file system|EROFS", re.I)),
)
"""Outside causes by name, with the words of their protocols."""


def read(observed: Observed) -> Reading:
    """Score outside causes by the words of new lines."""
    if not observed.logged:
        return scores.silence("outside_words", because("no_lines_counted"))
    heaviest: dict[str, tuple[float, str]] = {}
    for surprise, one in novelty.surprises(observed):
        before = sum(count for at, count in zip(one.at, one.count, strict=True) if observed.healthy.holds(at))
        since = sum(count for at, count in zip(one.at, one.count, strict=True) if observed.since.holds(at))
        for cause, pattern in CAUSES:
            if since > before and pattern.search(f"{one.text}\n{one.example}"):
                heaviest[cause] = max(heaviest.get(cause, (0.0, "")), (surprise, one.service))
    return scores.reading(
        "outside_words",
        (
            Score(
                suspect=Suspect(kind="outside", name=cause),
                strength=round(SCALE * (1 - math.exp(-min(surprise, novelty.FULL) / novelty.FULL))),
                why=because("protocol_words", service=by, nats=round(surprise, 1)),
                explains=(by,),
            )
            for cause, (surprise, by) in heaviest.items()
        ),
    )
