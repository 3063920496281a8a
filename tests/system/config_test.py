# SPDX-License-Identifier: BSD-3-Clause
"""What files, standard input and command lines of Redis's users and test suites say."""
import os
import re
import signal
import socket
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


# --- user default ---

def start_as(*rules, **more):
    return Server(config="user default %s\n" % " ".join(rules), **more)


NOAUTH = b"-NOAUTH Authentication required.\r\n"
WRONGPASS = b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"
NO_PASSWORD_SET = (b"-ERR AUTH <password> called without any password configured for the default "
                   b"user. Are you sure your configuration is correct?\r\n")


def test_a_default_user_without_limits_is_as_if_nothing_was_said():
    for rules in ("on nopass ~* &* +@all", "ON NOPASS ALLKEYS ALLCHANNELS ALLCOMMANDS",
                  "on nopass sanitize-payload %RW~* &* -@all +@all", "reset on >a nopass ~* &* +@all"):
        with start_as(rules) as server:
            client = server.client()
            equal(client.raw("SET", "k", "v"), b"+OK\r\n")
            equal(client.raw("PUBLISH", "c", "m"), b":0\r\n")
            equal(client.raw("AUTH", "x"), NO_PASSWORD_SET)
            equal(client.raw("AUTH", "default", "x"), b"+OK\r\n")


def test_passwords_of_a_line_let_in_and_no_others_do():
    digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"  # of "test"
    with start_as("on nopass >a >b >c <c #" + digest, "~* &* +@all") as server:
        for words, reply in ((("AUTH", "a"), b"+OK\r\n"), (("AUTH", "default", "b"), b"+OK\r\n"),
                             (("AUTH", "test"), b"+OK\r\n"), (("AUTH", "c"), WRONGPASS),
                             (("AUTH", "other", "a"), WRONGPASS), (("AUTH", ""), WRONGPASS)):
            client = server.client()
            equal(client.raw("PING"), NOAUTH)
            equal(client.raw(*words), reply)
            equal(client.raw("PING"), b"+PONG\r\n" if reply == b"+OK\r\n" else NOAUTH)
            equal(client.raw("RESET"), b"+RESET\r\n")
            equal(client.raw("PING"), NOAUTH)


def test_requirepass_takes_the_place_of_a_line_s_passwords_until_it_is_empty_again():
    with Server(config="requirepass first\nuser default on >a ~* &* +@all\n") as server:
        client = server.client()
        equal(client.raw("AUTH", "first"), WRONGPASS)  # the line wins
        equal(client.raw("AUTH", "a"), b"+OK\r\n")
        equal(client.ask("CONFIG", "GET", "requirepass"), [b"requirepass", b""])
        equal(client.raw("CONFIG", "SET", "requirepass", "new"), b"+OK\r\n")
        equal(client.raw("AUTH", "a"), WRONGPASS)
        equal(client.raw("AUTH", "new"), b"+OK\r\n")
        refused_later = client.raw("CONFIG", "SET", "requirepass", "other", "maxclients", "0")
        assert refused_later.startswith(b"-ERR CONFIG SET failed"), refused_later
        equal(client.raw("AUTH", "new"), b"+OK\r\n")
        equal(client.raw("CONFIG", "SET", "requirepass", ""), b"+OK\r\n")
        equal(client.raw("AUTH", "a"), b"+OK\r\n")
        equal(server.client().raw("PING"), NOAUTH)


def test_a_user_that_is_off_or_has_no_password_cannot_come_in():
    for rules in ("", "off nopass ~* &* +@all", "on ~* &* +@all", "on >a resetpass ~* &* +@all"):
        with start_as(rules) as server:
            client = server.client()
            equal(client.raw("PING"), NOAUTH)
            equal(client.raw("AUTH", "default", "a"), WRONGPASS)


