"""Anchor of the audit chain (``SUTURE_AUDIT_ANCHOR``): the part of wiring that `graph.audit` needs, too."""

from pathlib import Path

from incident.errors import BadInput
from tools import ports
from tools.audit.anchor_file import FileAnchor


def chosen(setting: str, default: Path, clock: ports.Clock) -> ports.Anchor:
    """Return the anchor that the setting names, or the file at `default`.  Raises BadInput."""
    scheme, _, rest = setting.partition(":")
    match scheme:
        case "":
            return FileAnchor(default, clock)
        case "file" if Path(rest).is_absolute():
            return FileAnchor(Path(rest), clock)
        case "git":
            from tools.audit import anchor_git  # noqa: PLC0415 (an adapter that is loaded when it is chosen)

            return anchor_git.parse(rest)
        case "http" | "https":
            from tools.audit import anchor_elasticsearch  # noqa: PLC0415 (the same, and it loads an HTTP client)

            return anchor_elasticsearch.parse(setting)
        case _:
            raise BadInput(
                "SUTURE_AUDIT_ANCHOR",
                # Without a password, which an address may hold before the @.
                setting.rpartition("@")[2],
                "use file:/ABSOLUTE/PATH, git:/PATH/OF/REPOSITORY[#REF] or http(s)://HOST:PORT/INDEX",
            )
