# SPDX-License-Identifier: BSD-3-Clause
"""walls.py UNIT PROGRAM [ARG ...]: runs a program behind the walls of the kernel that a unit of
systemd asks for: SystemCallFilter, MemoryDenyWriteExecute, RestrictAddressFamilies,
NoNewPrivileges, as seccomp rules that refuse with EPERM. What systemd.exec(5) says they do."""
import ctypes
import os
import re
import subprocess
import sys

ALLOW, REFUSE = 0x7fff0000, 0x00050000 | 1  # SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(EPERM)
MASKED, EQUAL = 7, 4                        # SCMP_CMP_MASKED_EQ, SCMP_CMP_EQ
WRITE, EXECUTE = 2, 4                       # PROT_WRITE, PROT_EXEC
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}


class Compare(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operation", ctypes.c_int),
                ("first", ctypes.c_uint64), ("second", ctypes.c_uint64)]


def groups():
    """The named sets of calls, as this machine's systemd knows them."""
    text = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], check=True,
                          capture_output=True, text=True).stdout
    sets, name = {}, None
    for line in text.splitlines():
        if line.startswith("@"):
            name = line.strip()
            sets[name] = []
        elif name and line.strip() and not line.strip().startswith("#"):
            sets[name].append(line.strip())
    return sets


def members(sets, name):
    if not name.startswith("@"):
        return {name}
    return set().union(*(members(sets, one) for one in sets[name]))


def allowed_calls(unit):
    sets = groups()
    calls = members(sets, "@default") | {"execve"}
    for value in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        named = set().union(*(members(sets, one) for one in value.lstrip("~").split()))
        calls = calls - named if value.startswith("~") else calls | named
    return calls


def main():
    with open(sys.argv[1]) as file:
        unit = file.read()
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    library.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(Compare)]
    context = library.seccomp_init(ctypes.c_uint32(REFUSE))

    def allow(name, *conditions):
        number = library.seccomp_syscall_resolve_name(name.encode())
        rules = (Compare * max(1, len(conditions)))(*conditions)
        if number >= 0:
            code = library.seccomp_rule_add_array(context, ALLOW, number, len(conditions), rules)
            assert code == 0, (name, code)

    calls = allowed_calls(unit)
    walls = {"socket": [(Compare(0, EQUAL, FAMILIES[one], 0),) for one in
                        re.search(r"^RestrictAddressFamilies=(.*)$", unit, re.M).group(1).split()]}
    if re.search(r"^MemoryDenyWriteExecute=true$", unit, re.M):
        walls["mmap"] = [(Compare(2, MASKED, WRITE | EXECUTE, bits),)
                         for bits in (0, WRITE, EXECUTE)]
        walls["mprotect"] = walls["pkey_mprotect"] = [(Compare(2, MASKED, EXECUTE, 0),)]
        walls["shmat"] = [(Compare(2, MASKED, 0o100000, 0),)]
    for name in calls:
        for conditions in walls.get(name, [()]):
            allow(name, *conditions)
    ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    assert library.seccomp_load(context) == 0
    os.execv(sys.argv[2], sys.argv[2:])


main()
