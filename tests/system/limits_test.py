# SPDX-License-Identifier: BSD-3-Clause
"""What the machine grants and who may connect: descriptors, addresses, sockets, signals, ends."""
import grp
import os
import re
import signal
import socket
import stat
import subprocess

import house
from house import PATIENCE, Client, Server, equal, info, request


def with_files(count):
    """Words in front of a server that may have so many files open."""
    return ("bash", "-c", 'ulimit -n %d && exec "$0" "$@"' % count)


def test_few_descriptors_make_few_clients_and_the_log_says_so():
    with Server(before=with_files(40)) as server:
        client = server.client()
        equal(client.ask("CONFIG", "GET", "maxclients"), [b"maxclients", b"8"])
        assert "maxclients is now 8. Raise 'ulimit -n' for more." in server.text_of_log()
        others = [server.client() for _ in range(7)]
        for other in others:
            equal(other.raw("PING"), b"+PONG\r\n")
        refused = server.client()
        equal(refused.next(), "-ERR max number of clients reached")
        assert refused.is_closed()
        others[0].close()
        server.wait_for(lambda: b"connected_clients:7\r" in client.ask("INFO", "clients"),
                        "room for one more")
        equal(server.client().raw("PING"), b"+PONG\r\n")
        assert b"rejected_connections:1\r" in client.ask("INFO", "stats")
        text = client.raw("CONFIG", "SET", "maxclients", "1000")
        assert b"not able to handle the specified number of clients, try with 8" in text, text
        equal(client.ask("CONFIG", "GET", "maxclients"), [b"maxclients", b"8"])


def test_without_descriptors_for_clients_there_is_no_start():
    done = subprocess.run(with_files(20) + (Server.executable, "--port", str(house.free_port())),
                          capture_output=True, text=True, timeout=PATIENCE)
    equal(done.returncode, 1)
    assert "grants 20 open files ('ulimit -n')" in done.stdout, done.stdout
    assert "Raise it to 10032 for maxclients 10000" in done.stdout, done.stdout


def test_addresses_of_both_kinds_are_listened_on_and_missing_ones_left_out():
    with Server("--bind", "127.0.0.1", "-::1", "-192.0.2.77") as server:
        families = [socket.AF_INET]
        if "[::1]:%d" % server.port in server.text_of_log():
            families.append(socket.AF_INET6)
        for family in families:
            with socket.socket(family) as one:
                one.settimeout(PATIENCE)
                one.connect(("::1" if family == socket.AF_INET6 else "127.0.0.1", server.port))
                one.sendall(b"PING\r\n")
                equal(one.recv(100), b"+PONG\r\n")
        server.wait_for(lambda: "Ready to accept" in server.text_of_log(), "the start")
        assert "192.0.2.77" not in server.text_of_log()
    with Server("--bind", "-::1", "*") as server:
        equal(server.client().raw("PING"), b"+PONG\r\n")
    done = subprocess.run([Server.executable, "--bind", "192.0.2.77", "--port", "1"],
                          capture_output=True, text=True, timeout=PATIENCE)
    equal(done.returncode, 1)
    assert "192.0.2.77:1: bind: Cannot assign requested address" in done.stdout, done.stdout


def test_a_unix_socket_has_the_mode_and_the_group_that_were_asked_for():
    group = grp.getgrgid(os.getgid()).gr_name
    with Server("--unixsocketperm", "700", "--unixsocketgroup", group, unix=True) as server:
        status = os.stat(server.socket_path)
        equal(stat.S_IMODE(status.st_mode), 0o700)
        equal(status.st_gid, os.getgid())
        client = server.client()
        assert b" addr=%s:0 " % server.socket_path.encode() in client.ask("CLIENT", "LIST")
        path = server.socket_path
        server.process.send_signal(signal.SIGTERM)
        equal(server.wait_for_end(), 0)
        assert not os.path.exists(path)
    done = subprocess.run([Server.executable, "--port", "0", "--unixsocket", "/tmp/mainstay-none",
                           "--unixsocketgroup", "no such group"],
                          capture_output=True, text=True, timeout=PATIENCE)
    equal(done.returncode, 1)
    assert "to the group no such group: there is no such group" in done.stdout, done.stdout
    assert not os.path.exists("/tmp/mainstay-none")


def test_a_server_that_may_listen_nowhere_says_what_to_set():
    done = subprocess.run([Server.executable, "--port", "0"], capture_output=True, text=True,
                          timeout=PATIENCE)
    equal(done.returncode, 1)
    assert "Configured to not listen anywhere" in done.stdout, done.stdout


def test_keepalive_is_set_on_the_connections_of_clients():
    for seconds, found in (("300", True), ("0", False)):
        with Server("--tcp-keepalive", seconds) as server:
            client = server.client()
            equal(client.raw("PING"), b"+PONG\r\n")
            equal(keepalive_of(server.port, client.socket.getsockname()[1]), found)
            client.raw("CONFIG", "SET", "tcp-keepalive", "0" if found else "100")
            other = server.client()
            equal(other.raw("PING"), b"+PONG\r\n")
            equal(keepalive_of(server.port, other.socket.getsockname()[1]), not found)


