"""Generated patches of one bug, in the real sandbox: the hidden tests mark them, and the proof sends them their way."""

from pathlib import Path

import pytest

from agents.models import price
from evals.bench.repair import bugs, given, layout, proving
from evals.bench.repair.generated import judged, screening
from evals.bench.repair.generated.judged import Judged, Work
from graph.config import settings
from graph.config.settings import Settings
from incident.remedy import FileEdit
from policies import profiles
from tests.integration.repair.interpreter import runtime
from tests.integration.sandbox.conftest import NEEDS_BWRAP

pytestmark = [NEEDS_BWRAP, pytest.mark.timeout(900)]

BUG = next(item for item in bugs.BUGS if item.name == "real-pyter-tornado-1689")


@pytest.fixture
def base(tmp_path: Path) -> Settings:
    found = settings.load({"SUTURE_HOME": str(tmp_path / "home")})
    return found.model_copy(update={"limits": profiles.lab(), "model": price.PLAYBOOK})


def test_what_is_drawn_is_marked_and_proven_and_kept(tmp_path: Path, base: Settings) -> None:
    state = tmp_path / "state.jsonl"
    work = Work(bug=BUG, number=1, seed=1, state=state)
    found = list(judged.all_of((work,), base, runtime(), jobs=1))
    assert 1 <= len(found) <= judged.DRAWN
    for item in found:
        assert isinstance(item, Judged)
        # One that still raises is not proven; all others are.
        assert (item.right is None) == (item.proven is None)
        assert item.right is not False or item.failed_hidden
    reached = [item for item in found if isinstance(item, Judged) and item.proven and item.proven.reached]
    assert sum(item.right is False for item in reached) == (1 if len(found) < judged.DRAWN else 0)
    kept = judged.read(state, seed=1)
    assert list(kept) == found
    assert judged.read(state, seed=2) == ()
    again = judged.all_of((work.model_copy(update={"done": kept}),), base, runtime(), jobs=1)
    assert list(again) == found
    assert len(state.read_text(encoding="utf-8").splitlines()) == len(found)


def test_patches_are_asked_together_and_one_that_never_ends_is_told(tmp_path: Path) -> None:
    path, known = f"services/{BUG.service}/{BUG.path}", given.right(BUG).text
    right = (layout.SERVICES / BUG.service / BUG.path).read_text(encoding="utf-8")
    head, rest = known.partition(":\n")[::2]
    edits = [
        (FileEdit(path=path, before="", after=right.replace(known, text)),)
        for text in (known, f"{head}:\n    while True:\n        pass\n{rest}")
    ]
    (mended, endless) = screening.answers(tmp_path / "trees", BUG, (BUG.failing,), edits, runtime())
    assert mended is not None
    assert [item.status for item in mended] == [403]
    assert endless is None
    (unmended,) = screening.answers(tmp_path / "trees", BUG, (BUG.failing,), [()], runtime())
    assert unmended is not None
    assert [item.status for item in unmended] == [None]


def test_the_known_fix_reaches_the_question_and_one_that_does_not_mend_is_refused(
    tmp_path: Path, base: Settings
) -> None:
    known = given.right(BUG)
    other = known.text.replace("if not token:", "if not given:")
    assert other != known.text
    with proving.workshop(tmp_path / "workshop", BUG, base, runtime()) as workshop:
        right, wrong = workshop.prove(known.text, "the known fix"), workshop.prove(other, "another guard")
    assert (right.inspection, right.reached, right.fate) == ("allow", True, "offered")
    assert (wrong.reached, wrong.fate) == (False, "refused")


def test_a_bug_that_cannot_be_judged_is_told(base: Settings) -> None:
    misfit = BUG.model_copy(update={"failing": bugs.traffic(BUG.service).healthy[0]})
    (found,) = judged.all_of((Work(bug=misfit, number=1, seed=1),), base, runtime(), jobs=1)
    assert isinstance(found, judged.Skipped)
    assert "does not fail" in found.why
