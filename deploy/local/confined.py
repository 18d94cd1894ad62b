"""Runs a program as a systemd unit confines it, without systemd: python3 confined.py UNIT PROGRAM [ARGUMENT...]

Of the unit it takes what may break a library that is loaded at run time: MemoryDenyWriteExecute (by the kernel's own PR_SET_MDWE
where it has that, 6.3 and newer) and SystemCallFilter with its answer, as a seccomp filter. What is not here (name spaces, mounts,
users) takes nothing away that a program calls.
"""

import ctypes
import os
import re
import struct
import subprocess
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_SET_MDWE = 38, 22, 65
EPERM = 1
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def settings(path):
    """The unit's lines as (name, value)."""
    with open(path) as f:
        return [tuple(line.strip().split("=", 1)) for line in f if re.match(r"\w+=", line)]


def calls(name):
    """The system calls of a name: itself, or all of a group."""
    if not name.startswith("@"):
        return {name}
    text = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True).stdout
    words = [w.strip() for w in text.splitlines()[1:]]
    return set().union(*(calls(w) for w in words if w and not w.startswith("#")))


def numbers():
    """System calls of this machine by name, as the C headers have them."""
    text = subprocess.run(["gcc", "-dM", "-E", "-include", "sys/syscall.h", "-x", "c", "/dev/null"], check=True, capture_output=True, text=True).stdout
    return {m[1]: int(m[2]) for m in re.finditer(r"#define __NR_(\w+) (\d+)", text)}


def prctl(*args):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(*(ctypes.c_ulong(a) for a in args + (0,) * (5 - len(args)))) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {args[0]}")


def filter_calls(allowed, architecture):
    """A seccomp program (classic BPF): these calls of this architecture pass, all else is EPERM."""
    load, equal, give = 0x20, 0x15, 0x06
    passed, refused = 0x7FFF0000, 0x00050000 | EPERM
    code = [(load, 0, 0, 4), (equal, 1, 0, architecture), (give, 0, 0, refused), (load, 0, 0, 0)]
    for number in sorted(allowed):
        code += [(equal, 0, 1, number), (give, 0, 0, passed)]
    code.append((give, 0, 0, refused))
    block = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *c) for c in code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(block)))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_SECCOMP, 2, ctypes.addressof(program))


def main():
    unit, program = settings(sys.argv[1]), sys.argv[2:]
    allowed, known = set(), numbers()
    for name, value in unit:
        if name == "SystemCallFilter":
            names = set().union(*(calls(w) for w in value.lstrip("~").split()))
            allowed = allowed - names if value.startswith("~") else allowed | names
    if ("MemoryDenyWriteExecute", "yes") in unit:
        try:
            prctl(PR_SET_MDWE, 1)
        except OSError:
            print("confined.py: this kernel has no PR_SET_MDWE; MemoryDenyWriteExecute was not tried", file=sys.stderr)
    if allowed:
        filter_calls({known[name] for name in allowed if name in known}, ARCHITECTURES[os.uname().machine])
    os.execvp(program[0], program)


if __name__ == "__main__":
    main()
