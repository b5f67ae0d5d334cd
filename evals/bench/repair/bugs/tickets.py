"""Bugs in the tickets service."""

from pydantic import JsonValue

from evals.bench.repair.planted import (
    BUGSINPY,
    DEFECTS4J,
    SSTUBS,
    TBAR,
    TSSB,
    Bug,
    Request,
    Traffic,
    get,
    post,
)

BASIC: JsonValue = {"plan": "basic", "contract": None}
PLUS: JsonValue = {"plan": "plus"}
BOUND: JsonValue = {"plan": "plus", "contract": {"hours": {"low": 30, "normal": 5, "urgent": 1}}}
OPEN: JsonValue = {"priority": "normal", "status": "open"}


def _triage(
    opened: str = "2025-03-03T09:00", priority: str = "normal", parent: JsonValue = OPEN, customer: JsonValue = PLUS
) -> Request:
    return post("/triage", opened=opened, ticket={"priority": priority, "parent": parent}, customer=customer)


def _card(key: str, estimate: str = "2h", *waits: str, **more: JsonValue) -> JsonValue:
    return {"key": key, "estimate": estimate, "blocked_by": list(waits), "reporter": "mia", **more}


def _board(*cards: JsonValue) -> Request:
    return post("/boards", tickets=list(cards))


def _mail(*head: str, text: str = "It smells.\n> Have you tried again?") -> Request:
    return post("/mails", head=list(head), text=text)


TRAFFIC = Traffic(
    service="tickets",
    healthy=(
        _triage(),
        _triage(priority="urgent"),
        _triage("2025-03-04T06:30", "low", {"priority": "urgent", "status": "open"}, BASIC),
        _triage("2025-03-03T16:30", "urgent", customer=BASIC),
        _board(_card("IT-1"), _card("IT-2", "1d 2h", assignee="jon")),
        _board(_card("IT-1", "30m", "IT-2", "IT-3"), _card("IT-2", "1.5h", "IT-4"), _card("IT-3"), _card("IT-4")),
        _board(),
        _mail("Subject: No paper", "X-Priority: urgent"),
        _mail("From: mia@example.com", "Subject: Re: No paper", text="See IT-3 and IT-12.\n> IT-9"),
        _mail("From: jon@example.com"),
        get("/duty/2025-01-06"),
        get("/duty/2025-01-15"),
        get("/duty/2025-02-02"),
    ),
)

_SKIPPING = """\
        if at.weekday() in OPEN:
            opens, closes = (at.replace(hour=hour, minute=0) for hour in OPEN[at.weekday()])
            start = max(at, opens)
            if start + left <= closes:
                return start + left
            left -= max(closes - start, timedelta(0))
"""

_NEVER_SKIPPING = """\
        opens, closes = (at.replace(hour=hour, minute=0) for hour in OPEN[at.weekday()])
        start = max(at, opens)
        if start + left <= closes:
            return start + left
        left -= max(closes - start, timedelta(0))
"""

