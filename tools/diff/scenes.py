"""Scenes: a few connections that watch, listen to, count or kill each other.

A scene is (SCENE, lines), a line (who, words). Lines go to both servers one at a time; after each, what every connection
of the scene has received is compared. `Maker` makes scenes up, `play` plays one, and `texts` writes one for people.

In words, {id:a} {addr:a} {laddr:a} stand for what the server knows of connection a.
"""
import re, select, socket, time
import rules, wire

SCENE = b'\0scene'
PAUSE = b'\0pause'  # (who, (PAUSE, milliseconds, word...)): says the words, and lets time pass
MARK = b'stage-mark'  # no command: neither MONITOR nor SLOWLOG tells of it
PROTOCOL_KINDS = [b'string', b'integer', b'double', b'null', b'array', b'set', b'map', b'attrib', b'push', b'verbatim', b'true', b'false', b'bignum', b'x']
NOT_WATCHED = {b'QUIT', b'MONITOR'}


# --- playing ---

class Stage:
    """The connections of one server, made when they first speak."""

    def __init__(self, side):
        self.side, self.lines, self.facts = side, {}, {}
        self.mark = self.connect()

    def connect(self):
        s = socket.create_connection(('127.0.0.1', self.side.port), 10)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def line(self, who):
        if who not in self.lines:
            s = self.connect()
            s.sendall(wire.encode((b'CLIENT', b'ID')))
            self.facts[b'{id:%b}' % who] = self.whole(s)[1:-2]
            self.facts[b'{addr:%b}' % who] = ('%s:%d' % s.getsockname()[:2]).encode()
            self.facts[b'{laddr:%b}' % who] = ('%s:%d' % s.getpeername()[:2]).encode()
            self.lines[who] = s
        return self.lines[who]

    @staticmethod
    def whole(s):
        """One reply that is one line."""
        out = b''
        while not out.endswith(b'\r\n'):
            part = s.recv(65536)
            if not part:
                raise OSError('closed')
            out += part
        return out

    def say(self, who, words):
        s = self.line(who)
        for name, value in self.facts.items():
            words = tuple(w.replace(name, value) for w in words)
        try:
            s.sendall(wire.encode(words))
        except OSError:
            pass  # closed by the line before: what was received says so

    def settle(self):
        """Two answers in a row: the server has been through all that came before, and has sent what it had to."""
        for _ in range(2):
            self.mark.sendall(wire.encode((MARK,)))
            if not self.whole(self.mark).startswith(b"-ERR unknown command '%b'" % MARK):
                raise OSError('no answer to a mark')

    def heard(self):
        out = {}
        for who, s in self.lines.items():
            got = b''
            while s is not None and select.select([s], [], [], 0)[0]:
                try:
                    part = s.recv(1 << 20)
                except OSError:
                    part = b''
                if not part:
                    got += b'(closed)'
                    s.close()
                    self.lines[who] = s = None
                    break
                got += part
            out[who] = got
        self.lines = {w: s for w, s in self.lines.items() if s is not None}
        return out

    def end(self):
        try:
            for s in self.lines.values():
                s.sendall(wire.encode((b'RESET',)))
            self.settle()
        except OSError:
            pass
        for s in list(self.lines.values()) + [self.mark]:
            s.close()


def play(pair, scene, index):
    """Plays on both. None, or (index, words, our bytes, their bytes) of the first disagreement."""
    stages = [Stage(pair.ours), Stage(pair.theirs)]
    queued = {}
    found, at = None, 0
    try:
        for at, (who, words) in enumerate(scene[1]):
            pause, words = (int(words[1]), words[2:]) if words[0] == PAUSE else (0, words)
            for stage in stages:
                stage.say(who, words)
            pair.sent += 1
            time.sleep(pause / 1000)
            for stage in stages:
                stage.settle()
            ours, theirs = (stage.heard() for stage in stages)
            for listener in sorted(set(ours) | set(theirs)):
                a, b = ours.get(listener, b''), theirs.get(listener, b'')
                spoke = words if listener == who else (b'(heard)',) + words
                mine = queued.get(listener) if listener == who else None
                if a != b and not same(pair, spoke, a, b, mine, [s.facts for s in stages]):
                    found = index, (b'(%b)' % listener,) + words, a, b
                    return found
            follow(queued, who, words, ours.get(who, b''))
    except OSError as trouble:
        return index, (b'(connection)',), str(trouble).encode(), b''
    finally:
        for stage in stages:
            for who, words in scene[1][at + 1:] if found else ():
                if words[0] in (b'CONFIG', b'DEBUG'):
                    stage.say(b'end', words)
            stage.end()
    return None


