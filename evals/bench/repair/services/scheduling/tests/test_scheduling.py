from datetime import date

from services.scheduling import people, times


def test_times_of_day():
    assert times.minutes("09:30") == 570
    assert times.clock(570) == "09:30"


def test_months():
    assert times.next_month(date(2025, 3, 31)) == date(2025, 4, 1)


def test_ends():
    assert times.ends("2025-03-01T10:00:00", {"minutes": 90}) == "2025-03-01T11:30:00"


def test_slots():
    offered = times.slots("09:00", "10:00", 30)
    assert offered == ["09:00", "09:30"]
    assert times.free(offered, ["09:00"]) == ["09:30"]
    assert times.share(["09:30"], offered) == 50


def test_people():
    assert people.team("ada") == "red"
    assert people.first_with("stock", ["ben", "cem"]) == "cem"
    assert people.hours([{"person": "ada", "hours": 8}]) == {"ada": 8, "ben": 0, "cem": 0}
    assert people.lead_of("ada") == "ada"


def test_rotation():
    assert people.rotation(["ada", "ben", "cem"], 1) == ["ben", "cem", "ada"]
    assert people.handover(["ada", "ben"], "ada") == "ben"
