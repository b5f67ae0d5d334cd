"""The verifier as the program it is: copied alone to an empty folder, run by an isolated interpreter."""

import json
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from evals.bench import audit_changes
from tools.audit import chain as audit_chain
from tools.audit import chain_lines


@dataclass
class Elsewhere:
    """An auditor's machine: the program, a chain, its key and its anchor, and nothing else."""

    folder: Path
    chain: audit_changes.Chain

    def run(self, *arguments: str, anchor: bool = True) -> "subprocess.CompletedProcess[str]":
        given = ("--anchor", "anchor.jsonl") if anchor else ()
        command = [sys.executable, "-I", "audit_chain.py", "audit.jsonl", "--key", "audit.key", *given, *arguments]
        return subprocess.run(command, cwd=self.folder, env={}, check=False, capture_output=True, text=True)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Elsewhere:
    chain = audit_changes.chain(70, random.Random(7))
    shutil.copy(audit_chain.__file__, tmp_path / "audit_chain.py")
    (tmp_path / "audit.jsonl").write_bytes(b"".join(chain.lines))
    (tmp_path / "audit.key").write_bytes(audit_changes.KEY)
    (tmp_path / "anchor.jsonl").write_bytes(chain.anchor)
    return Elsewhere(tmp_path, chain)


def test_a_genuine_chain_verifies(elsewhere: Elsewhere) -> None:
    said = elsewhere.run()
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == "audit.jsonl: 70 entries verify; signed up to entry 70\n"


def test_without_an_anchor_it_says_that_it_had_none(elsewhere: Elsewhere) -> None:
    said = elsewhere.run(anchor=False)
    assert said.returncode == 0
    assert "no anchor was given" in said.stdout


@pytest.mark.parametrize("processes", ["1", "2"])
def test_an_alarm_is_exit_code_1_and_names_the_place(elsewhere: Elsewhere, processes: str) -> None:
    lines = list(elsewhere.chain.lines)
    lines[40] = lines[40].replace(b"decided", b"closed!")
    (elsewhere.folder / "audit.jsonl").write_bytes(b"".join(lines))
    said = elsewhere.run("--json", "--processes", processes)
    assert said.returncode == 1
    found = json.loads(said.stdout)
    assert found["fault"] == "entry 41 (line 41) was changed: its MAC does not fit"
    assert (found["entries"], found["head"]) == (40, elsewhere.chain.heads[40].mac)


def test_a_torn_tail_is_said_and_no_alarm(elsewhere: Elsewhere) -> None:
    line, _ = chain_lines.entry(audit_changes.KEY, elsewhere.chain.heads[-1], "t", "a", "b", {})
    with (elsewhere.folder / "audit.jsonl").open("ab") as file:
        file.write(line[:50])
    said = elsewhere.run()
    assert said.returncode == 0
    assert "cut short by a crash (50 bytes)" in said.stdout


@pytest.mark.parametrize("missing", ["audit.jsonl", "audit.key", "anchor.jsonl"])
def test_what_is_not_there_is_exit_code_2_and_no_verdict(elsewhere: Elsewhere, missing: str) -> None:
    (elsewhere.folder / missing).unlink()
    said = elsewhere.run()
    assert (said.returncode, said.stdout) == (2, "")
    assert missing in said.stderr


def test_a_key_of_the_wrong_length_and_wrong_arguments_are_exit_code_2(elsewhere: Elsewhere) -> None:
    assert elsewhere.run("--surprise").returncode == 2
    (elsewhere.folder / "audit.key").write_bytes(b"short")
    said = elsewhere.run()
    assert said.returncode == 2
    assert "5 bytes instead of 32" in said.stderr


def test_an_anchor_that_was_changed_is_an_alarm(elsewhere: Elsewhere) -> None:
    (elsewhere.folder / "anchor.jsonl").write_bytes(elsewhere.chain.anchor.replace(b'"at":"2026', b'"at":"2025', 1))
    said = elsewhere.run("--processes", "2")
    assert said.returncode == 1
    assert "a line of the anchor was changed" in said.stdout


def test_called_from_python_it_answers_in_the_same_words(
    elsewhere: Elsewhere, capsys: pytest.CaptureFixture[str]
) -> None:
    log, key, anchor = (str(elsewhere.folder / name) for name in ("audit.jsonl", "audit.key", "anchor.jsonl"))

    def said(*arguments: str) -> tuple[int, str, str]:
        code = audit_chain.main([log, "--key", key, *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    assert said("--anchor", anchor) == (0, "audit.jsonl: 70 entries verify; signed up to entry 70\n", "")
    assert said() == (0, "audit.jsonl: 70 entries verify; no anchor was given\n", "")
    code, out, _ = said("--anchor", anchor, "--json", "--processes", "2")
    found = {"file": "audit.jsonl", "entries": 70, "anchored": 70, "torn_bytes": 0, "fault": None}
    assert (code, json.loads(out)) == (0, {**found, "head": elsewhere.chain.heads[-1].mac})
    whole = Path(log).read_bytes()
    Path(log).write_bytes(whole + whole[:9])
    assert said()[1].endswith("no anchor was given; its last line was cut short by a crash (9 bytes)\n")
    Path(log).write_bytes(whole.replace(b"decided", b"closed!", 1))
    assert said()[:2] == (1, "audit.jsonl: ALARM: entry 1 (line 1) was changed: its MAC does not fit\n")
    Path(key).write_bytes(b"short")
    assert said() == (2, "", f"the key {key} has 5 bytes instead of 32\n")


def long_chain(folder: Path) -> tuple[Path, audit_changes.Chain]:
    """One of several parts."""
    lines, heads = [], [audit_chain.Head()]
    for number in range(900):
        body = {"kind": "decided", "text": "x" * 10_000, "n": number}
        line, head = chain_lines.entry(audit_changes.KEY, heads[-1], "t", "a", "b", body)
        lines.append(line)
        heads.append(head)
    signed = [chain_lines.signed_head(audit_changes.KEY, heads[seq], "t") + b"\n" for seq in (0, 300, 900)]
    chain = audit_changes.Chain(tuple(lines), tuple(heads), b"".join(signed))
    log = folder / "audit.jsonl"
    log.write_bytes(b"".join(chain.lines))
    assert log.stat().st_size > 2 * audit_chain._PART
    return log, chain


def test_parts_that_are_checked_side_by_side_say_what_one_process_says(tmp_path: Path) -> None:
    """Changes at the beginning, where parts meet, and at the end; the words are those of the single process."""
    log, chain = long_chain(tmp_path)
    whole = log.read_bytes()
    border = whole.index(b"\n", audit_chain._PART) + 1
    line = len(chain.lines[0])
    for name, content in {
        "genuine": whole,
        "torn": whole + whole[:9],
        "flipped early": whole[:50] + b"!" + whole[51:],
        "flipped behind a border": whole[: border + 50] + b"!" + whole[border + 51 :],
        "the entry before a border is gone": whole[: whole.rindex(b"\n", 0, border - 1) + 1] + whole[border:],
        "the entry behind a border is gone": whole[:border] + whole[whole.index(b"\n", border) + 1 :],
        "cut at a border": whole[:border],
        "cut in a line": whole[: -line // 2],
        "begins later": whole[border:],
        "empty": b"",
    }.items():
        log.write_bytes(content)
        alone = audit_chain.verify(log, audit_changes.KEY, chain.anchor)
        assert audit_chain.verify(log, audit_changes.KEY, chain.anchor, 2) == alone, name
        assert (alone.fault is None) == (name in ("genuine", "torn")), name
