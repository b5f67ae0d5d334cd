"""A whole incident in a world full of secrets: none of them lies anywhere afterwards, or was shown to anybody."""

import dataclasses
import io
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from langchain_core.messages import AIMessage, BaseMessage

from agents.playbook.model import Playbook
from evals.attacks import worlds
from evals.attacks.carriers import Carrier
from graph.config import leave
from graph.reports import report
from graph.state import State
from incident.alert import Alert, Payload
from incident.control import Approval, Control
from incident.ending import Outcome
from incident.errors import Unavailable
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools import ports
from tools.audit import chain_file
from tools.notify import Notifier
from tools.records.emergency import EmergencyLog
from tools.scripted.clock import ManualClock
from tools.secrets import mask, redaction

NEEDLE = "hunter2"
SECRETS = worlds.Secrets(
    password=f"{NEEDLE}-Pa55", token=f"{NEEDLE}tokenX1", key=f"{NEEDLE}k3y", greeting=f"{NEEDLE} is the greeting"
)
PLANTS = {
    Carrier.LOG: f"postgres://app:{NEEDLE}@db/orders and token={NEEDLE}x1, Cookie: sid={NEEDLE}abc1; a=b",
    Carrier.EVENT: f"ann --password {NEEDLE}",
    Carrier.SPAN: f"GET /orders?access_token={NEEDLE}",
    Carrier.ALERT_LABEL: "gold",
}


class Watched(Playbook):
    """The playbook, and every word that it was asked."""

    heard: ClassVar[list[str]] = []

    def answer(self, messages: Sequence[BaseMessage]) -> AIMessage:
        self.heard.extend(str(message.content) for message in messages)
        return super().answer(messages)


def opened(at: Bench) -> State:
    """The alert with secrets in its texts, opened as `graph.run` opens it, but for what redacts it before."""
    case = at.case()
    labels = {**case.alert.labels, "api_key": f"{NEEDLE}label", "link": f"https://u:{NEEDLE}@wiki/"}
    annotations = {
        "summary": f"login failed with password={NEEDLE}",
        "runbook": f"see Authorization: Bearer {NEEDLE}Xyz",
    }
    alert = Alert.model_validate({**case.alert.model_dump(), "labels": labels, "annotations": annotations})
    case = case.model_copy(update={"alert": alert, "payload": Payload(alerts=(alert,), group_labels=labels)})
    now = at.clock.now()
    row = ports.Row(
        id=case.incident,
        world=case.world,
        fingerprint=alert.fingerprint,
        starts_at=alert.starts_at,
        service=case.service,
        status="open",
        opening=leave.Opening(case=case, autonomy="auto", dry_run=False).model_dump(mode="json"),
        opened_at=now,
        changed_at=now,
    )
    at.context.incidents.claim(row, "1:1")
    return State(case=case)


@pytest.fixture
def played(tmp_path: Path) -> tuple[Bench, io.StringIO]:
    clock = ManualClock()
    setting = worlds.build(clock, "dormant", PLANTS, SECRETS)
    Watched.heard.clear()
    at = bench(tmp_path, clock, setting.world, model=Watched())
    printed = io.StringIO()
    at.context = dataclasses.replace(
        at.context,
        world=mask.MaskedWorld(setting.world, mask.Mask(chain_file.load_key(at.home.audit_key))),
        notify=Notifier(printed, at.home.notices, clock, lambda: "n"),
        emergency=EmergencyLog(at.home.emergency, printed),
    )
    clock.advance(30)
    return at, printed


def places(at: Bench, printed: io.StringIO) -> Iterator[tuple[str, str]]:
    """Everything that is left of an incident, or was seen of it."""
    for path in at.home.root.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(at.home.root)), path.read_bytes().decode("latin-1")
    yield "the display", "\n".join(record.model_dump_json() for record in at.records)
    yield "the models", "\n".join(Watched.heard)
    yield "standard error", printed.getvalue()


def test_no_secret_lies_in_any_store_or_was_said(played: tuple[Bench, io.StringIO]) -> None:
    at, printed = played
    state = at.run(opened(at))
    assert state.ending is not None
    assert state.ending.outcome is Outcome.HEALED, state.ending.reason
    report.write(at.context.folder)
    with pytest.raises(ValueError, match=NEEDLE), at.context.tracer.span("node", said=f"password={NEEDLE}"):
        raise ValueError(f"token={NEEDLE}x1")
    at.context.tracer.close()
    reason = f"I tried password={NEEDLE} myself"
    at.context.incidents.set_control(INCIDENT, Control(paused=True, by="ann", reason=reason))
    expiry = at.clock.now() + timedelta(hours=1)
    answer = Approval(
        plan_digest="d", base="b", approved=True, by="ann", os_user="ann", reason=reason, at=expiry, expires_at=expiry
    )
    row = at.context.incidents.find(INCIDENT)
    assert row is not None
    at.context.incidents.answer(row, "q1", answer)
    at.context.ledger.intend("k" * 32, INCIDENT, {"note": reason}, at.clock.now())
    at.context.ledger.conclude("k" * 32, {"result": "done", "detail": reason}, at.clock.now())
    at.context.notify.tell(f"orders: {reason}", {"reason": reason})
    at.context.emergency.write(at.clock.now(), "suture", "undoing", {"why": reason})
    at.context.audit.append(at.clock.now(), "ann", "tried", {"reason": reason})
    found = dict(places(at, printed))
    assert {
        "checkpoints.db",
        "incidents.db",
        "ledger.db",
        "audit.jsonl",
        "notices.jsonl",
        "emergency.jsonl",
    } <= found.keys()
    assert any(name.endswith("trace.jsonl") for name in found)
    assert len(Watched.heard) > 4
    assert [name for name, text in found.items() if NEEDLE in text] == []
    marked = {name.removesuffix("-wal") for name, text in found.items() if redaction.MARK in text}
    assert {"checkpoints.db", "incidents.db", "ledger.db", "audit.jsonl", "notices.jsonl", "emergency.jsonl"} <= marked
    assert {"the display", "the models", "standard error"} <= marked


def test_control_the_world_was_full_of_them(played: tuple[Bench, io.StringIO]) -> None:
    at, _ = played
    at.clock.sleep(1.0)
    logs = at.world.logs.errors("orders", at.clock.now() - timedelta(seconds=20), at.clock.now())
    assert NEEDLE in str(logs)
    assert NEEDLE in str(at.world.platform.read("orders"))
    assert NEEDLE in str(at.world.platform.history("orders", at.clock.now() - timedelta(hours=1)))
    assert NEEDLE in str(opened(at))
    assert NEEDLE not in str(at.context.world.platform.read("orders"))


def test_what_a_node_raises_is_kept_without_its_secret(played: tuple[Bench, io.StringIO]) -> None:
    """What goes wrong ends the incident with the error's own words."""
    at, printed = played

    class Silent:
        def errors(self, *_: object) -> None:
            raise Unavailable(f"http://logs:{NEEDLE}@logs/ does not answer")

    at.context = dataclasses.replace(at.context, world=_with_logs(at.context.world, Silent()))
    state = at.run(opened(at))
    assert state.ending is not None
    assert state.ending.outcome is Outcome.ESCALATED
    assert redaction.MARK in state.ending.reason
    assert [name for name, text in places(at, printed) if NEEDLE in text] == []


def _with_logs(world: ports.World, logs: object) -> ports.World:
    world.logs = logs  # type: ignore[assignment]  # a double of the one method that is asked
    return world
