from services.fleet import readings, vehicles


def test_figures():
    found = readings.values([{"value": 1}, {"value": 3}])
    assert readings.mean(found) == 2.0
    assert readings.spread(found) == 1.41
    assert readings.last(found) == 3.0
    assert readings.smoothed(found, 2) == [1.0, 2.0]


def test_kinds():
    assert readings.kinds([{"kind": "speed"}]) == {"temperature": 0, "speed": 1}


def test_height():
    assert readings.height(5.0, 4.0) == 3.0


def test_limits():
    assert vehicles.over("speed", 131.0)
    assert not vehicles.over("temperature", 90.0)


def test_units():
    assert vehicles.in_kmh(10.0, "ms") == 36.0


def test_trips():
    assert vehicles.position("48.1,11.5") == (48.1, 11.5)
    assert vehicles.driver({"driver": {"name": "Ann"}}) == "ANN"
    assert vehicles.fuel({"litres": 12.5}, 50.0) == 37.5
    assert vehicles.label({"plate": "A-1"}) == "A-1"
