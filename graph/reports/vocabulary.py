"""Vocabulary: the sentence of every reason that a policy gives, by its code.  Pure.

A code means the same in every policy, so a reason inside another one needs no policy beside it.  A template names
the reason's values.  The text after a colon says how a value is written: the format of a number, the separator of a
list, `one|several` for a number and what is counted, `share` for ten-thousandths, `span` for a length of time, `e` for the logarithm of an e-value, and `or …` for the
text in place of an empty value.
"""

import math
import string
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from graph.reports.words import diagnosis, gates, patch, remedy, rollout, suspects
from incident.decision import SCALE, Reason

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "listed": "{what}",
        "point": "{name}: {detail}",
        "point_alone": "{name}",
        "open_points": "{points}",
        "nothing_decided": "nothing was decided",
        "unknown": "unknown",
        "unknown_because": "unknown: {why}",
        "not_measured": "not measured",
        "missing": "{what:; }",
        "requests_fail": "{rate:.1%} of the requests fail",
        **diagnosis.SENTENCES,
        **remedy.SENTENCES,
        **gates.SENTENCES,
        **rollout.SENTENCES,
        **patch.SENTENCES,
        **suspects.SENTENCES,
    }
)


def sentence(reason: Reason) -> str:
    """Return a reason in words, for people and models; an unknown code is shown as itself, with its values."""
    template = SENTENCES.get(reason.code)
    if template is not None:
        # A record of another version may have other values under this code.
        with suppress(LookupError, ValueError, TypeError):
            return _FORMATTER.vformat(template, (), reason.values)
    values = ", ".join(f"{name} {_FORMATTER.format_field(value, '')}" for name, value in reason.values.items())
    return f"{reason.code} ({values})" if values else reason.code


def share(ten_thousandths: int) -> str:
    """Return an integer in ten-thousandths as a number between 0 and 1."""
    return f"{ten_thousandths / SCALE:.4f}".rstrip("0").rstrip(".") if ten_thousandths else "0"


class _Formatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        match value:
            case Reason():
                return sentence(value)
            case tuple():
                apart = "; " if any(isinstance(item, Reason) for item in value) else ", "
                return (format_spec or apart).join(self.format_field(item, "") for item in value)
            case bool():
                return "yes" if value else "no"
            case _:
                return _written(value, format_spec)


def counted(count: int, one: str, several: str) -> str:
    """Return a number with what is counted."""
    return f"{count} {one if count == 1 else several}"


def _written(value: Any, how: str) -> str:
    match how:
        case "share":
            return share(value)
        case "e":
            # An e-value above 1e10 tells nothing more, and `exp` overflows above 709.
            return f"{math.exp(min(value, 23.0)):.3g}"
        case "span":
            return f"{value / 86_400:g} days" if value >= 86_400 else f"{value:g} s"
        case _ if "|" in how:
            return counted(value, *how.split("|"))
        case _ if how.startswith("or "):
            return str(value) or how[3:]
        case _:
            return format(value, how)


_FORMATTER = _Formatter()
