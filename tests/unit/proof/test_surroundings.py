"""Carrying a service's environment into the sandbox, and its addresses to the sandbox's loopback."""

from pathlib import Path

import pytest

from tools import ports
from tools.proof.checks import surroundings
from tools.reproduction import answers

ENTRIES: list[tuple[str, str, tuple[str, ...]]] = [
    ("/srv/v1:/srv/v1/libs:/env/site", "/srv/v1", ("/srv/v1", "/srv/v1/libs", "/env/site")),
    ("/srv/v1/libs:/srv/v1", "/srv/v1", ("/srv/v1/libs", "/srv/v1")),
    ("/env/site:/home/me/shop", "/home/me/shop", ("/env/site", "/home/me/shop")),
    ("/tmp/lab/v1", "/tmp/lab/v1", ("/tmp/lab/v1",)),
    ("/env-other/x", "/env-other/x", ("/env-other/x",)),
    ("/env/site", "/tree", ("/env/site",)),
    ("", "/tree", ()),
    ("/usr/lib/python3/shop:/usr/lib/python3/shop/libs", "/tree", ("/tree", "/tree/libs")),
    ("/tmp", "/tree", ("/tree",)),
    ("/", "/tree", ("/tree",)),
    ("/libs", "/tree", ("/tree/libs",)),
    ("libs:.", "/tree", ("/tree/libs", "/tree")),
    ("libs:/srv/v1", "/srv/v1", ("/srv/v1/libs", "/srv/v1")),
    ("/srv/v1/../libs/..", "/tree", ("/tree",)),
    ("/srv/v1/../../usr/lib", "/tree", ("/tree",)),
]
"""An import path of the host, where the tree lies then, and the import path there."""


@pytest.mark.parametrize(("given", "place", "entries"), ENTRIES)
def test_the_checkout_keeps_its_place_unless_it_would_hide_something(
    tmp_path: Path, given: str, place: str, entries: tuple[str, ...]
) -> None:
    (tmp_path / "libs").mkdir()
    environment = {"PYTHONPATH": given}
    assert surroundings.place(environment, tmp_path, ("/env",)) == place
    assert surroundings.paths(environment, tmp_path, ("/env",)) == entries
    found = surroundings.variables(environment, tmp_path, ("/env",))
    assert found.get("PYTHONPATH", "") == ":".join(entries)


@pytest.mark.parametrize(
    ("place", "well"),
    [
        ("/tree", True), ("/srv/app", True), ("/srv", True), ("/tmp/a", True), ("/var/lib/a", True), ("/opt/env-2", True),
        ("/", False), ("/tmp", False), ("tree", False), ("", False), ("/a/../usr", False), ("/a//b", False), ("/a/", False), ("//a", False),
        ("/usr", False), ("/usr/lib/python3.11", False), ("/usr/local/app", False), ("/lib", False), ("/etc/app", False), ("/proc/self", False),
        ("/dev/shm", False), ("/run/app", False), ("/sys/a", False), ("/opt/env", False), ("/opt/env/lib", False),
    ],
)  # fmt: skip
def test_a_tree_never_lies_where_the_system_or_a_mount_does(place: str, well: bool) -> None:
    assert ports.may_hold_tree(place, ("/opt/env",)) == well


def test_paths_of_the_host_become_paths_in_the_sandbox(tmp_path: Path) -> None:
    given = {
        "LOG_FILE": "/srv/logs/a.jsonl",
        "CERTS": "/env/certs.pem",
        "RULES": "/srv/v1/rules.json",
        "URL": "http://h/x",
        "PATH": "/env/bin:/usr/bin",
        "HOME": "/root",
        "TMPDIR": "/var/spool/a",
        "PYTHONPATH": "/srv/v1",
    }
    found = surroundings.variables(given, tmp_path, ("/env",))
    assert found == {
        **given,
        "LOG_FILE": "/tmp/a.jsonl",
        "HOME": "/tmp",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        **surroundings.ADDED,
    }


@pytest.mark.parametrize(
    "name",
    [
        "PYTHONHOME", "PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONSAFEPATH", "PYTEST_ADDOPTS", "PYTEST_PLUGINS",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "COV_CORE_SOURCE", "COVERAGE_PROCESS_START",
    ],
)  # fmt: skip
def test_what_would_change_our_start_or_the_tests_stays_out(tmp_path: Path, name: str) -> None:
    assert name not in surroundings.variables({name: "x"}, tmp_path, ())


def test_a_seed_of_the_services_own_is_kept(tmp_path: Path) -> None:
    assert surroundings.variables({"PYTHONHASHSEED": "7"}, tmp_path, ())["PYTHONHASHSEED"] == "7"


def test_recorded_loopback_addresses_are_served_where_they_were() -> None:
    served, environment = answers.addresses(["127.0.0.1:8101", "localhost:8102"], {"A_URL": "http://127.0.0.1:8101"})
    assert served == {"127.0.0.1:8101": 8101, "localhost:8102": 8102}
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
    served, environment = answers.addresses([host], {"URL": value})
    assert environment == {"URL": expected}
    assert served[host] == 20080


def test_addresses_of_the_environment_that_nobody_recorded_are_watched_too() -> None:
    served, _ = answers.addresses([], {"A_URL": "http://127.0.0.1:8101", "B": "http://localhost:8102/x"})
    assert served == {"127.0.0.1:8101": 8101, "localhost:8102": 8102}
