"""Messages, through the service's own interface."""

import asyncio

import pytest
from services.notify import app, outbox, templates
from shopkit import testing

MESSAGE = {"template": "order_placed", "language": "de", "to": "a@example.org", "values": {"order_id": "o-1", "total": "12.50 EUR"}}


def send(**changed):
    return asyncio.run(testing.post(app.build(), "/messages", {**MESSAGE, **changed}))


def test_a_message_waits_in_the_outbox():
    application = app.build()

    async def run():
        await testing.post(application, "/messages", MESSAGE)
        return (await testing.get(application, "/outbox")).json()

    assert asyncio.run(run()) == {"waiting": 1}


def test_a_message_is_rendered_in_the_customers_language():
    assert templates.render("order_placed", "fr", MESSAGE["values"]).startswith("Merci")


def test_a_missing_language_falls_back_to_english():
    assert templates.render("order_declined", "fr", {"order_id": "o-1"}).startswith("We are sorry")


@pytest.mark.parametrize("broken", [{"to": "nobody"}, {"template": "poem"}, {"values": {}}, {"to": 3}])
def test_a_broken_message_is_refused(broken):
    assert send(**broken).status_code == 422


def test_the_outbox_drops_the_oldest():
    box = outbox.Outbox(room=2)
    for number in range(3):
        box.put(outbox.Message("a@example.org", str(number)))
    assert [message.text for message in box.take(5)] == ["1", "2"]


def test_money_is_written_for_people():
    assert templates.money(1205, "EUR") == "12.05 EUR"
