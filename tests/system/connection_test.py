# SPDX-License-Identifier: BSD-3-Clause
"""How a connection begins, is tried and ends."""
from house import Server, equal, request

GREETING = (b"*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.4.0\r\n"
            b"$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:%d\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n"
            b"$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n")


def test_ping_echo_and_select_answer_as_redis_does():
    with Server() as server:
        client = server.client()
        equal(client.raw("PING"), b"+PONG\r\n")
        equal(client.raw("ping", "a\r\nb"), b"$4\r\na\r\nb\r\n")
        equal(client.raw("PING", "a", "b"),
              b"-ERR wrong number of arguments for 'ping' command\r\n")
        equal(client.raw("ECHO", ""), b"$0\r\n\r\n")
        equal(client.raw("SELECT", "15"), b"+OK\r\n")
        equal(client.raw("SELECT", "16"), b"-ERR DB index is out of range\r\n")
        equal(client.raw("SELECT", "x"), b"-ERR value is not an integer or out of range\r\n")


def test_hello_changes_the_protocol_and_always_says_which():
    with Server() as server:
        client = server.client()
        number = client.ask("CLIENT", "ID")
        first = client.raw("HELLO")
        assert first.startswith(GREETING % number), first
        assert client.raw("HELLO", "3").startswith(b"%7\r\n$6\r\nserver\r\n")
        equal(client.raw("GET", "nothing"), b"_\r\n")
        equal(client.ask("HELLO")["proto"], 3)
        equal(client.ask("HELLO", "2", "SETNAME", "me")[5], 2)
        equal(client.raw("GET", "nothing"), b"$-1\r\n")
        equal(client.raw("CLIENT", "GETNAME"), b"$2\r\nme\r\n")


def test_hello_refuses_what_redis_refuses():
    with Server() as server:
        client = server.client()
        equal(client.raw("HELLO", "1"), b"-NOPROTO unsupported protocol version\r\n")
        equal(client.raw("HELLO", "x"),
              b"-ERR Protocol version is not an integer or out of range\r\n")
        equal(client.raw("HELLO", "2", "FOO"), b"-ERR Syntax error in HELLO option 'FOO'\r\n")
        equal(client.raw("HELLO", "2", "AUTH", "a"),
              b"-ERR Syntax error in HELLO option 'AUTH'\r\n")
        equal(client.raw("HELLO", "3", "SETNAME", "a b"),
              b"-ERR Client names cannot contain spaces, newlines or special characters.\r\n")
        equal(client.raw("GET", "nothing"), b"$-1\r\n")  # a refused HELLO changes nothing


def test_nothing_but_authentication_is_possible_before_it():
    with Server("--requirepass", "secret") as server:
        client = server.client()
        for words in (("PING",), ("GET", "a"), ("CLIENT", "ID"), ("INFO",), ("MULTI",)):
            equal(client.raw(*words), b"-NOAUTH Authentication required.\r\n")
        equal(client.raw("HELLO", "3"),
              b"-NOAUTH HELLO must be called with the client already authenticated, otherwise the "
              b"HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and "
              b"select the RESP protocol version at the same time\r\n")
        wrong = b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"
        for words in (("AUTH", "x"), ("AUTH", "secretx"), ("AUTH", "secre"), ("AUTH", ""),
                      ("AUTH", "other", "secret"), ("HELLO", "2", "AUTH", "default", "x")):
            equal(client.raw(*words), wrong)
        equal(client.raw("AUTH", "a", "b", "c"), b"-ERR syntax error\r\n")
        equal(client.raw("AUTH", "secret"), b"+OK\r\n")
        equal(client.raw("PING"), b"+PONG\r\n")
        equal(client.raw("RESET"), b"+RESET\r\n")
        equal(client.raw("PING"), b"-NOAUTH Authentication required.\r\n")
        assert client.raw("HELLO", "3", "AUTH", "default", "secret").startswith(b"%7\r\n")
        equal(client.raw("PING"), b"+PONG\r\n")


def test_a_password_may_be_any_bytes():
    with Server() as server:
        client = server.client()
        equal(client.raw("CONFIG", "SET", "requirepass", b"abc\0def"), b"+OK\r\n")
        equal(client.ask("CONFIG", "GET", "requirepass"), [b"requirepass", b"abc\0def"])
        equal(client.raw("AUTH", "abc"),
              b"-WRONGPASS invalid username-password pair or user is disabled.\r\n")
        equal(client.raw("AUTH", b"abc\0def"), b"+OK\r\n")


def test_a_password_that_is_not_wanted_is_an_error_for_auth_alone():
    with Server() as server:
        client = server.client()
        equal(client.raw("AUTH", "x"),
              b"-ERR AUTH <password> called without any password configured for the default user. "
              b"Are you sure your configuration is correct?\r\n")
        equal(client.raw("AUTH", "default", "x"), b"+OK\r\n")


def test_a_new_password_leaves_those_in_who_are_in():
    with Server() as server:
        client, other = server.client(), server.client()
        equal(client.raw("CONFIG", "SET", "requirepass", "p"), b"+OK\r\n")
        equal(other.raw("PING"), b"+PONG\r\n")
        equal(server.client().raw("PING"), b"-NOAUTH Authentication required.\r\n")


def test_reset_makes_a_connection_new():
    with Server() as server:
        client = server.client()
        client.ask("HELLO", "3", "SETNAME", "me")
        client.ask("SELECT", "3")
        client.ask("WATCH", "a")
        client.ask("MULTI")
        equal(client.raw("RESET"), b"+RESET\r\n")
        equal(client.raw("EXEC"), b"-ERR EXEC without MULTI\r\n")
        line = client.ask("CLIENT", "INFO").decode()
        for field in (" name= ", " db=0 ", " flags=N ", " watch=0 ", " resp=2 "):
            assert field in line, line


def test_quit_answers_and_closes_and_what_follows_does_not_run():
    with Server() as server:
        client = server.client()
        client.send(request("SET", "a", "1") + request("QUIT") + request("SET", "a", "2"))
        equal(client.next(), "+OK")
        equal(client.next(), "+OK")
        assert client.is_closed()
        equal(server.client().raw("GET", "a"), b"$1\r\n1\r\n")


def test_a_subscriber_in_resp2_is_pinged_in_its_own_way():
    with Server() as server:
        client = server.client()
        client.ask("SUBSCRIBE", "news")
        equal(client.raw("PING"), b"*2\r\n$4\r\npong\r\n$0\r\n\r\n")
        equal(client.raw("PING", "x"), b"*2\r\n$4\r\npong\r\n$1\r\nx\r\n")
        equal(client.raw("RESET"), b"+RESET\r\n")
        equal(client.raw("PING"), b"+PONG\r\n")
        third = server.client()
        third.ask("HELLO", "3")
        third.ask("SUBSCRIBE", "news")
        equal(third.raw("PING", "x"), b"$1\r\nx\r\n")


def test_who_came_first_is_served_first():
    with Server("--enable-debug-command", "local") as server:
        sleeper, clients = server.client(), [server.client() for _ in range(20)]
        for client in clients:
            client.ask("PING")
        sleeper.send(request("DEBUG", "SLEEP", "0.1"))
        for number, client in enumerate(clients):
            client.send(request("APPEND", "k", "%d," % number))
        equal(sleeper.next(), "+OK")
        for client in clients:
            client.next()
        numbers = sleeper.ask("GET", "k").decode().strip(",").split(",")
        equal(numbers, [str(number) for number in range(20)])
