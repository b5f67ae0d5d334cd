"""Exports the audit chain for other systems: its own lines, or a body for Elasticsearch's ``_bulk``.

Source: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-bulk.html
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.audit import chain, chain_log
from tools.records import files


def verified(log: Path, key: bytes, anchor: bytes) -> Iterator[bytes]:
    """Every whole line with its newline, once it is known to be genuine.  Raises Tampered where the chain breaks.

    Entries that are missing at the end show at the end only.
    """
    with chain_log.translated(log):
        heads = chain.anchors(key, anchor)
        signed, head = {one.seq: one.mac for one in heads}, chain.Head()
        with files.opened(log) as file:
            for line in file:
                head, rest = chain.follow(key, head, (line,), signed)
                if rest:
                    if not chain.torn(key, head, rest):
                        raise chain.Broken(f"entry {head.seq + 1} is neither whole nor cut short")
                    break
                yield line
        if heads[-1].seq > head.seq:
            raise chain.Broken(f"the chain ends at entry {head.seq}, but entry {heads[-1].seq} was signed")


def bulk(lines: Iterable[bytes], index: str) -> Iterator[bytes]:
    """An action and a document for each line.

    The document's id is the entry's MAC, so sending it again creates nothing twice.  The body goes along
    as text: its keys differ from action to action, and as fields they would sooner or later contradict
    the index's mapping.
    """
    for line in lines:
        entry = json.loads(line)
        body = entry.pop("body")
        action = {"create": {"_index": index, "_id": entry["mac"]}}
        document = {"@timestamp": entry["at"], **entry, "body": json.dumps(body, separators=(",", ":"))}
        if isinstance(body.get("incident"), str):
            document["incident"] = body["incident"]
        yield _json(action) + _json(document)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"
