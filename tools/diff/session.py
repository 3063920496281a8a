"""Two servers, the same commands to both, and what to do when they disagree."""
import re, select, socket, time
import rules, scenes, wire
from grammar import CROSS, CUT, END, PUBSUB, WALK
from scenes import SCENE

FLUSH = (b'FLUSHALL',)
RESET = (b'RESET',)
end_of_reset = b'+RESET\r\n'
HELLO = (b'HELLO', b'3')
DATABASES = (b'0', b'1', b'2', b'3', b'15')
READ_BACK = {b'string': (b'GET',), b'list': (b'LRANGE', b'0', b'-1'), b'set': (b'SMEMBERS',), b'hash': (b'HGETALL',),
             b'zset': (b'ZRANGE', b'0', b'-1', b'WITHSCORES'), b'stream': (b'XRANGE', b'-', b'+')}


SUBSCRIBES = {name.encode() for name in PUBSUB}


def marked(commands):
    """The bytes of commands with a PING after each that is not inside a transaction: it names the next command."""
    out, inside = [], False
    for number, words in enumerate(commands):
        out.append(wire.encode(words))
        name = words[0].upper()
        inside = name == b'MULTI' or inside and name not in (b'EXEC', b'DISCARD', b'RESET')
        if not inside:
            out.append(b'*2\r\n$4\r\nPING\r\n$9\r\nm%08d\r\n' % (number + 1))
    return b''.join(out)


def pieces(frames):
    """Frames between marks: [(number of the mark at their end, frames)]."""
    parts, part = [], []
    for frame in frames:
        part.append(frame)
        found = len(frame) < 60 and re.search(rb'\$9\r\nm(\d{8})\r\n', frame)
        if found:
            parts.append((int(found.group(1)), part[:-1]))
            part = []
    return parts + [(None, part)]


def kind_of(found):
    """What a smaller sequence must still show: another difference on the way is not this one."""
    start = lambda reply: re.sub(rb'\d+', b'', reply[:24] if reply[:1] == b'-' else reply[:1])
    return rules.name_of(found[1]), start(found[2]), start(found[3])


class Gone(Exception):
    """A server closed the connection, died or stopped answering."""

    def __init__(self, side, why):
        super().__init__('%s %s' % (side.name, why))
        self.side = side
        self.log = side.server.log()[-4000:] if side.server and not side.server.alive() else ''


class Known:
    """The list of known differences; see the head of the file `known`."""

    def __init__(self, path, peer):
        self.rows, self.never, self.used = [], {}, {}
        for number, text in enumerate(open(path, encoding='utf8'), 1):
            text = re.split(r'(?:^|\s)#(?:\s|$)', text, maxsplit=1)[0].strip()
            if not text:
                continue
            columns = [c.strip() for c in re.split(r'\s\|(?=\s)', text + ' ')]
            if columns[0] not in ('*', peer) and peer not in columns[0].split(','):
                continue
            if len(columns) == 3 and columns[1] == 'never':
                pattern = re.compile(columns[2], re.I | re.S)
                name = re.match(r'\^([\w.-]+)', columns[2])
                if not name:
                    raise SystemExit('%s:%d: what is never sent begins with ^ and a command' % (path, number))
                name = name.group(1).lower().encode()
                self.never.setdefault(name, []).append(lambda words, pattern=pattern: pattern.search(wire.line(words)))
            elif len(columns) == 4:
                self.rows.append((number, re.compile(columns[1], re.I | re.S), re.compile(columns[2], re.S), re.compile(columns[3], re.S)))
            else:
                raise SystemExit('%s:%d: expected "peers | command | ours | theirs" or "peers | never | command"' % (path, number))

    def covers(self, words, ours, theirs):
        text = None
        for number, command, left, right in self.rows:
            text = text or (wire.line(words, 1 << 20), wire.shown(ours, 1 << 20), wire.shown(theirs, 1 << 20))
            if command.search(text[0]) and left.search(text[1]) and right.search(text[2]):
                self.used[number] = self.used.get(number, 0) + 1
                return True
        return False