def follow(queued, who, words, reply):
    """Keeps what each connection has queued since MULTI, so that the parts of EXEC meet their own rules."""
    name = words[0].upper()
    if reply == b'+QUEUED\r\n':
        if who in queued:
            queued[who].append(words)
    elif name == b'MULTI' and reply == b'+OK\r\n':
        queued[who] = []
    elif name in (b'EXEC', b'DISCARD', b'RESET'):
        queued.pop(who, None)


def is_push(frame):
    return frame[:1] == b'>' or re.match(rb'\*\d\r\n\$\d+\r\n(p|s)?(message|subscribe|unsubscribe)\r\n', frame) is not None


def without_facts(frames, facts):
    """The same frames with what is this server's own put back as its name."""
    out = []
    for frame in frames:
        if frame[:1] in (b'+', b'-'):
            frame = re.sub(rb'^\+\d{10}\.\d{6} \[(\d+) [^\]]*\]', rb'+time [\1 peer]', frame)
            for name, value in facts.items():
                frame = frame.replace(value, name) if b'addr' in name else frame
        out.append(frame)
    return out


def same(pair, words, a, b, queued, facts):
    left, right = (without_facts(wire.frames(x), f) for x, f in zip((a, b), facts))
    a, b = b''.join(left), b''.join(right)
    if a == b:
        return True
    if words[0].upper() == b'EXEC' and sorted(a.split(b'\r\n')) == sorted(b.split(b'\r\n')):
        return True  # what a transaction publishes to its own client comes before or behind the replies
    if len(left) != len(right):
        return pair.known.covers(words, a, b)
    pushes = [sorted(f for f in frames if is_push(f)) for frames in (left, right)]
    left, right = ([f for f in frames if not is_push(f)] for frames in (left, right))
    if [re.sub(rb':\d+\r\n$', b'', f) for f in pushes[0]] != [re.sub(rb':\d+\r\n$', b'', f) for f in pushes[1]]:
        return pair.known.covers(words, a, b)
    for x, y in zip(left, right):
        if words[0].upper() == b'EXEC' and queued is not None and rules.agree_exec(x, y, queued):
            continue
        if not rules.agree(x, y, words) and not pair.known_difference(words, x, y, queued):
            return False
    return True


def texts(scene):
    """Lines for people: who says what."""
    out = []
    for who, words in scene[1]:
        wait = ', and wait %s ms' % words[1].decode() if words[0] == PAUSE else ''
        out.append('# %s: %s%s' % (who.decode(), wire.line(words[2:] if wait else words), wait))
    return out


def smaller(scene):
    """Scenes with one line less."""
    for at in range(len(scene[1]) - 1, -1, -1):
        yield (SCENE, scene[1][:at] + scene[1][at + 1:])


# --- making ---

EVENT_FLAGS = b'KEg$lshzxetdmnA'
PUBSUB_WORDS = [b'SUBSCRIBE', b'PSUBSCRIBE', b'SSUBSCRIBE', b'UNSUBSCRIBE', b'PUNSUBSCRIBE', b'SUNSUBSCRIBE']


