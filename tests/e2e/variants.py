"""Variants of the planted slips (RULINGS 35): the same two kinds in other services, under other names, at other places.

Each is written as a fault's folder, with an overlay of the shop and hidden requests with their right answers.
"""

from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import JsonValue

from evals.lab import repository


@dataclass(frozen=True)
class Edit:
    """In a file of the shop, a text that stands there once is replaced."""

    path: str
    before: str
    now: str


@dataclass(frozen=True)
class Variant:
    """One planted slip."""

    name: str
    service: str
    path: str
    function: str
    source: str
    edits: tuple[Edit, ...]
    kinds: dict[str, float]
    key: str
    """The key of the quote's answer that the function fills."""
    asked: str
    """The service that is asked for a quote."""
    answers: tuple[tuple[JsonValue, JsonValue], ...]
    """(customer or voucher, right value of the key)."""


def write(variant: Variant, folder: Path) -> None:
    """Write the fault's folder below `folder`."""
    root = folder / variant.name
    files = {variant.path: variant.source, **_edited(variant)}
    for path, text in files.items():
        (root / "base" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "base" / path).write_text(text, encoding="utf-8")
    traffic = [{"after_seconds": 12, "kinds": variant.kinds}]
    fault = {"summary": f"{variant.name} in {variant.service}", "overlay": "base", "traffic": traffic}
    (root / "fault.yaml").write_text(yaml.safe_dump(fault), encoding="utf-8")
    (root / "oracle.yaml").write_text(yaml.safe_dump(_oracle(variant)), encoding="utf-8")


def _edited(variant: Variant) -> dict[str, str]:
    files: dict[str, str] = {}
    for edit in variant.edits:
        text = files.get(edit.path) or (repository.SHOP / edit.path).read_text(encoding="utf-8")
        assert text.count(edit.before) == 1, f"{edit.path} has {text.count(edit.before)} times {edit.before!r}"
        files[edit.path] = text.replace(edit.before, edit.now)
    return files


def _oracle(variant: Variant) -> dict[str, JsonValue]:
    requests: list[JsonValue] = [
        {
            "name": f"{variant.key} of answer {number}",
            "to": variant.asked,
            "path": "/prices" if variant.asked == "pricing" else "/quotes",
            "body": _body(variant, given),
            "status": 200,
            "answer": {variant.key: right},
        }
        for number, (given, right) in enumerate(variant.answers, start=1)
    ]
    return {"service": variant.service, "callers": ["gateway"], "requests": requests}


def _body(variant: Variant, given: JsonValue) -> JsonValue:
    items: JsonValue = [{"sku": "TEA-001", "quantity": 4}]
    if variant.asked == "payment":
        return {"customer": given, "amount_cents": 5000, "currency": "EUR", "method": "card"}
    if variant.asked == "pricing":
        return {"items": items, "currency": "EUR", "voucher": given}
    null = variant.name.startswith("null-")
    who = {"customer": given, "voucher": None} if null else {"customer": None, "voucher": given}
    return {**who, "country": "DE", "currency": "EUR", "method": "card", "items": items}