BUGS = (
    Bug(
        name="tickets-over-the-weekend",
        kind="condition left out",
        study=f"{DEFECTS4J}: wraps with an if; {BUGSINPY}",
        service="tickets",
        path="sla.py",
        function="due",
        right=_SKIPPING,
        wrong=_NEVER_SKIPPING,
        failing=_triage("2025-03-07T14:00"),
        hidden=(
            _triage("2025-03-08T10:30"),
            _triage("2025-03-09T23:45", "urgent"),
            _triage("2025-03-07T17:20", "low", customer=BASIC),
            _triage("2025-03-06T08:00", "low", customer=BASIC),
        ),
    ),
    Bug(
        name="tickets-contract",
        kind="wrong variable",
        study=f"{SSTUBS}: change of an identifier; {TBAR} FP13",
        service="tickets",
        path="sla.py",
        function="answer_within",
        right='contract["hours"][priority]',
        wrong='contract["hours"][plan]',
        failing=_triage(customer=BOUND),
        hidden=(
            _triage(priority="urgent", customer=BOUND),
            _triage("2025-03-04T10:00", "low", customer=BOUND),
            _triage(customer={"plan": "basic", "contract": {"hours": {"normal": 3}}}),
        ),
    ),
    Bug(
        name="tickets-crews-again",
        kind="index out of range",
        study=f"{TBAR} FP3; {DEFECTS4J}: arithmetic expression",
        service="tickets",
        path="sla.py",
        function="crew",
        right="CREWS[weeks % len(CREWS)]",
        wrong="CREWS[weeks]",
        failing=get("/duty/2025-03-03"),
        hidden=(get("/duty/2025-02-03"), get("/duty/2025-02-23"), get("/duty/2026-12-31"), get("/duty/2024-06-01")),
    ),
    Bug(
        name="tickets-no-parent",
        kind="wrong logical operator",
        study=f"{SSTUBS}: change of a binary operator; {TBAR} FP11",
        service="tickets",
        path="board.py",
        function="points",
        right='parent is not None and parent["status"] == "open"',
        wrong='parent is not None or parent["status"] == "open"',
        failing=_triage(parent=None),
        hidden=(
            _triage(priority="low", parent=None),
            _triage(priority="low", parent={"priority": "urgent", "status": "closed"}),
            _triage(priority="low", parent={"priority": "normal", "status": "open"}),
        ),
    ),
    Bug(
        name="tickets-estimate-with-comma",
        kind="text not normalised",
        study=f"{TSSB}: add a method call",
        service="tickets",
        path="board.py",
        function="minutes",
        right='float(part[:-1].replace(",", "."))',
        wrong="float(part[:-1])",
        failing=_board(_card("IT-1", "1,5h"), _card("IT-2")),
        hidden=(
            _board(_card("IT-1", "0,25d 20m"), _card("IT-2", "1.5h")),
            _board(_card("IT-7", "2,0h 0,5d")),
        ),
    ),
    Bug(
        name="tickets-mentioned",
        kind="wrong method",
        study=f"{TBAR} FP10: mutate a method invocation; {SSTUBS}: wrong function name",
        service="tickets",
        path="board.py",
        function="watchers",
        right='found.update(comment["mentions"])',
        wrong='found.add(comment["mentions"])',
        failing=_board(_card("IT-1", comments=[{"mentions": ["jon", "ida"]}])),
        hidden=(
            _board(_card("IT-1", comments=[{"mentions": ["jon"]}, {"mentions": ["zoe", "jon", "mia"]}])),
            _board(_card("IT-1", assignee="kim", comments=[{"mentions": []}]), _card("IT-2")),
        ),
    ),
    Bug(
        name="tickets-in-a-ring",
        kind="endless recursion",
        study=f"{BUGSINPY}; {DEFECTS4J}: wraps with an if",
        service="tickets",
        path="board.py",
        function="collect",
        right="        if other not in found:\n"
        "            found.add(other)\n"
        "            collect(other, links, found)\n",
        wrong="        found.add(other)\n        collect(other, links, found)\n",
        failing=_board(_card("IT-1", "2h", "IT-2"), _card("IT-2", "2h", "IT-1")),
        hidden=(
            _board(_card("IT-1", "2h", "IT-2", "IT-5"), _card("IT-2", "1h", "IT-1", "IT-3"), _card("IT-3")),
            _board(
                _card("IT-1", "2h", "IT-2", "IT-3"), _card("IT-2", "2h", "IT-1"), _card("IT-3", "1h", "IT-2", "IT-4")
            ),
            _board(_card("IT-4", "2h", "IT-4"), _card("IT-6", "1h", "IT-4", "IT-7"), _card("IT-7", "1h", "IT-8")),
        ),
    ),
    Bug(
        name="tickets-subject-with-colon",
        kind="values to unpack",
        study=f"{BUGSINPY}; {TBAR} FP10: mutate a method invocation",
        service="tickets",
        path="mails.py",
        function="header",
        right='name, _, value = line.partition(":")',
        wrong='name, value = line.split(":")',
        failing=_mail("Subject: Re: No paper"),
        hidden=(
            _mail("Subject: Printer: jam at 10:30"),
            _mail("Date: Mon, 3 Mar 2025 09:15:00 +0100", "SUBJECT: AW: Fwd: Printer: IT-5"),
            _mail("X-Priority: urgent", "Subject:   Fw: tray 2:empty"),
        ),
    ),
)
