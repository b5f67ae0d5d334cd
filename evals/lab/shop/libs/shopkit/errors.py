"""What a handler may raise on purpose; `shopkit.web` turns each into an answer."""


class BadRequest(Exception):
    """The caller sent something that we cannot use: 422."""


class NotFound(Exception):
    """What was asked for does not exist: 404."""


class UpstreamFailed(Exception):
    """A peer answered 500 or above, or not at all: 502."""

    def __init__(self, peer: str, reason: str) -> None:
        self.peer, self.reason = peer, reason
        super().__init__(f"{peer} {reason}")


class UpstreamRefused(Exception):
    """A peer answered 4xx: its answer is passed on."""

    def __init__(self, peer: str, status: int, body: object) -> None:
        self.peer, self.status, self.body = peer, status, body
        super().__init__(f"{peer} answered {status}")
