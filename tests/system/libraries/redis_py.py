# SPDX-License-Identifier: BSD-3-Clause
"""redis_py.py PORT SOCKET: what users of Python's redis do, with that library as Debian has it.

Prints nothing when all is well; a failure is a traceback and an exit code."""
import asyncio
import os
import sys
import threading
import time

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

PORT, SOCKET = int(sys.argv[1]), sys.argv[2]


def equal(found, wanted):
    assert found == wanted, "got  %r\n    want %r" % (found, wanted)


def connect(**more):
    return redis.Redis(port=PORT, socket_timeout=20, **more)


def strings():
    r = connect(decode_responses=True)
    r.flushall()
    equal(r.ping(), True)
    equal(r.set("a", "1", ex=100, nx=True), True)
    equal(r.set("a", "2", nx=True), None)
    equal(r.set("a", "2", get=True, keepttl=True), "1")
    assert 0 < r.ttl("a") <= 100
    equal(r.incr("a", 5), 7)
    equal(r.incrbyfloat("a", 0.5), 7.5)
    equal(r.mset({"b": "x", "c": "y"}), True)
    equal(r.mget("a", "b", "none"), ["7.5", "x", None])
    equal(r.append("b", "yz"), 3)
    equal(r.getrange("b", 0, 1), "xy")
    equal(r.getdel("c"), "y")
    equal(r.getex("b", px=5000), "xyz")
    equal(r.strlen("b"), 3)
    equal(r.exists("a", "b", "c"), 2)
    equal(r.type("a"), "string")
    equal(r.rename("a", "z"), True)
    equal(r.copy("z", "y"), True)
    equal(r.object("encoding", "b"), "raw")
    equal(sorted(r.keys()), ["b", "y", "z"])
    equal(r.dbsize(), 3)
    equal(r.unlink("b", "y", "z", "none"), 3)
    raw = connect()
    equal(raw.set(b"\xff\x00", b"\r\n\x00"), True)
    equal(raw.get(b"\xff\x00"), b"\r\n\x00")
    equal(raw.setbit("bits", 7, 1), 0)
    equal(raw.bitcount("bits"), 1)
    try:
        r.incr("bits", 1 << 70)
        raise AssertionError("no error")
    except redis.ResponseError as error:
        equal(str(error), "value is not an integer or out of range")


def pipelines():
    r = connect(decode_responses=True)
    r.flushall()
    with r.pipeline(transaction=False) as pipe:
        for i in range(1000):
            pipe.set("key:%d" % i, i)
        equal(pipe.execute(), [True] * 1000)
    with r.pipeline() as pipe:
        equal(pipe.incr("n").get("key:7").execute(), [1, "7"])
    with r.pipeline() as pipe:
        pipe.set("s", "text").incr("s").get("s")
        results = pipe.execute(raise_on_error=False)
        equal([type(one).__name__ for one in results], ["bool", "ResponseError", "str"])


def watching():
    r, other = connect(), connect()
    r.flushall()
    with r.pipeline() as pipe:
        pipe.watch("k")
        other.set("k", 1)
        pipe.multi()
        pipe.set("k", 2)
        try:
            pipe.execute()
            raise AssertionError("the other's change was not seen")
        except redis.WatchError:
            pass
    equal(r.transaction(lambda pipe: pipe.multi() or pipe.incr("k"), "k"), [2])


def publishing():
    r = connect(decode_responses=True)
    with r.pubsub() as sub:
        sub.subscribe("news")
        sub.psubscribe("w*")
        kinds = [sub.get_message(timeout=20)["type"] for _ in range(2)]
        equal(kinds, ["subscribe", "psubscribe"])
        equal(r.publish("news", "one"), 1)
        equal(r.publish("weather", "two"), 1)
        equal(r.publish("none", "x"), 0)
        equal(sub.get_message(timeout=20), {"type": "message", "pattern": None,
                                            "channel": "news", "data": "one"})
        equal(sub.get_message(timeout=20), {"type": "pmessage", "pattern": "w*",
                                            "channel": "weather", "data": "two"})
        equal(r.pubsub_numsub("news"), [("news", 1)])
        equal(r.pubsub_channels(), ["news"])
        equal(r.pubsub_numpat(), 1)
        sub.ping("hello")
        equal(sub.get_message(timeout=20)["data"], "hello")
        sub.unsubscribe()
        equal(sub.get_message(timeout=20)["type"], "unsubscribe")
    heard = []
    ended = threading.Event()
    with r.pubsub() as sub:
        sub.subscribe(live=lambda message: heard.append(message["data"]) or ended.set())
        thread = sub.run_in_thread(sleep_time=0.01)
        end = time.monotonic() + 20
        while r.publish("live", "data") == 0 and time.monotonic() < end:
            pass
        ended.wait(20)
        thread.stop()
        thread.join(20)
    equal(heard[0], "data")


