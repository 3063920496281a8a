# SPDX-License-Identifier: BSD-3-Clause
"""How a server begins and ends: what it says, and the code that it leaves."""
import os
import re
import signal
import subprocess
import tempfile

import house
from house import Server, equal


def run(*arguments, config=None):
    """(exit code, what it said) of a server that is not expected to start."""
    with tempfile.TemporaryDirectory() as folder:
        if config is not None:
            path = os.path.join(folder, "mainstay.conf")
            with open(path, "w") as file:
                file.write(config)
            arguments = (path,) + arguments
        done = subprocess.run([Server.executable] + list(arguments), cwd=folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=house.PATIENCE)
        return done.returncode, done.stdout


def test_who_is_asked_for_help_or_version_answers_and_ends_well():
    for word in ("--help", "-h"):
        code, text = run(word)
        equal(code, 0)
        assert text.startswith("Usage: mainstay-server"), text
        assert "Exit codes: 0 " in text, text
    for word in ("--version", "-v"):
        code, text = run(word)
        equal(code, 0)
        assert re.match(r"Mainstay server v=\d+\.\d+\.\d+ ", text), text


def test_the_words_of_help_all_stand_in_the_manual():
    manual = os.path.join(os.path.dirname(__file__), "..", "..", "packaging", "mainstay-server.8")
    with open(manual) as file:
        text = file.read()
    for word in re.findall(r"--([a-z-]+)", run("--help")[1]):
        assert "Fl -%s" % word in text or "| -%s" % word in text, word


def test_signals_and_shutdown_end_it_well():
    for end in (signal.SIGTERM, signal.SIGINT):
        with Server() as server:
            server.process.send_signal(end)
            equal(server.wait_for_end(), 0)
    with Server() as server:
        server.client().send(house.request("SHUTDOWN", "NOSAVE"))
        equal(server.wait_for_end(), 0)


def test_a_wrong_configuration_names_the_place_and_the_nearest_word():
    code, text = run(config="port 0\n\nmaxmemroy 1gb\n")
    equal(code, 1)
    assert "at line 3 of " in text and "mainstay.conf" in text, text
    assert ">>> 'maxmemroy 1gb'" in text and "Did you mean 'maxmemory'?" in text, text
    code, text = run("--maxmemroy", "1gb")
    equal(code, 1)
    assert "of the command line" in text and "Did you mean 'maxmemory'?" in text, text
    equal(run("--port", "65536")[0], 1)
    equal(run("--port")[0], 1)


def test_what_is_missing_is_named_with_what_helps():
    code, text = run("/nonexistent/mainstay.conf")
    equal(code, 1)
    assert "/nonexistent/mainstay.conf" in text and "--help" in text, text
    code, text = run("--port", "0")
    equal(code, 1)
    assert "set port" in text, text
    code, text = run("--port", "0", "--unixsocket", "/nonexistent/socket")
    equal(code, 1)
    assert "/nonexistent/socket" in text and "folder" in text, text
    code, text = run("--logfile", "/nonexistent/log")
    equal(code, 1)
    assert "/nonexistent/log" in text and "logfile" in text, text
    code, text = run("--bind", "203.0.113.9", "--port", str(house.free_port()))
    equal(code, 1)
    assert "203.0.113.9" in text and "'-'" in text, text


def test_an_address_in_use_has_a_code_of_its_own():
    with Server() as server:
        code, text = run("--bind", "127.0.0.1", "--port", str(server.port))
        equal(code, 3)
        assert "Address already in use" in text and "--port" in text, text


def test_the_log_says_what_listens_and_what_memory_there_is():
    with Server("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru", "--appendonly",
                "yes") as server:
        text = server.text_of_log()
        assert "Ready to accept connections on 127.0.0.1:%d" % server.port in text, text
        assert "Memory is limited to 104857600 bytes (maxmemory), allkeys-lru" in text, text
        assert "Set, and without meaning here: appendonly" in text, text
        assert "No password is set" in text, text


def test_a_fault_of_ours_is_reported_and_has_a_code_of_its_own():
    if b"malloc=libc" in subprocess.run([Server.executable, "--version"], check=True,
                                        stdout=subprocess.PIPE).stdout:
        return  # sanitizers report by themselves
    for word in ("SEGFAULT", "ASSERT"):
        with Server("--enable-debug-command", "yes", "--logfile", "log-of-it") as server:
            server.may_fail = True
            server.client().send(house.request("DEBUG", word))
            equal(server.process.wait(house.PATIENCE), 70)
            for path in (server.log_path, os.path.join(server.folder, "log-of-it")):
                with open(path) as file:
                    text = file.read()
                assert "has a fault and ends here. SIG" in text, text
                assert "debug_" in text or "mainstay-server(" in text, text


def test_without_the_report_the_code_stays():
    if b"malloc=libc" in subprocess.run([Server.executable, "--version"], check=True,
                                        stdout=subprocess.PIPE).stdout:
        return
    with Server("--enable-debug-command", "yes") as server:
        server.may_fail = True
        client = server.client()
        equal(client.raw("CONFIG", "SET", "crash-log-enabled", "no"), b"+OK\r\n")
        client.send(house.request("DEBUG", "SEGFAULT"))
        equal(server.process.wait(house.PATIENCE), 70)
        assert "has a fault" not in server.text_of_log()
