"""The worker that empties the outbox."""

import asyncio

import pytest
from services.notify import outbox, sender
from shopkit import errors, testing

MESSAGE = outbox.Message("a@example.org", "hello")


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(sender, "RETRY_SECONDS", 0)


class Mail:
    """A provider that fails a number of times."""

    def __init__(self, *failures):
        self.failures, self.taken = list(failures), []

    async def post(self, _path, body):
        if self.failures:
            raise self.failures.pop()
        self.taken.append(body["text"])


def test_the_outbox_is_emptied_in_order():
    async def run():
        box, mail = outbox.Outbox(room=5), Mail()
        for text in ("1", "2", "3"):
            box.put(outbox.Message("a@example.org", text))
        task = asyncio.create_task(sender.run(box, mail))
        while len(mail.taken) < 3:
            await asyncio.sleep(0)
        task.cancel()
        return mail.taken

    assert asyncio.run(run()) == ["1", "2", "3"]


def test_a_message_is_tried_again_while_the_provider_fails():
    mail = Mail(errors.UpstreamFailed("mail", "answered 503"), errors.UpstreamFailed("mail", "could not be reached"))
    asyncio.run(sender.deliver(MESSAGE, mail))
    assert mail.taken == ["hello"]


def test_a_message_that_the_provider_refuses_is_dropped():
    mail = Mail(errors.UpstreamRefused("mail", 422, {}))
    asyncio.run(sender.deliver(MESSAGE, mail))
    assert mail.taken == []


def test_a_fake_provider_is_asked_by_path():
    peer = testing.FakePeer({"/messages": {"status": "accepted"}})
    asyncio.run(sender.deliver(MESSAGE, peer))
    assert peer.asked == [("/messages", {"to": "a@example.org", "text": "hello"})]
