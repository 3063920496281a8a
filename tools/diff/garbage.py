"""Malformed and odd protocol on fresh connections: what is answered before the connection ends must agree."""
import socket
import wire

FRAGMENTS = [
    b'*1\r\n$4\r\nPING\r\n', b'PING\r\n', b'PING\n', b'\r\n', b'\n', b'*0\r\n', b'*-1\r\n', b'*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n', b'ECHO hi\r\n',
    b'  ECHO   hi  \r\n', b'ECHO "a b"\r\n', b'ECHO "a\\x41\\n\\"b"\r\n', b"ECHO 'a b'\r\n", b"ECHO 'a\\'b'\r\n", b'ECHO "a b\r\n', b"ECHO 'a\r\n",
    b'ECHO "a"b\r\n', b"ECHO 'a'b\r\n", b'ECHO ""\r\n', b'*a\r\n', b'*1x\r\n', b'*\r\n', b'* 1\r\n', b'*+1\r\n', b'*99999999999\r\n',
    b'*2147483648\r\n', b'*1048577\r\n', b'*1\r\n$-1\r\n', b'*1\r\n$a\r\n', b'*1\r\n$\r\n', b'*1\r\n:4\r\n', b'*1\r\nPING\r\n',
    b'*1\r\n$99999999999\r\n', b'*1\r\n$536870913\r\n', b'*1\r\n$4294967296\r\n', b'*1\r\n$4\r\nPINGxx', b'*1\r\n$4\r\nPING\r\r', b'*1\r\n$0\r\n\r\n',
    b'*1\r\n$+4\r\nPING\r\n', b'*01\r\n$4\r\nPING\r\n', b'*1\r\n$04\r\nPING\r\n', b'$4\r\nPING\r\n', b'+PING\r\n', b':1\r\n', b'GET / HTTP/1.1\r\n',
    b'\x00\r\n', b'\x00PING\r\n', b'PING\x00x\r\n', b'\xff\xfe\r\n', b'NOSUCH a b c\r\n', b'PING a b\r\n', b'*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\na\r\n\r\n',
    b'SET k v\r\n', b'GET k\r\n', b'MULTI\r\n', b'EXEC\r\n', b'RESET\r\n', b'*1\r\n$4\r\nQUIT\r\n', b'QUIT\r\n', b'x' * 2000 + b'\r\n', b'x' * 200000,
    b'*1\r\n$' + b'1' * 200000, b'*' + b'1' * 200000, b'ECHO ' + b'y' * 30000 + b'\r\n', b'*2\r\n$4\r\nECHO\r\n$-5\r\n', b'*1\r\n*1\r\n$4\r\nPING\r\n',
    b'\r', b'PING\r', b'*1', b'*1\r', b'*1\r\n$4', b'*1\r\n$4\r\nPI', b'*1\r\n\r\n', b'POST / HTTP/1.1\r\n', b'Host: x\r\n', b'%1\r\n', b'#t\r\n',
]


def ask(port, chunks):
    """Sends chunks, then says that no more comes, and gives all that was answered."""
    out = b''
    with socket.create_connection(('127.0.0.1', port), 10) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for chunk in chunks:
                s.sendall(chunk)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        s.settimeout(10)
        try:
            while True:
                part = s.recv(65536)
                if not part:
                    break
                out += part
        except ConnectionError:
            out += b''
        except socket.timeout:
            out += b'(still open)'
    return out


def differences(pair, chance, count, known):
    """Yields (bytes sent, our answer, their answer) for what disagrees, shortened fragment by fragment."""
    for _ in range(count):
        parts = [chance.choice(FRAGMENTS) for _ in range(chance.randint(1, 5))]
        if chance.random() < 0.1:
            parts[-1] = parts[-1][:chance.randint(0, len(parts[-1]))]

        def disagree(candidate):
            if not candidate:
                return None
            text = b''.join(candidate)
            cut = chance.randint(0, len(text))
            chunks = [text[:cut], text[cut:]] if chance.random() < 0.3 else [text]
            if b'GET k' in text:  # a meant difference may have left it in one of them
                for port in (pair.ours.port, pair.theirs.port):
                    ask(port, [b'DEL k\r\n'])
            a, b = ask(pair.ours.port, chunks), ask(pair.theirs.port, chunks)
            return None if a == b or known.covers((b'(bytes)', text), a, b) else (text, a, b)
        found = disagree(parts)
        # Once more: an answer in flight when the peer closes may be lost by either.
        found = found and disagree(parts)
        if not found:
            continue
        at = 0
        while at < len(parts) and len(parts) > 1:
            smaller = disagree(parts[:at] + parts[at + 1:])
            if smaller:
                found = smaller
                del parts[at]
            else:
                at += 1
        yield found
