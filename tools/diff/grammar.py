"""Random commands, made from the argument docs of the server under test.

What the other server does not know is left out: commands by name, options by their words. A `Grammar` gives *units*:
short tuples of commands that belong together (one command, a transaction, an expiry with its wait).
A command is a tuple of bytes; the pseudo-commands below are steps of the tester itself.
"""
import random
import values

END = b'\0end'      # (END, key): the key gets a time of life that is over before the next step
CUT = b'\0cut'      # (CUT,): one pipeline ends here with RESET, another begins
CROSS = b'\0cross'  # (CROSS, key, copy): each server RESTOREs what the other DUMPed

WALK = b'\0walk'    # (WALK, database, word...): SCAN from 0 until it is 0 again, with these words

GROUPS = ['string', 'bitmap', 'hyperloglog', 'sorted-set', 'geo', 'generic', 'pubsub', 'transactions', 'connection', 'server', 'errors']
READY_LATER = ['hash', 'list', 'set', 'stream']

# Only these of the groups that hold dangerous or machine-dependent commands.
ALLOWED = {
    'connection': ['auth', 'echo', 'hello', 'ping', 'reset', 'select', 'client|getname', 'client|setname', 'client|setinfo', 'client|no-evict',
                   'client|no-touch', 'client|getredir', 'client|trackinginfo', 'client|unblock', 'client|id'],
    'server': ['dbsize', 'flushall', 'flushdb', 'swapdb', 'time', 'command|getkeys', 'command|getkeysandflags', 'memory|usage', 'lastsave'],
}
# Left out of their groups: they block, end the connection, or answer with what depends on the machine.
REFUSED = {'migrate', 'waitaof', 'pubsub|help', 'object|help', 'xautoclaim', 'xclaim', 'blpop', 'brpop', 'brpoplpush', 'blmove', 'blmpop',
           'bzpopmin', 'bzpopmax', 'bzmpop', 'xread', 'xreadgroup', 'xgroup|help', 'xinfo|help', 'pfselftest', 'pfdebug', 'exec', 'quit',
           'xsetid', 'wait', 'restore-asking'}
WEIGHT = {'flushall': 0.2, 'flushdb': 0.2, 'swapdb': 0.3, 'select': 3, 'move': 3, 'reset': 1, 'hello': 2, 'auth': 1, 'multi': 0.5, 'discard': 1,
          'lcs': 3, 'set': 25, 'get': 15, 'del': 12, 'unlink': 5, 'keys': 3, 'scan': 4, 'dump': 6, 'restore': 8, 'bitfield': 20, 'bitop': 15,
          'time': 0.3, 'lastsave': 0.3, 'client|id': 0.3, 'sort': 8, 'sort_ro': 8, 'incrbyfloat': 15, 'wait': 0.3, 'expire': 12, 'pfadd': 20,
          'pfmerge': 12, 'command|getkeys': 6, 'command|getkeysandflags': 6, 'flushslots': 0, 'randomkey': 2}
PUBSUB = ('subscribe', 'psubscribe', 'ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe')
# Optional arguments that are always given: without them the outcome is random and the states would part.
ALWAYS = {('spop', 'count')}
# Words that are never sent: what they make depends on the clock.
CLOCK_WORDS = {'xadd': {'*'}}
# Words of string arguments that older docs do not spell out.
UNDOCUMENTED_WORDS = {'bitop': {'AND', 'OR', 'XOR', 'NOT'}}


def words_of(arguments):
    found = set()
    for argument in arguments or []:
        if argument.get('token'):
            found.add(argument['token'].upper())
        found |= words_of(argument.get('arguments'))
    return found