class Maker:
    """Scenes out of a grammar's commands."""

    def __init__(self, grammar, channels, patterns, parameters):
        """`parameters` are the names that both servers know."""
        self.grammar, self.channels, self.patterns = grammar, channels, patterns
        self.parameters = [s for s in SETTINGS if s[0] in parameters]
        self.defaults = b''.join(wire.encode((b'CONFIG', b'SET', name, default)) for name, _, default in self.parameters)
        self.random = grammar.random
        self.kinds = [self.watching, self.watching, self.listening, self.listening, self.events, self.events, self.clients,
                      self.replies, self.monitoring, self.slow, self.settings, self.sessions]

    def scene(self):
        lines = self.random.choice(self.kinds)()
        return (SCENE, tuple(self.not_nested(lines) if b'multi' in self.grammar.never else lines))

    @staticmethod
    def not_nested(lines):
        """Without MULTI and WATCH in a transaction, for peers that abort it then."""
        inside = set()
        for who, words in lines:
            name = words[0].upper()
            if name in (b'MULTI', b'WATCH') and who in inside:
                continue
            if name == b'MULTI':
                inside.add(who)
            elif name in (b'EXEC', b'DISCARD', b'RESET'):
                inside.discard(who)
            yield who, words

    def one_of(self, items):
        return items[int(self.random.random() * len(items))]

    def some(self, least, most):
        return range(self.random.randint(least, most))

    def keyed(self):
        while True:
            words = self.grammar.command(self.grammar.keyed)
            if words[0].upper() not in NOT_WATCHED:
                return words

    def woven(self, *scripts):
        """The scripts of several connections, mixed, each in its own order."""
        scripts = [list(s) for s in scripts if s]
        out = []
        while scripts:
            script = self.one_of(scripts)
            out.append(script.pop(0))
            if not script:
                scripts.remove(script)
        return out

    def protocol(self, who):
        return [(who, (b'HELLO', b'3'))] if self.random.random() < 0.5 else []

    def transaction(self, who):
        lines = [(who, (b'MULTI',))] + [(who, self.keyed()) for _ in self.some(0, 3)]
        return lines + [(who, self.one_of([(b'EXEC',), (b'EXEC',), (b'EXEC',), (b'DISCARD',), (b'RESET',)]))]

    def writer(self, who):
        other = [(b'FLUSHALL', b'ASYNC'), (b'FLUSHDB', b'ASYNC'), (b'SWAPDB', b'0', b'1'), (b'SELECT', b'1'), (b'SELECT', b'0')]
        for _ in self.some(1, 4):
            roll = self.random.random()
            key = self.grammar.key()
            if roll < 0.65:
                yield who, self.keyed()
            elif roll < 0.75:
                yield who, self.one_of(other)
            elif roll < 0.80:
                yield from ((who, (PAUSE, b'4', b'PEXPIRE', key, b'1')), (who, (b'EXISTS', key)))
            elif roll < 0.9:
                yield who, (b'SET', key, b'v')
            else:
                yield from self.transaction(who)

    def watching(self):
        def watcher(who):
            lines = self.protocol(who)
            for _ in self.some(1, 2):
                lines.append((who, (b'WATCH',) + tuple(self.grammar.key() for _ in self.some(1, 3))))
            if self.random.random() < 0.15:
                lines.append((who, self.one_of([(b'UNWATCH',), (b'RESET',), (b'DISCARD',), (b'SELECT', b'1')])))
            if self.random.random() < 0.3:
                lines.append((who, self.keyed()))
            return lines + self.transaction(who) + self.transaction(who)[:self.random.randint(0, 4)]
        second = watcher(b'b') if self.random.random() < 0.2 else list(self.writer(b'b'))
        return self.woven(watcher(b'a'), second)

    def pubsub_words(self):
        word = self.one_of(PUBSUB_WORDS)
        pool = self.patterns if word in (b'PSUBSCRIBE', b'PUNSUBSCRIBE') else self.channels
        least = 0 if word.startswith((b'UN', b'PUN', b'SUN')) else 1
        return (word,) + tuple(self.one_of(pool) for _ in self.some(least, 3))

    def listening(self):
        def listener(who):
            lines = self.protocol(who)
            for _ in self.some(2, 6):
                roll = self.random.random()
                if roll < 0.7:
                    lines.append((who, self.pubsub_words()))
                elif roll < 0.85:
                    lines.append((who, self.one_of([(b'PING',), (b'PING', b'hi'), (b'GET', b's0'), (b'RESET',), (b'HELLO', b'2'), (b'HELLO', b'3'),
                                                    (b'PUBLISH', b'c1', b'own'), (b'SELECT', b'1'), (b'MULTI',), (b'EXEC',), (b'CLIENT', b'GETNAME')])))
                else:
                    lines += [(who, (b'MULTI',)), (who, self.pubsub_words()), (who, (b'PUBLISH', self.one_of(self.channels), b'in')), (who, (b'EXEC',))]
            return lines

        def publisher(who):
            lines = []
            for _ in self.some(2, 8):
                channel = self.one_of(self.channels)
                lines.append((who, self.one_of([(b'PUBLISH', channel, b'm'), (b'PUBLISH', channel, b'x' * 40000), (b'SPUBLISH', channel, b's'),
                                                (b'PUBSUB', b'NUMSUB') + tuple(self.channels[:4]), (b'PUBSUB', b'CHANNELS'),
                                                (b'PUBSUB', b'NUMPAT'), (b'PUBSUB', b'SHARDNUMSUB', channel), (b'PUBSUB', b'SHARDCHANNELS', b'*'),
                                                (b'PUBSUB', b'CHANNELS', self.one_of(self.patterns))])))
            return lines
        return self.woven(listener(b'a'), listener(b'b'), publisher(b'c'))

    def events(self):
        flags = bytes(self.one_of(EVENT_FLAGS) for _ in self.some(1, 6)) + self.one_of([b'K', b'E', b'KE', b'KEA', b''])
        lines = self.protocol(b'a') + [(b'c', (b'DEBUG', b'SET-ACTIVE-EXPIRE', b'0')),
                                       (b'c', (b'CONFIG', b'SET', b'notify-keyspace-events', flags)),
                                       (b'c', (b'CONFIG', b'GET', b'notify-keyspace-events')),
                                       (b'a', (b'PSUBSCRIBE', self.one_of([b'__key*__:*', b'__keyspace@0__:*', b'__keyevent@*__:*', b'*']))),
                                       ]
        return lines + self.woven(self.writer(b'b'), self.writer(b'c')) + [(b'c', (b'CONFIG', b'SET', b'notify-keyspace-events', b'')),
                                                                           (b'c', (b'DEBUG', b'SET-ACTIVE-EXPIRE', b'1'))]

    def clients(self):
        kills = [(b'{id:a}',), (b'{addr:a}',), (b'ID', b'{id:a}'), (b'ADDR', b'{addr:b}'), (b'ID', b'{id:b}', b'SKIPME', b'no'), (b'TYPE', b'pubsub'),
                 (b'ID', b'{id:c}'), (b'ID', b'{id:c}', b'SKIPME', b'NO'), (b'ID', b'0'), (b'ID', b'-1'), (b'ID', b'abc'), (b'TYPE', b'nosuch'),
                 (b'ADDR', b'1.2.3.4:5'), (b'1.2.3.4:5',), (b'USER', b'nobody'), (b'SKIPME', b'maybe', b'ID', b'1'), (b'ID',), (b'NOSUCH', b'1'),
                 (b'ADDR', b'{addr:a}', b'ID', b'{id:b}'), (b'LADDR', b'1.1.1.1:1'), (b'TYPE', b'pubsub', b'ID', b'{id:a}'), (b'MAXAGE', b'1000'),
                 (b'TYPE', b'replica'), (b'TYPE', b'master'), (b'TYPE', b'slave', b'SKIPME', b'no')]
        lists = [(b'ID', b'{id:a}', b'{id:b}'), (b'TYPE', b'pubsub'), (b'ID', b'abc'), (b'ID',), (b'TYPE', b'x'), (b'NOSUCH',), (b'ID', b'0'),
                 (b'ID', b'{id:c}'), (b'TYPE', b'replica'), (b'TYPE',), (b'ID', b'{id:a}', b'TYPE', b'normal')]
        lines = self.protocol(b'a') + [(who, (b'PING',)) for who in (b'a', b'b', b'c')]
        for _ in self.some(3, 9):
            roll = self.random.random()
            who = self.one_of([b'a', b'b', b'c'])
            if roll < 0.3:
                lines.append((b'c', (b'CLIENT', b'KILL') + self.one_of(kills)))
            elif roll < 0.5:
                lines.append((b'c', (b'CLIENT', b'LIST') + self.one_of(lists)))
            elif roll < 0.6:
                lines.append((who, (b'CLIENT', b'INFO')))
            else:
                lines.append((who, self.one_of([(b'CLIENT', b'SETNAME', b'n1'), (b'SUBSCRIBE', b'c1'), (b'SELECT', b'2'), (b'MULTI',), (b'GET', b's0'),
                                                (b'WATCH', b's0'), (b'CLIENT', b'NO-EVICT', b'on'), (b'EXEC',), (b'RESET',), (b'PSUBSCRIBE', b'x*'),
                                                (b'CLIENT', b'UNBLOCK', b'{id:a}'), (b'CLIENT', b'UNBLOCK', b'{id:b}', b'ERROR'), (b'QUIT',),
                                                (b'CLIENT', b'SETNAME', b''), (b'HELLO', b'3'), (b'CLIENT', b'GETNAME')])))
        return lines

    def replies(self):
        lines = self.protocol(b'a')
        for _ in self.some(3, 10):
            if self.random.random() < 0.1:  # CLIENT REPLY itself is not queued: what peers answer then is not RESP
                lines += [(b'a', (b'MULTI',)), (b'a', (b'SET', b's0', b'v')), (b'a', (b'SUBSCRIBE', b'c1')), (b'a', (b'EXEC',))]
            lines.append((b'a', self.one_of([(b'CLIENT', b'REPLY', b'OFF'), (b'CLIENT', b'REPLY', b'SKIP'), (b'CLIENT', b'REPLY', b'ON'), (b'PING',),
                                             (b'GET', b's0'), (b'SET', b's0', b'v'), (b'EXEC',), (b'SUBSCRIBE', b'c1'), (b'NOSUCH',),
                                             (b'PUBLISH', b'c1', b'x'), (b'RESET',), (b'GET',), (b'CLIENT', b'REPLY', b'MAYBE'), (b'CLIENT', b'REPLY'),
                                             (b'UNSUBSCRIBE',), (b'HELLO', b'3'), (b'CLIENT', b'ID', b'x')])))
        return lines + [(b'a', (b'CLIENT', b'REPLY', b'ON')), (b'a', (b'PING',))]

    def monitoring(self):
        lines = [(b'a', (b'MONITOR',))]
        for _ in self.some(2, 8):
            roll = self.random.random()
            if roll < 0.6:
                lines.append((b'b', self.keyed()))
            elif roll < 0.75:
                lines += self.transaction(b'b')
            else:
                lines.append((self.one_of([b'a', b'b', b'b']), self.one_of([(b'SELECT', b'1'), (b'PING',), (b'RESET',), (b'AUTH', b'x'), (b'NOSUCH', b'1'),
                                                                           (b'GET',), (b'CLIENT', b'GETNAME'), (b'HELLO', b'3'), (b'PUBLISH', b'c1', b'x'),
                                                                           (b'CONFIG', b'GET', b'hz'), (b'SUBSCRIBE', b'c1'),
                                                                           (b'COMMAND', b'COUNT'), (b'HELLO', b'3', b'AUTH', b'default', b'x'),
                                                                           (b'ECHO', b'\x00\xff"\\\n\t\x07a'), (b'MONITOR',)])))
        return lines

    def slow(self):
        """What SLOWLOG and LATENCY keep of commands."""
        lines = self.protocol(b'a') + [(b'a', (b'CONFIG', b'SET', b'slowlog-log-slower-than', b'0')), (b'a', (b'SLOWLOG', b'RESET')),
                                       (b'b', (b'CLIENT', b'SETNAME', b'namely'))]
        lines += [(b'b', self.keyed()) for _ in self.some(0, 4)]
        if self.random.random() < 0.3:
            lines += [(b'b', (b'MSET',) + tuple(b'%d' % i for i in range(80))), (b'b', (b'SET', b's0', b'x' * 200)), (b'b', (b'NOSUCH',)), (b'b', (b'GET',))]
        lines += [(b'b', (b'HELLO', b'2', b'AUTH', b'default', b'x')), (b'b', (b'AUTH', b'y'))] if self.random.random() < 0.3 else []
        lines += self.transaction(b'b') if self.random.random() < 0.3 else []
        lines.append((b'a', (b'CONFIG', b'SET', b'slowlog-log-slower-than', b'1000000')))
        asked = [(b'SLOWLOG', b'LEN'), (b'SLOWLOG', b'GET'), (b'SLOWLOG', b'GET', b'-1'), (b'SLOWLOG', b'GET', b'2'), (b'SLOWLOG', b'GET', b'-2'),
                 (b'SLOWLOG', b'GET', b'0'), (b'SLOWLOG', b'GET', b'x'), (b'SLOWLOG', b'GET', b'1', b'2'), (b'SLOWLOG', b'LEN', b'x'), (b'SLOWLOG',),
                 (b'LATENCY', b'LATEST'), (b'LATENCY', b'HISTORY', b'command'), (b'LATENCY', b'RESET', b'command'), (b'LATENCY', b'RESET'),
                 (b'LATENCY', b'HISTOGRAM', b'nosuch'), (b'LATENCY', b'HISTOGRAM', b'set', b'get'), (b'LATENCY', b'GRAPH', b'nosuch'), (b'LATENCY', b'X'),
                 (b'MEMORY', b'DOCTOR'), (b'MEMORY', b'PURGE'), (b'MEMORY', b'USAGE', b'nosuch'), (b'MEMORY', b'USAGE', b's0', b'SAMPLES', b'x')]
        return lines + [(b'a', self.one_of(asked)) for _ in self.some(1, 4)] + [(b'a', (b'SLOWLOG', b'RESET')), (b'a', (b'SLOWLOG', b'LEN'))]

    def settings(self):
        lines = []
        for _ in self.some(2, 6):
            name, good, default = self.one_of(self.parameters)
            value = self.one_of(good) if self.random.random() < 0.6 else self.one_of(BAD_SETTINGS)
            lines += [(b'a', (b'CONFIG', b'SET', name, value)), (b'a', (b'CONFIG', b'GET', name)), (b'a', (b'CONFIG', b'SET', name, default))]
        extra = [(b'CONFIG', b'SET', b'nosuch', b'1'), (b'CONFIG', b'SET', b'hz', b'10', b'nosuch', b'1'), (b'CONFIG', b'SET', b'hz', b'10', b'hz', b'20'),
                 (b'CONFIG', b'SET', b'hz'), (b'CONFIG', b'SET', b'port', b'abc'), (b'CONFIG', b'SET', b'maxmemory', b'1gb', b'hz', b'abc'),
                 (b'CONFIG', b'SET', b'daemonize', b'yes'), (b'CONFIG', b'GET', b'max*', b'hz'), (b'CONFIG', b'GET', b'[hs]z*'), (b'CONFIG', b'GET', b''),
                 (b'CONFIG', b'GET', b'HZ'), (b'CONFIG', b'GET'), (b'CONFIG', b'RESETSTAT'), (b'CONFIG', b'RESETSTAT', b'x'), (b'CONFIG', b'REWRITE'),
                 (b'CONFIG', b'SET', b'databases', b'3'), (b'CONFIG', b'GET', b'databases'), (b'CONFIG', b'SET', b'maxmemory', b'0', b'maxmemory-clients', b'0')]
        lines += [(b'a', self.one_of(extra)) for _ in self.some(1, 3)]
        return self.protocol(b'a') + lines + [(b'a', (b'CONFIG', b'SET', b'hz', b'10'))]

    def sessions(self):
        lines = []
        for _ in self.some(4, 12):
            lines.append((b'a', self.one_of([(b'HELLO', b'3'), (b'HELLO', b'2'), (b'HELLO',), (b'RESET',), (b'SELECT', b'1'), (b'SET', b's0', b'v'),
                                             (b'GET', b's0'), (b'MULTI',), (b'EXEC',), (b'DISCARD',), (b'CLIENT', b'SETNAME', b'x'),
                                             (b'CLIENT', b'GETNAME'), (b'WATCH', b's0'), (b'SUBSCRIBE', b'c1'), (b'UNSUBSCRIBE',), (b'QUIT',),
                                             (b'AUTH', b'x'), (b'AUTH', b'default', b''), (b'QUIT', b'now'),
                                             (b'CLIENT', b'INFO'), (b'CLIENT', b'TRACKINGINFO'), (b'CLIENT', b'TRACKING', b'off'), (b'NOSUCH',),
                                             (b'DEBUG', b'PROTOCOL', self.one_of(PROTOCOL_KINDS)), (b'COMMAND', b'INFO', b'nosuch', b'nosuch|x'),
                                             (b'COMMAND', b'DOCS', b'nosuch'), (b'DEBUG', b'SLEEP', b'0'),
                                             (b'HELLO', b'3', b'SETNAME', b'y'), (b'HELLO', b'9'), self.keyed(), self.keyed(), (b'PING',)])))
        return lines


