"""What servers say of themselves: COMMAND, CONFIG, INFO and HELP of both, compared field by field.

Names that only one side has are told where the other should have them. What a line of `known` explains begins with
(command), (docs), (config), (info), (help) or (list), the name, and the field.
"""
import re
import wire

# What a server keeps to itself, or says of this process.
OWN_FLAGS = {'module', 'skip_monitor', 'skip_slowlog', 'may_replicate', 'no_mandatory_keys'}
OWN_PARAMETERS = {'dir', 'port', 'pidfile', 'unixsocket', 'logfile'}
DOC_FIELDS = ('group', 'since', 'deprecated_since', 'replaced_by', 'doc_flags')
ARGUMENT_FIELDS = ('name', 'type', 'token', 'flags', 'since', 'key_spec_index', 'deprecated_since')
CONTAINERS = ('CLIENT', 'CONFIG', 'COMMAND', 'OBJECT', 'PUBSUB', 'MEMORY', 'LATENCY', 'SLOWLOG', 'CLUSTER', 'MODULE', 'ACL', 'SCRIPT', 'FUNCTION',
              'XINFO', 'XGROUP')


def plain(reply):
    kind, value = reply
    if isinstance(value, list):
        items = [plain(i) for i in value]
        if kind == b'%':
            return {str(k): v for k, v in zip(items[::2], items[1::2])}
        return sorted(items, key=str) if kind == b'~' else items
    if value is None:
        return None
    return int(value) if kind == b':' else value.decode('utf8', 'replace')


def ask(pair, *words):
    """The meaning of both replies, in RESP3."""
    pair.resp3, before = True, pair.resp3
    found = pair.exchange(wire.encode([w.encode() for w in words]))
    pair.resp3 = before
    return [plain(wire.value(x)) for x in found]


def text(value):
    return repr(value).encode()


def commands(pair):
    ours, theirs = ({e[0]: e for e in table} for table in ask(pair, 'COMMAND'))
    for name in sorted(set(ours) & set(theirs)):
        yield from entry(ours[name], theirs[name])


def without_notes(specs):
    return sorted(({k: v for k, v in spec.items() if k != 'notes'} for spec in specs), key=str)


def entry(ours, theirs):
    name = ours[0]
    fields = [('arity', ours[1], theirs[1]), ('flags', sorted(set(ours[2]) - OWN_FLAGS), sorted(set(theirs[2]) - OWN_FLAGS)),
              ('keys', ours[3:6], theirs[3:6]), ('categories', ours[6], theirs[6]), ('tips', ours[7], theirs[7]), ('key-specs', ours[8], without_notes(theirs[8]))]
    for field, a, b in fields:
        yield ('(command)', name, field), a, b
    mine, other = ({s[0]: s for s in e[9]} for e in (ours, theirs))
    for missing in sorted(set(other) - set(mine)):
        yield ('(command)', missing, 'is'), 'missing', 'there'
    for both in sorted(set(mine) & set(other)):
        yield from entry(mine[both], other[both])


def documents(pair):
    ours, theirs = ask(pair, 'COMMAND', 'DOCS')
    for name in sorted(set(ours) & set(theirs)):
        yield from document(name, ours[name], theirs[name])


def document(name, ours, theirs):
    for field in DOC_FIELDS:
        yield ('(docs)', name, field), ours.get(field), theirs.get(field)
    yield from documented(name, '', ours, theirs)
    mine, other = ours.get('subcommands') or {}, theirs.get('subcommands') or {}
    for both in sorted(set(mine) & set(other)):
        yield from document(both, mine[both], other[both])


def documented(name, path, ours, theirs):
    """Their arguments must be among ours, with the same words and flags; ours may be more."""
    mine = {a['name']: a for a in ours.get('arguments') or []}
    for argument in theirs.get('arguments') or []:
        here = path + '/' + argument['name']
        if argument['name'] not in mine:
            yield ('(docs)', name, here), 'missing', 'there'
            continue
        found = mine[argument['name']]
        for field in ARGUMENT_FIELDS:
            yield ('(docs)', name, here + '.' + field), found.get(field), argument.get(field)
        yield from documented(name, here, found, argument)


def lists(pair):
    every = [set(names) for names in ask(pair, 'COMMAND', 'LIST')]
    both = every[0] & every[1]
    categories = sorted({c for table in ask(pair, 'COMMAND') for e in table for c in e[6]})
    for filters in [('ACLCAT', c.lstrip('@')) for c in categories] + [('PATTERN', 'c*'), ('PATTERN', '*|*'), ('MODULE', 'nosuch'), ('ACLCAT', 'nosuch')]:
        a, b = (sorted(set(names) & both) for names in ask(pair, 'COMMAND', 'LIST', 'FILTERBY', *filters))
        yield ('(list)',) + filters, a, b


def parameters(pair):
    ours, theirs = ask(pair, 'CONFIG', 'GET', '*')
    for name in sorted(set(theirs) - OWN_PARAMETERS):
        yield ('(config)', name, 'value'), ours.get(name), theirs[name]


def kind_of(value):
    """What sort of text a field of INFO is."""
    for kind, pattern in (('integer', r'-?\d+'), ('number', r'-?\d+\.\d+(%|e[+-]?\d+)?'), ('size', r'\d+(\.\d+)?[BKMGT]'), ('pairs', r'\w[^=]*=.*'), ('empty', '')):
        if re.fullmatch(pattern, value):
            return kind
    return 'text'


def information(pair):
    sides = []
    for reply in ask(pair, 'INFO', 'everything'):
        section, fields = '', {}
        for line in reply.replace('txt:', '', 1).splitlines():
            if line.startswith('# '):
                section = line[2:].strip()
                fields['section.' + section] = ''
            elif ':' in line:
                name, value = line.split(':', 1)
                fields[section + '.' + re.sub(r'^(cmdstat|errorstat|latency_percentiles_usec|db)\w*(\|\w+)?', r'\1', name)] = value
        sides.append(fields)
    ours, theirs = sides
    for name in sorted(set(theirs)):
        yield ('(info)', name, 'is'), 'there' if name in ours else 'missing', 'there'
        if name in ours:
            yield ('(info)', name, 'kind'), kind_of(ours[name]), kind_of(theirs[name])


def helps(pair):
    for name in CONTAINERS:
        ours, theirs = ask(pair, name, 'HELP')
        if not isinstance(ours, list) or not isinstance(theirs, list):
            yield ('(help)', name, 'is'), type(ours).__name__, type(theirs).__name__
            continue
        yield ('(help)', name, 'first'), ours[0], theirs[0]
        yield ('(help)', name, 'last'), ours[-2:], theirs[-2:]
        # The sentences are each server's own; what can be asked for is compared by its first word.
        a, b = ({line.split(' ')[0] for line in lines[1:] if not line.startswith(' ')} for lines in (ours, theirs))
        yield ('(help)', name, 'words-missing'), sorted(b - a), []


TABLES = (commands, documents, lists, parameters, information, helps)


def differences(pair):
    """Yields (words, ours, theirs) of all that differs and that no line of `known` explains."""
    pair.fresh()
    for table in TABLES:
        for words, a, b in table(pair):
            words = tuple(w.replace(' ', '-').encode() for w in words)
            if a != b and not pair.known.covers(words, text(a), text(b)):
                yield words, text(a), text(b)
