"""Every code that a policy can give has its words, and every word its code."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import graph
import incident
import policies
from graph.reports import vocabulary
from graph.reports.words import diagnosis, gates, patch, remedy, rollout, suspects
from incident.decision import Allow, Reason, because, listed

SOURCES = sorted(path for package in (policies, incident, graph) for path in Path(package.__path__[0]).rglob("*.py"))


def given() -> Iterator[tuple[str, ast.Call]]:
    """Each code with the call that gives it."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "because":
                first = node.args[0]
                for code in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                    assert isinstance(code, ast.Constant), f"{path}:{node.lineno} computes its code"
                    yield str(code.value), node


GIVEN = list(given())


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_code_has_words_and_every_sentence_its_code() -> None:
    assert {code for code, _ in GIVEN} == set(vocabulary.SENTENCES)


@pytest.mark.parametrize(("code", "call"), GIVEN, ids=[f"{code}-{call.lineno}" for code, call in GIVEN])
def test_a_sentence_names_no_value_that_is_not_given(code: str, call: ast.Call) -> None:
    assert fields(vocabulary.SENTENCES[code]) <= {item.arg for item in call.keywords}


def test_no_code_has_two_sentences() -> None:
    parts = (
        diagnosis.SENTENCES,
        remedy.SENTENCES,
        gates.SENTENCES,
        rollout.SENTENCES,
        patch.SENTENCES,
        suspects.SENTENCES,
    )
    assert len(set().union(*parts)) == sum(map(len, parts))


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (because("confidence_too_low", confidence=4_237, needed=6_000), "confidence 0.4237 is below 0.6"),
        (because("kill_switch", by="", why=""), "the kill switch is set by nobody named: no reason given"),
        (because("flapping", subject="version", states=("v1", "v2", "v1")), "flapping: version went v1→v2→v1; a person decides"),
        (because("others_first", plans=(because("party", incident="i", why=because("same_service", service="s")),)), "i: it changes s, too"),
        (listed(("a", "b")), "a, b"),
        (Reason(), ""),
    ],
)  # fmt: skip
def test_a_reason_reads_as_a_sentence(reason: Reason, said: str) -> None:
    assert vocabulary.sentence(reason) == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (because("of_tomorrow", count=3, why=because("unknown")), "of_tomorrow (count 3, why unknown)"),
        (because("of_tomorrow"), "of_tomorrow"),
        (because("frozen", til="noon"), "frozen (til noon)"),
        (because("error_rate", rate="none"), "error_rate (rate none)"),
    ],
)
def test_what_has_no_words_here_is_shown_as_it_is(reason: Reason, said: str) -> None:
    assert vocabulary.sentence(reason) == said


def test_the_sentence_of_an_older_record_is_shown_as_it_is() -> None:
    verdict = Allow.model_validate({"kind": "allow", "reason": "risk 0.1 of 1"})
    assert vocabulary.sentence(verdict.reason) == "risk 0.1 of 1"


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 services depend on it"), (1, "1 service depends on it"), (2, "2 services depend on it")]
)
def test_what_is_counted_agrees_with_its_number(count: int, said: str) -> None:
    assert vocabulary.sentence(because("depended_on", count=count)) == said


def test_a_truth_value_is_said_as_yes_or_no() -> None:
    assert vocabulary.sentence(because("neighbours_worse", worse=True)).endswith(": yes")
