"""The chain's format: every change is found, wherever it is made; a line that a crash cut is none."""

import hmac
import io
import json
import random
from pathlib import Path

import pytest

from tools.audit import chain, chain_lines

KEY = b"k" * 32
BEGIN = chain.Head()
AT = "2026-01-01T12:00:00+00:00"


def lines(count: int, start: chain.Head = BEGIN, actor: str = "gate") -> tuple[list[bytes], chain.Head]:
    found, head = [], start
    for number in range(count):
        line, head = chain_lines.entry(KEY, head, AT, actor, "decided", {"n": number, "mac": 'x,"mac":"y'})
        found.append(line)
    return found, head


class Log:
    """A log of four entries with an anchor, as files that can be changed."""

    def __init__(self, folder: Path, count: int = 4, signed: tuple[int, ...] = (0, 2, 4)) -> None:
        self.log, self.anchor = folder / "audit.jsonl", folder / "anchor.jsonl"
        self.lines, _ = lines(count)
        self.log.write_bytes(b"".join(self.lines))
        heads = [chain.Head()]
        for line in self.lines:
            heads.append(chain.follow(KEY, heads[-1], (line,), {})[0])
        self.anchor.write_bytes(b"".join(chain_lines.signed_head(KEY, heads[seq], AT) + b"\n" for seq in signed))
        self.heads = heads

    def examine(self, content: bytes, *, anchored: bool = True) -> chain.Report:
        """The report on another content, without writing it."""
        return chain.examine(io.BytesIO(content), KEY, self.anchor.read_bytes() if anchored else None)

    def verify(self, *, anchored: bool = True) -> chain.Report:
        return chain.verify(self.log, KEY, self.anchor.read_bytes() if anchored else None)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def test_an_untouched_log_verifies(log: Log) -> None:
    assert log.verify() == chain.Report(4, log.heads[4], 4, 0, None)
    assert log.verify(anchored=False) == chain.Report(4, log.heads[4], None, 0, None)


def test_an_entry_is_one_json_line_with_the_agreed_fields_in_order(log: Log) -> None:
    said = json.loads(log.lines[1])
    assert list(said) == ["v", "alg", "seq", "prev", "at", "actor", "action", "body", "mac"]
    assert (said["v"], said["alg"], said["seq"], said["prev"]) == (1, "hmac-sha256", 2, log.heads[1].mac)


def test_every_change_of_a_single_byte_is_found(log: Log) -> None:
    whole = log.log.read_bytes()
    rng = random.Random(7)
    missed = []
    for place in range(len(whole)):
        for value in {whole[place] ^ 1, whole[place] ^ 0x20, 0, 0x0A, rng.randrange(256)} - {whole[place]}:
            changed = io.BytesIO(whole[:place] + bytes([value]) + whole[place + 1 :])
            if chain.examine(changed, KEY, None).fault is None:
                missed.append((place, value))
    assert missed == []


def test_every_change_of_a_single_byte_of_the_anchor_is_found(log: Log) -> None:
    whole = log.anchor.read_bytes()
    missed = []
    for place in range(len(whole)):
        for value in {whole[place] ^ 1, whole[place] ^ 0x20, 0x0A} - {whole[place]}:
            changed = whole[:place] + bytes([value]) + whole[place + 1 :]
            if chain.examine(io.BytesIO(log.log.read_bytes()), KEY, changed).fault is None:
                missed.append((place, value))
    assert missed == []


def test_every_cut_below_the_last_signed_head_is_found(log: Log) -> None:
    whole = log.log.read_bytes()
    for length in range(len(whole)):
        assert log.examine(whole[:length]).fault is not None, length


def test_every_cut_of_a_log_is_a_torn_tail_without_the_anchor(log: Log) -> None:
    whole = log.log.read_bytes()
    for length in range(len(whole) + 1):
        report = log.examine(whole[:length], anchored=False)
        kept = whole[:length].rfind(b"\n") + 1
        assert (report.fault, report.torn_bytes) == (None, length - kept), length


def test_a_torn_tail_above_the_last_signed_head_is_said_and_no_alarm(log: Log) -> None:
    (line,), _ = lines(1, log.heads[4])
    for length in range(1, len(line)):
        report = log.examine(b"".join(log.lines) + line[:length])
        assert (report.fault, report.torn_bytes, report.entries) == (None, length, 4), length


@pytest.mark.parametrize("zeros", [1, 7, 4096])
def test_zeros_that_a_power_cut_leaves_behind_a_cut_line_are_part_of_the_torn_tail(log: Log, zeros: int) -> None:
    (line,), _ = lines(1, log.heads[4])
    for length in (0, 1, 40, 200, len(line) - 2):
        report = log.examine(b"".join(log.lines) + line[:length] + bytes(zeros))
        assert (report.fault, report.torn_bytes) == (None, length + zeros), length


@pytest.mark.parametrize("tail", [b"X", b"{}", b"X\0"])
def test_a_tail_that_no_entry_begins_with_is_not_taken_for_a_cut_one(log: Log, tail: bytes) -> None:
    report = log.examine(b"".join(log.lines) + tail, anchored=False)
    assert report.fault == "entry 5 (line 5) was changed: it is neither whole nor cut short"


def test_zeros_elsewhere_or_behind_a_whole_entry_are_found(log: Log) -> None:
    (line,), _ = lines(1, log.heads[4])
    whole = b"".join(log.lines)
    for content in (whole + line[:-1] + bytes(9), whole + bytes(9) + line, whole[:-1] + bytes(9)):
        log.log.write_bytes(content)
        assert log.verify().fault is not None


