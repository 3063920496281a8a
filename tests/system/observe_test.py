# SPDX-License-Identifier: BSD-3-Clause
"""Those who look on: MONITOR, SLOWLOG, LATENCY, INFO, MEMORY."""
import re

from house import Server, equal, info, request

HIDDEN = '"(redacted)"'


def shown(line):
    """A line of MONITOR without time and address."""
    found = re.fullmatch(r"\+\d+\.\d{6} \[(\d+) ([^\]]+)\] (.*)", line.decode("latin1"))
    assert found, line
    return found.group(1), found.group(3)


def test_a_monitor_sees_what_runs_and_no_secrets():
    with Server() as server:
        client, monitor = server.client(), server.client()
        equal(monitor.ask("MONITOR"), "+OK")
        client.send(request("SELECT", "3") + request("set", b'a"\x01\n', "b") +
                    request("MULTI") + request("GET", "a") + request("EXEC") +
                    request("AUTH", "default", "p") + request("HELLO", "2", "AUTH", "default", "p",
                                                              "SETNAME", "x") +
                    request("CONFIG", "GET", "port") + request("GET") + request("NOSUCH") +
                    request("PING"))
        lines = [shown(monitor.line()) for _ in range(8)]
        equal(lines, [
            ("3", '"SELECT" "3"'),
            ("3", '"set" "a\\"\\x01\\n" "b"'),
            ("3", '"MULTI"'),
            ("3", '"GET" "a"'),
            ("3", '"EXEC"'),
            ("3", '"AUTH" %s %s' % (HIDDEN, HIDDEN)),
            ("3", '"HELLO" "2" "AUTH" %s %s "SETNAME" "x"' % (HIDDEN, HIDDEN)),
            ("3", '"PING"')])


def test_a_monitor_shows_where_requests_come_from_and_ends_with_reset():
    with Server() as server:
        client, monitor = server.client(), server.client()
        monitor.ask("MONITOR")
        assert b" flags=O " in client.ask("CLIENT", "LIST")
        client.ask("PING")
        assert ("[0 %s] " % client.local()).encode() in monitor.line()
        monitor.send(request("RESET"))
        while monitor.line() != b"+RESET":
            pass
        client.ask("PING")
        equal(monitor.raw("PING"), b"+PONG\r\n")
    with Server(unix=True) as server:
        client, monitor = server.client(), server.client()
        monitor.ask("MONITOR")
        client.ask("PING")
        assert b"[0 unix:" in monitor.line()


def test_the_slow_log_keeps_the_latest_and_cuts_what_is_long():
    with Server("--slowlog-log-slower-than", "0", "--slowlog-max-len", "3") as server:
        client = server.client()
        client.ask("CLIENT", "SETNAME", "me")
        client.ask("PING", "x" * 200)
        client.ask("DEL", *["k%d" % i for i in range(40)])
        entries = client.ask("SLOWLOG", "GET")
        equal(len(entries), 3)
        equal([entry[0] for entry in entries], [2, 1, 0])
        equal(entries[0][3][:2], [b"DEL", b"k0"])
        equal(entries[0][3][30:], [b"k29", b"... (10 more arguments)"])
        equal(entries[1][3], [b"PING", b"x" * 128 + b"... (72 more bytes)"])
        equal(entries[0][4:], [client.local().encode(), b"me"])
        equal(len(client.ask("SLOWLOG", "GET", "2")), 2)
        equal(len(client.ask("SLOWLOG", "GET", "-1")), 3)
        equal(client.ask("SLOWLOG", "LEN"), 3)
        client.ask("CONFIG", "SET", "slowlog-log-slower-than", "-1")
        equal(client.raw("SLOWLOG", "RESET"), b"+OK\r\n")
        equal(client.raw("SLOWLOG", "LEN"), b":0\r\n")
        equal(client.raw("COMMANDLOG", "LEN", "slow"), b":0\r\n")
        equal(client.raw("SLOWLOG", "GET", "-2"),
              b"-ERR count should be greater than or equal to -1\r\n")


