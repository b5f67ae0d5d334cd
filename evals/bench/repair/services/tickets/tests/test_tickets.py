from datetime import date, datetime

from services.tickets import board, mails, sla


def test_answers():
    assert sla.answer_within({"priority": "urgent"}, {"plan": "plus"}) == 2


def test_due_on_the_same_day():
    assert sla.due(datetime(2025, 3, 3, 9, 30), 4) == datetime(2025, 3, 3, 13, 30)


def test_due_before_the_doors_open():
    assert sla.due(datetime(2025, 3, 3, 5, 15), 2) == datetime(2025, 3, 3, 10, 0)


def test_due_on_the_next_day():
    assert sla.due(datetime(2025, 3, 3, 16, 0), 4) == datetime(2025, 3, 4, 10, 0)


def test_crew():
    assert sla.crew(date(2025, 1, 6)) == "north"
    assert sla.crew(date(2025, 1, 19)) == "south"


def test_points():
    ticket = {"priority": "low", "parent": {"priority": "urgent", "status": "open"}}
    assert board.points(ticket) == 8


def test_minutes():
    assert board.minutes("1d 2h") == 600
    assert board.minutes("1.5h") == 90


def test_watchers():
    assert board.watchers({"reporter": "mia", "assignee": "jon"}) == ["jon", "mia"]


def test_blockers():
    tickets = [{"key": "IT-1", "blocked_by": ["IT-2"]}, {"key": "IT-2", "blocked_by": ["IT-3"]}, {"key": "IT-3"}]
    assert board.blockers("IT-1", tickets) == ["IT-2", "IT-3"]


def test_mails():
    assert mails.header("Subject: No paper") == ("subject", "No paper")
    assert mails.topic("Re: AW: No paper") == "No paper"
    assert mails.fresh("Thanks!\n> No paper") == "Thanks!"
    assert mails.references("like IT-3 and HR-12, not IT-3") == ["IT-3", "HR-12"]