def walking():
    r = connect()
    r.flushall()
    r.mset({"key:%d" % i: i for i in range(5000)})
    equal(len(set(r.scan_iter(count=100))), 5000)
    equal(len(set(r.scan_iter(match="key:1*"))), 1111)
    equal(list(r.scan_iter(_type="hash")), [])


def going_on_after_a_lost_connection():
    r = connect(client_name="lost", retry=Retry(NoBackoff(), 3),
                retry_on_error=[redis.ConnectionError])
    equal(r.ping(), True)
    other = connect()
    mine = [one for one in other.client_list() if one["name"] == "lost"]
    equal(other.client_kill_filter(_id=mine[0]["id"]), 1)
    equal(r.ping(), True)
    pool = redis.BlockingConnectionPool(port=PORT, max_connections=2, timeout=20)
    threads = [threading.Thread(target=lambda: redis.Redis(connection_pool=pool).incr("hits"))
               for _ in range(20)]
    other.delete("hits")
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    equal(other.get("hits"), b"20")


def asking_about_the_server():
    r = connect()
    information = r.info()
    for name in ("redis_version", "used_memory", "connected_clients", "uptime_in_seconds",
                 "total_commands_processed", "role", "maxmemory_policy"):
        assert name in information, name
    equal(information["redis_mode"], "standalone")
    equal(r.config_get("maxmemory-policy"), {"maxmemory-policy": "noeviction"})
    equal(r.config_set("maxmemory-policy", "allkeys-lru"), True)
    equal(r.config_set("maxmemory-policy", "noeviction"), True)
    equal(r.client_setname("me"), True)
    equal(r.client_getname(), "me")
    assert r.client_id() > 0
    assert r.client_info()["name"] == "me"
    assert "get" in r.command()
    equal(r.command_count(), len(r.command()))
    equal(r.command_getkeys("MSET", "a", 1, "b", 2), ["a", "b"])
    assert isinstance(r.time()[0], int)
    equal(r.config_resetstat(), True)
    r.get("x")
    assert r.info("commandstats")["cmdstat_get"]["calls"] == 1
    equal(r.slowlog_len(), len(r.slowlog_get()))
    assert r.memory_usage("none") is None
    with r.monitor() as monitor:
        connect().set("watched", "v")
        equal(monitor.next_command()["command"], "SET watched v")
    r2 = redis.Redis(unix_socket_path=SOCKET)
    equal(r2.ping(), True)
    name = os.path.basename(SOCKET) + ":0"  # as the server was told it, with a folder or without
    equal(len([one for one in r2.client_list() if one["addr"].endswith(name)]), 1)


def authenticating():
    r = connect()
    r.config_set("requirepass", "secret")
    try:
        for password, user in (("secret", None), ("secret", "default")):
            equal(connect(password=password, username=user).ping(), True)
        for wrong in ({}, {"password": "wrong"}, {"username": "x", "password": "secret"}):
            try:
                connect(**wrong).ping()
                raise AssertionError("came in with %r" % wrong)
            except (redis.AuthenticationError, redis.ResponseError):
                pass
    finally:
        r.config_set("requirepass", "")
    equal(redis.from_url("redis://:any@localhost:%d/3" % PORT, username="default").ping(), True)


async def waiting():
    r = redis.asyncio.Redis(port=PORT, decode_responses=True)
    await r.flushall()
    equal(await r.set("a", "1"), True)
    counts = await asyncio.gather(*(r.incr("n") for _ in range(100)))
    equal(sorted(counts), list(range(1, 101)))
    async with r.pipeline(transaction=True) as pipe:
        equal(await pipe.set("b", "2").get("b").execute(), [True, "2"])
    async with r.pubsub() as sub:
        await sub.subscribe("c")
        first = await sub.get_message(timeout=20)
        equal(first["type"], "subscribe")
        await r.publish("c", "m")
        message = None
        while message is None:
            message = await sub.get_message(ignore_subscribe_messages=True, timeout=20)
        equal(message["data"], "m")
    equal([key async for key in r.scan_iter("n")], ["n"])
    await r.close()


if __name__ == "__main__":
    for part in (strings, pipelines, watching, publishing, walking,
                 going_on_after_a_lost_connection, asking_about_the_server, authenticating):
        part()
    asyncio.run(waiting())
