"""A log that really cannot grow: the system refuses the write, nothing half remains, and it goes on when there is room."""

import resource
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.errors import Unavailable
from tools.audit import chain_file
from tools.clock import SystemClock
from tools.records import home

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def limit() -> Iterator[Callable[[int], None]]:
    """Sets how large a file of this process may grow, which the kernel enforces like a full disk; undone afterwards."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (soft if size < 0 else size, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize("room", [0, 1, 100, 399])
def test_an_entry_for_which_there_is_no_room_is_unavailable_and_leaves_nothing(
    tmp_path: Path, limit: Callable[[int], None], room: int
) -> None:
    place = home.lay_out(tmp_path / "home")
    audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, SystemClock())
    audit.append(AT, "a", "b", {"incident": "i", "text": "x" * 200})
    whole = place.audit.read_bytes()
    limit(len(whole) + room)
    for _ in range(2):
        with pytest.raises(Unavailable, match=r"audit\.jsonl cannot be used: File too large"):
            audit.append(AT, "a", "b", {"incident": "i", "text": "x" * 200})
        assert place.audit.read_bytes() == whole
    limit(-1)
    assert audit.append(AT, "a", "b", {"incident": "i"}) == 2
    audit.verify()