class Side:
    """One of the two: how to reach it, and how to start it again when it is ours."""

    def __init__(self, name, start=None, port=None):
        self.name, self.start, self.server = name, start, None
        self.port, self.socket = port, None
        self.ensure()

    def ensure(self):
        if self.start and (self.server is None or not self.server.alive()):
            if self.server:
                self.server.stop()
            self.server = self.start()
            self.port = self.server.port
            self.disconnect()
        if self.socket is None:
            self.socket = socket.create_connection(('127.0.0.1', self.port), 10)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.setblocking(False)

    def disconnect(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def close(self):
        self.disconnect()
        if self.server:
            self.server.stop()


class Pair:
    def __init__(self, ours, theirs, known):
        self.ours, self.theirs, self.known = ours, theirs, known
        self.marks = 0
        self.sent = 0
        self.resp3 = False
        self.last_log = ''  # how the log of a server that died ends
        self.room = memoryview(bytearray(1 << 20))

    def close(self):
        self.ours.close()
        self.theirs.close()

    # --- bytes ---

    def exchange(self, data, other=None, patience=15):
        """Sends `data` to both (or `other` to the second) and gives both replies.

        Each exchange stands alone: it begins with HELLO 3 when the sequence is in RESP3, and ends with RESET, which
        leaves transactions and subscriptions, and a mark by which we know the end. None of that is in the result."""
        self.marks += 1
        mark = b'mark-%010d' % self.marks
        tail = wire.encode(RESET) + wire.encode((b'ECHO', mark))
        end = b'$%d\r\n%b\r\n' % (len(mark), mark)
        head = wire.encode(HELLO) if self.resp3 else b''
        lanes = {}
        for side, text in ((self.ours, data), (self.theirs, data if other is None else other)):
            lanes[side.socket.fileno()] = [side, memoryview(head + text + tail), bytearray()]
        poll = select.poll()
        for fd in lanes:
            poll.register(fd, select.POLLIN | select.POLLOUT)
        results, waiting = {}, len(lanes)
        while waiting:
            ready = poll.poll(patience * 1000)
            if not ready:
                side = next(l[0] for l in lanes.values() if l[0] not in results)
                raise Gone(side, 'does not answer; so far: %s' % wire.shown(lanes[side.socket.fileno()][2][-300:]))
            for fd, what in ready:
                side, out, back = lane = lanes[fd]
                try:
                    if what & select.POLLOUT:
                        lane[1] = out[side.socket.send(out[:262144]):]
                        if not lane[1]:
                            poll.modify(fd, select.POLLIN)
                    if what & (select.POLLIN | select.POLLHUP | select.POLLERR):
                        count = side.socket.recv_into(self.room)
                        if not count:
                            raise ConnectionError
                        back += self.room[:count]
                        if back.endswith(end):
                            reset = end_of_reset if back.endswith(end_of_reset + end) else b''
                            results[side] = bytes(back[wire.frame_end(back, 0) if head else 0:len(back) - len(end) - len(reset)])
                            poll.unregister(fd)
                            waiting -= 1
                except BlockingIOError:
                    pass
                except OSError:
                    last = wire.shown(back[-300:])
                    died = side.server is not None and not self.still_alive(side)
                    raise Gone(side, ('died' if died else 'closed the connection') + '; last reply: ' + last)
        return results[self.ours], results[self.theirs]

    @staticmethod
    def still_alive(side):
        time.sleep(0.3)
        return side.server.alive()

    # --- commands ---

    def run(self, commands):
        """Runs commands on both. Gives None, or (index, words, our reply, their reply) of the first disagreement."""
        segment, start = [], 0
        for index, words in enumerate(commands):
            if words[0][:1] == b'\0' and words[0] in (END, CROSS, CUT, SCENE, WALK):
                found = self.segment(segment, start) or self.special(words, index)
                if found:
                    return found
                segment, start = [], index + 1
            else:
                segment.append(words)
        return self.segment(segment, start)

    def segment(self, commands, start):
        if not commands:
            return None
        return self.judge(commands, start, None)

    def judge(self, commands, start, data):
        self.sent += len(commands)
        if data is None:
            data = marked(commands) if any(w[0].lower() in SUBSCRIBES for w in commands) else b''.join([wire.encode(w) for w in commands])
        ours, theirs = self.exchange(data)
        if ours == theirs:
            return None
        left, right = wire.frames(ours), wire.frames(theirs)
        if len(left) == len(right) == len(commands):
            return self.match(commands, start, left, right)
        return self.match_marked(commands, start, left, right)

    def match(self, commands, start, left, right):
        """One reply per command, with transactions followed so that EXEC's parts meet their rules."""
        queued = None
        for index, words in enumerate(commands):
            a, b = left[index], right[index]
            if queued is not None and a == b == b'+QUEUED\r\n':
                queued.append(words)
                continue
            name = words[0].upper()
            if a != b:
                same = rules.agree_exec(a, b, queued) if name == b'EXEC' and queued is not None else rules.agree(a, b, words)
                if not same and not self.known_difference(words, a, b, queued):
                    return start + index, words, a, b
            if name == b'MULTI' and a == b'+OK\r\n':
                queued = []
            elif queued is not None and name in (b'EXEC', b'DISCARD', b'RESET'):
                queued = None
        return None

    def known_difference(self, words, a, b, queued):
        if self.known.covers(words, a, b):
            return True
        if words[0].upper() != b'EXEC' or queued is None or a[:1] != b'*' or b[:1] != b'*':
            return False
        left, right = (wire.frames(x[x.index(b'\r\n') + 2:]) for x in (a, b))
        return len(left) == len(right) == len(queued) and all(
            rules.agree(x, y, w) or self.known.covers(w, x, y) for x, y, w in zip(left, right, queued))

    def match_marked(self, commands, start, left, right):
        """Replies that are not one per command: the PING marks of `marked` cut both streams into pieces to compare."""
        at = 0
        for (mark, x), (other, y) in zip(pieces(left), pieces(right)):
            end = len(commands) if mark is None else min(mark, len(commands))
            between = commands[at:end]
            if not between:
                continue
            if mark != other:
                return start + end - 1, between[0], b''.join(x[:4]), b''.join(y[:4])
            if x != y and len(x) == len(y) == len(between):
                found = self.match(between, start + at, x, y)
                if found:
                    return found
            elif x != y and not self.same_piece(between, x, y):
                first = next((i for i, (p, q) in enumerate(zip(x + [b''], y + [b''])) if p != q), 0)
                if not self.known.covers(between[-1], b''.join(x), b''.join(y)):
                    return start + end - 1, between[-1], b''.join(x[first:first + 4]), b''.join(y[first:first + 4])
            at = end
        return None

    @staticmethod
    def same_piece(between, x, y):
        words = between[-1]
        if len(between) > 1 and any(w[0].lower() in SUBSCRIBES or w[0].upper().endswith(b'PUBLISH') for w in between):
            # Inside a transaction pushes mix with its replies: the same lines in any order, counts aside.
            lines = lambda frames: sorted(re.sub(rb'^:\d+$', b':', l) for l in b''.join(frames).split(b'\r\n'))
            return lines(x) == lines(y) or Pair.same_parts(b''.join(x), b''.join(y))
        if words[0].upper().endswith(b'UNSUBSCRIBE') and len(words) == 1:
            # Which channel is left first is the order of a table.
            counts = lambda frames: sorted(re.sub(rb':\d+\r\n$', b'', f) for f in frames)
            return counts(x) == counts(y)
        # So is which of several patterns hears a message first.
        pushed = [sorted(f for f in frames if f[:1] == b'>') for frames in (x, y)]
        replies = [[f for f in frames if f[:1] != b'>'] for frames in (x, y)]
        return pushed[0] == pushed[1] and len(between) == len(replies[0]) == len(replies[1]) and \
            all(rules.agree(p, q, w) for p, q, w in zip(replies[0], replies[1], between))

    @staticmethod
    def same_parts(x, y):
        """A transaction's replies, with its pushes between them, one by one; payloads of DUMP differ by their version."""
        left, right = wire.flat(x), wire.flat(y)
        return len(left) == len(right) and all(p == q or rules.dumped(wire.value(p), wire.value(q), None) for p, q in zip(left, right))

    def special(self, words, index):
        if words[0] == CUT:
            return None
        if words[0] == END:
            found = self.segment([(b'PEXPIRE', words[1], b'1')], index)
            time.sleep(0.004)
            return found
        if words[0] == SCENE:
            return scenes.play(self, words, index)
        if words[0] == WALK:
            return self.walk(words, index)
        _, key, copy = words
        a, b = self.exchange(wire.encode((b'DUMP', key)))
        x, y = wire.value(a), wire.value(b)
        if x[0] != b'$' or y[0] != b'$' or x[1] is None or y[1] is None:
            return None if a == b or self.known.covers((b'DUMP', key), a, b) else (index, (b'DUMP', key), a, b)
        theirs, ours = y[1], x[1]
        ours_version, theirs_version = (int.from_bytes(p[-10:-8], 'little') for p in (ours, theirs))
        if theirs_version > ours_version:
            theirs = wire.with_version(theirs, ours_version)
        elif ours_version > theirs_version:
            ours = wire.with_version(ours, theirs_version)
        restore = lambda payload: wire.encode((b'RESTORE', copy, b'0', payload, b'REPLACE'))
        a, b = self.exchange(restore(theirs), restore(ours))
        if a != b and not self.known.covers((b'RESTORE', copy, b'0', b'payload'), a, b):
            return index, (b'RESTORE', copy, b'0', b'(what the other dumped)', b'REPLACE'), a, b
        return self.segment([(b'TYPE', copy), (b'STRLEN', copy), (b'GET', copy), (b'DUMP', copy)], index)

    def walk(self, words, index):
        """Each with its own cursors; the keys found in the end must be the same."""
        cursors, seen = [b'0', b'0'], [set(), set()]
        command = (b'SCAN', b'0') + words[2:]
        for _ in range(1000):
            asked = [wire.encode((b'SELECT', words[1])) + (wire.encode((b'SCAN', c) + words[2:]) if c else b'') for c in cursors]
            found = [wire.frames(x) for x in self.exchange(*asked)]
            self.sent += 1
            for side, frames in enumerate(found):
                if not cursors[side]:
                    continue
                kind, value = wire.value(frames[1])
                if kind != b'*':
                    a, b = (frames[1] if len(frames) > 1 else b'' for frames in found)
                    return None if a == b or self.known.covers(command, a, b) else (index, command, a, b)
                seen[side].update(item[1] for item in value[1][1])
                cursors[side] = value[0][1] if value[0][1] != b'0' else None
            if cursors == [None, None]:
                break
        if seen[0] == seen[1] and cursors == [None, None]:
            return None
        return index, command, repr(sorted(seen[0])).encode(), repr(sorted(seen[1])).encode()

    # --- whole states ---

    def check(self):
        """Compares what the two hold: keys, types, values, encodings and times of life, in the databases we use."""
        chosen = [wire.encode((b'SELECT', d)) for d in DATABASES]
        a, b = self.exchange(b''.join(c + wire.encode((b'KEYS', b'*')) for c in chosen))
        left, right = wire.frames(a)[1::2], wire.frames(b)[1::2]
        for x, y in zip(left, right):
            if not rules.agree(x, y, (b'KEYS', b'*')):
                return None, (b'KEYS', b'*'), self.in_order(x), self.in_order(y)
        keys = [[k[1] for k in wire.value(x)[1]] for x in left]
        a, b = self.exchange(b''.join(c + b''.join(wire.encode((b'TYPE', k)) for k in ks) for c, ks in zip(chosen, keys)))
        types = iter([wire.value(f)[1] for f in wire.frames(a)])
        commands = []
        for database, names in zip(DATABASES, keys):
            next(types)
            commands.append((b'SELECT', database))
            for key in names:
                read = READ_BACK.get(next(types))
                commands += [(b'TYPE', key), (b'OBJECT', b'ENCODING', key), (b'PTTL', key)]
                if read:
                    commands.append((read[0], key) + read[1:])
        found = self.segment(commands, 0)
        return (None, ) + found[1:] if found else None

    @staticmethod
    def in_order(frame):
        kind, items = wire.value(frame)
        return b' '.join(sorted(wire.quoted(i[1]).encode() for i in items)) if isinstance(items, list) else frame

    def fresh(self):
        for side in (self.ours, self.theirs):
            side.ensure()
        self.exchange(wire.encode(FLUSH))

    def replay(self, commands, check=True):
        """Runs commands on two empty servers; gives the first disagreement, in replies or in what is left behind."""
        try:
            self.fresh()
            return self.run(commands) or (self.check() if check else None)
        except Gone as gone:
            self.last_log = gone.log or self.last_log
            for side in (self.ours, self.theirs):
                side.disconnect()
            return None, (b'(connection)',), str(gone).encode(), b''

    def shrink(self, commands, seconds=30):
        """The smallest sequence we find that still disagrees, and its disagreement. None when it does not come again."""
        first = self.replay(commands) or self.replay(commands)
        if not first:
            return None
        best, found, wanted = commands, first, kind_of(first)
        deadline = time.time() + seconds

        def attempt(candidate):
            nonlocal best, found
            if time.time() > deadline:
                return False
            result = self.replay(candidate)
            if result and kind_of(result) == wanted:
                best, found = candidate, result
                if result[0] is not None and result[0] + 1 < len(candidate):
                    best = candidate[:result[0] + 1]
                return True
            return False

        if found[0] is not None:
            attempt(commands[:found[0] + 1])
        for last in (10, 50, 300, 1500):
            if len(best) > last and attempt(best[-last:]):
                break
        size = max(len(best) // 2, 1)
        while time.time() < deadline:
            at, shrunk = 0, False
            while at < len(best):
                if attempt(best[:at] + best[at + size:]):
                    shrunk = True
                else:
                    at += size
            if size == 1 and not shrunk:
                break
            size = max(size // 2, 1)
        for index in range(len(best)):
            if index < len(best) and best[index][0] == SCENE:
                self.shrink_scene(lambda scene: attempt(best[:index] + [scene] + best[index + 1:]), best[index])
            if index >= len(best) or best[index][0][:1] == b'\0':
                continue
            at = len(best[index]) - 1
            while at > 0 and index < len(best):
                words = best[index]
                if at >= len(words):
                    at = len(words) - 1
                    continue
                if not attempt(best[:index] + [words[:at] + words[at + 1:]] + best[index + 1:]) and len(words[at]) > 8:
                    attempt(best[:index] + [words[:at] + (words[at][:4],) + words[at + 1:]] + best[index + 1:])
                at -= 1
        return best, found

    @staticmethod
    def shrink_scene(attempt, scene):
        shrunk = True
        while shrunk:
            shrunk = False
            for candidate in scenes.smaller(scene):
                if attempt(candidate):
                    scene, shrunk = candidate, True
                    break
