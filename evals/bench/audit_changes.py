"""Twelve ways to change an audit chain behind its back, and logs that were not changed, torn ones among them."""

import io
import random
from collections.abc import Callable
from dataclasses import dataclass

from tools.audit import chain as audit_chain
from tools.audit import chain_lines

KEY, OTHER_KEY = b"k" * audit_chain.KEY_BYTES, b"o" * audit_chain.KEY_BYTES
_AT = "2026-01-01T12:00:00.000000+00:00"


@dataclass(frozen=True)
class Chain:
    """A genuine chain, its heads after each entry, and its anchor."""

    lines: tuple[bytes, ...]
    heads: tuple[audit_chain.Head, ...]
    anchor: bytes

    def verify(self, content: bytes) -> audit_chain.Report:
        """The report on another content under this chain's key and anchor."""
        return audit_chain.examine(io.BytesIO(content), KEY, self.anchor)


def chain(count: int, rng: random.Random, every: int = 32, *, closed: bool = True) -> Chain:
    """A chain of so many entries like ours; a closed one has its last head signed."""
    heads, lines = [audit_chain.Head()], []
    for number in range(count):
        line, head = chain_lines.entry(KEY, heads[-1], _AT, "suture", "record", _body(number, rng))
        lines.append(line)
        heads.append(head)
    signed = sorted({*range(0, count + 1, every), *((count,) if closed else ())})
    anchor = b"".join(chain_lines.signed_head(KEY, heads[seq], _AT) + b"\n" for seq in signed)
    return Chain(tuple(lines), tuple(heads), anchor)


def _body(number: int, rng: random.Random) -> dict[str, object]:
    digest = rng.randbytes(32).hex()
    return {"incident": f"inc-{rng.randbytes(6).hex()}", "sequence": number, "kind": "decided", "sha256": digest}


def _rechained(lines: list[bytes], start: audit_chain.Head, key: bytes) -> list[bytes]:
    """The same words again, numbered and signed anew behind `start`."""
    head, made = start, []
    for line in lines:
        words = line[line.index(b'"at":') : line.rindex(b',"mac":"')]
        again, head = chain_lines.link(key, head, words)
        made.append(again)
    return made


def _flip(of: Chain, rng: random.Random) -> bytes:
    content = bytearray(b"".join(of.lines))
    place = rng.randrange(len(content))
    content[place] ^= 1 << rng.randrange(8)
    return bytes(content)


def _edited(of: Chain, rng: random.Random) -> tuple[int, bytes]:
    at = rng.randrange(len(of.lines))
    return at, of.lines[at].replace(b'"kind":"decided"', b'"kind":"%b"' % rng.choice((b"closed", b"told", b"moved")))


def _edit_and_rehash(of: Chain, rng: random.Random) -> bytes:
    """One entry edited and hashed again without the key, alone or with all that follow it."""
    at, line = _edited(of, rng)
    follow = of.lines[at + 1 :] if rng.random() < 0.5 else ()
    made = _rechained([line, *follow], of.heads[at], OTHER_KEY)
    return b"".join((*of.lines[:at], *made, *of.lines[at + len(made) :]))


def _delete(of: Chain, rng: random.Random) -> bytes:
    at = rng.randrange(len(of.lines))
    return b"".join((*of.lines[:at], *of.lines[at + rng.randint(1, 20) :]))


def _truncate(of: Chain, rng: random.Random) -> bytes:
    content = b"".join(of.lines)
    return content[: rng.randrange(len(content))]


def _empty(_of: Chain, rng: random.Random) -> bytes:
    return rng.choice((b"", bytes(rng.randrange(1, 5_000)), b"\n" * rng.randrange(1, 50), b" " * rng.randrange(1, 50)))


def _swap(of: Chain, rng: random.Random) -> bytes:
    lines = list(of.lines)
    one, two = rng.sample(range(len(lines)), 2)
    lines[one], lines[two] = lines[two], lines[one]
    return b"".join(lines)


def _repeat(of: Chain, rng: random.Random) -> bytes:
    at, to = rng.randrange(len(of.lines)), rng.randint(0, len(of.lines))
    return b"".join((*of.lines[:to], of.lines[at], *of.lines[to:]))


