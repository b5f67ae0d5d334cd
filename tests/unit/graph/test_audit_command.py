"""``python -m graph.audit``: verify, export and anchor, as a person runs them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph import audit
from incident.errors import BadInput
from tools.audit import chain as audit_chain
from tools.audit import chain_file
from tools.audit.anchor_file import FileAnchor
from tools.records import home
from tools.scripted.clock import ManualClock

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> home.Home:
    """A home whose signed heads lie elsewhere, as its setting says."""
    found = home.lay_out(tmp_path / "home")
    anchor = FileAnchor(tmp_path / "elsewhere.jsonl", ManualClock())
    chain = chain_file.open_with(found.audit, found.audit_key, anchor, ManualClock())
    for number in range(3):
        chain.append(AT, "suture", "record", {"incident": "inc-1", "n": number})
    chain.close()
    return found


class Command:
    """Runs the command in this process, over the environment that a person would set."""

    def __init__(self, place: home.Home, captured: pytest.CaptureFixture[bytes]) -> None:
        self.place, self.captured = place, captured

    def __call__(self, *arguments: str, anchor: str = "") -> tuple[int, bytes, bytes]:
        """(exit code, standard output, standard error)."""
        setting = anchor or f"file:{self.place.root.parent / 'elsewhere.jsonl'}"
        environment = {"SUTURE_HOME": str(self.place.root), "SUTURE_AUDIT_ANCHOR": setting}
        code = audit.act(audit.parser().parse_args(arguments), environment)
        said = self.captured.readouterr()
        return code, said.out, said.err


@pytest.fixture
def run(place: home.Home, capsysbinary: pytest.CaptureFixture[bytes]) -> Command:
    return Command(place, capsysbinary)


def test_a_chain_verifies_against_the_anchor_that_the_setting_names(place: home.Home, run: Command) -> None:
    code, out, _ = run("verify")
    assert (code, b"3 entries verify; signed up to entry 3" in out) == (0, True)
    place.audit.write_bytes(b"")
    code, out, _ = run("verify", "--json")
    assert (code, "entry 3 was signed" in json.loads(out)["fault"]) == (1, True)


def test_the_signed_heads_are_printed_for_the_verifier_that_runs_alone(place: home.Home, run: Command) -> None:
    _, out, _ = run("anchor")
    assert out == (place.root.parent / "elsewhere.jsonl").read_bytes()
    assert audit_chain.verify(place.audit, place.audit_key.read_bytes(), out).fault is None


def test_an_export_is_the_chains_own_lines(place: home.Home, run: Command) -> None:
    assert run("export") == (0, place.audit.read_bytes(), b"")


def test_a_bulk_export_has_an_action_and_a_document_for_each_entry(place: home.Home, run: Command) -> None:
    _, out, _ = run("export", "--format", "bulk", "--index", "audit-2026")
    lines = [json.loads(line) for line in out.splitlines()]
    entries = [json.loads(line) for line in place.audit.read_bytes().splitlines()]
    assert lines[0::2] == [{"create": {"_index": "audit-2026", "_id": entry["mac"]}} for entry in entries]
    for entry, document in zip(entries, lines[1::2], strict=True):
        assert json.loads(document.pop("body")) == entry.pop("body")
        assert (document.pop("@timestamp"), document.pop("incident")) == (entry["at"], "inc-1")
        assert document == entry


@pytest.mark.parametrize("form", ["jsonl", "bulk"])
def test_nothing_is_exported_from_where_the_chain_breaks_on(place: home.Home, run: Command, form: str) -> None:
    lines = place.audit.read_bytes().splitlines(keepends=True)
    place.audit.write_bytes(lines[0] + lines[1].replace(b'"n":1', b'"n":7') + lines[2])
    code, out, err = run("export", "--format", form)
    assert (code, out.count(b"\n")) == (1, 1 if form == "jsonl" else 2)
    assert b"entry 2 (line 2) was changed: its MAC does not fit; nothing from there on was exported" in err


def test_an_export_of_a_chain_that_was_cut_says_so_at_the_end(place: home.Home, run: Command) -> None:
    place.audit.write_bytes(place.audit.read_bytes().splitlines(keepends=True)[0])
    code, out, err = run("export")
    assert (code, out) == (1, place.audit.read_bytes())
    assert b"entry 3 was signed" in err


@pytest.mark.parametrize("setting", ["s3:bucket", "file:relative", "git:/does/not/exist", "http://host"])
def test_a_setting_that_names_no_anchor_is_refused(run: Command, setting: str) -> None:
    with pytest.raises(BadInput, match="SUTURE_AUDIT_ANCHOR"):
        run("verify", anchor=setting)
