"""Values that find faults: per kind of argument, the ordinary mixed with the nasty.

Every pool is a list of bytes; `Values` picks. To teach the tester an argument, add a line to BY_COMMAND or BY_NAME.
"""
import random

INT64 = [b'9223372036854775807', b'-9223372036854775808', b'9223372036854775808', b'-9223372036854775809',
         b'9223372036854775806', b'-9223372036854775807', b'18446744073709551615', b'18446744073709551616']
NOT_INTEGERS = [b'', b'abc', b'1.5', b'+1', b' 1', b'1 ', b'0x10', b'-0', b'00', b'01', b'-01', b'1e3', b'-', b'+', b'--1',
                b'1\x00', b'\x00', b'1' * 25, b'-' + b'1' * 25, b'9' * 19, b'9' * 20, b'inf', b'nan', b'1,0']
SMALL = [b'0', b'1', b'-1', b'2', b'3', b'-2', b'5', b'7', b'10', b'100', b'-100', b'12345', b'255', b'256', b'1000000']
INTEGERS = SMALL * 6 + INT64 + NOT_INTEGERS + [b'2147483647', b'2147483648', b'-2147483648', b'-2147483649',
                                               b'4294967295', b'4294967296']
INDEXES = [b'0', b'1', b'-1', b'2', b'-2', b'3', b'5', b'-5', b'10', b'-10', b'100', b'-100', b'1000', b'-1000'] * 5 \
    + INT64 + NOT_INTEGERS
COUNTS = [b'0', b'1', b'2', b'3', b'10', b'-1', b'-3', b'100'] * 5 + [INT64[0], INT64[2], b'abc', b'', b'1.5']
DOUBLES = [b'0', b'1', b'-1', b'1.5', b'-1.5', b'3.0', b'0.1', b'0.2', b'5.0e3', b'1e10', b'-1e-10', b'100', b'3',
           b'2.718281828459045', b'1e17', b'123456789.123456789'] * 3 + \
    [b'1e400', b'-1e400', b'1e-320', b'1e308', b'1.7976931348623157e308', b'4.9e-324', b'inf', b'-inf', b'+inf', b'Infinity',
     b'nan', b'-nan', b'NaN', b'', b'abc', b' 1', b'1 ', b'+1', b'.5', b'5.', b'-.5', b'1e', b'1e+', b'0x1p3', b'0x10', b'-0',
     b'-0.0', b'1.5x', b'1\x00', b'0.' + b'0' * 40 + b'1', b'9' * 40, b'9' * 300, b'9007199254740993', b'1e18',
     b'9223372036854775808', b'-9223372036854775808', b'17179869184.5', b'1e21', b'123e-2']
# Relative times are far away or gone already: nothing ends while a sequence runs.
SECONDS = [b'100', b'1000', b'86400', b'10000000', b'300'] * 5 + \
    [b'0', b'-1', b'-100', b'9223372036854775', b'9223372036854776', b'9223370000000000', b'abc', b'', b'1.5', b'+100', b' 100',
     b'0100'] + INT64
MILLISECONDS = [b'100000', b'1000000', b'86400000', b'250000'] * 5 + \
    [b'0', b'-1', b'-100000', b'9223370399119966977', b'9223370000000000000', b'abc', b'', b'1.5', b'-0'] + INT64
UNIX_SECONDS = [b'33177117420', b'33177117421', b'4102444800', b'99999999999'] * 5 + \
    [b'1', b'0', b'-1', b'1000000000', b'9223372036854775', b'9223372036854776', b'abc', b'', b'1.5'] + INT64
UNIX_MILLISECONDS = [b'33177117420000', b'33177117420001', b'4102444800000', b'99999999999999'] * 5 + \
    [b'1', b'0', b'-1', b'1000000000000', b'abc', b'', b'1.5'] + INT64
STRINGS = [b'', b'a', b'b', b'ab', b'abc', b'hello', b'foobar', b'0', b'1', b'-1', b'10', b'42', b'12345', b'3.25', b'-7.5', b'9999', b'10000',
           b'9223372036854775807', b'-9223372036854775808', b'9223372036854775808', b'007', b'-0', b'+5', b' 5', b'5 ', b'1e5', b'inf', b'nan',
           b'\x00', b'\xff', b'\x00\xff\x80\r\n', b'a b', b'"quoted"', b'\xc3\xa9', b'x' * 43, b'x' * 44, b'x' * 45, b'y' * 64, b'z' * 127,
           b'z' * 128, b'ab' * 200, b'abcdefghijklmnopqrstuvwxyz' * 4, bytes(range(256)), b'q' * 1000, b'2147483647', b'4294967296', b'00000',
           b'3.0', b'0.1', b'1' * 20, b'1' * 21, b'1' * 22, b'nx', b'EX', b'GET', b'*', b'-inf', b'true', b'null', b'\r\n', b'OK']