def test_the_slow_log_tells_no_secrets():
    with Server("--slowlog-log-slower-than", "0") as server:
        client = server.client()
        client.ask("AUTH", "default", "p1")
        client.ask("HELLO", "2", "AUTH", "default", "p2")
        client.ask("CONFIG", "SET", "requirepass", "", "masterauth", "p3")
        text = client.raw("SLOWLOG", "GET")
        for secret in (b"p1", b"p2", b"p3"):
            assert secret not in text, text
        equal(text.count(b"(redacted)"), 6)


def test_slow_events_are_remembered_and_drawn():
    with Server("--latency-monitor-threshold", "5", "--enable-debug-command", "local") as server:
        client = server.client()
        equal(client.raw("LATENCY", "LATEST"), b"*0\r\n")
        equal(client.raw("LATENCY", "GRAPH", "command"),
              b"-ERR No samples available for event 'command'\r\n")
        client.ask("DEBUG", "SLEEP", "0.02")
        name, time_s, ms, worst = client.ask("LATENCY", "LATEST")[0]
        equal(name, b"command")
        assert 20 <= ms <= worst < 20000, (ms, worst)
        equal(client.ask("LATENCY", "HISTORY", "command"), [[time_s, ms]])
        graph = client.ask("LATENCY", "GRAPH", "command").decode().split("\n")
        equal(graph[0], "command - high %d ms, low %d ms (all time high %d ms)" % (ms, ms, worst))
        equal(graph[1:7], ["-" * 80, " ", " ", " ", "_", " "])
        assert b"command: 1 latency spikes" in client.ask("LATENCY", "DOCTOR")
        equal(client.raw("LATENCY", "RESET", "other"), b":0\r\n")
        equal(client.raw("LATENCY", "RESET"), b":1\r\n")


def test_histograms_count_calls_by_powers_of_two():
    with Server() as server:
        client = server.client()
        client.ask("HELLO", "3")
        for _ in range(10):
            client.ask("PING")
        told = client.ask("LATENCY", "HISTOGRAM", "ping", "config", "nosuch")
        equal(list(told), ["ping"])
        equal(told["ping"]["calls"], 10)
        equal(max(told["ping"]["histogram_usec"].values()), 10)
        client.ask("CONFIG", "GET", "port")
        equal(list(client.ask("LATENCY", "HISTOGRAM", "config")), ["config|get"])
        client.ask("CONFIG", "SET", "latency-tracking", "no")
        client.ask("PING")
        equal(client.ask("LATENCY", "HISTOGRAM", "ping")["ping"]["calls"], 10)


def test_info_has_the_sections_that_are_asked_for():
    with Server() as server:
        client = server.client()

        def titles(*words):
            return re.findall(r"# (\w+)\r\n", client.ask("INFO", *words).decode())
        default = ["Server", "Clients", "Memory", "Persistence", "Threads", "Stats", "Replication",
                   "CPU", "Modules", "Errorstats", "Cluster", "Keyspace"]
        everything = default[:9] + ["Commandstats", "Errorstats", "Latencystats"] + default[10:]
        equal(titles(), default)
        equal(titles("DEFAULT"), default)
        equal(titles("all"), everything)
        equal(titles("everything")[:14], everything)
        equal(titles("keyspace", "server", "nosuch", "server"), ["Server", "Keyspace"])
        equal(client.raw("INFO", "cluster"), b"$33\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n"
              .replace(b"$33", b"$%d" % len("# Cluster\r\ncluster_enabled:0\r\n")))
        equal(client.raw("INFO", "nosuch"), b"$0\r\n\r\n")
        client.ask("HELLO", "3")
        assert client.raw("INFO", "cluster").startswith(b"=34\r\ntxt:# Cluster")


