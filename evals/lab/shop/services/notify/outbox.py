"""Messages that wait for the mail gateway, which fetches them."""

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """One message to one address."""

    to: str
    text: str


class Outbox:
    """The newest messages, up to a number."""

    def __init__(self, room: int) -> None:
        self._messages: deque[Message] = deque(maxlen=room)

    def put(self, message: Message) -> None:
        """Add a message; the oldest goes when there is no room."""
        self._messages.append(message)

    def take(self, most: int) -> list[Message]:
        """The oldest messages, which leave the box."""
        return [self._messages.popleft() for _ in range(min(most, len(self._messages)))]

    def waiting(self) -> int:
        """How many wait."""
        return len(self._messages)