STRINGS = STRINGS + STRINGS[:18] * 3
ODD_KEYS = [b'', b'\x00\xff\r\n', b'k' * 300, b'{tag}a', b'{tag}b', b'a b', b'*', b'\xf0\x9f\x94\x91', b'{}x', b'1']
PATTERNS = [b'*', b's*', b'?1', b's?', b'[a-e]*', b'[^s]*', b'\\*', b'', b'[', b's[', b'*[a-', b's[01]', b'**', b'*0', b's\\0', b'[\\]]', b'?',
            b'\xff*', b'[^', b'[z-a]1', b's[0-9]*', b'{tag}*', b'*' * 20 + b'a', b'[]', b'[a', b'\\', b'*\\', b'news.*', b'h?llo', b'c*']
CHANNELS = [b'c1', b'c2', b'news.a', b'news.b', b'', b'\x00\xff', b'hello', b'hallo', b's0', b'{tag}c']
MEMBERS = [b'a', b'b', b'c', b'd', b'e', b'f', b'1', b'2', b'3', b'-5', b'', b'10', b'x' * 64, b'x' * 65, b'\x00\xff', b'1.0', b'9223372036854775807',
           b'9223372036854775808', b'007', b'longer member']
FIELDS = [b'f1', b'f2', b'f3', b'f4', b'', b'\x00\xff', b'1', b'f' * 65]
BIT_OFFSETS = [b'0', b'1', b'2', b'7', b'8', b'9', b'15', b'63', b'64', b'65', b'100', b'1000', b'5000'] * 4 + \
    [b'-1', b'4294967296', b'4294967295000', b'abc', b'', b'1.5', b'01', b'+1'] + INT64
FIELD_OFFSETS = BIT_OFFSETS + [b'#0', b'#1', b'#2', b'#10', b'#-1', b'#', b'#abc', b'#4294967296', b'#9223372036854775807'] * 2
ENCODINGS = [b'u1', b'u2', b'u4', b'u8', b'u16', b'u32', b'u63', b'i1', b'i2', b'i5', b'i8', b'i16', b'i32', b'i63', b'i64', b'U8', b'I8'] * 3 + \
    [b'u64', b'i65', b'u0', b'i0', b'u', b'i', b'8', b'x8', b'u-1', b'', b'u8x', b'i 8', b'u08']
STRING_OFFSETS = [b'0', b'1', b'2', b'5', b'10', b'44', b'100', b'500'] * 5 + \
    [b'-1', b'536870912', b'536870913', b'4294967296', b'abc', b'', b'1.5'] + INT64
DATABASES = [b'0', b'1', b'2', b'3'] * 6 + [b'15', b'16', b'-1', b'abc', b'', b'1.5', b'9223372036854775807', b'00']
CURSORS = [b'0'] * 12 + [b'1', b'17', b'abc', b'', b'-1', b'18446744073709551615', b'18446744073709551616', b'00', b' 0', b'0x']
SCAN_COUNTS = [b'100000'] * 8 + [b'0', b'-1', b'abc', b'', b'9223372036854775807', b'1.5', b'50000']
TYPES = [b'string', b'list', b'set', b'zset', b'hash', b'stream', b'STRING', b'nosuch', b'']
GEO = [b'13.361389', b'38.115556', b'15.087269', b'37.502669', b'0', b'-180', b'180', b'85.05112878', b'85.06', b'181', b'abc', b'2.5', b'nan']
SCORES = DOUBLES
SCORE_RANGES = [b'-inf', b'+inf', b'0', b'1', b'(1', b'5', b'(5', b'10', b'inf', b'(inf', b'-1', b'1.5', b'(nan', b'nan', b'abc', b'', b'(', b'100']
LEX_RANGES = [b'-', b'+', b'[a', b'(a', b'[c', b'(c', b'[z', b'', b'a', b'[', b'(', b'+x', b'--']
STREAM_IDS = [b'1-1', b'1-2', b'2-0', b'3-5', b'5', b'5-0', b'10-10', b'0', b'0-0', b'0-1', b'abc', b'', b'1-', b'-1', b'1-1-1', b'7-*', b'100-1',
              b'18446744073709551615-18446744073709551615', b'18446744073709551616-0', b'200-7', b'300-1', b'400-1']