def known_by_both(argument, words):
    """The argument without what the other server lacks, or None when nothing is left."""
    if argument.get('token') and argument['token'].upper() not in words:
        return None
    if 'arguments' not in argument:
        return argument
    parts = [known_by_both(part, words) for part in argument['arguments']]
    if argument['type'] != 'oneof' and any(p is None and 'optional' not in a.get('flags', []) for p, a in zip(parts, argument['arguments'])):
        return None
    parts = [p for p in parts if p is not None]
    return dict(argument, arguments=parts) if parts else None


class Grammar:
    def __init__(self, ours, theirs, groups, seed, never=()):
        """ours, theirs: {'command': {name: info}, 'docs': {name: doc}} of the two servers."""
        self.random = random.Random(seed)
        self.chance = self.random.random
        self.never = never
        self.home = values.HOMES['string']
        self.all_keys = [k for g in groups for k in values.HOMES.get(g, [])] or values.HOMES['string']
        self.all_keys += values.HOMES['string'] * 2
        self.pending = 0
        self.lacking = []
        self.makers, self.pubsub, weights = [], [], []
        self.errors = 'errors' in groups
        self.arities = []
        for group in groups:
            for name, info, doc, their_doc in self.commands_of(ours, theirs, group):
                made = (name, group, self.maker(name, group, doc, their_doc))
                if group == 'pubsub':
                    self.pubsub.append(made)
                if name not in PUBSUB:
                    self.makers.append(made)
                    weights.append(WEIGHT.get(name, 8))
        self.total, self.bounds = 0, []
        for weight in weights:
            self.total += weight
            self.bounds.append(self.total)
        self.indices = range(len(self.makers))
        self.keyed = [m for m in self.makers if m[1] not in ('transactions', 'connection', 'server', 'pubsub')] or self.makers
        both = set(ours['command']) & set(theirs['command'])
        for name in sorted(both):
            a, b = ours['command'][name], theirs['command'][name]
            if a['arity'] == b['arity']:
                self.arities.append(([name.encode()], a['arity']))
            for sub in sorted(set(a['subcommands']) & set(b['subcommands'])):
                if a['subcommands'][sub]['arity'] == b['subcommands'][sub]['arity']:
                    self.arities.append((sub.encode().split(b'|'), a['subcommands'][sub]['arity']))
        self.containers = [n.encode() for n in sorted(both) if ours['command'][n]['subcommands'] and theirs['command'][n]['subcommands']]

    def commands_of(self, ours, theirs, group):
        for name in sorted(ours['docs']):
            doc = ours['docs'][name]
            if doc.get('group') != group or name in REFUSED:
                continue
            if name not in theirs['docs']:
                self.lacking.append(name)
                continue
            subs = doc.get('subcommands') or {}
            if not subs:
                if group not in ALLOWED or name in ALLOWED[group]:
                    yield name, ours['command'].get(name), doc, theirs['docs'][name]
            for sub in sorted(subs):
                if sub in REFUSED or (group in ALLOWED and sub not in ALLOWED[group]):
                    continue
                their_sub = (theirs['docs'][name].get('subcommands') or {}).get(sub)
                if their_sub is None:
                    self.lacking.append(sub)
                else:
                    yield sub, None, subs[sub], their_sub

    # --- from docs to closures: each appends its words to a list ---

    def maker(self, name, group, doc, their_doc):
        words = (words_of(their_doc.get('arguments')) | UNDOCUMENTED_WORDS.get(name, set())) - CLOCK_WORDS.get(name, set())
        parts = [known_by_both(a, words) for a in doc.get('arguments') or []]
        parts = [p for p in parts if p]
        plain = [self.compile(name, p) for p in parts]
        loose = [bool(p.get('token') or words_of(p.get('arguments'))) and 'optional' in p.get('flags', []) for p in parts]
        head = [w.encode() for w in name.upper().split('|')]
        first_option = next((i for i, l in enumerate(loose) if all(loose[i:])), len(parts))
        home = values.HOMES.get(group)
        option_count = len(parts) - first_option

        def make():
            self.home = home or self.all_keys
            out = list(head)
            for part in plain[:first_option]:
                part(out)
            if option_count:
                options = plain[first_option:]
                if option_count > 1 and self.chance() < 0.4:
                    options = self.random.sample(options, option_count)
                for part in options:
                    part(out)
            self.pending = 0
            return out
        return make

    def compile(self, command, argument):
        flags = argument.get('flags', [])
        kind, token = argument['type'], argument.get('token')
        base = self.base(command, argument)
        word = token.encode() if token is not None else None
        if kind == 'pure-token':
            base = lambda out: out.append(word)
        if 'multiple_token' in flags:
            def repeated(out):
                for _ in range(int(self.chance() * 2.5) + 1):
                    out.append(word)
                    base(out)
        elif 'multiple' in flags:
            def repeated(out):
                if word is not None and kind != 'pure-token':
                    out.append(word)
                count, self.pending = (self.pending, 0) if self.pending else (int(self.chance() * self.chance() * 4.2) + 1, 0)
                for _ in range(count):
                    base(out)
        elif word is not None and kind != 'pure-token':
            def repeated(out):
                out.append(word)
                base(out)
        else:
            repeated = base
        if 'optional' not in flags or (command, argument['name'].lower()) in ALWAYS:
            return repeated
        likely = 0.6 if 'multiple' in flags else 0.3
        multiple = 'multiple' in flags

        def optional(out):
            if self.chance() < likely or (multiple and self.pending):
                repeated(out)
        return optional

    def base(self, command, argument):
        kind = argument['type']
        if kind == 'oneof':
            parts = [self.compile(command, dict(a, flags=[f for f in a.get('flags', []) if f != 'optional'])) for a in argument['arguments']]
            return lambda out: parts[int(self.chance() * len(parts))](out)
        if kind == 'block':
            parts = [self.compile(command, a) for a in argument['arguments']]

            def block(out):
                for part in parts:
                    part(out)
            return block
        if kind == 'pure-token':
            return None
        if kind == 'key':
            return lambda out: out.append(self.key())
        if argument['name'].lower() in ('numkeys', 'numfields'):
            def numkeys(out):
                count = int(self.chance() * 3) + 1
                if self.chance() < 0.92:
                    out.append(b'%d' % count)
                    self.pending = count
                else:
                    out.append(self.pick(values.COUNTS))
            return numkeys
        if (command, argument['name']) in (('command|getkeys', 'command'), ('command|getkeysandflags', 'command')):
            def inner(out):
                out.extend(self.keyed[int(self.chance() * len(self.keyed))][2]())
                self.pending = 0
            return inner
        if command in ('command|getkeys', 'command|getkeysandflags'):
            return lambda out: None
        pool = values.pool(command, argument)
        return lambda out: out.append(pool[int(self.chance() * len(pool))])

    def pick(self, pool):
        return pool[int(self.chance() * len(pool))]

    def key(self):
        roll = self.chance()
        if roll < 0.80:
            return self.pick(self.home)
        return self.pick(self.all_keys) if roll < 0.97 else self.pick(values.ODD_KEYS)

    # --- units ---

    def command(self, makers=None):
        """One command, sometimes bent."""
        if makers:
            words = makers[int(self.chance() * len(makers))][2]()
        else:
            words = self.makers[self.random.choices(self.indices, cum_weights=self.bounds)[0]][2]()
        roll = self.chance()
        if roll < 0.10:
            words = self.bent(words)
            if words[0].upper() == b'COMMAND' and len(words) < 3:
                return self.command(makers)
        words = tuple(words)
        for pattern in self.never.get(words[0].lower(), ()) if self.never else ():
            if pattern(words):
                return self.command(makers)
        return words

    def bent(self, words):
        """A way to be wrong: missing, extra, doubled, swapped, foreign or wrong-case words."""
        how = int(self.chance() * 9)
        last = len(words) - 1
        at = 1 + int(self.chance() * last) if last else 0
        if how == 0 and last:
            return words[:at]
        if how == 1:
            return words + [self.pick(values.STRINGS)]
        if how == 2 and last:
            return words[:at + 1] + words[at:]
        if how == 3 and last > 1:
            words[at], words[last] = words[last], words[at]
        elif how == 4 and last:
            words[at] = self.pick(values.NOT_INTEGERS)
        elif how == 5 and last:
            words[at] = self.pick(values.STRINGS)
        elif how == 6:
            return [w.lower() if w.isalpha() and w.isupper() else w for w in words]
        elif how == 7:
            return [w.swapcase() if i % 2 == 0 and len(w) < 16 and w.isupper() else w for i, w in enumerate(words)]
        elif how == 8 and last > 1:
            tail = words[2:]
            return words + tail
        return words

    def wrong(self):
        """A call that must be refused before it runs."""
        roll = self.chance()
        if roll < 0.70 and self.arities:
            name, arity = self.pick(self.arities)
            if arity > 0:
                count = max(len(name), arity + self.pick([-1, 1, 2, -2]))
            else:
                count = int(self.chance() * -arity)
            if count < len(name) or count == arity or (arity < 0 and count >= -arity):
                return (b'GET',)
            return tuple(name) + tuple(self.pick(values.STRINGS) for _ in range(count - len(name)))
        if roll < 0.85 and self.containers:
            return (self.pick(self.containers), self.pick([b'NOSUCH', b'', b'\x00', b'x' * 200, b'get key', b"a'b", b'\xff']))
        name = self.pick([b'NOSUCH', b'', b'FOO BAR', b'x' * 200, b'get\r\n', b'\xff\x00', b"it's", b'GETT', b'SET ', b'command|count', b'client|id',
                          b'config|get'])
        return (name,) + tuple(self.pick(values.STRINGS) for _ in range(int(self.chance() * 4)))

    def unit(self):
        roll = self.chance()
        if self.errors and roll < 0.03:
            return (self.wrong(),)
        if roll < 0.045:
            return self.transaction()
        if roll < 0.0455:
            key = self.key()
            return ((END, key), (b'EXISTS', key))
        if roll < 0.0475:
            return ((CROSS, self.key(), self.key()),)
        if roll < 0.0480:
            return (self.walk(),)
        if roll < 0.0485:
            key, copy = self.key(), self.key()  # not left behind: LCS of two of them would take seconds
            return ((b'SET', key, self.pick(values.COMPRESSIBLE)), (b'DUMP', key), (CROSS, key, copy), (b'DEL', key, copy))
        return (self.command(),)

    def walk(self):
        words = [WALK, self.pick([b'0', b'0', b'0', b'1', b'2', b'15'])]
        for word, pool in ((b'COUNT', [b'1', b'2', b'3', b'10', b'1000']), (b'MATCH', values.PATTERNS), (b'TYPE', values.TYPES)):
            if self.chance() < 0.5:
                words += [word, self.pick(pool)]
        return tuple(words)

    def transaction(self):
        unit = []
        if self.chance() < 0.35:
            unit.append((b'WATCH', self.key()))
            if self.chance() < 0.5:
                unit.append(self.command(self.keyed))
        unit.append((b'MULTI',))
        for _ in range(int(self.chance() * 5)):
            unit.append(self.wrong() if self.errors and self.chance() < 0.03 else self.command())
        unit.append((b'DISCARD',) if self.chance() < 0.15 else (b'EXEC',) + ((b'extra',) if self.chance() < 0.03 else ()))
        return tuple(unit)

    def pubsub_unit(self):
        roll = self.chance()
        if roll < 0.05:
            return ((b'MULTI',), self.command(self.pubsub), (b'APPEND', self.key(), b'x'), self.command(self.pubsub), (b'EXEC',))
        return self.unit() if roll < 0.35 else (self.command(self.pubsub),)
