"""Several processes at once on one home: nothing is lost, doubled or out of order."""

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.control import Approval
from incident.errors import Conflict
from tests.contract.index import index
from tests.integration.stores.children import child
from tests.integration.stores.rows import row
from tools import ports
from tools.audit import chain_file
from tools.clock import SystemClock
from tools.locks import sqlite_locks
from tools.records import home, sqlite_ledger

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
CLOCK = SystemClock()

pytestmark = pytest.mark.timeout(120)


def together(count: int, work: Callable[..., None], *arguments: object) -> list[list[str]]:
    """What each of several children said, all having ended well."""
    with contextlib.ExitStack() as stack:
        children = [stack.enter_context(child(work, number, *arguments)) for number in range(count)]
        heard = [one.heard() for one in children]
        assert [one.end() for one in children] == [0] * count
    return heard


def test_eight_processes_that_lay_out_a_new_home_at_once_agree(tmp_path: Path) -> None:
    def work(say: Callable[[str], object], number: int) -> None:
        place = home.lay_out(tmp_path / "home")
        for store in (sqlite_locks, sqlite_ledger):
            store.open(tmp_path / "home" / f"{store.__name__}.db", CLOCK).close()
        index(tmp_path, CLOCK).close()
        audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, CLOCK)
        say(str(audit.append(AT, f"p{number}", "opened", {"incident": "i"})))

    heard = together(8, work)
    assert sorted(int(said) for (said,) in heard) == list(range(1, 9))
    place = home.lay_out(tmp_path / "home")
    chain_file.open(place.audit, place.audit_key, place.audit_anchor, CLOCK).verify()


def test_eight_processes_that_append_at_once_keep_one_chain(tmp_path: Path) -> None:
    place = home.lay_out(tmp_path / "home")
    each = 60

    def work(say: Callable[[str], object], number: int) -> None:
        audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, CLOCK)
        for turn in range(each):
            say(str(audit.append(AT, f"p{number}", "wrote", {"incident": "i", "turn": turn})))

    heard = [[int(one) for one in said] for said in together(8, work)]
    assert sorted(one for said in heard for one in said) == list(range(1, 8 * each + 1))
    assert all(said == sorted(said) for said in heard)
    audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, CLOCK)
    report = audit.report()
    assert (report.fault, report.entries) == (None, 8 * each)
    assert report.anchored is not None
    assert report.anchored > 8 * each - 2 * chain_file.EVERY
    for number in range(8):
        mine = [json.loads(line) for line in place.audit.read_bytes().splitlines() if b'"p%d"' % number in line]
        assert [entry["body"]["turn"] for entry in mine] == list(range(each))


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control: not locked"])
def test_processes_that_claim_before_they_count_lose_no_count(tmp_path: Path, locked: bool) -> None:
    counter, each = tmp_path / "counter", 25
    counter.write_text("0")

    def work(say: Callable[[str], object], number: int) -> None:
        locks = sqlite_locks.open(tmp_path / "locks.db", CLOCK)
        for _ in range(each):
            lease = (
                locks.acquire(f"p{number}", exclusive=("orders",), shared=(), seconds=30.0, wait=30.0)
                if locked
                else None
            )
            assert not isinstance(lease, ports.Busy)
            seen = int(counter.read_text() or 0)
            CLOCK.sleep(0.001)
            counter.write_text(str(seen + 1))
            if lease is not None:
                say(str(lease.token))
                locks.release(lease)

    heard = together(4, work)
    if not locked:
        assert int(counter.read_text() or 0) < 4 * each, "without claims counts are lost"
        return
    assert int(counter.read_text()) == 4 * each
    assert len({token for said in heard for token in said}) == 4 * each


def test_of_many_that_open_one_incident_at_once_one_works_on_it(tmp_path: Path) -> None:
    def work(say: Callable[[str], object], number: int) -> None:
        own = index(tmp_path, CLOCK, lambda _: "alive")
        say("mine" if own.claim(row(), f"{number + 1}:1") else "not mine")

    heard = together(6, work)
    assert sorted(said for (said,) in heard) == ["mine", *["not mine"] * 5]


def test_of_many_that_answer_one_question_one_does_and_the_others_hear_who(tmp_path: Path) -> None:
    asked = row().model_copy(update={"status": "waiting"})
    opened = index(tmp_path, CLOCK, lambda _: "alive").claim(asked, "1:1")
    assert opened is not None

    def work(say: Callable[[str], object], number: int) -> None:
        own = index(tmp_path, CLOCK, lambda _: "alive")
        assert own.claim(asked, "1:1") is not None  # all as the same holder, so that nothing but the answer decides
        approval = Approval(
            plan_digest="d",
            base="b",
            approved=True,
            by=f"p{number}",
            os_user="u",
            at=AT,
            expires_at=AT.replace(hour=13),
        )
        try:
            own.answer(opened, "q-1", approval)
        except Conflict as error:
            say(f"refused: {error}")
        else:
            say("answered")

    heard = [word for (word,) in together(6, work)]
    assert heard.count("answered") == 1
    assert all("answered" in word for word in heard)
    found = index(tmp_path, CLOCK).answered("inc-1", "q-1")
    assert found is not None
    assert found.by == f"p{heard.index('answered')}"