STREAM_RANGES = STREAM_IDS + [b'-', b'+', b'(1-1', b'(5', b'$', b'(-']
PASSWORDS = [b'secret', b'', b'default', b'x' * 100]
NAMES = [b'name', b'app-1', b'', b'with space', b'new\nline', b'\xff', b'x' * 100, b'a=b']
PROTOVERS = [b'2', b'3', b'3', b'2', b'1', b'4', b'abc', b'', b'-3', b'3.0', b'9223372036854775807']
BITS = [b'0', b'1'] * 6 + [b'2', b'-1', b'', b'abc', b'01', b'10']
LIMITS = [b'0', b'1', b'2', b'5', b'10', b'-1', b'100', b'abc', b'', b'9223372036854775807']
SORT_BY = [b'nosort', b's*', b'*', b'h*->f1', b'x', b'', b's*->', b'nosuch*', b'h*->nofield']
SORT_GET = [b'#', b's*', b'h*->f1', b'*', b'x', b'', b'nosuch*']
FREE_TEXT = STRINGS


def compressible():
    """Of the shapes that compression meets: runs, periods, words again and again, noise between, lengths around its limits."""
    noise, out = random.Random(20), []
    letters = lambda count: bytes(noise.randrange(97, 123) for _ in range(count))
    for length in (19, 20, 21, 22, 32, 33, 63, 64, 65, 100, 255, 256, 257, 263, 264, 265, 300, 500, 1000, 2000, 4095, 4096, 8191, 8192, 8193, 9000, 20000, 70000):
        base = bytes(noise.randrange(256) for _ in range(noise.randrange(1, 40)))
        vocabulary = [letters(noise.randrange(1, 12)) for _ in range(20)]
        out += [(base * length)[:length], b' '.join(noise.choice(vocabulary) for _ in range(length))[:length],
                bytes(noise.choice(b'ab') if noise.random() < 0.9 else noise.randrange(256) for _ in range(length)), bytes(noise.randrange(256) for _ in range(length))]
    return out


COMPRESSIBLE = compressible()
BIT_OPERATIONS = [b'AND', b'OR', b'XOR', b'NOT'] * 4 + [b'and', b'Not', b'NAND', b'']
PAYLOADS = [b'', b'x', b'\x00' * 20]  # the tester adds what both servers can restore
TIMEOUTS = [b'0.01', b'0.001', b'-1', b'abc', b'nan', b'inf', b'0.002', b'1e400']

# The commands whose keys live together, so that types mostly fit and sometimes collide.
HOMES = {
    'string': [b's0', b's1', b's2', b's3', b's4', b's5'], 'bitmap': [b's0', b's1', b's2', b'b0', b'b1', b'b2'],
    'hyperloglog': [b'p0', b'p1', b'p2'], 'list': [b'l0', b'l1', b'l2'], 'set': [b'e0', b'e1', b'e2'], 'sorted-set': [b'z0', b'z1', b'z2'],
    'geo': [b'z1', b'z2', b'g0'], 'hash': [b'h0', b'h1', b'h2'], 'stream': [b'x0', b'x1'],
}

