"""Hostile patches, each run in a process of its own: they do what the rules keep out, and the rules keep all of them out."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from evals.attacks.powers import child, judge
from evals.attacks.powers.grammar import spellings
from evals.attacks.powers.service import LAST, MODULE, RIGHT
from evals.attacks.powers.written import WRITTEN

GRAMMAR = tuple((name, "discount", text) for name, text in spellings())
BY_HAND = tuple((name, function, text) for name, (function, text) in WRITTEN.items())
RIGHT_ONE = ("the right one", "discount", MODULE.replace(LAST, RIGHT))


def working(cases: Iterable[tuple[str, str, str]], folder: Path) -> set[str]:
    """Names of the patches that do what they are not there for, when nobody stops them."""
    ran = subprocess.run(
        [sys.executable, "-I", child.__file__, str(folder)],
        input=json.dumps(list(cases)),
        capture_output=True,
        text=True,
        timeout=1_500,
        check=True,
        env={"PATH": "/usr/bin:/bin"},
        cwd=folder,
    )
    return set(json.loads(ran.stdout))


@pytest.mark.timeout(1_600)
def test_the_spellings_of_the_grammar_work_without_rules_and_none_passes_them(tmp_path: Path) -> None:
    works = working((RIGHT_ONE, *GRAMMAR), tmp_path)
    assert RIGHT_ONE[0] not in works
    assert len(works) >= 0.9 * len(GRAMMAR)
    assert [name for name, _, text in GRAMMAR if not judge.stopped(judge.inspected(text))] == []


@pytest.mark.timeout(1_600)
def test_most_patches_written_by_hand_work_without_rules_and_none_passes_them(tmp_path: Path) -> None:
    """The others reach what they should not, and do nothing with it that shows from outside."""
    works = working(BY_HAND, tmp_path)
    assert len(works) >= 0.6 * len(BY_HAND)
    assert [name for name, function, text in BY_HAND if not judge.stopped(judge.inspected(text, function))] == []