def test_what_a_line_does_not_give_is_refused():
    no_key = b"-NOPERM No permissions to access a key\r\n"
    no_channel = b"-NOPERM No permissions to access a channel\r\n"
    with start_as("on nopass ~* +@all") as server:
        client = server.client()
        equal(client.raw("SET", "k", "v"), b"+OK\r\n")
        for words in (("PUBLISH", "c", "m"), ("SPUBLISH", "c", "m"), ("SUBSCRIBE", "c"),
                      ("PSUBSCRIBE", "c*"), ("SSUBSCRIBE", "c")):
            equal(client.raw(*words), no_channel)
        equal(client.raw("PUBSUB", "CHANNELS"), b"*0\r\n")
    with start_as("on nopass &* +@all") as server:
        client = server.client()
        for words in (("GET", "k"), ("SET", "k", "v"), ("MGET", "a", "b"), ("COPY", "a", "b")):
            equal(client.raw(*words), no_key)
        equal(client.raw("PUBLISH", "c", "m"), b":0\r\n")
        equal(client.raw("DBSIZE"), b":0\r\n")
        equal(client.raw("MULTI"), b"+OK\r\n")
        equal(client.raw("GET", "k"), no_key)
        equal(client.raw("EXEC"), b"-EXECABORT Transaction discarded because of previous errors."
              b"\r\n")
    with start_as("on nopass ~* &*") as server:
        client = server.client()
        equal(client.raw("PING"),
              b"-NOPERM User default has no permissions to run the 'ping' command\r\n")
        equal(client.raw("CONFIG", "GET", "port"),
              b"-NOPERM User default has no permissions to run the 'config|get' command\r\n")
        equal(client.raw("HELLO")[:4], b"*14\r")
    with Server("--acl-pubsub-default", "allchannels", "--user", "default", "on", "nopass", "~*",
                "+@all") as server:
        equal(server.client().raw("PUBLISH", "c", "m"), b":0\r\n")


def test_users_that_cannot_be_kept_are_refused_with_line_and_remedy():
    for config, reason in (
            ("user alice on >a ~* +@all", "remove this line"),
            ("user default on nopass ~cache:* +@all", "'~cache:*' limits the user"),
            ("user default on nopass ~* &* +@read", "write ~* &* +@all"),
            ("user default on nopass ~* &* +@all -flushall", "write ~* &* +@all"),
            ("user default on nopass ~* &* +@all (~x +get)", "write ~* &* +@all"),
            ("user default on #12 ~*", "The password hash must be exactly 64 characters and "
             "contain only lowercase hexadecimal characters"),
            ("user default on <none", "The password you are trying to remove from the user does "
             "not exist"),
            ("user default bogus", "Error in user declaration 'default': Syntax error"),
            ("user default on\nuser default off", "Duplicate user found"),
            ("aclfile /etc/redis/users.acl", "with requirepass"),
            ("user", "Bad directive or wrong number of arguments")):
        text = refused(config)
        line = config.count("\n") + 1
        assert "at line %d of standard input" % line in text, text
        assert reason in text, text
    with Server(config='aclfile ""\n') as server:
        equal(server.client().raw("PING"), b"+PONG\r\n")


# --- as test suites and users of Redis start a server ---

# Arguments, and what CONFIG GET answers then.
LINES = (
    (["--save", "60", "1", "--save", "10", "2"], {"save": "60 1 10 2"}),
    (["--save", "60 1 10 2"], {"save": "60 1 10 2"}),
    (["--save", "60", "1", "10", "2"], {"save": "60 1 10 2"}),
    (["--save"], {"save": ""}),
    (["--save", "--loglevel", "verbose"], {"save": "", "loglevel": "verbose"}),
    (["--save", "", "--save", "10", "2"], {"save": "10 2"}),
    (["--save", '""'], {"save": ""}),
    (["--save", "''"], {"save": ""}),
    (["--loglevel", "verbose", "--loglevel", "warning"], {"loglevel": "warning"}),
    (["--loglevel verbose", "--hz 20"], {"loglevel": "verbose", "hz": "20"}),
    (["--replicaof", "no", "one"], {"replicaof": ""}),
    (["--io-threads", "4", "--io-threads-do-reads", "yes"], {"io-threads": "4"}),
    (["--tls-port", "0", "--tls-cert-file", "/x", "--tls-auth-clients", "no"],
     {"tls-port": "0", "tls-cert-file": "/x", "tls-auth-clients": "no"}),
    (["--client-output-buffer-limit", "pubsub", "1", "2", "3"],
     {"client-output-buffer-limit": "normal 0 0 0 slave 268435456 67108864 60 pubsub 1 2 3"}),
    (["--bind", "127.0.0.1", "-::1"], {"bind": "127.0.0.1 -::1"}),
    (["--bind", "-::1", "*"], {"bind": "-::1 *"}),
    (["--oom-score-adj-values", "1", "2", "3"], {"oom-score-adj-values": "1 2 3"}),
    (["--maxmemory", "1g", "--maxmemory-policy", "allkeys-lru"],
     {"maxmemory": "1000000000", "maxmemory-policy": "allkeys-lru"}),
    (["--lazyfree-lazy-expire", "YES"], {"lazyfree-lazy-expire": "yes"}),
    (["--appendonly", "no", "--always-show-logo", "yes", "--daemonize", "no",
      "--enable-protected-configs", "yes", "--enable-debug-command", "yes",
      "--enable-module-command", "yes", "--propagation-error-behavior", "panic"],
     {"appendonly": "no", "daemonize": "no", "enable-debug-command": "yes",
      "enable-module-command": "yes", "propagation-error-behavior": "panic"}),
)


