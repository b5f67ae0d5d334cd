"""Conditions of a recording: of its Prometheus rule file, and of what its description says of rules.

An expression is never evaluated.  It is only cut at its comparison with a number, when that is the outermost thing in it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from incident.evidence import Condition, Missing
from tools.recorded.description import Rule
from tools.recorded.files import Files, Troubles
from tools.recorded.naming import Naming
from tools.recorded.said import said

NAMES = ("rules.yml", "rules.yaml")
MAX_RULES = 5_000

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w|y)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`")
_RANGE = re.compile(r"\[\s*((?:\d+(?:\.\d+)?(?:ms|[smhdwy]))+)")
_COMPARED = re.compile(r"(?P<left>.*?)(?P<operator>>=|<=|==|!=|>|<)(?:\s*bool\b)?(?P<right>.*)", re.DOTALL)
_WORDS = re.compile(r"\b(?:and|or|unless)\b")
_NUMBER = re.compile(r"\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*")


class Served(NamedTuple):
    """One rule, about one service or about whichever an alert names."""

    alert: str
    service: str
    expression: str
    comparison: str
    threshold: float | None
    window_seconds: float | None
    for_seconds: float
    labels: Mapping[str, str]
    value: str

    def condition(self, service: str, step_seconds: float) -> Condition | Missing:
        """The rule as it is about a service; Missing when its comparison is not known."""
        if self.threshold is None or self.comparison not in (">", ">=", "<", "<="):
            why = "has no outermost comparison with a number: say comparison and threshold in recording.toml"
            return Missing(reason=f"the rule {self.alert} {why}")
        return Condition(
            name=self.alert,
            service=service,
            expression=self.expression,
            comparison=self.comparison,
            threshold=self.threshold,
            window_seconds=self.window_seconds if self.window_seconds is not None else step_seconds,
            for_seconds=self.for_seconds,
            step_seconds=step_seconds,
            labels={**self.labels, "alertname": self.alert},
        )


def read(files: Files, naming: Naming, rules: tuple[Rule, ...]) -> tuple[Served, ...]:
    """The rules of the rule file, completed by those of the description; of one that only this has, it is all of it."""
    found: list[Served] = []
    left = list(rules)
    for name in NAMES:
        whole = files.content(name) if files.has(name) else None
        for given in _alerts(whole, name, files.troubles) if whole is not None else ():
            served = _served(given, naming)
            more = [rule for rule in rules if rule.alert == served.alert and served.service in (rule.service, "")]
            found += [_completed(served, rule) for rule in more] or [served]
            left = [rule for rule in left if rule not in more]
    blank = Served("", "", "", "", None, None, 0.0, {}, "")
    return (*found, *(_completed(blank._replace(alert=rule.alert), rule) for rule in left))


def seconds(duration: object) -> float:
    """Seconds of a duration as Prometheus writes it; 0 for anything else.

    >>> seconds("1h30m"), seconds("15s"), seconds("soon")
    (5400.0, 15.0, 0.0)
    """
    text = str(duration)
    parts = _DURATION.findall(text)
    return sum(float(n) * _SECONDS[unit] for n, unit in parts) if "".join(n + u for n, u in parts) == text else 0.0


def cut(expression: str) -> tuple[str, str, float] | None:
    """An expression's left side, comparison and number; None when no such comparison is the outermost thing in it.

    >>> cut("sum(rate(a[1m])) / sum(rate(b[1m])) > 0.05")
    ('sum(rate(a[1m])) / sum(rate(b[1m]))', '>', 0.05)
    >>> cut("a > 0 and b > 1"), cut("sum(a > 1)"), cut("a > b")
    (None, None, None)
    """
    whole = expression.strip()
    while whole.startswith("(") and _closing(whole) == len(whole) - 1:
        whole = whole[1:-1].strip()
    bare = _flattened(whole)
    found = _COMPARED.fullmatch(bare)
    if found is None or _WORDS.search(bare) or any(sign in found["right"] for sign in "<>=!"):
        return None
    number = _NUMBER.fullmatch(found["right"])
    if number is None or found["operator"] in ("==", "!="):
        return None
    return whole[: len(found["left"])].strip(), found["operator"], float(number[1])


def window(expression: str) -> float | None:
    """The longest range of an expression in seconds; None without one."""
    ranges = [seconds(found) for found in _RANGE.findall(_TEXT.sub("", expression))]
    return max(ranges, default=None)


def _alerts(whole: str, name: str, troubles: Troubles) -> Iterator[Mapping[str, object]]:
    try:
        document = yaml.safe_load(whole)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        troubles.say(name, f"it is no YAML: {error}")
        return
    groups = document.get("groups") if isinstance(document, dict) else None
    if not isinstance(groups, list):
        troubles.say(name, "it has no groups of rules")
        return
    rules = [rule for group in groups if isinstance(group, dict) for rule in group.get("rules") or ()]
    if len(rules) > MAX_RULES:
        troubles.say(name, f"{len(rules) - MAX_RULES} rules are left out, there are too many")
    for rule in rules[:MAX_RULES]:
        if isinstance(rule, dict) and isinstance(rule.get("alert"), str) and isinstance(rule.get("expr"), str | int):
            yield rule
        elif not isinstance(rule, dict) or "record" not in rule:
            troubles.say(name, "a rule has no alert or no expr")


def _served(given: Mapping[str, object], naming: Naming) -> Served:
    expression = str(given["expr"])
    found = cut(expression)
    labels = given.get("labels")
    plain = {str(k): said(str(v)) for k, v in labels.items() if "{{" not in str(v)} if isinstance(labels, dict) else {}
    left, comparison, threshold = found or (expression, "", None)
    return Served(
        alert=str(given["alert"]),
        service=naming.service(plain) or _matched(expression, naming),
        expression=said(left, 2000),
        comparison=comparison,
        threshold=threshold,
        window_seconds=window(expression),
        for_seconds=seconds(given.get("for", "")),
        labels=plain,
        value="",
    )


def _matched(expression: str, naming: Naming) -> str:
    """The one service that the matchers of an expression name; empty when there is none, or more than one."""
    pairs = re.findall(r"([A-Za-z_][\w.]*)\s*=\s*\"([^\"\\]*)\"", expression)
    named = {naming.service({label: value}) for label, value in pairs if label in naming.labels}
    return named.pop() if len(named - {""}) == 1 and "" not in named else ""


def _completed(served: Served, rule: Rule) -> Served:
    given: dict[str, Any] = {
        "service": rule.service,
        "expression": rule.expression,
        "comparison": rule.comparison,
        "threshold": rule.threshold,
        "window_seconds": rule.window_seconds,
        "for_seconds": rule.for_seconds,
        "labels": {**served.labels, **rule.labels},
        "value": rule.value,
    }
    return served._replace(**{key: value for key, value in given.items() if value not in ("", None)})


def _closing(text: str) -> int:
    """Place of the parenthesis that closes the first one; -1 when none does."""
    depth = 0
    bare = _TEXT.sub(lambda found: " " * len(found.group()), text)
    for place, char in enumerate(bare):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth == 0:
            return place
    return -1


def _flattened(text: str) -> str:
    """The text of the same length with spaces for everything in quotes, parentheses, braces and brackets."""
    depth, found = 0, []
    for char in _TEXT.sub(lambda held: " " * len(held.group()), text):
        depth -= char in ")]}"
        found.append(char if depth == 0 and char not in ")]}" else " ")
        depth += char in "([{"
    return "".join(found)
