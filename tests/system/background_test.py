# SPDX-License-Identifier: BSD-3-Clause
"""How the process stands in its machine: in the background, supervised, with its number in a
file, with sockets that were handed over."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import house
from house import Server, equal, info, wait_for

STOCK = "/etc/redis/redis.conf"  # of Debian's redis-server


class Starter:
    """Starts a server that is to go to the background; ends whatever is there in the end."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="mainstay-test-")
        self.pid_path = os.path.join(self.folder, "pid")
        self.log_path = os.path.join(self.folder, "log")
        self.socket_path = None
        self.port = house.free_port()

    def start(self, *arguments):
        done = subprocess.run(
            [Server.executable] + list(arguments) +
            ["--port", str(self.port), "--pidfile", self.pid_path, "--logfile", self.log_path],
            cwd=self.folder, capture_output=True, timeout=house.PATIENCE, text=True)
        return done.returncode, done.stdout + done.stderr

    def pid(self):
        with open(self.pid_path) as file:
            return int(file.read())

    def text_of_log(self):
        with open(self.log_path) as file:
            return file.read()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if os.path.exists(self.pid_path) and self.pid() != os.getpid():
            os.kill(self.pid(), signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


def is_gone(pid):
    """Not there, or a process that has ended and that nobody has asked for."""
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def check_background(starter):
    """It answers, stands apart from who started it, and leaves nothing behind."""
    client = house.Client(starter)
    pid = starter.pid()
    equal(int(info(client, "server")["process_id"]), pid)
    equal(os.getsid(pid), pid)
    for name in ("0", "1", "2"):
        equal(os.readlink("/proc/%d/fd/%s" % (pid, name)), "/dev/null")
    equal(client.ask("CONFIG", "GET", "pidfile"), [b"pidfile", starter.pid_path.encode()])
    equal(client.ask("CONFIG", "GET", "daemonize"), [b"daemonize", b"yes"])
    assert "%d:M" % pid in starter.text_of_log(), starter.text_of_log()
    client.send(house.request("SHUTDOWN", "NOSAVE"))
    equal(client.socket.recv(100), b"")
    wait_for(lambda: is_gone(pid), "the server to end")
    assert not os.path.exists(starter.pid_path)
    assert "Removing the pid file." in starter.text_of_log()


def test_a_server_in_the_background_answers_when_its_starter_ends():
    with Starter() as starter:
        equal(starter.start("--daemonize", "yes"), (0, ""))
        check_background(starter)


def test_the_configuration_that_debian_ships_runs_as_it_is():
    if not os.access(STOCK, os.R_OK):
        print("not run: %s cannot be read here" % STOCK)
        return
    with Starter() as starter:
        equal(starter.start(STOCK, "--dir", starter.folder), (0, ""))
        client = house.Client(starter)
        equal(client.ask("CONFIG", "GET", "bind"), [b"bind", b"127.0.0.1 -::1"])
        check_background(starter)


def test_a_start_that_fails_in_the_background_is_seen_where_it_was_made():
    with socket.socket() as taken, Starter() as starter:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        starter.port = taken.getsockname()[1]
        code, text = starter.start("--daemonize", "yes", "--bind", "127.0.0.1")
        equal(code, 3)
        assert "127.0.0.1:%d: bind: Address already in use" % starter.port in text, text
        assert not os.path.exists(starter.pid_path)
        code, text = starter.start("--daemonize", "yes", "--logfile-typo", "x")
        equal(code, 1)
        assert "logfile-typo" in text, text


def test_a_pid_file_that_cannot_be_written_does_not_keep_the_server_from_running():
    with Server("--pidfile", "/nowhere/at/all.pid") as server:
        equal(server.client().raw("PING"), b"+PONG\r\n")
        assert "Failed to write PID file /nowhere/at/all.pid" in server.text_of_log()


def test_a_pid_file_is_written_in_the_foreground_too_and_another_ones_is_left_alone():
    with Server("--pidfile", "pid") as server:  # relative: to the working directory
        path = os.path.join(server.folder, "pid")
        with open(path) as file:
            equal(file.read(), "%d\n" % server.process.pid)
        with open(path, "w") as file:
            file.write("1\n")
        server.process.send_signal(signal.SIGTERM)
        equal(server.wait_for_end(), 0)
        assert os.path.exists(path)


class Manager:
    """The socket on which a service manager hears of its services."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="mainstay-test-")
        self.path = os.path.join(self.folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(house.PATIENCE)

    def next(self):
        return self.socket.recv(4096).decode()

    def is_silent(self):
        self.socket.setblocking(False)
        try:
            return not self.next()
        except BlockingIOError:
            return True
        finally:
            self.socket.settimeout(house.PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.socket.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def test_systemd_hears_that_the_server_is_ready_reloads_and_stops():
    for supervised in ("systemd", "auto"):
        with Manager() as manager:
            with Server("--supervised", supervised, "--daemonize", "yes",
                        env={"NOTIFY_SOCKET": manager.path}) as server:
                equal(manager.next(), "STATUS=Ready to accept connections\nREADY=1\n")
                equal(info(server.client(), "server")["process_supervised"], "systemd")
                equal(server.process.poll(), None)  # daemonize is void then
                server.process.send_signal(signal.SIGHUP)
                told = dict(line.split("=") for line in manager.next().splitlines())
                equal(sorted(told), ["MONOTONIC_USEC", "RELOADING"])
                assert abs(int(told["MONOTONIC_USEC"]) / 1e6 - time.monotonic()) < house.PATIENCE
                equal(manager.next(), "READY=1\n")
                server.process.send_signal(signal.SIGTERM)
                equal(server.wait_for_end(), 0)
            equal(manager.next(), "STOPPING=1\n")
            assert manager.is_silent()


def test_a_server_that_is_not_to_be_supervised_tells_nobody():
    with Manager() as manager:
        with Server("--supervised", "no", env={"NOTIFY_SOCKET": manager.path}) as server:
            equal(info(server.client(), "server")["process_supervised"], "no")
        assert manager.is_silent()


def test_a_supervisor_that_is_not_there_is_missed_in_the_log_alone():
    with Server("--supervised", "systemd") as server:
        equal(info(server.client(), "server")["process_supervised"], "no")
        assert "NOTIFY_SOCKET not found!" in server.text_of_log()
    with Server("--supervised", "upstart") as server:
        assert "UPSTART_JOB not found!" in server.text_of_log()


def test_upstart_sees_the_server_stop_and_lets_it_go_on():
    with tempfile.TemporaryFile() as log:
        port = house.free_port()
        child = subprocess.Popen([Server.executable, "--port", str(port), "--supervised", "auto"],
                                 stdout=log, env=dict(os.environ, UPSTART_JOB="mainstay"))
        try:
            _, status = os.waitpid(child.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGSTOP
            child.send_signal(signal.SIGCONT)
            with socket.create_connection(("127.0.0.1", port), house.PATIENCE) as client:
                client.sendall(b"PING\r\n")
                equal(client.recv(100), b"+PONG\r\n")
            child.send_signal(signal.SIGTERM)
            equal(child.wait(house.PATIENCE), 0)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()


def test_sockets_that_were_handed_over_are_served_instead_of_ports():
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as local, Starter() as starter:
        tcp.bind(("127.0.0.1", 0))
        path = os.path.join(starter.folder, "s")
        local.bind(path)
        tcp.listen()
        local.listen()
        # The shell puts both where sd_listen_fds(3) wants them, and knows its own number.
        hand_over = ('exec 3<&%d 4<&%d; LISTEN_PID=$$ LISTEN_FDS=2 exec "$0" "$@"'
                     % (tcp.fileno() + 100, local.fileno() + 100))
        for one in (tcp, local):
            os.dup2(one.fileno(), one.fileno() + 100, inheritable=True)
        log = open(starter.log_path, "wb")
        child = subprocess.Popen(["bash", "-c", hand_over, Server.executable],
                                 stdout=log, close_fds=False)
        try:
            for one in (tcp, local):
                os.close(one.fileno() + 100)
            for family, where in ((socket.AF_INET, tcp.getsockname()), (socket.AF_UNIX, path)):
                with socket.socket(family) as client:
                    client.settimeout(house.PATIENCE)
                    client.connect(where)
                    client.sendall(b"PING\r\n")
                    equal(client.recv(100), b"+PONG\r\n")
                    client.sendall(b"INFO server\r\n")
                    port = b"\r\ntcp_port:%d\r\n" % tcp.getsockname()[1]
                    assert port in client.recv(65536), "the port that is really listened on"
            child.send_signal(signal.SIGTERM)
            equal(child.wait(house.PATIENCE), 0)
            assert os.path.exists(path), "a socket that is not ours is not removed"
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
            log.close()


def title_of(pid):
    with open("/proc/%d/cmdline" % pid, "rb") as file:
        return file.read().rstrip(b"\0").decode()


def test_ps_shows_where_the_server_listens_or_whatever_is_asked_for():
    with Server("--requirepass", "secret", "--logfile", "log.txt") as server:
        client = server.client()
        equal(client.raw("AUTH", "secret"), b"+OK\r\n")
        wait_for(lambda: title_of(server.process.pid) ==
                 "%s 127.0.0.1:%d" % (Server.executable, server.port), "the title")
        equal(client.raw("CONFIG", "SET", "proc-title-template", "TEST {port} {{x}"), b"+OK\r\n")
        equal(title_of(server.process.pid), "TEST %d {x}" % server.port)
        text = client.raw("CONFIG", "SET", "proc-title-template", "{none}")
        assert b"template format is invalid or contains unknown variables" in text, text
        equal(client.raw("CONFIG", "SET", "proc-title-template", "x" * 5000), b"+OK\r\n")
        assert title_of(server.process.pid).startswith("xxxxx")
        equal(client.raw("PING"), b"+PONG\r\n")
    with Server("--set-proc-title", "no") as server:
        assert "--set-proc-title\0no" in title_of(server.process.pid)


def test_the_kernel_is_told_whom_to_end_first():
    def score(server):
        with open("/proc/%d/oom_score_adj" % server.process.pid) as file:
            return int(file.read())

    with open("/proc/self/oom_score_adj") as file:
        mine = int(file.read())
    with Server("--oom-score-adj", "relative", "--oom-score-adj-values", "7", "8", "9") as server:
        client = server.client()
        wait_for(lambda: score(server) == min(mine + 7, 1000), "the score")
        equal(client.raw("CONFIG", "SET", "oom-score-adj", "absolute"), b"+OK\r\n")
        equal(client.raw("CONFIG", "SET", "oom-score-adj-values", "500 1 2"), b"+OK\r\n")
        equal(score(server), 500)
        if os.getuid() == 0:  # only root may lower it
            equal(client.raw("CONFIG", "SET", "oom-score-adj", "no"), b"+OK\r\n")
            equal(score(server), mine)
            with open("/proc/%d/oom_score_adj" % server.process.pid, "w") as file:
                file.write("123")
            equal(client.raw("CONFIG", "SET", "oom-score-adj-values", "600 1 2"), b"+OK\r\n")
            equal(score(server), 123)  # off: it is somebody else's