def test_command_lines_mean_what_they_mean_to_redis():
    for arguments, wanted in LINES:
        with Server(*arguments) as server:
            client = server.client()
            for name, value in wanted.items():
                equal(client.ask("CONFIG", "GET", name), [name.encode(), value.encode()])


def test_includes_are_read_in_their_place_and_may_be_nested_or_patterns():
    with Server(config="hz 15\ninclude sub/*.conf\nmaxmemory 3mb\n", files={
            "sub/a.conf": 'hz 16\ninclude "sub/b c.inc"\n', "sub/b c.inc": "hz 17\n",
            "sub/z.conf": "maxmemory 2mb\nloglevel verbose\n"}) as server:
        client = server.client()
        equal(client.ask("CONFIG", "GET", "hz"), [b"hz", b"17"])
        equal(client.ask("CONFIG", "GET", "maxmemory"), [b"maxmemory", b"3145728"])
        equal(client.ask("CONFIG", "GET", "loglevel"), [b"loglevel", b"verbose"])


def test_the_command_line_wins_over_standard_input_and_that_over_the_file():
    with Server("--hz", "30", "-", config="hz 10\nmaxmemory 1mb\nloglevel debug\n",
                stdin=b"hz 20\nmaxmemory 2mb\nrequirepass \"a b\\x41\"\n# end\n") as server:
        client = server.client()
        equal(client.raw("AUTH", "a bA"), b"+OK\r\n")
        equal(client.ask("CONFIG", "GET", "hz"), [b"hz", b"30"])
        equal(client.ask("CONFIG", "GET", "maxmemory"), [b"maxmemory", b"2097152"])
        equal(client.ask("CONFIG", "GET", "loglevel"), [b"loglevel", b"debug"])


def test_the_log_says_what_scripts_made_for_redis_wait_for():
    with Server("--always-show-logo", "yes", "--logfile", "") as server:
        pattern = r" PID: %d\b.*Server initialized.*Ready to accept" % server.process.pid
        server.wait_for(lambda: re.search(pattern, server.text_of_log(), re.S), "these lines")
        text = server.text_of_log()
        assert re.match(r"%d:M \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{3} [*#] "
                        % server.process.pid, text), text
        server.process.send_signal(signal.SIGTERM)
        equal(server.wait_for_end(), 0)
        text = server.text_of_log()
        for words in ("Received SIGTERM scheduling shutdown...", "User requested shutdown...",
                      "is now ready to exit, bye bye..."):
            assert words in text, text


def test_a_port_that_is_taken_is_told_as_redis_tells_it():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run([Server.executable, "--port", str(port), "--bind", "127.0.0.1"],
                              capture_output=True, text=True, timeout=PATIENCE)
        equal(done.returncode, 3)
        assert "127.0.0.1:%d: bind: Address already in use" % port in done.stdout, done.stdout
        assert "Failed listening on port %d" % port in done.stdout, done.stdout


# What test suites of Redis leave out when they set every parameter to what it is.
NOT_SET = """rdbchecksum daemonize tcp-backlog always-show-logo syslog-enabled cluster-enabled
disable-thp aclfile unixsocket pidfile syslog-ident appendfilename appenddirname supervised
syslog-facility databases io-threads io-threads-do-reads logfile unixsocketperm replicaof slaveof
requirepass server-cpulist bio-cpulist aof-rewrite-cpulist bgsave-cpulist server_cpulist bio_cpulist
aof_rewrite_cpulist bgsave_cpulist set-proc-title cluster-config-file cluster-port oom-score-adj
oom-score-adj-values enable-protected-configs enable-debug-command enable-module-command dbfilename
dir socket-mark-id""".split()


def parameters(client):
    found = client.ask("CONFIG", "GET", "*")
    return dict(zip(found[::2], found[1::2]))


def test_every_parameter_can_be_set_to_what_it_is_and_comes_back_from_its_file():
    with Server(config="hz 11\nmaxmemory 100mb\nsave 60 1\n") as server:
        client = server.client()
        before = parameters(client)
        for name, value in before.items():
            if name.decode() not in NOT_SET:
                equal((name, client.ask("CONFIG", "SET", name, value)), (name, "+OK"))
        equal(parameters(client), before)
        equal(client.raw("CONFIG", "REWRITE"), b"+OK\r\n")
        with open(os.path.join(server.folder, "mainstay.conf")) as file:
            written = file.read()
    with Server("--dir", "./", config=written.replace("dir ", "#dir ")) as server:
        after = parameters(server.client())
        differing = {name for name in before if before[name] != after[name]}
        equal(differing - {b"port", b"dir"}, set())
