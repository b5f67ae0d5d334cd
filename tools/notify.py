"""Telling people: standard error, a file of notices, and a webhook when one is set.

Nothing here raises: the caller journals what was delivered where, and an escalation that reached
nobody says so.
"""

import http
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

import httpx
from pydantic import JsonValue

from tools import exchange, outlet, ports, wire
from tools.stores import files, redaction

ATTEMPTS = 3
"""Tries of the webhook: with the pauses and time-outs below a notice takes at most about 17 s."""

_PAUSE = 0.5
"""Seconds before the second try, doubled for each further one."""

_TIMEOUT = 5.0

_AGAIN = frozenset({http.HTTPStatus.REQUEST_TIMEOUT, http.HTTPStatus.TOO_MANY_REQUESTS})


class Notifier:
    """:class:`tools.ports.Notify` over up to three channels.  `ids` yields a new id for each notice."""

    def __init__(
        self,
        stream: TextIO,
        notices: Path,
        clock: ports.Clock,
        ids: Callable[[], str],
        webhook: str = "",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._stream, self._notices, self._clock, self._ids = stream, notices, clock, ids
        self._webhook, self._transport = webhook, transport

    def tell(self, subject: str, body: Mapping[str, JsonValue]) -> tuple[tuple[str, bool], ...]:
        """Try every channel: (channel, delivered) each.  Secrets are redacted first.  Never raises."""
        subject = redaction.redact_text(subject)
        notice: dict[str, JsonValue] = {
            "id": self._ids(),
            "at": self._clock.now().isoformat(),
            "subject": subject,
            "body": redaction.redact_mapping(body),
        }
        line = json.dumps(notice, separators=(",", ":"), default=repr)
        told = [("stderr", self._print(subject, notice["body"])), ("file", self._store(line))]
        if self._webhook:
            told.append(("webhook", self._post(str(notice["id"]), line)))
        return tuple(told)

    def _print(self, subject: str, body: JsonValue) -> bool:
        """The subject, and why: whoever reads standard error may see nothing else."""
        why = body.get("reason") if isinstance(body, dict) else None
        said = f"{subject}: {why}" if why else subject
        shown = "".join(char if char.isprintable() else " " for char in said)
        return outlet.say(self._stream, f"suture: {shown}\n")

    def _store(self, line: str) -> bool:
        try:
            files.append_line(self._notices, line)
        except OSError:
            return False
        return True

    def _post(self, notice: str, line: str) -> bool:
        headers = {"content-type": "application/json", "idempotency-key": notice}
        for attempt in range(ATTEMPTS):
            if attempt:
                self._clock.sleep(_PAUSE * 2 ** (attempt - 1))
            try:
                with (
                    exchange.client(self._clock, _TIMEOUT, self._transport) as client,
                    client.stream("POST", self._webhook, content=line, headers=headers) as answer,
                ):
                    status = answer.status_code  # nothing else is of interest, so nothing else is read
            except (httpx.TransportError, wire.Unbounded):
                continue
            except (httpx.HTTPError, httpx.InvalidURL):
                return False
            if status < 300:
                return True
            if status < 500 and status not in _AGAIN:
                return False
        return False
