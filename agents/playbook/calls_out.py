"""Recognises errors that come from a call to a host outside the platform."""

import json
from typing import Any

from agents.playbook.conversation import Reading
from incident.evidence import PEERS

NETWORK = (
    "ConnectError", "ConnectTimeout", "ReadTimeout", "ReadError", "WriteError", "PoolTimeout", "HTTPStatusError",
    "RemoteProtocolError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError", "TimeoutError", "Timeout",
    "gaierror", "URLError", "HTTPError", "ClientConnectorError", "ServerDisconnectedError", "ServerTimeoutError", "SSLError",
)  # fmt: skip
"""Exceptions of httpx, requests, aiohttp, urllib and the standard library that a failing callee raises."""


def suspected(reading: Reading) -> bool:
    """True when most errors are of a kind that a failing callee raises, and there is a host outside."""
    return bool(_outside(reading)) and failing(reading)


def failing(reading: Reading) -> bool:
    """True when most errors are of a kind that a failing callee raises."""
    groups = [fact for _, fact in reading.facts("error_group")]
    total = sum(int(fact.get("count", 0)) for fact in groups)
    network = sum(int(fact.get("count", 0)) for fact in groups if _is_network(fact))
    return network * 2 > total > 0


def blamed(reading: Reading) -> str | None:
    """The host outside the platform that the failing calls go to, when the spans name one."""
    if not suspected(reading):
        return None
    hosts = _outside(reading)
    failing = [
        _peer(span) for span in _spans(reading) if span.get("kind") == "client" and span.get("status") == "error"
    ]
    named = [host for host in hosts if host in failing]
    if named:
        return max(named, key=failing.count)
    # Nobody else is called, so there is no other host that it could be.
    return hosts[0] if len(hosts) == 1 and not _callees(reading) else None


def _peer(span: dict[str, Any]) -> str | None:
    """The host that a span called, by the first attribute that names one."""
    attributes = span.get("attributes")
    known = attributes if isinstance(attributes, dict) else {}
    return next((str(known[name]) for name in PEERS if known.get(name)), None)


def _is_network(group: dict[str, Any]) -> bool:
    return str(group.get("signature", {}).get("exception", "")).rpartition(".")[2] in NETWORK


def _outside(reading: Reading) -> list[str]:
    return [str(host) for _, fact in reading.facts("neighbours") for host in fact.get("external", ())]


def _callees(reading: Reading) -> list[str]:
    return [str(name) for _, fact in reading.facts("neighbours") for name in fact.get("callees", ())]


def _spans(reading: Reading) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for tool, _, text in reading.answers:
        if tool != "failing_spans":
            continue
        for line in text.splitlines():
            try:
                span = json.loads(line)
            except ValueError:
                continue
            if isinstance(span, dict):
                found.append(span)
    return found
