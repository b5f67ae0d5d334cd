"""Each probe gets its way unguarded, and not in the sandbox."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.sandbox import probes
from tests.integration.sandbox.conftest import NEEDS_BWRAP, Run
from tests.integration.sandbox.probes import Probe

pytestmark = NEEDS_BWRAP


@pytest.fixture(scope="module")
def host() -> Iterator[dict[str, str]]:
    """Everything on the host that the probes reach for."""
    folder = Path("/var/tmp") / f"suture-tests-{os.getuid()}" / f"probes-{os.getpid()}"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    secret = folder / "secret"
    secret.write_text("s3cret")
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        local, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        local.bind(str(folder / "socket"))
        abstract.bind(f"\0suture-probe-{port}")
        for one in (local, abstract):
            one.listen(8)
        threading.Thread(target=_serve, args=(tcp,), daemon=True).start()
        threading.Thread(target=_echo, args=(udp,), daemon=True).start()
        yield {"port": str(port), "pid": str(os.getpid()), "secret": str(secret), "folder": str(folder)}
        for one in (local, abstract):
            one.close()
    shutil.rmtree(folder, ignore_errors=True)
    (folder.parent / f"left-{port}").unlink(missing_ok=True)


def _serve(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(0.2)
            try:
                if connection.recv(4096):
                    connection.sendall(b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n")
            except OSError:
                continue


def _echo(server: socket.socket) -> None:
    while True:
        try:
            _, address = server.recvfrom(16)
            server.sendto(b"y", address)
        except OSError:
            return


def filled(code: str, host: dict[str, str]) -> str:
    """The code with the host's things in it; doubled braces become single ones."""
    for name, value in host.items():
        code = code.replace(f"{{{name}}}", value)
    return code.replace("{{", "{").replace("}}", "}")


def got(output: str) -> bool:
    """Whether the probe says that it got its way."""
    return "GOT" in output.splitlines()[-1:]


def test_there_are_as_many_as_promised() -> None:
    assert len(probes.ALL) >= 40


@pytest.mark.parametrize("name", sorted(probes.ALL))
def test_a_probe_fails_in_the_sandbox_and_succeeds_without_it(run: Run, host: dict[str, str], name: str) -> None:
    probe: Probe = probes.ALL[name]
    code = filled(probe.code, host)
    guarded = run(code, **probe.tight)
    assert guarded.stopped_by is not None or not got(guarded.stdout), guarded.stdout
    if probe.roomy is not None:
        assert got(run(code, **probe.roomy).stdout)
        return
    control = subprocess.run(
        ["/usr/bin/python3", "-I", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"], "SUTURE_PROBE": "1"},
    )
    if os.geteuid() == 0 or not probe.root:  # what only root may do fails for others anyway
        assert got(control.stdout), (control.stdout, control.stderr[-400:])
