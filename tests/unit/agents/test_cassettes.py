"""Answers of a real small model, from tape: understood as they were, with no network and no secret."""

import json
import re

import pytest

from agents.models import factory
from tests.cassettes import record, tape
from tests.cassettes.conversations import ANSWER_TOKENS, CONVERSATIONS
from tools.scripted.clock import ManualClock

SECRET = re.compile(r"authorization|bearer|api[-_]key|sk-[A-Za-z0-9]{8}", re.IGNORECASE)

RECORDED = [name for name in CONVERSATIONS if tape.path(name).is_file()]
"""`python -m tests.cassettes.record` records the others, too."""

MACHINE = re.compile(r"127\.0\.0\.1|localhost|x-stainless|user-agent|/home/|/root/", re.IGNORECASE)


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_conversation_comes_to_the_same_end(name: str) -> None:
    told = json.loads(tape.path(name).with_suffix(".json").read_text(encoding="utf-8"))
    model = factory.build(told.pop("model"), tape.ADDRESS, "another-key", max_tokens=ANSWER_TOKENS, clock=ManualClock())
    with tape.running(name) as cassette:
        answered = CONVERSATIONS[name](model)
    assert record.expected(answered) == told
    assert cassette.all_played


@pytest.mark.parametrize("name", RECORDED)
def test_a_tape_holds_neither_a_key_nor_an_address(name: str) -> None:
    text = tape.path(name).read_text(encoding="utf-8")
    assert not SECRET.search(text)
    assert not MACHINE.search(text)
    assert set(re.findall(r"https?://[^\s\"'\\]+", text)) == {f"{tape.ADDRESS}/chat/completions"}


def test_control_what_the_filters_take_out_would_be_found() -> None:
    assert SECRET.search("Authorization: Bearer local")
    assert MACHINE.search("uri: http://127.0.0.1:18080/v1")


def test_every_tape_belongs_to_a_conversation() -> None:
    tapes = {path.stem for path in tape.FOLDER.glob("*.yaml")}
    assert tapes
    assert tapes <= set(CONVERSATIONS)
    assert {path.stem for path in tape.FOLDER.glob("*.json")} == tapes