# (command, @WORD before it) first, then (command, argument name), the name alone, the documented type.
BY_COMMAND = {
    ('setrange', 'offset'): STRING_OFFSETS, ('setbit', 'offset'): BIT_OFFSETS, ('getbit', 'offset'): BIT_OFFSETS, ('setbit', 'value'): BITS,
    ('bitfield', 'value'): INTEGERS, ('bitfield', 'increment'): INTEGERS, ('bitfield', 'offset'): FIELD_OFFSETS,
    ('bitfield_ro', 'offset'): FIELD_OFFSETS, ('bitpos', 'bit'): BITS, ('bitfield', 'encoding'): ENCODINGS, ('bitfield_ro', 'encoding'): ENCODINGS,
    ('select', 'index'): DATABASES, ('move', 'db'): DATABASES, ('copy', 'destination-db'): DATABASES, ('swapdb', 'index1'): DATABASES,
    ('swapdb', 'index2'): DATABASES, ('scan', 'count'): SCAN_COUNTS, ('sscan', 'count'): SCAN_COUNTS, ('hscan', 'count'): SCAN_COUNTS,
    ('zscan', 'count'): SCAN_COUNTS, ('scan', 'type'): TYPES, ('sort', 'by-pattern'): SORT_BY, ('sort_ro', 'by-pattern'): SORT_BY,
    ('sort', 'get-pattern'): SORT_GET, ('sort_ro', 'get-pattern'): SORT_GET, ('hello', 'protover'): PROTOVERS, ('hello', 'clientname'): NAMES,
    ('client|setname', 'connection-name'): NAMES, ('client|setinfo', 'libname'): NAMES, ('client|setinfo', 'libver'): NAMES,
    ('copy', '@db'): DATABASES, ('restore', 'ttl'): MILLISECONDS + [b'0'] * 30, ('restore', '@idletime'): [b'0', b'5', b'100', b'-1', b'abc'],
    ('restore', '@freq'): [b'0', b'5', b'255', b'256', b'-1', b'abc'], ('lcs', 'min-match-len'): COUNTS,
    ('pexpireat', 'unix-time-milliseconds'): UNIX_MILLISECONDS, ('psetex', 'milliseconds'): MILLISECONDS,
    ('spop', 'count'): [b'0', b'100000', b'-1', b'abc', b''], ('zadd', 'score'): SCORES, ('zincrby', 'increment'): SCORES,
    ('hincrby', 'increment'): INTEGERS, ('client|unblock', 'client-id'): [b'9999999', b'-1', b'abc', b'', b'0'],
    ('wait', 'numreplicas'): [b'0', b'-1', b'abc', b''], ('wait', 'timeout'): [b'1', b'-1', b'abc', b'0'],
    ('memory|usage', 'count'): COUNTS, ('lpop', 'count'): COUNTS, ('rpop', 'count'): COUNTS,
}
BY_NAME = {
    'value': STRINGS, 'comparison-value': STRINGS, 'string': STRINGS, 'message': STRINGS, 'seconds': SECONDS, 'milliseconds': MILLISECONDS,
    'unix-time-seconds': UNIX_SECONDS, 'unix-time-milliseconds': UNIX_MILLISECONDS, 'start': INDEXES, 'end': INDEXES, 'stop': INDEXES,
    'index': INDEXES, 'offset': LIMITS, 'count': COUNTS, 'cursor': CURSORS, 'encoding': ENCODINGS, 'channel': CHANNELS, 'shardchannel': CHANNELS,
    'member': MEMBERS, 'element': MEMBERS, 'pivot': MEMBERS, 'field': FIELDS, 'score': SCORES, 'weight': DOUBLES, 'longitude': GEO, 'latitude': GEO,
    'radius': [b'100', b'0', b'-1', b'abc', b'1e9', b'nan'], 'id': STREAM_IDS, 'username': [b'default', b'nobody', b''], 'password': PASSWORDS,
    'arg': STRINGS, 'timeout': TIMEOUTS, 'limit': LIMITS, 'min-match-len': COUNTS, 'min': SCORE_RANGES, 'max': SCORE_RANGES, 'threshold': STREAM_IDS,
    'group': [b'g1', b'g2', b''], 'consumer': [b'c1', b'c2'], 'increment': INTEGERS, 'decrement': INTEGERS,
}
BY_TYPE = {'integer': INTEGERS, 'double': DOUBLES, 'string': STRINGS, 'pattern': PATTERNS, 'unix-time': UNIX_SECONDS, 'key': None}
LEX_COMMANDS = ('zrangebylex', 'zrevrangebylex', 'zlexcount', 'zremrangebylex')


def pool(command, argument):
    """The list of bytes an argument draws from; None for a key."""
    name, kind = argument['name'].lower(), argument['type']
    if kind == 'key':
        return None
    if command in LEX_COMMANDS and name in ('min', 'max'):
        return LEX_RANGES
    if command in ('incrbyfloat', 'hincrbyfloat') and name == 'increment':
        return DOUBLES
    if command in ('xrange', 'xrevrange', 'xpending') and name in ('start', 'end'):
        return STREAM_RANGES
    token = argument.get('token')
    found = token and BY_COMMAND.get((command, '@' + token.lower())) or BY_COMMAND.get((command, name)) or BY_NAME.get(name)
    if found and kind == 'double' and found is INTEGERS:
        found = DOUBLES
    return found or BY_TYPE.get(kind, STRINGS)
