"""Names of other libraries that are not theirs to promise: with which versions ours were seen to work."""

from importlib import metadata

import httpcore
import httpcore2
import httpx
import httpx2
import pytest

SEEN = {"httpx": ("0.28.1",), "httpx2": ("2.16.2",), "httpcore": ("1.0.9",), "httpcore2": ("2.16.2",)}
"""`tools.http.wire` sets `_transport` and `_mounts` of a client and `_network_backend` of a pool: look there before adding one."""


@pytest.mark.parametrize("name", SEEN)
def test_the_installed_version_is_one_that_was_looked_at(name: str) -> None:
    assert metadata.version(name) in SEEN[name]


@pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)
def test_a_client_has_its_transports_where_they_are_replaced(library: object) -> None:
    client = vars(library)["Client"]()
    assert {"_transport", "_mounts"} <= set(vars(client))
    assert "_pool" in vars(client._transport)
    client.close()


@pytest.mark.parametrize("library", [httpcore, httpcore2], ids=lambda library: library.__name__)
def test_a_pool_has_its_network_where_it_is_replaced(library: object) -> None:
    assert "_network_backend" in vars(vars(library)["ConnectionPool"]())
