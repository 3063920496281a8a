# SPDX-License-Identifier: BSD-3-Clause
"""A real server for a test, and clients that see every byte. Standard library only."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PATIENCE = 20.0  # seconds until a test gives up: servers under sanitizers are slow


def request(*words):
    """Words as a RESP request."""
    parts = [w if isinstance(w, bytes) else str(w).encode() for w in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)


class Reader:
    """Cuts whole replies out of a stream: the bytes as they came, and what they mean."""

    def __init__(self, receive):
        self.receive = receive
        self.buffer = b""
        self.at = 0

    def line(self):
        while b"\r\n" not in self.buffer[self.at:]:
            self.buffer += self.receive()
        end = self.buffer.index(b"\r\n", self.at)
        line = self.buffer[self.at:end]
        self.at = end + 2
        return line

    def exactly(self, count):
        while len(self.buffer) - self.at < count:
            self.buffer += self.receive()
        data = self.buffer[self.at:self.at + count]
        self.at += count
        return data

    def value(self):
        line = self.line()
        kind, rest = line[:1], line[1:]
        if kind in b"+-":
            return (kind + rest).decode("latin1")
        if kind == b":":
            return int(rest)
        if kind in b"$=":
            if rest == b"-1":
                return None
            data = self.exactly(int(rest) + 2)[:-2]
            return data[4:] if kind == b"=" else data
        if kind in b"*~>":
            return None if rest == b"-1" else [self.value() for _ in range(int(rest))]
        if kind == b"%":
            return {self.key(): self.value() for _ in range(int(rest))}
        if kind == b"|":
            for _ in range(int(rest) * 2):
                self.value()
            return self.value()
        if kind == b"_":
            return None
        if kind == b"#":
            return rest == b"t"
        if kind == b",":
            return float(rest)
        if kind == b"(":
            return int(rest)
        raise AssertionError("no RESP: %r" % line)

    def key(self):
        value = self.value()
        return value.decode("latin1") if isinstance(value, bytes) else value

    def reply(self):
        """One reply: (its bytes, its meaning)."""
        self.buffer = self.buffer[self.at:]
        self.at = 0
        value = self.value()
        return self.buffer[:self.at], value


class Client:
    def __init__(self, server):
        if server.socket_path is not None:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(PATIENCE)
            self.socket.connect(server.socket_path)
        else:
            self.socket = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
        self.reader = Reader(self.receive)

    def receive(self):
        data = self.socket.recv(65536)
        if data == b"":
            raise EOFError("the server closed the connection")
        return data

    def send(self, data):
        self.socket.sendall(data)

    def raw(self, *words):
        """The reply's bytes."""
        self.send(request(*words))
        return self.reader.reply()[0]

    def ask(self, *words):
        """The reply's meaning."""
        self.send(request(*words))
        return self.reader.reply()[1]

    def next(self):
        return self.reader.reply()[1]

    def line(self):
        """The next line, as MONITOR sends them."""
        return self.reader.line()

    def is_closed(self):
        """True when the server closes the connection (after whatever it still sends)."""
        try:
            while self.socket.recv(65536) != b"":
                pass
        except ConnectionResetError:
            pass
        except socket.timeout:
            return False
        return True

    def local(self):
        return "%s:%d" % self.socket.getsockname()[:2]

    def close(self):
        self.socket.close()


class Server:
    """A server of its own on a free port; ended by its process id.

    `config` is the text of a file, read first; `stdin` is what standard input says (argument "-");
    `before` are words in front of the program's name, `env` further variables, `files` those to
    lie in its folder."""

    executable = None

    def __init__(self, *arguments, unix=False, config=None, stdin=None, before=(), env=None,
                 files=()):
        self.folder = tempfile.mkdtemp(prefix="mainstay-test-")
        self.log_path = os.path.join(self.folder, "log")
        self.socket_path = os.path.join(self.folder, "s") if unix else None
        self.clients = []
        for name in files:
            path = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(files[name])
        for _ in range(20):
            self.port = free_port()
            where = ["--port", "0", "--unixsocket", self.socket_path] if unix else \
                ["--port", str(self.port), "--bind", "127.0.0.1"]
            first = []
            if config is not None:
                first = [os.path.join(self.folder, "mainstay.conf")]
                with open(first[0], "w") as file:
                    file.write(config)
            self.log = open(self.log_path, "wb")
            self.process = subprocess.Popen(
                list(before) + [self.executable] + first + where + list(arguments),
                cwd=self.folder, stdout=self.log, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                env=dict(os.environ, **(env or {})))
            if stdin is not None:
                self.process.stdin.write(stdin)
                self.process.stdin.close()
            if self.is_ready():
                return
            if self.process.poll() != 3:  # 3: somebody else took the port
                break
        self.process.kill()
        self.process.wait()
        text = self.text_of_log()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        raise AssertionError("the server did not start:\n" + text)

    def is_ready(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                # What answers has done all of its start. No command is counted for this.
                client = Client(self)
                client.send(b"?\r\n")
                client.receive()
                client.close()
                return True
            except (OSError, EOFError):
                time.sleep(0.01)
        return False

    def client(self):
        client = Client(self)
        self.clients.append(client)
        return client

    def text_of_log(self):
        with open(self.log_path, "rb") as log:
            return log.read().decode("utf8", "replace")

    def wait_for(self, condition, what):
        wait_for(condition, what)

    def wait_for_end(self):
        return self.process.wait(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for client in self.clients:
            client.close()
        code = self.process.poll()
        if code is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                code = self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                code = self.process.wait()
        self.log.close()
        text = self.text_of_log()
        shutil.rmtree(self.folder, ignore_errors=True)
        if kind is None and code != 0 and not getattr(self, "may_fail", False):
            raise AssertionError("the server ended with %d:\n%s" % (code, text[-4000:]))


def wait_for(condition, what):
    """For what another process does in its own time."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain for " + what
        time.sleep(0.01)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def equal(found, wanted):
    assert found == wanted, "got  %r\n    want %r" % (found, wanted)


def info(client, section="everything"):
    """INFO as a dictionary of texts."""
    text = client.ask("INFO", section).decode()
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
