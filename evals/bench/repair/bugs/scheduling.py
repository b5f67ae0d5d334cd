"""Bugs in the scheduling service."""

from pydantic import JsonValue

from evals.bench.repair.planted import BUGSINPY, DEFECTS4J, PYTER, SSTUBS, TBAR, TSSB, Bug, Request, Traffic, post


def _slots(opens: str, closes: str, *taken: str, **more: JsonValue) -> Request:
    return post("/slots", opens=opens, closes=closes, taken=list(taken), **{"step": 30, **more})


def _period(start: str, **length: int) -> Request:
    return post("/periods", start=start, length=dict(length))


def _roster(shifts: dict[str, int], *on_call: str, week: int = 1) -> Request:
    worked: list[JsonValue] = [{"person": person, "hours": hours} for person, hours in shifts.items()]
    return post("/rosters", shifts=worked, on_call=list(on_call), week=week)


def _handover(leaving: str, skill: str, *queue: str) -> Request:
    return post("/handovers", leaving=leaving, skill=skill, queue=list(queue))


TRAFFIC = Traffic(
    service="scheduling",
    healthy=(
        _slots("09:00", "12:00", "09:30"),
        _slots("08:00", "09:00", step=20),
        _slots("13:15", "14:45", "13:15", "13:45", step=15),
        _period("2025-03-31T10:00:00", minutes=90),
        _period("2025-01-05T23:30:00", minutes=45),
        _roster({"ada": 8, "ben": 4}, "ada", "ben", "cem"),
        _roster({"cem": 6}, "cem", week=3),
        _handover("ben", "till", "ben", "ada", "cem"),
        _handover("ada", "stock", "ada", "cem", "ben"),
    ),
)

BUGS = (
    Bug(
        name="scheduling-full-hour",
        kind="values to unpack",
        study=f"{BUGSINPY}",
        service="scheduling",
        path="times.py",
        function="minutes",
        right='hour, _, minute = text.partition(":")',
        wrong='hour, minute = text.split(":")',
        failing=_slots("9", "12:00"),
        hidden=(_slots("9", "11"), _slots("08:30", "10", "9:00"), _slots("0", "1", step=20)),
    ),
    Bug(
        name="scheduling-december",
        kind="edge of a calendar",
        study=f"{DEFECTS4J}: missing conditional branch; {BUGSINPY}",
        service="scheduling",
        path="times.py",
        function="next_month",
        right="    if day.month == 12:\n        return date(day.year + 1, 1, 1)\n",
        wrong="",
        failing=_period("2025-12-05T10:00:00", minutes=30),
        hidden=(_period("2024-12-31T10:00:00", minutes=1), _period("2025-11-30T10:00:00", minutes=30)),
    ),
    Bug(
        name="scheduling-hours",
        kind="wrong keyword argument",
        study=f"{TSSB}: change of a keyword argument",
        service="scheduling",
        path="times.py",
        function="ends",
        right='timedelta(hours=length["hours"])',
        wrong='timedelta(hour=length["hours"])',
        failing=_period("2025-03-01T10:00:00", hours=2),
        hidden=(_period("2025-03-01T22:00:00", hours=4, minutes=5), _period("2025-03-01T22:00:00", hours=0)),
    ),
    Bug(
        name="scheduling-no-step",
        kind="null operand",
        study=f"{PYTER}: unsupported operand NoneType",
        service="scheduling",
        path="times.py",
        function="slots",
        right="size = step or STANDARD_STEP",
        wrong="size = step",
        failing=_slots("09:00", "11:00", step=None),
        hidden=(_slots("09:00", "10:00", "09:30", step=None), post("/slots", opens="10:00", closes="12:10", taken=[])),
    ),
    Bug(
        name="scheduling-slot-not-offered",
        kind="missing membership check",
        study=f"{TBAR} FP6; {BUGSINPY}",
        service="scheduling",
        path="times.py",
        function="free",
        right="        if slot in left:\n            left.remove(slot)\n",
        wrong="        left.remove(slot)\n",
        failing=_slots("09:00", "11:00", "07:00", "09:30"),
        hidden=(_slots("09:00", "11:00", "09:10", "09:00", "10:30"), _slots("09:00", "10:00", "09:00", "09:00")),
    ),
    Bug(
        name="scheduling-agency-staff",
        kind="null from a lookup",
        study=f"{PYTER}; {TBAR} FP2",
        service="scheduling",
        path="people.py",
        function="team",
        right='PEOPLE.get(name, {}).get("team", NO_TEAM)',
        wrong='PEOPLE.get(name).get("team", NO_TEAM)',
        failing=_roster({"ada": 8, "temp-1": 4}, "ada", "ben"),
        hidden=(_roster({"temp-2": 1}, "ada"), _roster({"temp-1": 2, "cem": 3}, "ben", week=7)),
    ),
    Bug(
        name="scheduling-first-shift",
        kind="missing first entry",
        study=f"{BUGSINPY}; {TBAR} FP4",
        service="scheduling",
        path="people.py",
        function="hours",
        right='found[shift["person"]] = found.get(shift["person"], 0) + shift["hours"]',
        wrong='found[shift["person"]] += shift["hours"]',
        failing=_roster({"ben": 8, "temp-1": 4}, "ada", "ben"),
        hidden=(_roster({"temp-2": 1}, "ada"), _roster({"temp-1": 2, "temp-9": 3}, "ben", week=7)),
    ),
    Bug(
        name="scheduling-nobody-skilled",
        kind="exhausted iterator",
        study=f"{BUGSINPY}: StopIteration; {SSTUBS}: same function, more arguments",
        service="scheduling",
        path="people.py",
        function="first_with",
        right='next((name for name in present if skill in PEOPLE[name]["skills"]), NOBODY)',
        wrong='next(name for name in present if skill in PEOPLE[name]["skills"])',
        failing=_handover("ben", "stock", "ben", "ben"),
        hidden=(_handover("ada", "wine", "ada", "cem"), _handover("cem", "till", "cem", "cem")),
    ),
    Bug(
        name="scheduling-lead",
        kind="wrong identifier",
        study=f"{SSTUBS}: change of an identifier",
        service="scheduling",
        path="people.py",
        function="lead_of",
        right="return name if lead is None else lead",
        wrong="return name if lead is None else leads",
        failing=_handover("ada", "till", "ada", "ben"),
        hidden=(_handover("cem", "stock", "cem", "ben", "ada"), _handover("ben", "till", "ben", "cem", "ada")),
    ),
    Bug(
        name="scheduling-nobody-left",
        kind="taken from an empty list",
        study=f"{TBAR} FP3; {BUGSINPY}",
        service="scheduling",
        path="people.py",
        function="handover",
        right="    if not waiting:\n        return NOBODY\n",
        wrong="",
        failing=_handover("ada", "till", "ada"),
        hidden=(_handover("cem", "stock", "cem", "cem"), _handover("ben", "till", "ben")),
    ),
)