def _insert(of: Chain, rng: random.Random) -> bytes:
    """A forged line, or a genuine one of another chain under the same key."""
    to = rng.randint(0, len(of.lines))
    key = rng.choice((KEY, OTHER_KEY))
    start = audit_chain.Head(to, rng.randbytes(32).hex()) if key == KEY else of.heads[to]
    line, _ = chain_lines.entry(key, start, _AT, "suture", "record", _body(to, rng))
    return b"".join((*of.lines[:to], line, *of.lines[to:]))


def _older_copy(of: Chain, rng: random.Random) -> bytes:
    return b"".join(of.lines[: rng.randrange(len(of.lines))])


def _fork(of: Chain, rng: random.Random) -> bytes:
    """Another history from some entry on, made with the true key, as long, shorter or longer."""
    at = rng.randrange(len(of.lines))
    head, made = of.heads[at], []
    for number in range(rng.randint(1, len(of.lines) - at + 20)):
        line, head = chain_lines.entry(KEY, head, _AT, "suture", "record", _body(number, rng))
        made.append(line)
    return b"".join((*of.lines[:at], *made))


def _downgrade(of: Chain, rng: random.Random) -> bytes:
    at = rng.randrange(len(of.lines))
    old, new = rng.choice(
        ((b'"alg":"hmac-sha256"', b'"alg":"sha256"'), (b'"alg":"hmac-sha256"', b'"alg":"none"'), (b'{"v":1', b'{"v":0'))
    )
    line = of.lines[at].replace(old, new, 1)
    if rng.random() < 0.5:  # and hashed as the weaker algorithm would
        signed = line[: line.rindex(b',"mac":"')]
        line = signed + audit_chain.CLOSE % audit_chain.sign(b"", signed).encode() + b"\n"
    return b"".join((*of.lines[:at], line, *of.lines[at + 1 :]))


def _time_edit(of: Chain, rng: random.Random) -> bytes:
    at = rng.randrange(len(of.lines))
    line = of.lines[at].replace(b"T12:00:00", b"T%02d:%02d:%02d" % (rng.randrange(12), *rng.sample(range(60), 2)))
    if rng.random() < 0.5:
        (line,) = _rechained([line], of.heads[at], OTHER_KEY)
    return b"".join((*of.lines[:at], line, *of.lines[at + 1 :]))


CHANGES: dict[str, Callable[[Chain, random.Random], bytes]] = {
    "flip": _flip,
    "edit and re-hash": _edit_and_rehash,
    "delete": _delete,
    "truncate": _truncate,
    "empty": _empty,
    "swap": _swap,
    "repeat": _repeat,
    "insert": _insert,
    "older copy": _older_copy,
    "fork": _fork,
    "algorithm downgrade": _downgrade,
    "time edit": _time_edit,
}


def unfound(of: Chain, kind: str, count: int, rng: random.Random) -> int:
    """Number of changes of one kind, out of so many, that verify all the same."""
    missed = 0
    whole = b"".join(of.lines)
    for _ in range(count):
        changed = CHANGES[kind](of, rng)
        assert changed != whole, kind
        missed += of.verify(changed).fault is None
    return missed


def clean(rng: random.Random) -> tuple[Chain, bytes, int]:
    """(a chain, its content, bytes of a torn tail): untouched, or as a crash or a power cut leaves it."""
    of = chain(rng.randrange(0, 300), rng, every=rng.choice((1, 8, 32)), closed=False)
    next_line, _ = chain_lines.entry(KEY, of.heads[-1], _AT, "suture", "record", _body(0, rng))
    left = next_line[: rng.randrange(0, len(next_line) - 1)]
    rest = rng.choice((b"", left, left + bytes(rng.randrange(1, 4096))))
    return of, b"".join(of.lines) + rest, len(rest)


def false_alarms(count: int, rng: random.Random) -> tuple[int, int]:
    """(alarms over so many clean logs, how many of these were torn)."""
    alarms, torn = 0, 0
    for _ in range(count):
        of, content, rest = clean(rng)
        report = of.verify(content)
        alarms += report.fault is not None or report.torn_bytes != rest or report.entries != len(of.lines)
        torn += rest > 0
    return alarms, torn
