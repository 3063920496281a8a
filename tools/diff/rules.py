"""How two replies to the same command may differ and still be the same.

Everything else is compared byte for byte. A rule sees both replies parsed (kind, value) and the words of the command,
and says whether they agree. An error against anything but the same error never agrees.
"""
import wire

SECONDS_TOLERANCE, MILLISECONDS_TOLERANCE = 15, 15000  # one of the two may have been waiting for a processor


def key_of(item):
    return repr(item)


def sorted_array(a, b, words):
    return a[0] == b[0] and isinstance(a[1], list) and isinstance(b[1], list) and \
        sorted(a[1], key=key_of) == sorted(b[1], key=key_of)


def sorted_pairs(a, b, words):
    if a[0] != b[0] or not isinstance(a[1], list) or not isinstance(b[1], list):
        return False
    pairs = lambda items: sorted(zip(items[::2], items[1::2]), key=key_of)
    return pairs(a[1]) == pairs(b[1])


def near(tolerance):
    def check(a, b, words):
        if a[0] != b':' or b[0] != b':':
            return False
        x, y = int(a[1]), int(b[1])
        return x >= 0 and y >= 0 and abs(x - y) <= tolerance
    return check


def same_kind(a, b, words):
    """Random or machine-dependent: only null, array, number or text must agree."""
    return a[0] == b[0] and (a[1] is None) == (b[1] is None) and a[0] != b'-'


def scanned(pairs):
    def check(a, b, words):
        if not (a[0] == b[0] == b'*' and len(a[1] or ()) == len(b[1] or ()) == 2):
            return False
        cursor = words[1] if words[0].upper() == b'SCAN' else words[2] if len(words) > 2 else b''
        if cursor.strip(b'0 ') or a[1][0][1] != b'0' or b[1][0][1] != b'0':
            return True  # a cursor belongs to the server that gave it
        items = (sorted_pairs if pairs else sorted_array)
        return items(a[1][1], b[1][1], words)
    return check


def hscanned(a, b, words):
    """Fields alone with NOVALUES."""
    return scanned(b'NOVALUES' not in [w.upper() for w in words])(a, b, words)


def all_near(tolerance):
    """An array of times, one a field."""
    def check(a, b, words):
        one = near(tolerance)
        return a[0] == b[0] == b'*' and len(a[1]) == len(b[1]) and \
            all(x == y or one(x, y, words) for x, y in zip(a[1], b[1]))
    return check


def relative_conditions(a, b, words):
    """HEXPIRE k 100 GT, see relative_condition."""
    return a[0] == b[0] == b'*' and len(a[1]) == len(b[1]) and any(w.upper() in (b'GT', b'LT') for w in words[3:4])


def dumped(a, b, words):
    """The payloads without version and checksum. CROSS proves that they are understood."""
    return a[0] == b[0] == b'$' and a[1] is not None and b[1] is not None and \
        (a[1][:-10] == b[1][:-10] or a[1][:1] == b[1][:1] != b'\0')


def hello(a, b, words):
    if a[0] != b[0] or not isinstance(a[1], list) or not isinstance(b[1], list):
        return False

    def fields(reply):
        pairs = {k[1]: v for k, v in zip(reply[1][::2], reply[1][1::2])}
        return {k: v for k, v in pairs.items() if k in (b'proto', b'mode', b'role')}
    return fields(a) == fields(b)


def relative_condition(a, b, words):
    """EXPIRE k 100 GT twice within one millisecond answers otherwise than over two."""
    return a[0] == b[0] == b':' and any(w.upper() in (b'GT', b'LT') for w in words[3:])


def sort_ties(a, b, words):
    upper = [w.upper() for w in words]
    if b'BY' in upper and a[0] == b[0] == b'*' and len(a[1]) == len(b[1]):
        return True if b'LIMIT' in upper else sorted_array(a, b, words)
    return False


def about_as_many(a, b, words):
    """DBSIZE counts keys whose time is over and that nothing has removed yet."""
    return a[0] == b[0] == b':' and abs(int(a[1]) - int(b[1])) <= 12


def not_refused(a, b, words):
    """A size, or null where a key whose time is over has been removed already."""
    return a[0] in (b':', b'_', b'$') and b[0] in (b':', b'_', b'$')


def parameters(a, b, words):
    """What both know of; tables.py compares which parameters there are."""
    if a[0] != b[0] or not isinstance(a[1], list) or not isinstance(b[1], list):
        return False
    known = [{k[1]: v for k, v in zip(x[1][::2], x[1][1::2])} for x in (a, b)]
    return all(known[0][name] == known[1][name] for name in set(known[0]) & set(known[1]))


