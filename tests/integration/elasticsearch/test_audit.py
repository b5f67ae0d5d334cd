"""Signed heads in a real Elasticsearch index, and the exported chain in its ``_bulk``."""

import io
import json
import os
import random
import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from pydantic import JsonValue

from incident.errors import Tampered
from tests.contract.anchor import AnchorContract, line
from tools import ports
from tools.audit import chain_file
from tools.audit.anchor_elasticsearch import ElasticsearchAnchor
from tools.records import home
from tools.scripted.clock import ManualClock

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def index() -> Iterator[httpx.URL]:
    """An index of our own, gone afterwards."""
    url = httpx.URL(os.environ["ELASTICSEARCH_URL"]).join(f"/suture-test-{secrets.token_hex(6)}")
    yield url
    httpx.delete(url, timeout=30)


def opened(index: httpx.URL) -> ElasticsearchAnchor:
    """Patient, because a busy machine takes seconds to make an index."""
    return ElasticsearchAnchor(index, seconds=60.0)


class TestElasticsearchAnchor(AnchorContract):
    @pytest.fixture
    def pair(self, index: httpx.URL) -> tuple[ports.Anchor, ports.Anchor]:
        return opened(index), opened(index)


def test_many_lines_come_back_in_order_over_several_pages(index: httpx.URL) -> None:
    anchor, count = opened(index), 1_100
    actions = [
        part
        for n in range(count)
        for part in ({"create": {"_id": str(n + 1)}}, {"number": n + 1, "line": line(n).decode()})
    ]
    body = "".join(json.dumps(part) + "\n" for part in actions)
    headers = {"content-type": "application/x-ndjson"}
    httpx.post(
        f"{index}/_bulk", params={"refresh": "true"}, content=body, headers=headers, timeout=60
    ).raise_for_status()
    assert anchor.read() == b"".join(line(n) + b"\n" for n in range(count))
    assert anchor.last() == line(count - 1)


def test_a_line_that_was_taken_out_is_found(index: httpx.URL) -> None:
    anchor = opened(index)
    for seq in range(3):
        assert anchor.add(line(seq), line(seq - 1) if seq else b"")
    httpx.delete(f"{index}/_doc/2", params={"refresh": "true"}, timeout=30).raise_for_status()
    with pytest.raises(Tampered, match="lost its line 2"):
        anchor.read()


def test_an_older_copy_of_a_chain_is_found_by_its_anchor_in_the_index(index: httpx.URL, tmp_path: Path) -> None:
    place, anchor = home.lay_out(tmp_path / "home"), opened(index)
    audit = chain_file.open_with(place.audit, place.audit_key, anchor, ManualClock(), every=4)
    for number in range(9):
        audit.append(AT, "a", "b", {"n": number})
    whole = place.audit.read_bytes()
    audit.close()
    audit.verify()
    place.audit.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Tampered, match="entry 9 was there before"):
        chain_file.open_with(place.audit, place.audit_key, anchor, ManualClock())


def test_the_exported_chain_is_accepted_by_bulk_and_sending_it_again_creates_nothing_twice(
    index: httpx.URL, tmp_path: Path
) -> None:
    place, rng = home.lay_out(tmp_path / "home"), random.Random(7)
    audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, ManualClock())
    # The same key with another type each time: as fields of their own these would be refused.
    kinds: tuple[JsonValue, ...] = ({"a.b": "x"}, "none", [1, 2])
    for number in range(50):
        files = rng.choice(kinds)
        audit.append(AT, "suture", "record", {"incident": f"inc-{number % 5}", "files": files})
    audit.close()
    environment = {**os.environ, "SUTURE_HOME": str(place.root)}
    command = [sys.executable, "-m", "graph.audit", "export", "--format", "bulk", "--index", index.path.strip("/")]
    exported = subprocess.run(command, env=environment, check=True, capture_output=True).stdout
    sent = [send(index, exported) for _ in range(2)]
    assert [item["create"]["status"] for item in sent[0]["items"]] == [201] * 50
    assert [item["create"]["status"] for item in sent[1]["items"]] == [409] * 50
    found = httpx.post(f"{index}/_search", json={"query": {"term": {"incident.keyword": "inc-3"}}}, timeout=30).json()
    assert found["hits"]["total"]["value"] == 10
    stored = {hit["_source"]["mac"]: hit["_source"] for hit in found["hits"]["hits"]}
    entries = [json.loads(entry) for entry in io.BytesIO(place.audit.read_bytes())]
    for entry in entries:
        if entry["mac"] in stored:
            assert json.loads(stored[entry["mac"]]["body"]) == entry["body"]


def send(index: httpx.URL, body: bytes) -> dict[str, list[dict[str, dict[str, int]]]]:
    headers, query = {"content-type": "application/x-ndjson"}, {"refresh": "true"}
    answer = httpx.post(index.join("/_bulk"), params=query, content=body, headers=headers, timeout=60)
    answer.raise_for_status()
    said: dict[str, list[dict[str, dict[str, int]]]] = answer.json()
    return said
