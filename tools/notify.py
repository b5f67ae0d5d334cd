"""Notices to people: standard error, a file of notices, and a webhook when one is set.

Nothing here raises: the caller journals what was delivered where, and an escalation that reached
nobody says so.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from pydantic import JsonValue

from tools import outlet, ports
from tools.records import files
from tools.secrets import redaction

Post = Callable[[str, str], bool]
"""Takes a notice's id and its line of JSON, and says whether it arrived.  Never raises."""


class Notifier:
    """:class:`tools.ports.Notify` over up to three channels.  `ids` yields a new id for each notice."""

    def __init__(
        self,
        stream: TextIO,
        notices: Path,
        clock: ports.Clock,
        ids: Callable[[], str],
        webhook: Post | None = None,
    ) -> None:
        self._stream, self._notices, self._clock, self._ids = stream, notices, clock, ids
        self._webhook = webhook

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
        if self._webhook is not None:
            told.append(("webhook", self._webhook(str(notice["id"]), line)))
        return tuple(told)

    def _print(self, subject: str, body: JsonValue) -> bool:
        """Print the subject and the lines, or the reason: whoever reads standard error may see nothing else."""
        told = body if isinstance(body, dict) else {}
        why, lines = told.get("reason"), told.get("lines")
        rest = [str(line) for line in lines] if isinstance(lines, list) else [str(why)] if why else []
        said = [f"{subject}: {rest[0]}", *rest[1:]] if rest else [subject]
        shown = ("".join(char if char.isprintable() else " " for char in line) for line in said)
        return outlet.say(self._stream, "".join(f"suture: {line}\n" for line in shown))

    def _store(self, line: str) -> bool:
        try:
            files.append_line(self._notices, line)
        except OSError:
            return False
        return True