CLIENT_FIELDS = ('name', 'flags', 'db', 'sub', 'psub', 'ssub', 'multi', 'watch', 'cmd', 'user', 'redir', 'resp', 'lib-name', 'lib-ver')


def client_lines(a, b, words):
    """CLIENT LIST and INFO: the same clients in the same state; numbers, addresses and sizes are each server's own."""
    if a[0] != b[0] or a[0] not in (b'$', b'='):
        return False
    lines = [[dict(w.split('=', 1) for w in line.split(' ') if '=' in w) for line in x[1].decode('latin1').replace('txt:', '').splitlines()]
             for x in (a, b)]
    if [w.upper() for w in words[1:3]] == [b'LIST', b'ID']:
        for side in lines:  # Valkey has them in the order of their ids
            side.sort(key=lambda fields: int(fields['id']))
    return len(lines[0]) == len(lines[1]) and all(
        all(x[f] == y[f] for f in CLIENT_FIELDS if f in x and f in y) for x, y in zip(*lines))


def slow_entries(a, b, words):
    """The same commands of the same client; ids, times and addresses are each server's own."""
    if a[0] != b[0] or not isinstance(a[1], list) or not isinstance(b[1], list) or len(a[1]) != len(b[1]):
        return False
    known = lambda entry: [field for at, field in enumerate(entry[1]) if at in (3, 5)]
    return all(known(x) == known(y) and len(x[1]) == len(y[1]) for x, y in zip(a[1], b[1]))


def histograms(a, b, words):
    """The same commands, the same fields."""
    shape = lambda reply: [(name, [f[1] for f in fields[1][::2]]) for name, fields in zip(reply[1][::2], reply[1][1::2])]
    return a[0] == b[0] and isinstance(a[1], list) and sorted(shape(a), key=str) == sorted(shape(b), key=str)


RULES = {
    'slowlog|get': slow_entries, 'latency|histogram': histograms, 'memory|doctor': same_kind,
    'client|list': client_lines, 'client|info': client_lines,
    'dbsize': about_as_many,
    'keys': sorted_array, 'smembers': sorted_array, 'sinter': sorted_array, 'sunion': sorted_array, 'sdiff': sorted_array, 'hkeys': sorted_array,
    'hvals': sorted_array, 'pubsub|channels': sorted_array, 'pubsub|shardchannels': sorted_array, 'hgetall': sorted_pairs, 'config|get': parameters, 'command|count': same_kind,
    'ttl': near(SECONDS_TOLERANCE), 'expiretime': near(SECONDS_TOLERANCE), 'pttl': near(MILLISECONDS_TOLERANCE),
    'pexpiretime': near(MILLISECONDS_TOLERANCE), 'scan': scanned(False), 'sscan': scanned(False), 'hscan': hscanned, 'zscan': scanned(True),
    'randomkey': same_kind, 'srandmember': same_kind, 'hrandfield': same_kind, 'zrandmember': same_kind, 'spop': sorted_array, 'dump': dumped,
    'time': same_kind, 'lastsave': same_kind, 'memory|usage': not_refused, 'object|freq': same_kind, 'object|idletime': same_kind, 'client|id': same_kind,
    'hello': hello, 'expire': relative_condition, 'pexpire': relative_condition, 'expireat': relative_condition, 'pexpireat': relative_condition,
    'httl': all_near(SECONDS_TOLERANCE), 'hexpiretime': all_near(SECONDS_TOLERANCE),
    'hpttl': all_near(MILLISECONDS_TOLERANCE), 'hpexpiretime': all_near(MILLISECONDS_TOLERANCE),
    'hexpire': relative_conditions, 'hpexpire': relative_conditions,
    'sort': sort_ties, 'sort_ro': sort_ties,
}
CONTAINERS = {name.split('|')[0] for name in RULES if '|' in name}


def name_of(words):
    name = words[0].lower().decode('latin1')
    if name in CONTAINERS and len(words) > 1:
        name += '|' + words[1].lower().decode('latin1')
    return name


def agree(ours, theirs, words):
    """Whether two raw replies to `words` count as the same."""
    if ours == theirs:
        return True
    rule = RULES.get(name_of(words))
    if rule is None:
        return False
    a, b = wire.value(ours), wire.value(theirs)
    try:
        return rule(a, b, words)
    except (TypeError, ValueError, IndexError):
        return False


def agree_exec(ours, theirs, queued):
    """EXEC: one reply per queued command, each under its own rule."""
    if ours == theirs:
        return True
    if ours[:1] != b'*' or theirs[:1] != b'*':
        return False
    a = wire.frames(ours[ours.index(b'\r\n') + 2:])
    b = wire.frames(theirs[theirs.index(b'\r\n') + 2:])
    return len(a) == len(b) == len(queued) and all(agree(x, y, w) for x, y, w in zip(a, b, queued))