def keepalive_of(here, there):
    """Whether the kernel has a timer of kind 2 (keepalive) for that connection."""
    with open("/proc/net/tcp") as table:
        for line in table:
            if re.match(r"\s*\d+: 0100007F:%04X 0100007F:%04X 01 " % (here, there), line):
                return line.split()[5].startswith("02:")
    raise AssertionError("no such connection")


def text_of(path):
    if not os.path.exists(path):
        return ""
    with open(path) as file:
        return file.read()


def test_a_hangup_opens_the_log_again_and_a_rotation_is_noticed_without():
    with Server("--logfile", "server.log", "--enable-debug-command", "yes") as server:
        client = server.client()
        path = os.path.join(server.folder, "server.log")
        os.rename(path, path + ".1")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for(lambda: "The log was opened again" in text_of(path), "the new log")
        os.rename(path, path + ".2")
        equal(client.raw("DEBUG", "LOG", "rotated"), b"+OK\r\n")
        assert "DEBUG LOG: rotated" in text_of(path)
        assert "rotated" not in text_of(path + ".2")


def test_a_server_that_is_stopped_while_clients_are_busy_answers_in_whole_replies():
    for number in (signal.SIGTERM, signal.SIGINT):
        with Server() as server:
            busy = [server.client() for _ in range(20)]
            batch = b"".join(request("SET", "key:%d" % i, "v") for i in range(200))
            for client in busy:
                client.send(batch)
            equal(busy[0].next(), "+OK")
            server.process.send_signal(number)
            equal(server.wait_for_end(), 0)
            for client in busy:
                data = b""
                try:
                    while True:
                        data += client.receive()
                except (EOFError, ConnectionResetError):
                    pass
                equal(data.replace(b"+OK\r\n", b""), b"")


def test_a_signal_that_comes_while_a_command_runs_waits_for_its_reply():
    with Server("--enable-debug-command", "yes") as server:
        client, other = server.client(), server.client()
        client.send(request("DEBUG", "SLEEP", "0.05"))
        server.process.send_signal(signal.SIGTERM)
        equal(server.wait_for_end(), 0)
        received = b""
        try:
            received = client.receive()
        except (EOFError, ConnectionResetError):
            pass
        assert received in (b"", b"+OK\r\n"), received
        assert other.is_closed()


def test_a_second_interrupt_ends_a_server_that_is_too_busy_for_the_first():
    with Server("--enable-debug-command", "yes") as server:
        server.may_fail = True
        client = server.client()
        client.send(request("DEBUG", "SLEEP", "1000"))
        server.wait_for(lambda: is_asleep(server.process.pid), "the server to sleep")
        server.process.send_signal(signal.SIGINT)
        server.wait_for(lambda: pending_signals(server.process.pid) == 0, "the first to arrive")
        equal(server.process.poll(), None)
        server.process.send_signal(signal.SIGINT)
        equal(server.wait_for_end(), 1)
        assert "You insist... exiting now." in server.text_of_log()


def is_asleep(pid):
    """In nanosleep or clock_nanosleep, by their numbers on amd64 or arm64."""
    with open("/proc/%d/syscall" % pid) as file:
        return file.read().split()[0] in ("35", "230", "101", "115")


def pending_signals(pid):
    with open("/proc/%d/status" % pid) as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["SigPnd"], 16) | int(fields["ShdPnd"], 16)


def test_a_client_that_is_gone_does_not_hold_up_the_end():
    with Server() as server:
        for _ in range(10):
            client = Client(server)
            client.send(request("SET", "k", "v" * 100000))
            client.close()
        server.process.send_signal(signal.SIGTERM)
        equal(server.wait_for_end(), 0)


STRANGER = r"""
ip link set lo up && ip addr add 192.0.2.1/24 dev lo || exit 9
"$@" --port 6379 --logfile "$LOG" & server=$!
until (exec 3<>/dev/tcp/127.0.0.1/6379) 2>/dev/null; do kill -0 $server || exit 8; done
for address in 127.0.0.1 192.0.2.1; do
    exec 3<>/dev/tcp/$address/6379
    printf 'PING\r\n' >&3
    read -r line <&3 && echo "${line:0:22}"
done
kill $server && wait $server
"""


def test_clients_of_other_machines_are_turned_away_while_there_is_no_password():
    # A network of its own, in which the machine has a second address that is not its loopback.
    if subprocess.run(["unshare", "-rn", "ip", "addr"], capture_output=True).returncode != 0:
        print("not run: no network of its own can be made here")
        return
    for words, local, stranger in (
            ((), "+PONG", "-DENIED Mainstay is ru"),
            (("--requirepass", "x"), "-NOAUTH Authentication", "-NOAUTH Authentication"),
            (("--protected-mode", "no"), "+PONG", "+PONG")):
        done = subprocess.run(["unshare", "-rn", "bash", "-c", STRANGER, "sh", Server.executable] +
                              list(words), capture_output=True, text=True, timeout=PATIENCE,
                              env=dict(os.environ, LOG="/dev/null"))
        equal(done.returncode, 0)
        equal([line.strip() for line in done.stdout.splitlines()], [local, stranger])


