# SPDX-License-Identifier: BSD-3-Clause
"""Words about the server as a whole: SHUTDOWN, DEBUG, CLUSTER, MODULE and their kin."""
import time

from house import Server, equal, request

DISABLED = b"-ERR This instance has cluster support disabled\r\n"


def test_shutdown_ends_the_server_without_a_reply():
    for words in (("SHUTDOWN",), ("SHUTDOWN", "NOSAVE"), ("SHUTDOWN", "NOW", "FORCE", "SAVE")):
        with Server() as server:
            client = server.client()
            client.send(request(*words))
            equal(client.socket.recv(100), b"")
            equal(server.wait_for_end(), 0)


def test_shutdown_refuses_what_it_cannot_do():
    with Server() as server:
        client = server.client()
        equal(client.raw("SHUTDOWN", "FOO"), b"-ERR syntax error\r\n")
        equal(client.raw("SHUTDOWN", "NOSAVE", "SAVE"), b"-ERR syntax error\r\n")
        equal(client.raw("SHUTDOWN", "ABORT", "NOW"), b"-ERR syntax error\r\n")
        equal(client.raw("SHUTDOWN", "ABORT"), b"-ERR No shutdown in progress.\r\n")
        equal(client.raw("SHUTDOWN", "SAVE"),
              b"-ERR Errors trying to SHUTDOWN. Check logs.\r\n")
        client.ask("MULTI")
        equal(client.raw("SHUTDOWN"), b"-ERR Command not allowed inside a transaction\r\n")


def test_a_server_outside_a_cluster_says_so():
    with Server() as server:
        client = server.client()
        for words in (("CLUSTER", "INFO"), ("CLUSTER", "NODES"), ("CLUSTER", "SLOTS"),
                      ("CLUSTER", "SHARDS"), ("CLUSTER", "MYID"), ("CLUSTER", "KEYSLOT", "a"),
                      ("CLUSTER", "HELP"), ("READONLY",), ("READWRITE",), ("ASKING",)):
            equal(client.raw(*words), DISABLED)
        equal(client.raw("CLUSTER", "FOO"),
              b"-ERR unknown subcommand 'FOO'. Try CLUSTER HELP.\r\n")


def test_role_time_and_modules_answer():
    with Server() as server:
        client = server.client()
        equal(client.raw("ROLE"), b"*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n")
        seconds, us = client.ask("TIME")
        assert abs(int(seconds) - time.time()) < 60 and 0 <= int(us) < 1000000
        assert client.raw("MODULE", "LOAD", "x").startswith(b"-ERR MODULE command not allowed.")
        assert client.ask("LOLWUT", "VERSION", "5").rstrip().endswith(b"(Mainstay 0.1.0)")
        equal(client.raw("LOLWUT", "VERSION", "x"),
              b"-ERR value is not an integer or out of range\r\n")


def test_debug_needs_permission():
    refused = (b'-ERR DEBUG command not allowed. If the enable-debug-command option is set to '
               b'"local", you can run it from a local connection, otherwise you need to set this '
               b'option in the configuration file, and then restart the server.\r\n')
    with Server() as server:
        equal(server.client().raw("DEBUG", "SLEEP", "0"), refused)
    with Server("--enable-debug-command", "local") as server:
        equal(server.client().raw("DEBUG", "SLEEP", "0"), b"+OK\r\n")
    with Server("--enable-debug-command", "yes", unix=True) as server:
        equal(server.client().raw("DEBUG", "SLEEP", "0"), b"+OK\r\n")


PROTOCOL = (
    # type, RESP2, RESP3
    ("string", b"$11\r\nHello World\r\n", b"$11\r\nHello World\r\n"),
    ("integer", b":12345\r\n", b":12345\r\n"),
    ("double", b"$5\r\n3.141\r\n", b",3.141\r\n"),
    ("null", b"$-1\r\n", b"_\r\n"),
    ("array", b"*3\r\n:0\r\n:1\r\n:2\r\n", b"*3\r\n:0\r\n:1\r\n:2\r\n"),
    ("set", b"*3\r\n:0\r\n:1\r\n:2\r\n", b"~3\r\n:0\r\n:1\r\n:2\r\n"),
    ("map", b"*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n",
     b"%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n"),
    ("attrib", b"$39\r\nSome real reply following the attribute\r\n",
     b"|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n"
     b"$39\r\nSome real reply following the attribute\r\n"),
    ("verbatim", b"$25\r\nThis is a verbatim\nstring\r\n",
     b"=29\r\ntxt:This is a verbatim\nstring\r\n"),
    ("true", b":1\r\n", b"#t\r\n"),
    ("false", b":0\r\n", b"#f\r\n"),
    ("bignum", b"$37\r\n1234567999999999999999999999999999999\r\n",
     b"(1234567999999999999999999999999999999\r\n"),
)


