# SPDX-License-Identifier: BSD-3-Clause
"""Client libraries that Debian has, as their users use them."""
import os
import subprocess
import sys

from house import PATIENCE, Server

HERE = os.path.dirname(os.path.abspath(__file__))


def python_with(module):
    """An interpreter that has the module: this one, or the system's."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import " + module], capture_output=True).returncode == 0:
            return python
    raise AssertionError("no python has the module %s ('deps/install test' brings it)" % module)


def test_redis_py_finds_all_that_its_users_need():
    with Server("--unixsocket", "both") as server:
        done = subprocess.run(
            [python_with("redis"), os.path.join(HERE, "libraries", "redis_py.py"),
             str(server.port), os.path.join(server.folder, "both")],
            capture_output=True, text=True, timeout=3 * PATIENCE)
        assert done.returncode == 0, done.stdout + done.stderr