@pytest.mark.parametrize(
    ("order", "place"),
    [
        ((0, 2, 3), "entry 2"),
        ((1, 2, 3), "entry 1"),
        ((0, 2, 1, 3), "entry 2"),
        ((0, 1, 1, 2, 3), "entry 3"),
        ((0, 1, 2, 3, 0), "entry 5"),
        ((0, 1, 2, 3, 3), "entry 5"),
        ((3, 2, 1, 0), "entry 1"),
    ],
    ids=["deleted", "first deleted", "swapped", "repeated", "first again", "last again", "reversed"],
)
def test_entries_in_other_than_their_order_are_found_and_the_place_is_named(
    log: Log, order: tuple[int, ...], place: str
) -> None:
    log.log.write_bytes(b"".join(log.lines[number] for number in order))
    fault = log.verify(anchored=False).fault
    assert fault is not None
    assert place in fault
    assert "wrong place" in fault


def test_entries_of_a_fork_are_found(log: Log) -> None:
    fork, _ = lines(3, log.heads[1], actor="somebody else")
    log.log.write_bytes(b"".join([log.lines[0], *fork]))
    fault = log.verify().fault
    assert fault == "entry 2 is not the one that the anchor signed"
    assert log.verify(anchored=False).fault is None, "without the anchor a fork made with the key looks genuine"


def test_an_older_copy_is_found(log: Log) -> None:
    log.log.write_bytes(b"".join(log.lines[:3]))
    fault = log.verify().fault
    assert fault is not None
    assert "entries are missing" in fault


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":2'),
        (b"hmac-sha256", b"hmac-md5"),
        (b"hmac-sha256", b"none"),
        (b"12:00:00", b"12:00:01"),
        (b'"n":1', b'"n":7'),
        (b'"actor":"gate"', b'"actor":"root"'),
        (b'{"v":1,', b'{ "v":1,'),
    ],
)
def test_an_edited_entry_is_found_and_named(log: Log, old: bytes, new: bytes) -> None:
    edited = log.lines[1].replace(old, new, 1)
    assert edited != log.lines[1]
    log.log.write_bytes(b"".join([log.lines[0], edited, *log.lines[2:]]))
    assert log.verify(anchored=False).fault == "entry 2 (line 2) was changed: its MAC does not fit"


def test_an_entry_hashed_again_without_the_key_is_found(log: Log) -> None:
    forged, _ = chain_lines.entry(b"x" * 32, log.heads[1], AT, "gate", "decided", {"n": 1})
    log.log.write_bytes(b"".join([log.lines[0], forged, *log.lines[2:]]))
    fault = log.verify(anchored=False).fault
    assert fault is not None
    assert fault.startswith("entry 2 ")


def test_a_foreign_line_is_found(log: Log) -> None:
    for junk in (b"\n", b"{}\n", b"junk", b"\x00" * 10 + b"\n", b'{"v":1}'):
        for place in range(5):
            log.log.write_bytes(b"".join([*log.lines[:place], junk, *log.lines[place:]]))
            assert log.verify(anchored=False).fault is not None, (junk, place)


def test_an_emptied_file_is_a_fault_and_a_missing_one_an_error(log: Log) -> None:
    log.log.write_bytes(b"")
    assert log.verify().fault == "the chain ends at entry 0, but entry 4 was signed: entries are missing"
    log.anchor.write_bytes(b"")
    assert log.verify().fault == "the anchor does not begin with the empty chain"
    log.log.unlink()
    with pytest.raises(FileNotFoundError):
        log.verify()


@pytest.mark.parametrize("order", [(), (1, 2), (0, 2, 1), (0, 1, 1)], ids=["empty", "no first", "back", "again"])
def test_an_anchor_whose_lines_were_taken_out_or_moved_is_a_fault(log: Log, order: tuple[int, ...]) -> None:
    signed = log.anchor.read_bytes().splitlines(keepends=True)
    log.anchor.write_bytes(b"".join(signed[number] for number in order))
    assert log.verify().fault is not None


def test_a_last_line_of_the_anchor_that_a_crash_cut_is_left_out(log: Log) -> None:
    whole = log.anchor.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    for length in range(last, len(whole)):
        log.anchor.write_bytes(whole[:length])
        report = log.verify()
        assert (report.fault, report.anchored) == (None, 2), length


def test_an_entry_cannot_be_passed_off_as_a_signed_head_or_the_reverse(log: Log) -> None:
    signed = log.anchor.read_bytes().splitlines(keepends=True)
    log.anchor.write_bytes(signed[0] + log.lines[0])
    assert log.verify().fault is not None
    log.log.write_bytes(signed[0])
    assert log.verify(anchored=False).fault is not None


@pytest.mark.parametrize("length", [0, 1, 32, 64, 65, 200])
def test_the_mac_is_hmac_sha256(length: int) -> None:
    key = b"k" * length
    line, head = chain_lines.entry(key, BEGIN, AT, "a", "b", {})
    signed = line[: line.rfind(b',"mac":"')]
    assert head.mac == hmac.digest(key, signed, "sha256").hex() == json.loads(line)["mac"]


def test_another_key_proves_nothing(log: Log) -> None:
    assert chain.verify(log.log, b"x" * 32, None).fault is not None


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        chain_lines.entry(KEY, chain.Head(), AT, "a", "b", {"n": float("inf")})
