# SPDX-License-Identifier: BSD-3-Clause
"""CLIENT: what connections say of themselves, and what is done with others."""
import time

from house import Server, equal, info, request


def fields(line):
    return dict(word.split("=", 1) for word in line.decode().strip().split(" "))


def test_a_client_is_shown_with_all_its_fields():
    with Server() as server:
        client = server.client()
        client.ask("CLIENT", "SETNAME", "me")
        client.ask("CLIENT", "SETINFO", "lib-name", "lib")
        client.ask("CLIENT", "SETINFO", "LIB-VER", "1.2")
        client.ask("SELECT", "2")
        client.ask("CLIENT", "NO-EVICT", "ON")
        client.ask("CLIENT", "NO-TOUCH", "on")
        shown = fields(client.ask("CLIENT", "INFO"))
        equal(list(shown), "id addr laddr fd name age idle flags db sub psub ssub multi watch qbuf "
              "qbuf-free argv-mem multi-mem rbs rbp obl oll omem tot-mem events cmd user redir "
              "resp lib-name lib-ver io-thread tot-net-in tot-net-out tot-cmds".split())
        wanted = {"addr": client.local(), "laddr": "127.0.0.1:%d" % server.port, "name": "me",
                  "flags": "eT", "db": "2", "multi": "-1", "cmd": "client|info",
                  "user": "default", "redir": "-1", "resp": "2", "lib-name": "lib",
                  "lib-ver": "1.2", "argv-mem": "10", "tot-cmds": "7", "events": "r"}
        equal({name: shown[name] for name in wanted}, wanted)


def test_a_list_is_verbatim_text_in_resp3():
    with Server() as server:
        client = server.client()
        client.ask("HELLO", "3")
        assert client.raw("CLIENT", "LIST").startswith(b"=")
        assert b"\r\ntxt:id=" in client.raw("CLIENT", "INFO")


def test_names_are_plain_words():
    with Server() as server:
        client = server.client()
        refused = b"-ERR Client names cannot contain spaces, newlines or special characters.\r\n"
        for name in ("a b", "a\n", "\u00e4", "\x7f"):
            equal(client.raw("CLIENT", "SETNAME", name), refused)
        equal(client.raw("CLIENT", "SETNAME", "a~!"), b"+OK\r\n")
        equal(client.raw("CLIENT", "SETNAME", ""), b"+OK\r\n")
        equal(client.raw("CLIENT", "GETNAME"), b"$-1\r\n")
        equal(client.raw("CLIENT", "SETINFO", "lib-ver", "a b"),
              b"-ERR lib-ver cannot contain spaces, newlines or special characters.\r\n")
        equal(client.raw("CLIENT", "SETINFO", "foo", "x"), b"-ERR Unrecognized option 'foo'\r\n")


def test_an_unknown_subcommand_is_a_plain_error():
    with Server() as server:
        client = server.client()
        equal(client.raw("CLIENT", "MAINT_NOTIFICATIONS", "ON"),
              b"-ERR unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP.\r\n")
        equal(client.raw("PING"), b"+PONG\r\n")


