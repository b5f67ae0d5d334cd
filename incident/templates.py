"""Log templates: lines that differ only in what varies, counted, and what of them changed since the onset."""

from typing import Literal

from pydantic import AwareDatetime

from incident.value import Value


class Template(Value):
    """Lines of one template within a window."""

    template: str
    count: int
    first: AwareDatetime
    last: AwareDatetime
    example: str
    """The first line, masked: without secrets, addresses and long numbers."""


class Templates(Value):
    """Templates of a window, the most frequent first."""

    templates: tuple[Template, ...]
    others: int = 0
    """Lines of templates that are not listed."""


class TemplateChange(Value):
    """Lines of one template that are new since the onset, more frequent than before it, or gone.

    Evidence for people and models, and no more: a workload wrote the lines.
    """

    kind: Literal["template_change"] = "template_change"
    service: str
    change: Literal["new", "grown", "gone"]
    template: str
    example: str
    """The first such line, masked."""
    before: int
    """Lines in the window before the onset, of `before_seconds`."""
    since: int
    """Lines since the onset, within `since_seconds`."""
    before_seconds: float
    since_seconds: float
    first: AwareDatetime
    """Time of the first such line since the onset; before it where they are gone."""
    last: AwareDatetime