# Parameters that can be set on a running server without harm, values that are taken or not, and the default. Not among the
# values: zero bytes, sizes that overflow and units without a number, which Mainstay refuses and Redis misreads.
YES_NO = [b'yes', b'no', b'YES', b'No', b'maybe', b'1', b'']
NUMBERS = [b'0', b'1', b'10', b'100', b'1000', b'-1', b'2147483647', b'2147483648', b'4294967296', b'1.5', b'abc', b'', b' 1', b'01', b'+1', b'0x10']
SIZES = [b'0', b'100mb', b'1gb', b'1k', b'1KB', b'1b', b'-1', b'10xb', b'1.5gb', b'', b'50%', b'0%', b'101%', b'1tb', b' 1k']
BAD_SETTINGS = [b'', b'abc', b'-1', b'nosuch value', b'\xff', b'yes', b'0', b'"', b'x' * 300]
SETTINGS = [
    (b'hz', NUMBERS, b'10'), (b'dynamic-hz', YES_NO, b'yes'), (b'lazyfree-lazy-eviction', YES_NO, b'no'), (b'lazyfree-lazy-user-del', YES_NO, b'no'),
    (b'lazyfree-lazy-user-flush', YES_NO, b'no'), (b'slowlog-log-slower-than', NUMBERS, b'10000'), (b'slowlog-max-len', NUMBERS, b'128'),
    (b'latency-monitor-threshold', NUMBERS, b'0'), (b'maxmemory-samples', NUMBERS[:3] + [b'-1', b'abc'], b'5'), (b'maxmemory-eviction-tenacity', NUMBERS, b'10'),
    (b'maxmemory-policy', [b'allkeys-lru', b'volatile-ttl', b'noeviction', b'NOEVICTION', b'allkeys', b'volatile-random'], b'noeviction'),
    (b'lfu-log-factor', NUMBERS, b'10'), (b'lfu-decay-time', NUMBERS, b'1'), (b'maxmemory-clients', [s for s in SIZES if not s.startswith(b'1k') and s not in (b'1b', b'1KB')], b'0'), (b'proto-max-bulk-len', SIZES, b'512mb'),
    (b'client-query-buffer-limit', SIZES, b'1gb'), (b'timeout', NUMBERS[5:], b'0'), (b'tcp-keepalive', NUMBERS, b'300'),
    (b'list-max-listpack-size', NUMBERS, b'-2'), (b'list-max-ziplist-size', NUMBERS, b'-2'), (b'list-compress-depth', NUMBERS, b'0'),
    (b'hash-max-listpack-entries', NUMBERS, b'128'), (b'hash-max-ziplist-value', SIZES, b'64'), (b'set-max-intset-entries', NUMBERS, b'512'),
    (b'zset-max-listpack-entries', NUMBERS, b'128'), (b'hll-sparse-max-bytes', SIZES, b'3000'), (b'stream-node-max-bytes', SIZES, b'4096'),
    (b'stream-node-max-entries', NUMBERS, b'100'), (b'activerehashing', YES_NO, b'yes'), (b'active-expire-effort', NUMBERS, b'1'),
    (b'notify-keyspace-events', [b'', b'KEA', b'Kx', b'AKE', b'g$lshzxetd', b'E', b'A', b'KEn', b'm', b'?', b'ka', b'Kt', b'nmA'], b''),
    (b'client-output-buffer-limit', [b'normal 0 0 0', b'pubsub 32mb 8mb 60', b'normal 1 2 3 pubsub 4 5 6', b'normal 1mb', b'x 0 0 0', b'normal -1 0 0',
                                     b'slave 256mb 64mb 60', b'replica 256mb 64mb 60', b'normal a b c', b'normal 10 0 -1'], b'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60'),
    (b'loglevel', [b'verbose', b'notice', b'WARNING', b'loud'], b'notice'), (b'oom-score-adj-values', [b'0 200 800', b'1 2', b'a b c', b'0 100 50', b'0 1001 1002'], b'0 200 800'),
    (b'save', [b'', b'3600 1', b'3600 1 300 100', b'a b', b'60', b'0 1', b'60 -1', b'60 1 60'], b''), (b'repl-backlog-size', SIZES[1:], b'1mb'),
    (b'repl-timeout', NUMBERS, b'60'), (b'repl-ping-replica-period', NUMBERS, b'10'), (b'replica-priority', NUMBERS, b'100'),
    (b'slave-priority', NUMBERS, b'100'), (b'min-replicas-max-lag', NUMBERS, b'10'), (b'busy-reply-threshold', NUMBERS, b'5000'),
    (b'lua-time-limit', NUMBERS, b'5000'), (b'tracking-table-max-keys', NUMBERS, b'1000000'), (b'acllog-max-len', NUMBERS, b'128'),
    (b'latency-tracking', YES_NO, b'yes'), (b'latency-tracking-info-percentiles', [b'50 99', b'', b'50', b'101', b'-1', b'a', b'50 50.5'], b'50 99 99.9'),
    (b'rdb-key-save-delay', NUMBERS, b'0'), (b'auto-aof-rewrite-percentage', NUMBERS, b'100'), (b'auto-aof-rewrite-min-size', SIZES, b'64mb'),
    (b'appendfsync', [b'always', b'everysec', b'no', b'yes'], b'everysec'), (b'requirepass', [b''], b''), (b'maxclients', [b'100', b'0', b'-1', b'abc', b'10000'], b'10000'),
    (b'stop-writes-on-bgsave-error', YES_NO, b'yes'), (b'rdbcompression', YES_NO, b'yes'), (b'rdbchecksum', YES_NO, b'yes'),
    (b'jemalloc-bg-thread', YES_NO, b'yes'), (b'set-proc-title', YES_NO, b'yes'), (b'proc-title-template', [b'{title}', b'{nosuch}', b'{', b'x'], b'{title} {listen-addr} {server-mode}'),
    (b'databases', NUMBERS, b'16'), (b'always-show-logo', YES_NO, b'no'), (b'unixsocketperm', [b'700', b'0', b'999'], b'0'),
    (b'cluster-node-timeout', NUMBERS, b'15000'), (b'replica-read-only', YES_NO, b'yes'), (b'maxmemory', [b'0', b'100gb', b'abc', b'-1', b'1x'], b'0'),
    (b'slowlog-max-len', [b'0', b'5', b'-1'], b'128'), (b'socket-mark-id', NUMBERS[:4], b'0'),
]
