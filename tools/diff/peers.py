"""Starting and stopping the servers that Mainstay is compared with.

A peer is found by its environment variable (MAINSTAY_REDIS7, MAINSTAY_VALKEY, MAINSTAY_REDIS8: a command),
or as a program of the machine, or in ../shared/peers beside the project. What is missing is said, not guessed.
"""
import os, shutil, signal, socket, subprocess, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARED = os.path.join(os.path.dirname(ROOT), 'shared', 'peers')
PLACES = {
    'redis7': ('MAINSTAY_REDIS7', ['redis-server']),
    'valkey': ('MAINSTAY_VALKEY', ['valkey-server', os.path.join(SHARED, 'valkey-server')]),
    'redis8': ('MAINSTAY_REDIS8', [os.path.join(SHARED, 'redis8-server')]),
    'mainstay': ('MAINSTAY_SERVER', [os.path.join(ROOT, 'build', 'mainstay-server')]),
}
QUIET = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dbfilename', 'never-written.rdb']


def argv_of(name):
    """The command of a peer, or None. A name with a slash is a path to a server."""
    if '/' in name:
        return [name]
    variable, places = PLACES[name]
    if os.environ.get(variable):
        return os.environ[variable].split()
    for place in places:
        found = shutil.which(place)
        if found:
            return [found]
    return None


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Server:
    """A server that we started: .port, .pid, .stop(). Raises RuntimeError when it does not come up."""

    def __init__(self, name, *options, prefix=(), port=None, plain=False):
        argv = argv_of(name)
        if argv is None:
            raise RuntimeError('%s is not installed (set %s, or see the peers in the README)' % (name, PLACES[name][0]))
        self.name = name
        self.plain = plain  # its own defaults, save points among them: it is killed so that it writes nothing
        self.port = port or free_port()
        self.output = tempfile.TemporaryFile()
        self.directory = tempfile.mkdtemp(prefix='mainstay-peer-')
        command = list(prefix) + argv + ['--port', str(self.port)] + ([] if plain else QUIET) + list(options)
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output,
                                        cwd=self.directory)
        self.pid = self.process.pid
        for _ in range(100):
            if self.process.poll() is not None:
                break
            try:
                with socket.create_connection(('127.0.0.1', self.port), 5) as s:
                    s.sendall(b'PING\r\n')
                    if s.recv(64).startswith(b'+PONG'):
                        return
            except OSError:
                pass
            time.sleep(0.05)
        text = self.log()
        self.stop()
        raise RuntimeError('%s did not start:\n%s' % (' '.join(command), text[-2000:]))

    def log(self):
        self.output.seek(0)
        return self.output.read().decode('utf8', 'replace')

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL if self.plain else signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
