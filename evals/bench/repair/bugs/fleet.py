"""Bugs in the fleet service."""

from pydantic import JsonValue

from evals.bench.repair.planted import BUGSINPY, PYTER, TBAR, TSSB, Bug, Request, Traffic, post


def _series(*values: JsonValue, kind: str = "speed") -> Request:
    return post("/series", readings=[{"kind": kind, "value": value} for value in values])


def _trip(**changed: JsonValue) -> Request:
    body: dict[str, JsonValue] = {
        "driver": {"name": "Ann"},
        "vehicle": {"plate": "A-12"},
        "litres": 12.5,
        "tank": 60.0,
        "speed": 80.0,
        "unit": "kmh",
        "distance": 5.0,
        "along": 4.0,
        "start": "48.1,11.5",
    }
    return post("/trips", **{**body, **changed})


TRAFFIC = Traffic(
    service="fleet",
    healthy=(
        _series(80, 131, 90),
        _series(90.5, 60, kind="temperature"),
        _series(1, 2, 3, 4),
        _trip(),
        _trip(unit="mph", speed=50.0, driver={"name": "Bo Ek"}),
        _trip(unit="ms", speed=10.0, distance=13.0, along=12.0),
        _trip(start="-33.9,151.2", litres=0.0),
    ),
)

BUGS = (
    Bug(
        name="fleet-reading-without-value",
        kind="null operand",
        study=f"{PYTER}: float of NoneType",
        service="fleet",
        path="readings.py",
        function="values",
        right='for reading in readings if reading.get("value") is not None]',
        wrong="for reading in readings]",
        failing=_series(80, None, 90),
        hidden=(_series(None, 1, 2), _series(0, None, 4, 5), _series(None, None)),
    ),
    Bug(
        name="fleet-single-value",
        kind="too few values",
        study=f"{BUGSINPY}; {TBAR} FP3",
        service="fleet",
        path="readings.py",
        function="spread",
        right="    if len(found) < 2:\n        return NO_SPREAD\n",
        wrong="",
        failing=_series(80),
        hidden=(_series(0), _series(), _series(200, kind="temperature")),
    ),
    Bug(
        name="fleet-map-says-more",
        kind="outside a function's domain",
        study=f"{TSSB}: function around an expression; {BUGSINPY}",
        service="fleet",
        path="readings.py",
        function="height",
        right="math.sqrt(max(0.0, distance**2 - along**2))",
        wrong="math.sqrt(distance**2 - along**2)",
        failing=_trip(distance=4.0, along=5.0),
        hidden=(_trip(distance=1.0, along=1.1), _trip(distance=0.0, along=3.0), _trip(distance=3.0, along=3.0)),
    ),
    Bug(
        name="fleet-no-readings",
        kind="index out of range",
        study=f"{TBAR} FP3: insert a range checker",
        service="fleet",
        path="readings.py",
        function="last",
        right="return found[-1] if found else NO_VALUE",
        wrong="return found[-1]",
        failing=_series(),
        hidden=(_series(None), _series(None, None, kind="temperature")),
    ),
    Bug(
        name="fleet-unlisted-kind",
        kind="missing first entry",
        study=f"{BUGSINPY}; {TBAR} FP4",
        service="fleet",
        path="readings.py",
        function="kinds",
        right='found[reading["kind"]] = found.get(reading["kind"], 0) + 1',
        wrong='found[reading["kind"]] += 1',
        failing=_series(3, 4, kind="door"),
        hidden=(_series(1, 2, 3, kind="light"), _series(7, kind="door")),
    ),
    Bug(
        name="fleet-no-limit",
        kind="missing key",
        study=f"{BUGSINPY}; {TBAR} FP2",
        service="fleet",
        path="vehicles.py",
        function="over",
        right="LIMITS.get(kind, NO_LIMIT)",
        wrong="LIMITS[kind]",
        failing=_series(3, 4, kind="door"),
        hidden=(_series(1000, 2, 3, kind="light"), _series(7, 8, kind="door")),
    ),
    Bug(
        name="fleet-unit-with-slash",
        kind="key not normalised",
        study=f"{TSSB}: add a method call",
        service="fleet",
        path="vehicles.py",
        function="in_kmh",
        right='UNITS[unit.lower().replace("/", "")]',
        wrong='UNITS[unit.replace("/", "")]',
        failing=_trip(unit="KM/H"),
        hidden=(_trip(unit="M/S"), _trip(unit="MPH", speed=10.0), _trip(unit="m/s")),
    ),
    Bug(
        name="fleet-position-with-height",
        kind="values to unpack",
        study=f"{BUGSINPY}",
        service="fleet",
        path="vehicles.py",
        function="position",
        right='latitude, longitude = text.split(",")[:2]',
        wrong='latitude, longitude = text.split(",")',
        failing=_trip(start="48.1,11.5,520"),
        hidden=(_trip(start="1.5,-2.5,0"), _trip(start="1,2,3,4")),
    ),
    Bug(
        name="fleet-no-driver",
        kind="null dereference",
        study=f"{PYTER}; {TBAR} FP2",
        service="fleet",
        path="vehicles.py",
        function="driver",
        right='return person["name"].upper() if person else "UNASSIGNED"',
        wrong='return person["name"].upper()',
        failing=_trip(driver=None),
        hidden=(_trip(driver=None, unit="mph"), _trip(driver={"name": "zoë"})),
    ),
    Bug(
        name="fleet-not-measured",
        kind="null operand",
        study=f"{PYTER}: unsupported operand NoneType",
        service="fleet",
        path="vehicles.py",
        function="fuel",
        right='used = trip.get("litres") or 0.0',
        wrong='used = trip.get("litres")',
        failing=_trip(litres=None),
        hidden=(_trip(litres=None, tank=41.25), _trip(litres=60.0)),
    ),
    Bug(
        name="fleet-trailer",
        kind="wrong text literal",
        study=f"{TBAR} FP9: mutate a literal",
        service="fleet",
        path="vehicles.py",
        function="label",
        right='+ trailer["plate"]',
        wrong='+ trailer["plates"]',
        failing=_trip(vehicle={"plate": "A-12", "trailer": {"plate": "T-3"}}),
        hidden=(
            _trip(vehicle={"plate": "B-1", "trailer": {"plate": "T-44"}}),
            _trip(vehicle={"plate": "B-1", "trailer": None}),
        ),
    ),
)
