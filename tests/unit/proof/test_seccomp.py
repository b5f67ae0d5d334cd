"""The filter of system calls, run by a small interpreter of classic BPF, and its numbers, compared with the kernel's."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.sandbox import calls, seccomp

ALLOW, DONE, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x00050000, 0x00050001, 0x00050026, 0x80000000
NATIVE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
MACHINES = sorted(NATIVE)
PLACES = ["x86_64", "aarch64"]

HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
    "aarch64": ("/usr/include/asm-generic/unistd.h",),
}
"""Where linux-libc-dev and kernel-headers put them.  The tables beside this file are of Linux 6.1 and, above 450, of 6.11."""

KERNEL = Path(__file__).parent / "kernel"

DANGEROUS = (KERNEL / "dangerous.txt").read_text().split()
"""Calls that make or enter namespaces, look into others, load code, keep keys, change the machine or hide memory."""


def table(machine: str) -> dict[str, int]:
    """Every system call of an architecture."""
    lines = (KERNEL / f"{machine}.txt").read_text().splitlines()
    return {name: int(number) for name, number in map(str.split, lines)}


def header(path: Path) -> Iterator[tuple[str, int]]:
    """The calls that a kernel header defines, as a 64-bit program sees them."""
    text = path.read_text()
    words: dict[str, str] = dict(re.findall(r"^#define\s+(__NR\w*)\s+(\w+)", text, re.MULTILINE))
    for word, value in words.items():
        number = words.get(value, value)
        if word.startswith("__NR_") and number.isdigit():
            yield word.removeprefix("__NR_"), int(number)


def number(name: str, machine: str) -> int:
    return table(machine)[name]


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """Run the program on one system call (struct seccomp_data: nr, arch, instruction pointer, six arguments)."""
    six = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("=IIQ6Q", number, architecture or NATIVE[machine], 0, *six)
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
            taken = {0x15: held == value, 0x25: held > value, 0x35: held >= value, 0x45: bool(held & value)}[kind]
            at += yes if taken else no


@pytest.mark.parametrize("machine", MACHINES)
def test_our_numbers_are_the_kernels(machine: str) -> None:
    known = table(machine)
    ours = {name: numbers[PLACES.index(machine)] for name, numbers in {**calls.ALLOWED, **calls.JUDGED}.items()}
    assert {name: known.get(name) for name in ours} == ours
    assert max(known.values()) == calls.NEWEST


@pytest.mark.parametrize("machine", MACHINES)
def test_the_tables_are_those_of_this_machines_headers(machine: str) -> None:
    """Where headers are installed; the tables stand in for them elsewhere."""
    known = table(machine)
    for path in filter(Path.exists, map(Path, HEADERS[machine])):
        found = {name: value for name, value in header(path) if name in known}
        assert found == {name: known[name] for name in found}
        assert len(found) > 280


def test_a_header_is_read_with_its_indirections(tmp_path: Path) -> None:
    """Control: a wrong number is seen."""
    text = "#define __NR_read 63\n#define __NR3264_mmap 222\n#define __NR_mmap __NR3264_mmap\n#define __NR_open  7\n"
    (tmp_path / "unistd.h").write_text(text)
    assert dict(header(tmp_path / "unistd.h")) == {"read": 63, "mmap": 222, "open": 7}


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_on_the_list_is_allowed_and_nothing_else(machine: str) -> None:
    for name, known in table(machine).items():
        if name not in calls.JUDGED:
            assert verdict(machine, known) == (ALLOW if name in calls.ALLOWED else EPERM), name


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", DANGEROUS)
def test_no_dangerous_call_is_on_the_list(machine: str, name: str) -> None:
    """Control: it is a call of this machine."""
    known = number(name, machine)
    assert verdict(machine, known) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
@settings(deadline=None)
@given(known=st.integers(calls.NEWEST + 1, 0x3FFFFFFF))
def test_a_call_that_is_newer_than_the_list_is_said_not_to_be_there(machine: str, known: int) -> None:
    """The C library then takes another way, which it does not where it is told that it may not."""
    assert verdict(machine, known) == ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
@settings(deadline=None)
@given(known=st.integers(0, 2**32 - 1))
def test_numbers_of_another_architecture_kill(machine: str, known: int) -> None:
    assert verdict(machine, known, architecture=0x40000003) == KILL


@settings(deadline=None)
@given(known=st.integers(0x40000000, 2**32 - 1))
def test_the_32_bit_pointer_numbers_of_x86_64_kill(known: int) -> None:
    assert verdict("x86_64", known) == KILL


@pytest.mark.parametrize("machine", MACHINES)
def test_clone_makes_processes_and_threads_but_no_namespaces(machine: str) -> None:
    clone = number("clone", machine)
    assert verdict(machine, clone, 0x01200011) == ALLOW  # fork
    assert verdict(machine, clone, 0x003D0F00) == ALLOW  # a thread
    for namespace in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert verdict(machine, clone, namespace | 17) == EPERM
    assert verdict(machine, number("clone3", machine)) == ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
@settings(deadline=None)
@given(family=st.integers(0, 60), protocol=st.integers(0, 300))
def test_sockets_are_of_the_internet_local_or_ask_about_the_own_network(
    machine: str, family: int, protocol: int
) -> None:
    """Not VSOCK (40), which reaches the machine that this one runs on, nor packets (17) or the kernel's ciphers (38)."""
    known = family in (1, 2, 10) or (family == 16 and protocol == 0)
    assert verdict(machine, number("socket", machine), family, 3, protocol) == (ALLOW if known else EPERM)


@pytest.mark.parametrize("machine", MACHINES)
@settings(deadline=None)
@given(flags=st.integers(0, 2**32 - 1), high=st.integers(0, 2**32 - 1))
def test_memory_is_shared_through_files_alone(machine: str, flags: int, high: int) -> None:
    refused = bool(flags & 0x40000) or (bool(flags & 0x01) and bool(flags & 0x20))
    found = verdict(machine, number("mmap", machine), 0, 4096, 3, flags | high << 32)
    assert found == (EPERM if refused else ALLOW)


@pytest.mark.parametrize("machine", MACHINES)
def test_locks_are_allowed_and_leases_notices_and_larger_pipes_are_not(machine: str) -> None:
    fcntl = number("fcntl", machine)
    assert {verdict(machine, fcntl, 3, command) for command in (0, 1, 2, 3, 4, 5, 6, 7, 1030)} == {ALLOW}
    assert {verdict(machine, fcntl, 3, command) for command in (36, 37, 38, 1024, 1026, 1031, 1033, 2**31)} == {EPERM}


@pytest.mark.parametrize("machine", MACHINES)
def test_a_wish_for_larger_buffers_is_answered_and_not_followed(machine: str) -> None:
    option = number("setsockopt", machine)
    assert {verdict(machine, option, 3, 1, name) for name in (7, 8)} == {DONE}
    assert verdict(machine, option, 3, 1, 2) == ALLOW  # SO_REUSEADDR
    assert verdict(machine, option, 3, 6, 7) == ALLOW  # TCP's own options


def test_an_architecture_without_a_list_is_refused() -> None:
    with pytest.raises(KeyError):
        seccomp.program("riscv64")


@pytest.mark.parametrize("machine", MACHINES)
def test_jumps_stay_within_a_byte_and_the_program(machine: str) -> None:
    code = seccomp.program(machine)
    lines = [struct.unpack_from("=HBBI", code, at) for at in range(0, len(code), 8)]
    for at, (_, yes, no, _) in enumerate(lines):
        assert at + 1 + max(yes, no) < len(lines) or lines[at][0] == 0x06
