"""Carrying a service's environment into the sandbox, and its addresses to the sandbox's loopback."""

from pathlib import Path

import pytest

from tools.proving import surroundings
from tools.reproduction import answers


def test_the_checkout_becomes_the_work_folder(tmp_path: Path) -> None:
    (tmp_path / "libs").mkdir()
    found = surroundings.paths({"PYTHONPATH": "/srv/v1:/srv/v1/libs:/env/site"}, tmp_path, ("/env",))
    assert found == ("/tree", "/tree/libs", "/env/site")


def test_without_an_import_path_the_root_is_on_it(tmp_path: Path) -> None:
    assert surroundings.paths({}, tmp_path, ()) == ("/tree",)


def test_a_folder_beside_the_mount_of_a_similar_name_is_not_mounted(tmp_path: Path) -> None:
    assert surroundings.paths({"PYTHONPATH": "/env-other/x"}, tmp_path, ("/env",)) == ("/tree",)


def test_paths_of_the_host_become_paths_in_the_sandbox() -> None:
    given = {
        "LOG_FILE": "/srv/logs/a.jsonl",
        "CERTS": "/env/certs.pem",
        "URL": "http://h/x",
        "PATH": "/usr/bin",
        "HOME": "/root",
    }
    found = surroundings.variables(given, ("/env",))
    assert found["LOG_FILE"] == "/tmp/a.jsonl"
    assert found["CERTS"] == "/env/certs.pem"
    assert found["URL"] == "http://h/x"
    assert not {"PATH", "HOME"} & set(found)
    assert found["PYTHONHASHSEED"] == "0"


def test_recorded_loopback_addresses_are_served_where_they_were() -> None:
    ports, environment = answers.addresses(["127.0.0.1:8101", "localhost:8102"], {"A_URL": "http://127.0.0.1:8101"})
    assert ports == {"127.0.0.1:8101": 8101, "localhost:8102": 8102}
    assert environment == {"A_URL": "http://127.0.0.1:8101"}


@pytest.mark.parametrize(
    ("host", "value", "expected"),
    [
        ("stock:9000", "http://stock:9000", "http://127.0.0.1:20080"),
        ("stock:9000", "http://stock:9000/v1", "http://127.0.0.1:20080/v1"),
        ("stock:9000", "https://stock:9000/v1?a=b", "http://127.0.0.1:20080/v1?a=b"),
        ("api.example:443", "https://api.example/v1", "http://127.0.0.1:20080/v1"),
        ("api.example:443", "https://api.example", "http://127.0.0.1:20080"),
        ("stock:9000", "stock:9000", "127.0.0.1:20080"),
        ("stock:9000", "http://stock:9001", "http://stock:9001"),
        ("stock:9000", "http://stockholm:9000", "http://stockholm:9000"),
        ("127.0.0.1:80", "http://127.0.0.1:80/x", "http://127.0.0.1:20080/x"),
    ],
)
def test_other_hosts_get_a_local_address_in_the_environment(host: str, value: str, expected: str) -> None:
    ports, environment = answers.addresses([host], {"URL": value})
    assert environment == {"URL": expected}
    assert ports[host] == 20080


def test_addresses_of_the_environment_that_nobody_recorded_are_watched_too() -> None:
    ports, _ = answers.addresses([], {"A_URL": "http://127.0.0.1:8101", "B": "http://localhost:8102/x"})
    assert ports == {"127.0.0.1:8101": 8101, "localhost:8102": 8102}
