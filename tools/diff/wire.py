"""RESP as bytes: writing commands, cutting replies into frames, and showing both to people."""

CRLF = b'\r\n'
SIMPLE = frozenset(b'+-:_,#(')
BULK = frozenset(b'$=!')
PAIRS = frozenset(b'%|')


def encode(words):
    return b'*%d\r\n' % len(words) + b''.join([b'$%d\r\n%b\r\n' % (len(w), w) for w in words])


def frame_end(buffer, at):
    """Where the reply that starts at `at` ends. Raises ValueError when it is cut short or malformed."""
    need = 1
    find = buffer.find
    while need:
        need -= 1
        line_end = find(CRLF, at)
        if line_end < 0:
            raise ValueError('reply cut short at byte %d' % at)
        kind = buffer[at]
        if kind in SIMPLE:
            at = line_end + 2
        elif kind in BULK:
            length = int(buffer[at + 1:line_end])
            at = line_end + 2 if length < 0 else line_end + 4 + length
        elif kind in b'*~>':
            need += max(int(buffer[at + 1:line_end]), 0)
            at = line_end + 2
        elif kind in PAIRS:
            need += 2 * int(buffer[at + 1:line_end]) + (kind == 124)
            at = line_end + 2
        else:
            raise ValueError('unknown reply type at byte %d: %r' % (at, bytes(buffer[at:at + 40])))
    if at > len(buffer):
        raise ValueError('reply cut short')
    return at


def frames(buffer):
    """The replies of a buffer, each as bytes; what does not parse is the last element as it stands."""
    out, at = [], 0
    while at < len(buffer):
        try:
            end = frame_end(buffer, at)
        except ValueError:
            out.append(bytes(buffer[at:]))
            break
        out.append(bytes(buffer[at:end]))
        at = end
    return out


def flat(buffer):
    """The replies of a buffer with arrays opened: the head of each, then its elements."""
    out, at = [], 0
    while at < len(buffer):
        end = buffer.index(b'\r\n', at) + 2 if buffer[at:at + 1] == b'*' else frame_end(buffer, at)
        out.append(buffer[at:end])
        at = end
    return out


def parse(frame, at=0):
    """One reply as (kind, value): value is bytes, None for a null, or a list of replies (a map is a flat list)."""
    line_end = frame.index(CRLF, at)
    kind, line, at = frame[at:at + 1], frame[at + 1:line_end], line_end + 2
    if kind in (b'$', b'=', b'!'):
        length = int(line)
        if length < 0:
            return (kind, None), at
        return (kind, frame[at:at + length]), at + length + 2
    if kind in (b'*', b'~', b'>', b'%', b'|'):
        count = int(line)
        if count < 0:
            return (kind, None), at
        items = []
        for _ in range(count * 2 if kind in (b'%', b'|') else count):
            item, at = parse(frame, at)
            items.append(item)
        return (kind, items), at
    return (kind, line), at


def value(frame):
    try:
        return parse(frame)[0]
    except (ValueError, IndexError):
        return (b'broken', frame)


def quoted(word):
    """A word as redis-cli reads it."""
    text = ''
    plain = bool(word)
    for byte in word:
        char = chr(byte)
        if char in '\\"':
            text += '\\' + char
            plain = False
        elif 32 < byte < 127:
            text += char
            plain = plain and char not in "'#"
        elif char == ' ':
            text += char
            plain = False
        else:
            text += {'\n': '\\n', '\r': '\\r', '\t': '\\t'}.get(char, '\\x%02x' % byte)
            plain = False
    return text if plain else '"%s"' % text


def line(words, limit=2000):
    return ' '.join(quoted(w) if len(w) <= limit else quoted(w[:60]) + '...(%d bytes)' % len(w) for w in words)


def shown(frame, limit=600):
    text = repr(bytes(frame))[2:-1]
    return text if len(text) <= limit else text[:limit] + '... (%d bytes)' % len(frame)


def crc64(data, crc=0):
    """The Jones polynomial, reflected: the checksum at the foot of a DUMP payload."""
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >> 8)
    return crc


def _table():
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x95ac9329ac4bc9b5 if crc & 1 else 0)
        table.append(crc)
    return table


CRC_TABLE = _table()


def with_version(payload, version):
    """A DUMP payload under another RDB version."""
    body = payload[:-10] + version.to_bytes(2, 'little')
    return body + crc64(body).to_bytes(8, 'little')
