# SPDX-License-Identifier: BSD-3-Clause
"""The service's walls (packaging/mainstay.service) keep others out and let the server work."""
import ctypes.util
import os
import shutil
import subprocess
import sys

from house import PATIENCE, Server
from library_test import HERE, python_with

WALLS = os.path.join(HERE, "libraries", "walls.py")
UNIT = os.path.join(HERE, "..", "..", "packaging", "mainstay.service")
TRESPASS = """
import mmap, os, socket
for act in (lambda: mmap.mmap(-1, 4096, prot=7), lambda: socket.socket(16, 3),
            lambda: os.setpriority(0, 0, -5), lambda: os.chroot("/")):
    try:
        act()
        print("allowed")
    except OSError as error:
        print(error.errno)
"""


def can_wall():
    if shutil.which("systemd-analyze") and ctypes.util.find_library("seccomp"):
        return True
    print("not run: no systemd-analyze or no libseccomp here to make the walls with")
    return False


def test_the_walls_refuse_what_they_are_for():
    if can_wall():
        done = subprocess.run([sys.executable, WALLS, UNIT, sys.executable, "-c", TRESPASS],
                              capture_output=True, text=True, timeout=PATIENCE)
        assert done.stdout.split() == ["1"] * 4, done.stdout + done.stderr


def test_a_server_behind_the_walls_does_all_that_clients_ask_for():
    if not can_wall():
        return
    # A sanitizer's look for leaks wants to trace, which is refused.
    options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    with Server("--unixsocket", "both", "--logfile", "log.txt", "--appendonly", "no",
                before=(sys.executable, WALLS, UNIT), env={"ASAN_OPTIONS": options}) as server:
        done = subprocess.run(
            [python_with("redis"), os.path.join(HERE, "libraries", "redis_py.py"),
             str(server.port), os.path.join(server.folder, "both")],
            capture_output=True, text=True, timeout=3 * PATIENCE)
        assert done.returncode == 0, done.stdout + done.stderr
