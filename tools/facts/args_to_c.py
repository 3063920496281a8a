#!/usr/bin/env python3
"""Turns the COMMAND and COMMAND DOCS of the peers into C text for our command declarations.

  tools/facts/args_to_c.py FACTS_DIR [GROUP ...] [--out DIR]

FACTS_DIR holds command-redis7.json, command-redis8.json and command-valkey.json, as tools/facts/dump writes
them. For every group the union of the three is printed (or written to DIR/c-GROUP.txt); what only some of
them know is marked by a comment. Summaries stay empty: they are ours to write. It is a starting point for an
author, never part of the build.
"""
import argparse, json, os, sys

PEERS = ['redis7', 'redis8', 'valkey']
TITLE = {'redis7': 'Redis 7.0', 'redis8': 'Redis 8', 'valkey': 'Valkey'}

# The words of the declaration grammar in one place, so that a change of commands/command.h is a change here.
WORD = {'key': 'KEY', 'string': 'STRING', 'integer': 'INTEGER', 'double': 'DOUBLE', 'pattern': 'PATTERN',
        'unix-time': 'UNIX_TIME'}


def quoted(text):
    return '"%s"' % text.replace('\\', '\\\\').replace('"', '\\"')


def order_of(text):
    """The bare O(...) of a complexity sentence; the rest is for the author to say."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c == '(') - (c == ')')
        if c == ')' and depth == 0:
            return text[:i + 1]
    return text


def only(peers):
    """The comment for what a part of the peers knows; nothing when all do, or all the newer ones."""
    if 'redis8' in peers and 'valkey' in peers:
        return ''
    return ' /* only %s */' % ', '.join(TITLE[p] for p in PEERS if p in peers)


def flat_words(arg):
    found = {arg['token'].upper()} if arg.get('token') else set()
    for part in arg.get('arguments', []):
        found |= flat_words(part)
    return found


def same(a, b):
    """Whether two peers describe the same argument: by its word, its words, or its name."""
    if a.get('token') or b.get('token'):
        return (a.get('token') or '').upper() == (b.get('token') or '').upper()
    if flat_words(a) & flat_words(b) or (not flat_words(a) and not flat_words(b)):
        return a['type'] == b['type'] and (a['name'] == b['name'] or bool(flat_words(a))
                                           or a['type'] in ('key', 'block'))
    return False


def merge(lists):
    """lists: [(peer, [argument])] -> [argument with 'peers'], in the order of the first, others put in place."""
    out = []
    for peer, args in lists:
        at = 0
        for arg in args:
            place = next((i for i, o in enumerate(out) if same(o, arg) and peer not in o['peers']), None)
            if place is None:
                out.insert(at, dict(arg, peers=[peer], parts=[(peer, arg.get('arguments', []))]))
                at += 1
            else:
                out[place]['peers'].append(peer)
                out[place]['parts'].append((peer, arg.get('arguments', [])))
                at = place + 1
    for arg in out:
        arg['arguments'] = merge(arg['parts']) if any(p for _, p in arg['parts']) else []
    return out


def all_same(args, known):
    return all(set(a['peers']) >= set(known) for a in args)


def flags_of(arg):
    """The enum arg_flags of an argument, as C."""
    names = {'optional': 'ARG_OPTIONAL', 'multiple': 'ARG_MULTIPLE', 'multiple_token': 'ARG_MULTIPLE_TOKEN'}
    found = [names[f] for f in ('optional', 'multiple', 'multiple_token') if f in arg.get('flags', [])]
    if arg['name'].lower() == 'numkeys':
        found.append('ARG_KEY_COUNT')
    return ' | '.join(found)


def one(arg, known, indent):
    """One argument as C text."""
    kind, flags, token = arg['type'], flags_of(arg), arg.get('token')
    if kind in ('oneof', 'block'):
        inner = many(arg['arguments'], known, indent + 4)
        inner = inner if inner.startswith('\n') else ' ' + inner
        name, word = quoted(arg['name']), quoted(token) if token else 'NULL'
        if kind == 'oneof' and not token and flags in ('', 'ARG_OPTIONAL'):
            text = '%s(%s,%s)' % ('ONEOF_OPTIONAL' if flags else 'ONEOF', name, inner)
        elif kind == 'block' and flags == '' and not token:
            text = 'BLOCK(%s,%s)' % (name, inner)
        elif kind == 'block' and flags == 'ARG_OPTIONAL':
            text = 'BLOCK_OPTIONAL(%s, %s,%s)' % (name, word, inner)
        else:
            text = '%s_MULTIPLE(%s, %s, %s,%s)' % (kind.upper(), name, word, flags or '0', inner)
    else:
        fields = [quoted(arg['name'])]
        if kind == 'pure-token':
            fields.append(quoted(token))
        elif token:
            fields.append('.token = %s' % quoted(token))
        if flags:
            fields.append({'ARG_OPTIONAL': 'OPTIONAL', 'ARG_MULTIPLE': 'MULTIPLE',
                           'ARG_OPTIONAL | ARG_MULTIPLE': 'OPTIONAL_MULTIPLE'}.get(flags, '.flags = ' + flags))
        if arg.get('since'):
            fields.append('.since = %s' % quoted(arg['since']))
        text = '%s(%s)' % ('TOKEN' if kind == 'pure-token' else WORD[kind], ', '.join(fields))
    if set(arg['peers']) < set(known):
        text += only(arg['peers'])
    return text


def many(args, known, indent):
    texts = [one(a, known, indent) for a in args]
    line = ', '.join(texts)
    if len(line) + indent <= 100 and '\n' not in line:
        return line
    pad = ' ' * indent
    return '\n' + pad + (',\n' + pad).join(texts)


def spec_text(spec):
    begin, find = spec['begin_search'], spec['find_keys']
    b = begin['type'] if begin['type'] == 'unknown' else (
        'index %d' % begin['spec']['index'] if begin['type'] == 'index' else
        'keyword %s from %d' % (begin['spec']['keyword'], begin['spec']['startfrom']))
    s = find['spec']
    f = {'unknown': lambda: 'unknown',
         'range': lambda: 'range last %d step %d limit %d' % (s['lastkey'], s['keystep'], s['limit']),
         'keynum': lambda: 'keynum at %d first %d step %d' % (s['keynumidx'], s['firstkey'], s['keystep'])}[find['type']]()
    return '%s; %s; %s' % (b, f, ' '.join(spec['flags']))


def differing(label, values, show=lambda v: v):
    """'label: value', or one line per distinct value when the peers disagree."""
    distinct = {}
    for peer, value in values.items():
        distinct.setdefault(json.dumps(value), []).append(peer)
    if len(distinct) == 1:
        value = show(next(iter(values.values())))
        return ['     *   %s: %s' % (label, value)] if value else []
    return ['     *   %s (%s): %s' % (label, ', '.join(TITLE[p] for p in peers), show(json.loads(value)))
            for value, peers in distinct.items()]


def entry(name, infos, docs):
    """One command or subcommand: infos and docs are {peer: ...}."""
    known = [p for p in PEERS if p in infos]
    order = sorted(known, key=['redis8', 'valkey', 'redis7'].index)
    doc = docs[order[0]]
    lines = ['    {', '    /* %s%s' % (name.upper().replace('|', ' '), '' if len(known) == 3 else
                                      '  -- only %s' % ', '.join(TITLE[p] for p in known))]
    lines += differing('arity', {p: infos[p]['arity'] for p in order}, str)
    lines += differing('flags', {p: sorted(infos[p]['flags']) for p in order}, ' '.join)
    lines += differing('acl', {p: sorted(infos[p]['acl']) for p in order}, ' '.join)
    lines += differing('keys', {p: [infos[p]['first'], infos[p]['last'], infos[p]['step']] for p in order},
                       lambda v: '%d %d %d' % tuple(v))
    lines += differing('key specs', {p: [spec_text(s) for s in infos[p]['keyspecs']] for p in order}, ' | '.join)
    lines += differing('tips', {p: infos[p]['tips'] for p in order}, ', '.join)
    if doc.get('deprecated_since'):
        lines.append('     *   deprecated since %s, replaced by %s' % (doc['deprecated_since'], doc.get('replaced_by')))
    if doc.get('history'):
        lines.append('     *   changed in: %s' % ', '.join(h[0] for h in doc['history']))
    lines[-1] += ' */'
    lines.append('        .name       = %s,' % quoted(name.split('|')[-1].upper()))
    lines.append('        .handler    = %s,' % name.lower().replace('|', '_').replace('-', '_').replace('.', '_'))
    lines.append('        .summary    = "",')
    for field, value in (('complexity', order_of(doc.get('complexity', ''))), ('since', doc.get('since', '')),
                         ('group', doc.get('group', ''))):
        lines.append('        .%-10s = %s,' % (field, quoted(value)))
    words = set(infos[order[0]]['flags'])
    access = 'READS' if 'readonly' in words else 'TOUCHES_NO_KEYS' if 'write' not in words else \
        'WRITES' if 'denyoom' in words else 'WRITES_FREELY'
    lines.append('        .access     = %s,' % access)
    if 'fast' in words:
        lines.append('        .speed      = FAST,')
    other = sorted(words - {'readonly', 'write', 'denyoom', 'fast', 'movablekeys', 'module'})
    if other:
        lines.append('        .flags      = %s,' % ' | '.join('COMMAND_' + f.upper() for f in other))
    args = merge([(p, docs[p].get('arguments', [])) for p in order])
    if args:
        lines.append('        ARGS(%s),' % many(args, known, 16))
    subs = sorted({s for p in known for s in infos[p]['subcommands']})
    if subs:
        lines.append('        SUBCOMMANDS(%s_subcommands), /* %s */' % (name.lower(), ', '.join(subs)))
    lines.append('    },')
    for sub in subs:
        lines += entry(sub, {p: infos[p]['subcommands'][sub] for p in known if sub in infos[p]['subcommands']},
                       {p: docs[p].get('subcommands', {}).get(sub, {}) for p in known if sub in infos[p]['subcommands']})
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('facts'); parser.add_argument('groups', nargs='*'); parser.add_argument('--out')
    options = parser.parse_args()
    data = {p: json.load(open(os.path.join(options.facts, 'command-%s.json' % p))) for p in PEERS}
    groups = {}
    for peer in PEERS:
        for name, doc in data[peer]['docs'].items():
            groups.setdefault(doc['group'], set()).add(name)
    for group in options.groups or sorted(groups):
        lines = ['/* Group %s: %d commands. */' % (group, len(groups[group]))]
        for name in sorted(groups[group]):
            have = [p for p in PEERS if name in data[p]['command']]
            lines += entry(name, {p: data[p]['command'][name] for p in have}, {p: data[p]['docs'][name] for p in have})
        text = '\n'.join(lines) + '\n'
        if options.out:
            with open(os.path.join(options.out, 'c-%s.txt' % group), 'w') as f:
                f.write(text)
        else:
            sys.stdout.write(text)


if __name__ == '__main__':
    main()
