"""Compiles the system-call filter to classic BPF: a call that is on no list is refused.

It is a second fence behind the namespaces.  A refused call answers EPERM; one that is newer than the list answers ENOSYS, as
an older kernel does, so that the C library takes another way (runc does the same).
Layout of ``struct sock_filter`` and ``struct seccomp_data``: linux/filter.h, linux/seccomp.h.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping

from tools.sandbox import calls

Line = tuple[int, int, int, int]
"""Operation, how many lines to skip when it holds and when it does not, and its number."""

_LOAD, _EQUAL, _AT_LEAST, _ABOVE, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x25, 0x45, 0x06
_DONE, _EPERM, _ENOSYS, _KILL = 0x00050000, 0x00050001, 0x00050026, 0x80000000
_ALLOW = 0x7FFF0000
_X32 = 0x40000000

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET

_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
_ROUTE = 0  # the protocol by which a C library asks for its own network's addresses

_COMMANDS = (*range(10), 1030, 1032)
"""F_DUPFD to F_GETOWN, F_DUPFD_CLOEXEC, F_GETPIPE_SZ: no leases, notices or larger pipes, no locks but POSIX's."""

_SHARED, _ANONYMOUS, _HUGE = 0x01, 0x20, 0x40000

_SOCKET_LEVEL, _SEND_BUFFER, _RECEIVE_BUFFER = 1, 7, 8


def program(machine: str) -> bytes:
    """The filter for ``os.uname().machine``.  Raises KeyError for an architecture without a list.

    A call made with a foreign architecture's numbers kills the process: its numbers would mean other calls.
    """
    at = {"x86_64": 0, "aarch64": 1}[machine]
    lines = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _AUDIT[machine]), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    if machine == "x86_64":
        lines += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    for name, body in _BODIES.items():
        lines += [(_EQUAL, 0, len(body), calls.JUDGED[name][at]), *body]
    for first, last in _ranges(numbers[at] for numbers in calls.ALLOWED.values()):
        lines += [(_AT_LEAST, 0, 2, first), (_ABOVE, 1, 0, last), (_RETURN, 0, 0, _ALLOW)]
    lines += [(_ABOVE, 0, 1, calls.NEWEST), (_RETURN, 0, 0, _ENOSYS), (_RETURN, 0, 0, _EPERM)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _ranges(numbers: Iterable[int | None]) -> Iterator[tuple[int, int]]:
    """Neighbouring numbers together, in order."""
    known = sorted(number for number in numbers if number is not None)
    first = last = known[0]
    for number in known[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last


def _argument(place: int) -> Line:
    """Load the low half of an argument: the kernel reads no more of those that are judged here."""
    return _LOAD, 0, 0, 16 + 8 * place


def _clone() -> list[Line]:
    """Allow processes and threads, and no namespaces."""
    return [_argument(0), (_ANY_BIT, 1, 0, _NEW_NAMESPACES), (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _EPERM)]


def _clone3() -> list[Line]:
    """Refuse it.

    Its flags are behind a pointer, which a filter cannot follow; without it the C library uses ``clone``.
    """
    return [(_RETURN, 0, 0, _ENOSYS)]


def _fcntl() -> list[Line]:
    """Allow some commands."""
    return [_argument(1), *_one_of(_COMMANDS), (_RETURN, 0, 0, _EPERM), (_RETURN, 0, 0, _ALLOW)]


def _mmap() -> list[Line]:
    """Refuse huge pages and memory shared without a file: neither is among a process's own pages for certain."""
    return [
        _argument(3),
        (_ANY_BIT, 3, 0, _HUGE),
        (_ANY_BIT, 0, 1, _SHARED),
        (_ANY_BIT, 1, 0, _ANONYMOUS),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _EPERM),
    ]


def _setsockopt() -> list[Line]:
    """Keep buffers as large as they are and report success, as the size was only a wish."""
    sizes = [*_one_of((_SEND_BUFFER, _RECEIVE_BUFFER)), (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _DONE)]
    return [_argument(1), (_EQUAL, 1, 0, _SOCKET_LEVEL), (_RETURN, 0, 0, _ALLOW), _argument(2), *sizes]


def _socket() -> list[Line]:
    """Allow the internet, local sockets and questions about the own network.

    Others, such as VSOCK, know no network namespace.
    """
    return [
        _argument(0),
        (_EQUAL, 5, 0, _UNIX),
        (_EQUAL, 4, 0, _INET),
        (_EQUAL, 3, 0, _INET6),
        (_EQUAL, 0, 3, _NETLINK),
        _argument(2),
        (_EQUAL, 0, 1, _ROUTE),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _EPERM),
    ]


def _one_of(values: tuple[int, ...]) -> list[Line]:
    """Skip the line after these when the loaded number is one of the values."""
    return [(_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]


_BODIES: Mapping[str, list[Line]] = {
    "clone": _clone(), "clone3": _clone3(), "fcntl": _fcntl(), "mmap": _mmap(), "setsockopt": _setsockopt(), "socket": _socket(),
}  # fmt: skip
"""Filter code for each call whose arguments matter."""
