"""The worker that hands waiting messages to the mail provider, one after the other."""

import asyncio
import logging

from services.notify import outbox
from shopkit import errors, metrics, peers

log = logging.getLogger("notify.sender")
IDLE_SECONDS = 0.05
RETRY_SECONDS = 1.0
"""The pause after the provider failed; the message is tried again."""


async def run(box: outbox.Outbox, mail: peers.Peer) -> None:
    """Send for ever."""
    while True:
        for message in box.take(1):
            await deliver(message, mail)
            metrics.count("messages_sent")
        if not box.waiting():
            await asyncio.sleep(IDLE_SECONDS)


def mailbox(address: str) -> str:
    """The address as the provider wants it: its host in small letters of ASCII."""
    name, host = address.rsplit("@", 1)
    return f"{name}@{host.lower().encode('ascii').decode()}"


async def deliver(message: outbox.Message, mail: peers.Peer) -> None:
    """Hand over one message, as often as it takes; one that the provider refuses is dropped."""
    while True:
        try:
            await mail.post("/messages", {"to": mailbox(message.to), "text": message.text})
        except errors.UpstreamRefused as refused:
            log.warning("the provider refused a message: %s", refused)
        except errors.UpstreamFailed as failed:
            log.warning("a message waits: %s", failed)
            await asyncio.sleep(RETRY_SECONDS)
            continue
        return
