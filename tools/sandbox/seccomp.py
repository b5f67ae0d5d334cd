"""A small deny filter for system calls, compiled by hand to classic BPF.

It is a second fence behind the namespaces: calls that no service or test needs and that reach deep into the
kernel answer EPERM, and so do those that hold memory outside a process's own maps, where only a control group counts it
(memfd, System V).  Layout of ``struct sock_filter`` and ``struct seccomp_data``: linux/filter.h, linux/seccomp.h.
"""

import struct

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _EPERM, _ENOSYS, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
_X32 = 0x40000000

_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_COMMON = (*range(425, 434), 447)
"""io_uring_setup .. fspick, memfd_secret: new calls share their numbers on all architectures."""

DENIED: dict[str, dict[str, int]] = {
    "x86_64": {
        "shmget": 29, "msgget": 68, "memfd_create": 319, "ptrace": 101, "syslog": 103, "personality": 135, "pivot_root": 155, "adjtimex": 159, "chroot": 161,
        "acct": 163, "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169,
        "init_module": 175, "delete_module": 176, "quotactl": 179, "kexec_load": 246, "add_key": 248,
        "request_key": 249, "keyctl": 250, "unshare": 272, "perf_event_open": 298, "name_to_handle_at": 303,
        "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
        "finit_module": 313, "bpf": 321, "userfaultfd": 323,
    },
    "aarch64": {
        "memfd_create": 279, "msgget": 186, "shmget": 194, "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "quotactl": 60, "acct": 89, "personality": 92,
        "unshare": 97, "kexec_load": 104, "init_module": 105, "delete_module": 106, "syslog": 116, "ptrace": 117,
        "reboot": 142, "settimeofday": 170, "adjtimex": 171, "add_key": 217, "request_key": 218, "keyctl": 219,
        "swapon": 224, "swapoff": 225, "perf_event_open": 241, "name_to_handle_at": 264, "open_by_handle_at": 265,
        "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271, "finit_module": 273, "bpf": 280,
        "userfaultfd": 282,
    },
}  # fmt: skip
"""Denied calls by architecture, with their numbers (asm/unistd_64.h, asm-generic/unistd.h)."""


def program(machine: str) -> bytes:
    """The filter for ``os.uname().machine``.  Raises KeyError for an architecture without a table.

    A call made with a foreign architecture's numbers kills the process: its numbers would mean other calls.
    ``clone`` may not make namespaces; ``clone3`` hides its flags behind a pointer that a filter cannot follow, so it
    answers ENOSYS and the C library uses ``clone``.
    """
    numbers = sorted({*DENIED[machine].values(), *_COMMON})
    lines = [
        (_LOAD, 0, 0, 4),  # the architecture
        (_JUMP_EQUAL, 1, 0, _AUDIT[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # the number
    ]
    if machine == "x86_64":
        lines += [(_JUMP_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    lines += [(_JUMP_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _ENOSYS)]
    for place, number in enumerate(numbers):
        lines.append((_JUMP_EQUAL, len(numbers) - place + 3, 0, number))
    lines += [
        (_JUMP_EQUAL, 0, 2, _CLONE[machine]),
        (_LOAD, 0, 0, 16),  # the low half of the first argument: the flags
        (_JUMP_SET, 1, 0, _NEW_NAMESPACES),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _EPERM),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
