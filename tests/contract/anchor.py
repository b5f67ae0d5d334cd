"""What every anchor does.  A subclass yields one that is empty, and another adapter object on the same place."""

import pytest

from tools import ports
from tools.audit import chain, chain_lines

KEY = b"k" * chain.KEY_BYTES
AT = "2026-01-01T12:00:00.000001+00:00"


def line(seq: int) -> bytes:
    """A signed head."""
    return chain_lines.signed_head(KEY, chain.Head(seq, f"{seq:064x}" if seq else chain.GENESIS), AT)


class AnchorContract:
    """Inherit and provide the fixture `pair`."""

    def test_an_empty_one_has_nothing(self, pair: tuple[ports.Anchor, ports.Anchor]) -> None:
        assert pair[0].read() == pair[0].last() == b""

    def test_what_was_added_is_there_in_order_for_everybody(self, pair: tuple[ports.Anchor, ports.Anchor]) -> None:
        one, two = pair
        lines = [line(seq) for seq in (0, 3, 32, 1_000_000)]
        for number, added in enumerate(lines):
            writer, reader = (one, two) if number % 2 else (two, one)
            assert writer.add(added, lines[number - 1] if number else b"")
            assert reader.last() == added
            assert reader.read() == b"".join(before + b"\n" for before in lines[: number + 1])
        assert [head.seq for head in chain.anchors(KEY, two.read())] == [0, 3, 32, 1_000_000]

    @pytest.mark.parametrize("after", [b"", line(0), line(9)], ids=["nothing", "an earlier one", "none of them"])
    def test_a_line_behind_another_than_the_last_is_not_kept(
        self, pair: tuple[ports.Anchor, ports.Anchor], after: bytes
    ) -> None:
        one, two = pair
        assert one.add(line(0), b"")
        assert one.add(line(3), line(0))
        assert not two.add(line(5), after)
        assert two.last() == line(3)

    def test_its_name_says_where_it_is(self, pair: tuple[ports.Anchor, ports.Anchor]) -> None:
        assert pair[0].name
