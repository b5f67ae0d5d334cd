"""The same incident twice: what the second one is told of the first, what it does with it, and what a person's word does."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from graph import feedback, replay
from graph.console import cli
from graph.context import Context
from graph.evidence import past
from graph.reports import journal_reader, report
from graph.runtime import cases
from graph.setup import stores
from incident.ending import Outcome
from incident.errors import Unavailable
from incident.evidence import Origin
from incident.past import Fix, Past, Question
from incident.record import Answered, Decided, Gathered, Judged, Proposed, Record
from incident.remedy import Patch
from tests.unit.graph import driven
from tools import ports
from tools.records.sqlite_memory import SqliteMemory
from tools.scripted.clock import ManualClock
from tools.scripted.proof import ScriptedProver
from tools.scripted.world import SICK, ScriptedWorld, incident_world


class Twice:
    """A home in which one incident comes after the other."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.chosen = driven.said(folder, **driven.ALONE)
        self.stores = stores.connect(self.chosen, clock=self.clock)

    def run(
        self, world: Callable[[ManualClock], ScriptedWorld], memories: ports.Memories | None = None
    ) -> tuple[ports.Row, tuple[Record, ...]]:
        self.clock.advance(86_400)
        played = world(self.clock)
        self.clock.advance(30)
        (case,) = cases.of(self.chosen, played, driven.alert(self.clock.now().isoformat())).cases
        records: list[Record] = []
        drive = _Driver(self.chosen, self.stores, played, records.append)
        drive.memories = memories
        _, row = drive.start(case)
        return row, tuple(records)


class _Driver(driven.Driver):
    memories: ports.Memories | None = None

    def context(self, row: ports.Row) -> Context:
        made = replace(super().context(row), prover=ScriptedProver(lambda _: "passed"))
        return made if self.memories is None else replace(made, memories=self.memories)


def dormant(clock: ManualClock) -> ScriptedWorld:
    return incident_world(clock, wakes_in=0.0)


def deployed(clock: ManualClock) -> ScriptedWorld:
    return incident_world(clock, wakes_in=-300.0, deployed_ago=2.0, sick=SICK)


def kinds(records: tuple[Record, ...]) -> list[str]:
    return [event.remedy.kind for _, event in journal_reader.events(records, Proposed)]


def seen(records: tuple[Record, ...]) -> list[Past]:
    gathered = journal_reader.last(records, Gathered)
    assert gathered is not None
    return [item.fact for item in gathered.dossier.of("past") if isinstance(item.fact, Past)]


def test_the_second_time_the_change_that_healed_is_tried_first(tmp_path: Path) -> None:
    """No patch agent is asked; the change is proved, reviewed and judged as any other, and the report says where it is from."""
    home = Twice(tmp_path)
    first, before = home.run(dormant)
    assert (first.outcome, seen(before)) == (Outcome.HEALED, [])
    second, after = home.run(dormant)
    assert second.outcome == Outcome.HEALED
    (told,) = seen(after)
    assert (told.similarity, told.memory.incident) == ("same_place", first.id)
    asked = [event.agent for _, event in journal_reader.events(after, Answered)]
    assert (asked.count("patch"), asked.count("review")) == (0, 1)
    (made,) = [event.remedy for _, event in journal_reader.events(after, Proposed)]
    assert isinstance(made, Patch)
    assert first.id in made.summary
    assert first.id in report.render(after)


def test_the_patch_of_another_file_is_not_tried(tmp_path: Path) -> None:
    """Control: the file is not the one that it mended then."""

    class Older(SqliteMemory):
        def fix(self, incident: str) -> Fix | None:
            found = super().fix(incident)
            assert found is not None
            older = found.edit.model_copy(update={"before": f"{found.edit.before}# older\n"})
            return found.model_copy(update={"edit": older})

    home = Twice(tmp_path)
    home.run(dormant)
    known = home.stores.memories
    assert isinstance(known, SqliteMemory)
    older = Older(known._store, known._marks)
    row, records = home.run(dormant, older)
    assert row.outcome == Outcome.HEALED
    assert "patch" in [event.agent for _, event in journal_reader.events(records, Answered)]


def test_a_memory_that_does_not_answer_is_a_gap_and_fills_its_risk(tmp_path: Path) -> None:
    class Gone(SqliteMemory):
        def like(self, question: Question, most: int = 5) -> tuple[Past, ...]:
            raise Unavailable("memory.db cannot be used")

    home = Twice(tmp_path)
    known = home.stores.memories
    assert isinstance(known, SqliteMemory)
    row, records = home.run(dormant, Gone(known._store, known._marks))
    assert row.outcome == Outcome.HEALED
    gathered = journal_reader.last(records, Gathered)
    assert gathered is not None
    assert past.unread(gathered.dossier)
    (decision,) = [
        event.decision for _, event in journal_reader.events(records, Decided) if event.decision.policy == "risk.assess"
    ]
    assert [one.value for one in decision.factors if one.name == "recent_failures"] == [10_000]


def said(home: Twice, incident: str, *words: str) -> int:
    environment = {"SUTURE_HOME": str(home.stores.home.root)}
    return cli.main(feedback.parser(), lambda given: feedback.act(given, environment), (incident, *words))


def test_a_persons_word_is_recorded_chained_and_weighed_the_next_time(tmp_path: Path) -> None:
    """A roll back that healed and was called wrong comes behind the patch, and the record still verifies."""
    home = Twice(tmp_path)
    first, before = home.run(deployed)
    assert kinds(before) == ["roll_back"]
    assert said(home, first.id, "--wrong", "--because", "lost\nthe new prices", "--as", "ada") == 0
    folder = stores.folder(home.stores, first.id)
    word = journal_reader.last(journal_reader.load(folder.lines()), Judged)
    assert word is not None
    assert (word.verdict, word.because, word.by) == ("wrong", "lost the new prices", "ada")
    replay.unchanged(home.stores.audit, folder, first.id)
    assert "called wrong by ada" in (folder.folder / "report.md").read_text()
    _, after = home.run(deployed)
    gathered = journal_reader.last(after, Gathered)
    assert gathered is not None
    assert [item.origin for item in gathered.dossier.of("past")] == [Origin.HUMAN]
    assert kinds(after) == ["patch"]
    assert "ada called it wrong (lost the new prices)" in report.render(after)


def test_control_without_the_word_the_roll_back_comes_first_again(tmp_path: Path) -> None:
    home = Twice(tmp_path)
    home.run(deployed)
    _, after = home.run(deployed)
    assert kinds(after) == ["roll_back"]


@pytest.mark.parametrize(
    ("incident", "words"),
    [
        ("inc-unknown", ("--wrong",)),
        ("", ()),
        ("", ("--wrong", "--right")),
        ("", ("--wrong", "--as", "suture")),
        ("", ("--wrong", "--as", " ")),
    ],
    ids=["an unknown incident", "no word", "two words", "our own name", "no name"],
)
def test_bad_input_is_one_sentence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    incident: str,
    words: tuple[str, ...],
) -> None:
    home = Twice(tmp_path)
    assert said(home, incident or "inc-any", *words) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_an_incident_that_goes_on_takes_no_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Twice(tmp_path)
    home.chosen = home.chosen.model_copy(update={"autonomy": "propose"})
    row, _ = home.run(dormant)
    assert row.status == "waiting"
    assert said(home, row.id, "--right") == 2
    assert home.stores.memories.said(row.id) is None
    assert "say so when it has ended" in capsys.readouterr().err
