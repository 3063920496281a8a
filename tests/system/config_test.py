# SPDX-License-Identifier: BSD-3-Clause
"""What files, standard input and command lines of Redis's users and test suites say."""
import subprocess

from house import PATIENCE, Server, equal


def refused(config, *arguments):
    """What the server says of a configuration that it does not start with."""
    done = subprocess.run([Server.executable, "-"] + list(arguments) + ["--port", "0"],
                          input=config, capture_output=True, text=True, timeout=PATIENCE)
    equal(done.returncode, 1)
    return done.stderr


# --- rename-command ---

RENAMED = """
rename-command GET cget
rename-command FLUSHALL ""
rename-command CONFIG b840fc02d524045429941cc15f59e41cb7be6c52
rename-command MULTI begin
rename-command EXEC commit
rename-command object obj
"""
CONFIG = "B840fc02d524045429941cc15f59e41cb7be6c52"


def test_renamed_commands_answer_to_their_new_names_alone():
    with Server(config=RENAMED) as server:
        client = server.client()
        equal(client.raw("GET", "k"),
              b"-ERR unknown command 'GET', with args beginning with: 'k' \r\n")
        equal(client.raw("CGET", "k"), b"$-1\r\n")
        equal(client.raw("get", "k"),  # not even right behind its new name
              b"-ERR unknown command 'get', with args beginning with: 'k' \r\n")
        equal(client.raw("cget"), b"-ERR wrong number of arguments for 'get' command\r\n")
        equal(client.raw("FLUSHALL"),
              b"-ERR unknown command 'FLUSHALL', with args beginning with: \r\n")
        equal(client.ask(CONFIG, "GET", "port"), [b"port", b"%d" % server.port])
        equal(client.raw(CONFIG, "GET"),
              b"-ERR wrong number of arguments for 'config|get' command\r\n")
        equal(client.raw(CONFIG, "foo"), b"-ERR unknown subcommand 'foo'. Try %s HELP.\r\n"
              % CONFIG.upper().encode())
        equal(client.ask("obj", "help")[0],
              "+OBJ <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")


def test_what_tells_of_commands_knows_their_new_names_and_says_the_old_ones():
    with Server(config=RENAMED) as server, Server() as other:
        client = server.client()
        equal(client.ask("COMMAND", "COUNT"), other.client().ask("COMMAND", "COUNT") - 1)
        equal(len(client.ask("COMMAND")), client.ask("COMMAND", "COUNT"))
        equal(client.ask("COMMAND", "INFO", "cget")[0][0], b"get")
        equal(client.raw("COMMAND", "INFO", "get", "flushall"), b"*2\r\n*-1\r\n*-1\r\n"
              if other.client().raw("COMMAND", "INFO", "none") == b"*1\r\n*-1\r\n"
              else b"*2\r\n$-1\r\n$-1\r\n")
        equal(client.ask("COMMAND", "DOCS", "cget")[0], b"get")
        equal(client.raw("COMMAND", "DOCS", "get"), b"*0\r\n")
        names = client.ask("COMMAND", "LIST")
        assert b"get" in names and b"config|get" in names and b"cget" not in names
        assert b"flushall" not in names
        equal(client.ask("COMMAND", "GETKEYS", "cget", "a"), [b"a"])
        equal(client.raw("COMMAND", "GETKEYS", "get", "a"), b"-ERR Invalid command specified\r\n")
        client.ask("cget", "k")
        assert b"cmdstat_get:calls=1," in client.ask("INFO", "commandstats")
        assert b" cmd=client|list " in client.ask("CLIENT", "LIST")


def test_renamed_commands_make_transactions_and_are_shown_as_they_were_called():
    with Server(config=RENAMED) as server:
        client, monitor = server.client(), server.client()
        equal(monitor.raw("MONITOR"), b"+OK\r\n")
        equal(client.raw("MULTI"), b"-ERR unknown command 'MULTI', with args beginning with: \r\n")
        equal(client.raw("begin"), b"+OK\r\n")
        equal(client.raw("begin"), b"-ERR MULTI calls can not be nested\r\n")
        equal(client.raw("cget", "k"), b"+QUEUED\r\n")
        equal(client.raw("commit"), b"*1\r\n$-1\r\n")
        equal(client.raw("begin"), b"+OK\r\n")
        client.raw("GET", "k")
        equal(client.raw("commit"),
              b"-EXECABORT Transaction discarded because of previous errors.\r\n")
        shown = [monitor.line().split(b"] ", 1)[1] for _ in range(4)]
        equal(shown, [b'"begin"', b'"begin"', b'"cget" "k"', b'"commit"'])


def test_names_that_cannot_be_given_are_refused_with_their_line():
    for config, reason in (("rename-command NOPE x", "No such command in rename-command"),
                           ("rename-command GET SET", "Target command name already exists"),
                           ('rename-command GET ""\nrename-command get x',
                            "No such command in rename-command"),
                           ('rename-command foo ""', "No such command in rename-command"),
                           ("rename-command GET",
                            "Bad directive or wrong number of arguments")):
        text = refused(config)
        line = config.count("\n") + 1
        assert "at line %d of standard input" % line in text, text
        assert ">>> '%s'\n%s\n" % (config.splitlines()[-1], reason) in text, text


def test_commands_are_renamed_on_the_command_line_too():
    with Server("--rename-command", "GET", "", "--rename-command", "SET", "put") as server:
        client = server.client()
        equal(client.raw("PUT", "k", "v"), b"+OK\r\n")
        equal(client.raw("GET", "k"),
              b"-ERR unknown command 'GET', with args beginning with: 'k' \r\n")