def test_lists_are_filtered_as_in_valkey():
    with Server() as server:
        one, two, three = server.client(), server.client(), server.client()
        one.ask("CLIENT", "SETNAME", "one")
        two.ask("CLIENT", "SETNAME", "two")
        two.ask("SELECT", "5")
        three.ask("SUBSCRIBE", "x")
        ids = {name: str(number) for name, number in
               (("one", one.ask("CLIENT", "ID")), ("two", two.ask("CLIENT", "ID")))}

        def listed(*words):
            text = one.ask("CLIENT", "LIST", *words).decode()
            return [line.split(" ")[4] for line in text.splitlines()]
        equal(listed("TYPE", "normal"), ["name=one", "name=two"])
        equal(listed("TYPE", "pubsub"), ["name="])
        equal(listed("TYPE", "master"), [])
        equal(listed("NOT-TYPE", "pubsub", "NAME", "two"), ["name=two"])
        equal(listed("ID", ids["one"], ids["two"], "999"), ["name=one", "name=two"])
        equal(listed("NOT-ID", ids["one"], "TYPE", "normal"), ["name=two"])
        equal(listed("SKIPME", "yes", "TYPE", "normal"), ["name=two"])
        equal(listed("DB", "5"), ["name=two"])
        equal(listed("ADDR", two.local()), ["name=two"])
        equal(listed("IP", "127.0.0.1", "FLAGS", "P"), ["name="])
        equal(listed("NOT-FLAGS", "P", "NOT-NAME", "one"), ["name=two"])
        equal(listed("USER", "default", "LADDR", "127.0.0.1:1"), [])
        equal(listed("MAXAGE", "1000"), [])
        equal(one.raw("CLIENT", "LIST", "ID", "x"), b"-ERR Invalid client ID\r\n")
        equal(one.raw("CLIENT", "LIST", "TYPE", "x"), b"-ERR Unknown client type 'x'\r\n")
        equal(one.raw("CLIENT", "LIST", "DB", "16"),
              b"-ERR DB number should be between 0 and 15\r\n")
        equal(one.raw("CLIENT", "LIST", "FOO", "x"), b"-ERR syntax error\r\n")


def test_many_clients_are_listed_in_slices():
    with Server() as server:
        client = server.client()
        others = [server.client() for _ in range(600)]
        others[-1].ask("PING")
        equal(len(client.ask("CLIENT", "LIST").splitlines()), 601)
        equal(client.raw("PING"), b"+PONG\r\n")
        client.send(request("MULTI") + request("CLIENT", "LIST") + request("EXEC"))
        equal([client.next(), client.next()], ["+OK", "+QUEUED"])
        equal(len(client.next()[0].splitlines()), 601)


def test_clients_are_killed_by_filter_and_by_address():
    with Server() as server:
        client, a, b, c = [server.client() for _ in range(4)]
        for other, name in ((a, "a"), (b, "b"), (c, "c")):
            other.ask("CLIENT", "SETNAME", name)
        equal(client.raw("CLIENT", "KILL", a.local()), b"+OK\r\n")
        assert a.is_closed()
        equal(client.raw("CLIENT", "KILL", a.local()), b"-ERR No such client\r\n")
        equal(client.raw("CLIENT", "KILL", "NAME", "b", "DB", "0"), b":1\r\n")
        assert b.is_closed()
        equal(client.raw("CLIENT", "KILL", "ID", "99999"), b":0\r\n")
        equal(client.raw("CLIENT", "KILL", "ID", "0"),
              b"-ERR client-id should be greater than 0\r\n")
        equal(client.raw("CLIENT", "KILL", "TYPE", "normal"), b":1\r\n")  # itself is spared
        assert c.is_closed()
        equal(client.raw("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"), b":1\r\n")
        assert client.is_closed()


def test_replies_can_be_switched_off_and_skipped():
    with Server() as server:
        client = server.client()
        client.send(request("CLIENT", "REPLY", "SKIP") + request("SET", "a", "1") +
                    request("GET", "a"))
        equal(client.next(), b"1")
        client.send(request("CLIENT", "REPLY", "OFF") + request("SET", "a", "2") +
                    request("CLIENT", "REPLY", "nonsense") + request("CLIENT", "REPLY", "ON"))
        equal(client.next(), "+OK")
        equal(client.raw("GET", "a"), b"$1\r\n2\r\n")


