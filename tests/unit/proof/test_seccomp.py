"""The deny filter, run by a small interpreter of classic BPF."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.sandbox import seccomp

ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
NATIVE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
MACHINES = sorted(NATIVE)


def verdict(machine: str, number: int, *, architecture: int | None = None, flags: int = 0) -> int:
    """Run the program on one system call (struct seccomp_data: nr, arch, instruction pointer, six arguments)."""
    data = struct.pack("=IIQ6Q", number, architecture or NATIVE[machine], 0, flags, 0, 0, 0, 0, 0)
    code = seccomp.program(machine)
    at, held = 0, 0
    while True:
        kind, yes, no, value = struct.unpack_from("=HBBI", code, at * 8)
        at += 1
        if kind == 0x20:
            (held,) = struct.unpack_from("=I", data, value)
        elif kind == 0x06:
            return int(value)
        else:
            taken = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[kind]
            at += yes if taken else no


@pytest.mark.parametrize("machine", MACHINES)
def test_every_denied_call_answers_eperm(machine: str) -> None:
    for number in seccomp.DENIED[machine].values():
        assert verdict(machine, number) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
@settings(deadline=None)
@given(number=st.integers(0, 600))
def test_every_other_call_is_allowed(machine: str, number: int) -> None:
    special = {*seccomp.DENIED[machine].values(), *range(425, 434), 435, 447}
    if number not in special:
        assert verdict(machine, number) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
@settings(deadline=None)
@given(number=st.integers(0, 2**32 - 1))
def test_numbers_of_another_architecture_kill(machine: str, number: int) -> None:
    assert verdict(machine, number, architecture=0x40000003) == KILL


@settings(deadline=None)
@given(number=st.integers(0x40000000, 2**32 - 1))
def test_the_32_bit_pointer_numbers_of_x86_64_kill(number: int) -> None:
    assert verdict("x86_64", number) == KILL


@pytest.mark.parametrize(("machine", "clone"), [("x86_64", 56), ("aarch64", 220)])
def test_clone_makes_processes_and_threads_but_no_namespaces(machine: str, clone: int) -> None:
    assert verdict(machine, clone, flags=0x01200011) == ALLOW  # fork
    assert verdict(machine, clone, flags=0x003D0F00) == ALLOW  # a thread
    for namespace in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert verdict(machine, clone, flags=namespace | 17) == EPERM
    assert verdict(machine, 435) == ENOSYS


def test_an_architecture_without_a_table_is_refused() -> None:
    with pytest.raises(KeyError):
        seccomp.program("riscv64")


@pytest.mark.parametrize("machine", MACHINES)
def test_jumps_stay_within_a_byte_and_the_program(machine: str) -> None:
    code = seccomp.program(machine)
    lines = [struct.unpack_from("=HBBI", code, at) for at in range(0, len(code), 8)]
    for at, (_, yes, no, _) in enumerate(lines):
        assert at + 1 + max(yes, no) < len(lines) or lines[at][0] == 0x06