def test_debug_shows_every_type_of_both_protocols():
    with Server("--enable-debug-command", "yes") as server:
        client = server.client()
        for name, resp2, _ in PROTOCOL:
            equal(client.raw("DEBUG", "PROTOCOL", name), resp2)
        equal(client.raw("DEBUG", "PROTOCOL", "push"),
              b"-ERR RESP2 is not supported by this command\r\n")
        client.ask("HELLO", "3")
        for name, _, resp3 in PROTOCOL:
            equal(client.raw("DEBUG", "PROTOCOL", name), resp3)
        client.send(request("DEBUG", "PROTOCOL", "push"))
        equal(client.reader.reply()[0], b"$40\r\nSome real reply following the push reply\r\n")
        equal(client.reader.reply()[0], b">2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n")


def test_debug_errors_look_as_they_were_given_and_are_not_counted():
    with Server("--enable-debug-command", "yes") as server:
        client = server.client()
        equal(client.raw("DEBUG", "ERROR", "FOO bar"), b"-FOO bar\r\n")
        equal(client.raw("DEBUG", "ERROR", ""), b"-\r\n")
        assert b"errorstat_FOO" not in client.ask("INFO", "errorstats")
        equal(client.raw("DEBUG", "FOO"),
              b"-ERR unknown subcommand or wrong number of arguments for 'FOO'. Try DEBUG HELP."
              b"\r\n")


def test_debug_makes_and_describes_keys():
    with Server("--enable-debug-command", "yes") as server:
        client = server.client()
        empty = client.ask("DEBUG", "DIGEST")
        equal(empty, "+" + "0" * 40)
        equal(client.raw("DEBUG", "POPULATE", "100"), b"+OK\r\n")
        equal(client.raw("DEBUG", "POPULATE", "2", "big", "20"), b"+OK\r\n")
        equal(client.raw("GET", "key:99"), b"$8\r\nvalue:99\r\n")
        equal(client.raw("GET", "big:1"), b"$20\r\nvalue:1" + b"\0" * 13 + b"\r\n")
        equal(client.raw("DBSIZE"), b":102\r\n")
        assert client.ask("DEBUG", "DIGEST") != empty
        equal(client.ask("DEBUG", "DIGEST-VALUE", "none"), ["+" + "0" * 40])
        text = client.ask("DEBUG", "OBJECT", "key:1")
        assert " refcount:1 encoding:embstr serializedlength:8 lru:" in text, text
        equal(client.raw("DEBUG", "OBJECT", "none"), b"-ERR no such key\r\n")
        assert b"number of elements: 102" in client.ask("DEBUG", "HTSTATS", "0")
        equal(client.raw("DEBUG", "HTSTATS", "99"), b"-ERR Out of range database\r\n")


def server_us(client):
    seconds, us = client.ask("TIME")
    return int(seconds) * 1000000 + int(us)


def test_keys_end_by_themselves_unless_debug_stops_it():
    with Server("--enable-debug-command", "yes") as server:
        client = server.client()
        client.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0")
        client.ask("SET", "a", "1", "PX", "1")
        end = server_us(client) + 2000  # the key's time is over by then, by the server's own clock
        while server_us(client) < end:
            pass
        client.ask("PING")  # behind this turn it would go
        equal(client.ask("DBSIZE"), 1)
        client.ask("DEBUG", "SET-ACTIVE-EXPIRE", "1")
        server.wait_for(lambda: client.ask("DBSIZE") == 0, "the key to end")


def test_help_has_a_head_and_a_foot():
    with Server("--enable-debug-command", "yes") as server:
        client = server.client()
        for word in ("CLIENT", "COMMANDLOG", "DEBUG", "LATENCY", "MEMORY", "MODULE", "SLOWLOG"):
            lines = client.ask(word, "HELP")
            equal(lines[0], "+%s <subcommand> [<arg> [value] [opt] ...]. Subcommands are:" % word)
            equal(lines[-2:], ["+HELP", "+    Print this help."])


def test_modules_are_not_loaded_even_where_that_is_allowed():
    with Server("--enable-module-command", "local") as server:
        equal(server.client().raw("MODULE", "LOAD", "/x.so"),
              b"-ERR Error loading the extension. Please check the server logs.\r\n")
        assert "what Mainstay offers is built in" in server.text_of_log()


def test_debug_takes_the_switches_that_test_suites_of_redis_set():
    with Server("--enable-debug-command", "yes") as server:
        client = server.client()
        for words in ("SET-ACTIVE-EXPIRE 1", "QUICKLIST-PACKED-THRESHOLD 100b",
                      "REPLYBUFFER PEAK-RESET-TIME 100", "REPLYBUFFER RESIZING 0",
                      "DICT-RESIZING 0", "PAUSE-CRON 0", "SET-DISABLE-DENY-SCRIPTS 1",
                      "SET-SKIP-CHECKSUM-VALIDATION 1", "CHANGE-REPL-ID", "AOF-FLUSH-SLEEP 0",
                      "DELAY-RDB-CLIENT-FREE-SECOND 0", "PAUSE-AFTER-FORK 0",
                      "CLIENT-ENFORCE-REPLY-LIST 1", "HASHTABLE-CAN-ABORT-SHRINK 0",
                      "DROP-CLUSTER-PACKET-FILTER -1"):
            equal(client.raw("DEBUG", *words.split()), b"+OK\r\n")
        equal(client.raw("DEBUG", "CONFIG-REWRITE-FORCE-ALL"),
              b"-ERR CONFIG-REWRITE-FORCE-ALL failed: The server is running without a config file"
              b"\r\n")