def test_info_has_what_exporters_and_dashboards_read():
    with Server("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru") as server:
        client = server.client()
        client.ask("CONFIG", "RESETSTAT")
        client.ask("SET", "a", "1", "EX", "100")
        client.ask("GET", "a")
        client.ask("GET", "none")
        client.ask("NOSUCH")
        client.ask("SELECT", "99")
        told = info(client)
        numbers = ("uptime_in_seconds process_id tcp_port connected_clients maxclients "
                   "blocked_clients used_memory used_memory_rss used_memory_peak "
                   "used_memory_startup used_memory_dataset used_memory_overhead used_memory_app "
                   "total_system_memory maxmemory mem_fragmentation_ratio allocator_allocated "
                   "allocator_active allocator_resident lazyfree_pending_objects loading "
                   "rdb_changes_since_last_save rdb_bgsave_in_progress rdb_last_save_time "
                   "aof_enabled total_connections_received total_commands_processed "
                   "instantaneous_ops_per_sec total_net_input_bytes total_net_output_bytes "
                   "instantaneous_input_kbps rejected_connections sync_full expired_keys "
                   "evicted_keys keyspace_hits keyspace_misses pubsub_channels pubsub_patterns "
                   "latest_fork_usec total_error_replies connected_slaves master_repl_offset "
                   "used_cpu_sys used_cpu_user used_cpu_sys_main_thread cluster_enabled "
                   "expire_lag_milliseconds").split()
        for name in numbers:
            float(told[name])
        equal(told["redis_version"], "7.4.0")
        equal(told["server_name"], "mainstay")
        equal(told["mainstay_version"], "0.1.0")
        equal(told["role"], "master")
        equal(told["redis_mode"], "standalone")
        equal(told["maxmemory_human"], "100.00M")
        equal(told["maxmemory_policy"], "allkeys-lru")
        equal((told["keyspace_hits"], told["keyspace_misses"]), ("1", "1"))
        equal(told["errorstat_ERR"], "count=2")
        found = re.fullmatch(r"keys=1,expires=1,avg_ttl=(\d+),subexpiry=0", told["db0"])
        assert found and 0 < int(found.group(1)) <= 100000, told["db0"]
        assert re.fullmatch(r"calls=2,usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=0,"
                            r"failed_calls=0", told["cmdstat_get"]), told["cmdstat_get"]
        assert told["cmdstat_select"].endswith("rejected_calls=0,failed_calls=1")
        assert re.fullmatch(r"p50=[\d.]+,p99=[\d.]+,p99\.9=[\d.]+",
                            told["latency_percentiles_usec_get"])


def test_the_version_that_clients_see_can_be_set():
    with Server("--redis-version", "8.2.1") as server:
        client = server.client()
        equal(info(client, "server")["redis_version"], "8.2.1")
        equal(client.ask("HELLO")[3], b"8.2.1")


def test_statistics_can_be_reset():
    with Server() as server:
        client = server.client()
        client.ask("GET", "none")
        client.ask("NOSUCH")
        client.ask("CONFIG", "RESETSTAT")
        told = info(client)
        equal((told["keyspace_misses"], told["total_error_replies"]), ("0", "0"))
        equal(told["total_commands_processed"], "1")  # RESETSTAT itself
        assert "cmdstat_get" not in told and "errorstat_ERR" not in told
        assert "latency_percentiles_usec_get" not in told


def test_memory_usage_is_what_the_server_really_uses():
    with Server() as server:
        client = server.client()
        client.ask("SET", "warm", "x" * 100000)
        client.ask("DEL", "warm")
        before = int(info(client, "memory")["used_memory"])
        count = 20000
        client.send(b"".join(request("SET", "key:%011d" % i, "v" * 32) for i in range(count)))
        for _ in range(count):
            client.next()
        usage = client.ask("MEMORY", "USAGE", "key:%011d" % 7)
        after = int(info(client, "memory")["used_memory"])
        real = (after - before) / count
        assert abs(usage - real) <= 6, (usage, real)
        equal(client.raw("MEMORY", "USAGE", "none"), b"$-1\r\n")
        equal(client.raw("MEMORY", "USAGE", "a", "SAMPLES", "-1"), b"-ERR syntax error\r\n")
        stats = client.ask("MEMORY", "STATS")
        stats = dict(zip(stats[::2], stats[1::2]))
        equal(stats[b"keys.count"], count)
        equal(client.raw("MEMORY", "PURGE"), b"+OK\r\n")
        assert client.ask("MEMORY", "DOCTOR") and client.ask("MEMORY", "MALLOC-STATS")
