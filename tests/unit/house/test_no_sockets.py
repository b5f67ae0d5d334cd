"""The promise that unit tests open no socket is kept by the interpreter."""

import socket

import pytest

from tests.unit.conftest import SocketOpened


@pytest.mark.parametrize("act", ["connect", "bind"])
def test_a_unit_test_that_reaches_for_the_network_is_stopped(act: str) -> None:
    """Control for all others: the hook bites."""
    with socket.socket() as opened, pytest.raises(SocketOpened):
        getattr(opened, act)(("127.0.0.1", 9))