def test_port_and_addresses_can_be_changed_and_come_back_when_they_cannot():
    with socket.socket() as taken, Server() as server:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        client = server.client()
        port = b"%d" % server.port
        failed = b"-ERR CONFIG SET failed (possibly related to argument '%s') - %s\r\n"
        equal(client.raw("CONFIG", "SET", "port", taken.getsockname()[1]),
              failed % (b"port", b"Unable to listen on this port. Check server logs."))
        assert "bind: Address already in use" in server.text_of_log()
        for wrong in ("999.999.999.999", "127.0.0.1 192.0.2.9"):
            equal(client.raw("CONFIG", "SET", "bind", wrong),
                  failed % (b"bind", b"Failed to bind to specified addresses."))
        equal(client.ask("CONFIG", "GET", "port"), [b"port", port])
        equal(client.ask("CONFIG", "GET", "bind"), [b"bind", b"127.0.0.1"])
        equal(server.client().raw("PING"), b"+PONG\r\n")  # all as it was
        old, server.port = server.port, house.free_port()
        equal(client.raw("CONFIG", "SET", "port", server.port), b"+OK\r\n")
        equal(server.client().raw("PING"), b"+PONG\r\n")
        equal(client.raw("PING"), b"+PONG\r\n")  # who is in stays in
        with socket.socket() as late:
            assert late.connect_ex(("127.0.0.1", old)) != 0


def evicted(client):
    return int(info(client, "stats")["evicted_clients"])


def test_clients_that_keep_too_much_are_sent_away():
    with Server("--maxmemory-clients", "1mb") as server:
        watcher = server.client()
        equal(watcher.raw("CLIENT", "NO-EVICT", "on"), b"+OK\r\n")
        big = b"v" * (2 << 20)
        inside = server.client()
        equal(inside.raw("SET", "k", big[:500000]), b"+OK\r\n")
        equal(evicted(watcher), 0)
        inside.send(request("SET", "k", big))
        assert inside.is_closed()
        equal(watcher.ask("STRLEN", "k"), 500000)  # it did not run
        equal(evicted(watcher), 1)
        queuing = server.client()
        equal(queuing.raw("MULTI"), b"+OK\r\n")
        queuing.send(request("SET", "k", big[:700000]) * 2)
        equal(queuing.line(), b"+QUEUED")
        assert queuing.is_closed()
        watching = server.client()
        watching.send(request("WATCH", *("key:%d" % i for i in range(20000))))
        assert watching.is_closed()
        equal(evicted(watcher), 3)


def test_a_limit_that_nobody_could_keep_shuts_nobody_out():
    with Server("--maxmemory-clients", "1b") as server:
        clients = [server.client() for _ in range(20)]
        for client in clients:
            equal(client.raw("PING"), b"+PONG\r\n")
        clients[0].send(request("SET", "k", b"v" * 200000))
        assert clients[0].is_closed()
        equal(clients[1].raw("CONFIG", "SET", "maxmemory-clients", "0"), b"+OK\r\n")


def test_what_a_big_reply_took_is_given_back_when_nobody_needs_it():
    with Server() as server:
        client = server.client()
        before = int(info(client, "memory")["used_memory"])
        assert len(client.raw("COMMAND", "DOCS")) > 100000
        server.wait_for(lambda: int(info(client, "memory")["used_memory"]) < before + 20000,
                        "the memory of a reply")


def test_a_reply_above_the_limit_is_not_begun_though_all_commands_run():
    with Server("--client-output-buffer-limit", "normal 100000 0 0") as server:
        client = server.client()
        for _ in range(15):
            client.raw("RPUSH", "list", *["x" * 1000] * 10)
        equal(len(client.ask("LRANGE", "list", "0", "89")), 90)
        greedy = server.client()
        greedy.send(b"SET k 1\r\nLRANGE list 0 -1\r\nSET k 2\r\n")
        equal(greedy.socket.recv(100), b"")
        equal(client.ask("GET", "k"), b"2")
        equal(info(client, "stats")["client_output_buffer_limit_disconnections"], "1")


def test_a_reply_in_slices_ends_with_the_limit():
    with Server("--client-output-buffer-limit", "normal 1000000 0 0") as server:
        client = server.client()
        client.raw("HSET", "hash", "a", "b")
        greedy = server.client()
        greedy.send(request("HRANDFIELD", "hash", "-99999999"))
        assert greedy.is_closed()
        assert int(info(client, "memory")["used_memory_peak"]) < 50 << 20
