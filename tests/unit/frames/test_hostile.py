"""Whatever is written into a log, reading it raises nothing, ends in time, and tells nothing that cannot be known."""

import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from incident.stacks import Chained
from tests.unit.frames import record, telling
from tools.frames import lines, reading, trace

MUCH = 64 << 10
RECORDED = {
    f"{path.parent.name}-{path.stem}": path.read_text(encoding="utf-8") for path in record.RECORDINGS.glob("*/*.txt")
}
PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126)
PIECES = sorted({line for text in RECORDED.values() for line in text.splitlines()[:60]})

UNTOLD = (": ", "panic: ")

HOSTILE = {
    "nul": "\0",
    "escape": "\x1b[31m",
    "open-escape": "\x1b]0;",
    "blank-lines": "\n",
    "spaces": " ",
    "at": "    at ",
    "at-lines": "    at a\n",
    "java": "\tat a.b(C.java:1)\n",
    "java-headers": "Caused by: a.bException: c\n",
    "java-causes": "Caused by: a.bException: c\n\tat a.b(C.java:1)\n\t... 999999 more\n",
    "java-suppressed": "\tSuppressed: a.bException: c\n\t\tat a.b(C.java:1)\n",
    "dots": "a.",
    "dots-lines": "at " + "a." * 1500 + "\n",
    "parens": "at a(" * 800 + "\n",
    "node": "Error: x\n    at a (b:1:1)\n    ... 9 lines matching cause stack trace ...\n",
    "node-causes": "  [cause]: Error: x\n    at a (b:1:1) {\n",
    "dotnet": " ---> A.B: c\n   at a.b(C d)\n",
    "arrows": " ---> A.B: c",
    "arrow-lines": " ---> A.B: c\n",
    "ends": "   --- End of inner exception stack trace ---\n",
    "go": "goroutine 1 [running]:\nmain.f()\n\t/a.go:1 +0x1\npanic({})\n\t/b.go:1\n",
    "go-pairs": "main.f\n\t/a.go:1\n",
    "go-panics": "\tpanic: a\n",
    "go-frames": "goroutine 1 [running]:\n" + "panic({})\n\t/b.go:1\n" * 999,
    "python": 'Traceback (most recent call last):\n  File "a", line 1, in f\nKeyError: 1\n\n'
    "During handling of the above exception, another exception occurred:\n\n",
    "python-frames": '  File "a", line 1, in f\n',
    "python-members": "    +---------------- 1 ----------------\n    | KeyError: a\n",
    "python-depth": "  + Exception Group Traceback (most recent call last):\n" + " " * 500 + "| a\n",
    "ruby": "a.rb:1:in `f': b (C)\n\tfrom a.rb:1:in `g'\n",
    "ruby-waiting": "\t1: from a.rb:1:in `g'\n",
    "colons": "a:1:in `",
    "quotes": '"',
    "brackets": "[",
    "braces": '{"a":',
    "json-lines": '{"log":"Error: x\\n"}\n{"a":"b\\n  at c (d:1:1)"}\n',
    "backslashes": "\\n\\tat ",
    "digits": "9",
    "bidi": "\u202e\u200b",
    "surrogate": "\ud800",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_much_of_anything_is_read_and_bounded(name: str) -> None:
    piece = HOSTILE[name]
    found = reading.traces((piece * (MUCH // len(piece) + 1))[:MUCH])
    assert len(found) <= reading.MAX_TRACES
    for one in found:
        assert len(one.frames) <= trace.MAX_FRAMES
        assert len(one.chain) <= trace.MAX_CHAIN


@given(st.text(max_size=300))
@example("Traceback (most recent call last):")
@example('{"a": "Traceback\\n", "b": [1, null, {"c": "\\n\\tat "}]}')
def test_no_text_raises(text: str) -> None:
    reading.traces(text)


@given(st.lists(st.sampled_from(PIECES) | st.text(PRINTABLE, max_size=20), max_size=40))
@settings(max_examples=150, deadline=None)
def test_no_mixture_of_real_lines_raises_and_all_that_is_told_stands_in_it(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    for one in reading.traces(text):
        parts: list[trace.Trace | Chained] = [one, *one.chain]
        for told in parts:
            assert told.exception in text or told.exception in ("panic", "RuntimeError")
            for frame in told.frames:
                assert not frame.path.startswith(("..", "."))
                assert frame.path.startswith(("/", "<"))
                assert frame.line == 0 or str(frame.line) in text


# A text that begins inside of a message which looks like the name of an exception cannot be told from one.
@given(st.sampled_from([name for name in sorted(RECORDED) if not name.endswith("-lines")]), st.data())
@settings(max_examples=100, deadline=None)
def test_a_trace_that_is_cut_tells_nothing_that_the_whole_one_does_not(name: str, data: st.DataObject) -> None:
    rows = RECORDED[name].splitlines()
    start = data.draw(st.integers(0, len(rows)))
    end = data.draw(st.integers(start, len(rows)))
    whole = _sayings(RECORDED[name])
    for head, place in _sayings("\n".join(rows[start:end])):
        # A place may be missing: the frames below the cut are.
        # Go tells what was raised above the stack: without it a stack says no more than that it was there.
        assert head in UNTOLD or any(head == other and place in ("", there) for other, there in whole)


def _sayings(text: str) -> set[tuple[str, str]]:
    """Each exception with where it was raised, whatever stands behind what."""
    parts = (re.sub(r"^  \w+ ", "", line).partition(" at ") for line in telling.told(text))
    return {(head, place) for head, _, place in parts}


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_trace_is_the_same_on_many_lines_and_within_json(name: str) -> None:
    plain = RECORDED[name]
    if plain.startswith("{"):
        return
    told = telling.told(plain)
    lines_ = plain.splitlines()
    ways = {
        "one JSON line": json.dumps({"level": "error", "attributes": {"exception.stacktrace": plain}}),
        "JSON in JSON": json.dumps({"log": json.dumps({"msg": "x", "stack": plain}) + "\n"}),
        "a container's JSON lines": "\n".join(json.dumps({"log": line + "\n", "stream": "stderr"}) for line in lines_),
        "a container's lines": "\n".join(f"2026-11-28T10:00:00.123456789Z stderr F {line}" for line in lines_),
        "compose": "\n".join(f"shop-web-1  | {line}" for line in lines_),
        "CRLF": "\r\n".join(lines_),
        "colours": "\n".join(f"\x1b[31m{line}\x1b[0m" for line in lines_),
        "one line of key=value": 'level=error msg="failed" stack=' + json.dumps(plain),
    }
    wrong = {way: telling.told(text) for way, text in ways.items() if telling.told(text) != told}
    assert wrong == {}


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_lines_before_and_after_change_nothing(name: str) -> None:
    around = "2026-11-28 10:00:00,123 INFO [main] Started server: ready\n"
    assert telling.told(around + RECORDED[name] + "\n" + around) == telling.told(RECORDED[name])


def test_what_is_told_is_harmless() -> None:
    text = "java.lang.IllegalStateException: token=ghp_abcdefghijklmnopqrstuvwxyz0123456789 \u202efor ann@example.com\x1b[2J\n\tat a.B.c(../../D.java:1)\n\tat a.B.c(D.java:99999999999)\n"
    found = reading.traces(text)
    assert len(found) == 1
    assert "ghp_" not in found[0].message
    assert "ann@" not in found[0].message
    assert found[0].message.isprintable()
    assert [frame.path for frame in found[0].frames] == ["<a/D.java>"]
    assert found[0].frames[0].line == 0


def test_no_more_is_read_than_is_said() -> None:
    late = "x\n" * (lines.MAX_CHARACTERS // 2) + RECORDED["java-17.0-deep"]
    assert reading.traces(late) == ()