def test_a_pause_holds_writers_back_and_ends():
    with Server() as server:
        client, other = server.client(), server.client()
        equal(client.raw("CLIENT", "PAUSE", "60000", "WRITE"), b"+OK\r\n")
        other.send(request("SET", "a", "1"))
        equal(client.raw("GET", "a"), b"$-1\r\n")
        server.wait_for(lambda: b" flags=b " in client.ask("CLIENT", "LIST"), "a held client")
        equal(info(client, "clients")["paused_actions"], "write")
        equal(client.raw("CLIENT", "UNPAUSE"), b"+OK\r\n")
        equal(other.next(), "+OK")
        equal(client.raw("CLIENT", "PAUSE", "50"), b"+OK\r\n")
        equal(other.raw("GET", "a"), b"$1\r\n1\r\n")  # when the time is over
        equal(client.raw("CLIENT", "PAUSE", "-1"), b"-ERR timeout is negative\r\n")
        equal(client.raw("CLIENT", "PAUSE", "1", "x"),
              b"-ERR CLIENT PAUSE mode must be WRITE or ALL\r\n")


def test_no_touch_leaves_idle_times_alone():
    with Server("--enable-debug-command", "yes") as server:
        client, other = server.client(), server.client()

        def idle():
            text = other.ask("DEBUG", "OBJECT", "a")
            return int(text.rsplit(":", 1)[1])
        client.ask("SET", "a", "1")
        client.ask("CLIENT", "NO-TOUCH", "ON")
        server.wait_for(lambda: idle() >= 1, "a second to pass")
        client.ask("GET", "a")
        assert idle() >= 1
        client.ask("TOUCH", "a")
        equal(idle(), 0)
        client.ask("CLIENT", "NO-TOUCH", "OFF")
        server.wait_for(lambda: idle() >= 1, "a second to pass")
        client.ask("GET", "a")
        equal(idle(), 0)


def test_wait_waits_in_vain_and_can_be_woken():
    with Server() as server:
        client, other = server.client(), server.client()
        number = client.ask("CLIENT", "ID")
        start = time.monotonic()
        equal(client.raw("WAIT", "1", "60"), b":0\r\n")
        assert time.monotonic() - start >= 0.05
        equal(client.raw("WAIT", "0", "0"), b":0\r\n")
        equal(client.raw("WAITAOF", "0", "1", "10"), b"*2\r\n:0\r\n:0\r\n")
        client.send(request("WAIT", "1", "0") + request("PING"))
        server.wait_for(lambda: info(other, "clients")["blocked_clients"] == "1", "a blocked one")
        equal(other.raw("CLIENT", "UNBLOCK", number, "ERROR"), b":1\r\n")
        equal(client.next(), "-UNBLOCKED client unblocked via CLIENT UNBLOCK")
        equal(client.next(), "+PONG")
        client.send(request("WAIT", "1", "0") + request("PING"))
        server.wait_for(lambda: info(other, "clients")["blocked_clients"] == "1", "a blocked one")
        equal(other.raw("CLIENT", "UNBLOCK", number), b":1\r\n")
        equal([client.next(), client.next()], [0, "+PONG"])
        equal(other.raw("CLIENT", "UNBLOCK", number), b":0\r\n")
        client.send(request("MULTI") + request("WAIT", "1", "0") + request("EXEC"))
        equal([client.next() for _ in range(3)], ["+OK", "+QUEUED", [0]])


def test_a_client_that_goes_away_while_it_waits_is_forgotten():
    with Server() as server:
        client, other = server.client(), server.client()
        client.send(request("WAIT", "1", "0"))
        server.wait_for(lambda: info(other, "clients")["blocked_clients"] == "1", "a blocked one")
        client.close()
        server.wait_for(lambda: info(other, "clients")["connected_clients"] == "1", "its end")
        equal(info(other, "clients")["blocked_clients"], "0")


def test_a_waiting_client_can_be_killed():
    with Server() as server:
        client, other = server.client(), server.client()
        number = client.ask("CLIENT", "ID")
        client.send(request("WAIT", "1", "100000"))
        server.wait_for(lambda: info(other)["clients_in_timeout_table"] == "1", "a blocked one")
        equal(other.raw("CLIENT", "KILL", "ID", number), b":1\r\n")
        assert client.is_closed()
        equal(info(other)["clients_in_timeout_table"], "0")
