"""Generated commands of the server group, and the malformed ones of all groups."""

from typing import List, Tuple

from support.resp import Argument

from differential import rules
from differential.inputs import Inputs
from differential.steps import Step, step

# Command (with subcommand) -> arity as COMMAND INFO gives it; also the list of what both servers have in common.
ARITIES = {
    "PING": -1,
    "ECHO": 2,
    "HELLO": -1,
    "AUTH": -2,
    "SELECT": 2,
    "RESET": 1,
    "CLIENT": -2,
    "CLIENT ID": 2,
    "CLIENT GETNAME": 2,
    "CLIENT SETNAME": 3,
    "CLIENT INFO": 2,
    "CLIENT KILL": -3,
    "CLIENT PAUSE": -3,
    "CLIENT UNPAUSE": 2,
    "CLIENT REPLY": 3,
    "CLIENT NO-EVICT": 3,
    "CLIENT UNBLOCK": -3,
    "CLIENT GETREDIR": 2,
    "BLMOVE": 6,
    "BLMPOP": -5,
    "BLPOP": -3,
    "BRPOP": -3,
    "BRPOPLPUSH": 4,
    "LINDEX": 3,
    "LINSERT": 5,
    "LLEN": 2,
    "LMOVE": 5,
    "LMPOP": -4,
    "LPOP": -2,
    "LPOS": -3,
    "LPUSH": -3,
    "LPUSHX": -3,
    "LRANGE": 4,
    "LREM": 4,
    "LSET": 4,
    "LTRIM": 4,
    "RPOP": -2,
    "RPOPLPUSH": 3,
    "RPUSH": -3,
    "RPUSHX": -3,
    "SETBIT": 4,
    "GETBIT": 3,
    "BITCOUNT": -2,
    "BITPOS": -3,
    "BITOP": -4,
    "BITFIELD": -2,
    "BITFIELD_RO": -2,
    "PFADD": -2,
    "PFCOUNT": -2,
    "PFMERGE": -2,
    "PFDEBUG": 3,
    "DEL": -2,
    "UNLINK": -2,
    "EXISTS": -2,
    "EXPIRE": -3,
    "PEXPIRE": -3,
    "EXPIREAT": -3,
    "PEXPIREAT": -3,
    "TTL": 2,
    "PTTL": 2,
    "EXPIRETIME": 2,
    "PEXPIRETIME": 2,
    "PERSIST": 2,
    "TYPE": 2,
    "RENAME": 3,
    "RENAMENX": 3,
    "COPY": -3,
    "MOVE": 3,
    "TOUCH": -2,
    "RANDOMKEY": 1,
    "KEYS": 2,
    "SCAN": -2,
    "DBSIZE": 1,
    "FLUSHDB": -1,
    "FLUSHALL": -1,
    "SWAPDB": 3,
    "OBJECT": -2,
    "OBJECT ENCODING": 3,
    "OBJECT FREQ": 3,
    "OBJECT IDLETIME": 3,
    "OBJECT REFCOUNT": 3,
    "OBJECT HELP": 2,
    "SET": -3,
    "GET": 2,
    "GETDEL": 2,
    "GETEX": -2,
    "GETSET": 3,
    "GETRANGE": 4,
    "SUBSTR": 4,
    "SETRANGE": 4,
    "APPEND": 3,
    "STRLEN": 2,
    "INCR": 2,
    "DECR": 2,
    "INCRBY": 3,
    "DECRBY": 3,
    "INCRBYFLOAT": 3,
    "MSET": -3,
    "MSETNX": -3,
    "MGET": -2,
    "SETEX": 4,
    "PSETEX": 4,
    "SETNX": 3,
    "LCS": -3,
    "HDEL": -3,
    "HEXISTS": 3,
    "HGET": 3,
    "HGETALL": 2,
    "HINCRBY": 4,
    "HINCRBYFLOAT": 4,
    "HKEYS": 2,
    "HLEN": 2,
    "HMGET": -3,
    "HMSET": -4,
    "HRANDFIELD": -2,
    "HSCAN": -3,
    "HSET": -4,
    "HSETNX": 4,
    "HSTRLEN": 3,
    "HVALS": 2,
    "SADD": -3,
    "SREM": -3,
    "SISMEMBER": 3,
    "SMISMEMBER": -3,
    "SCARD": 2,
    "SMEMBERS": 2,
    "SPOP": -2,
    "SRANDMEMBER": -2,
    "SMOVE": 4,
    "SSCAN": -3,
    "SINTER": -2,
    "SINTERCARD": -3,
    "SINTERSTORE": -3,
    "SUNION": -2,
    "SUNIONSTORE": -3,
    "SDIFF": -2,
    "SDIFFSTORE": -3,
    "SORT": -2,
    "SORT_RO": -2,
    "XACK": -4,
    "XADD": -5,
    "XAUTOCLAIM": -6,
    "XCLAIM": -6,
    "XDEL": -3,
    "XGROUP": -2,
    "XGROUP CREATE": -5,
    "XGROUP CREATECONSUMER": 5,
    "XGROUP DELCONSUMER": 5,
    "XGROUP DESTROY": 4,
    "XGROUP SETID": -5,
    "XINFO": -2,
    "XINFO CONSUMERS": 4,
    "XINFO GROUPS": 3,
    "XINFO STREAM": -3,
    "XLEN": 2,
    "XPENDING": -3,
    "XRANGE": -4,
    "XREAD": -4,
    "XREADGROUP": -7,
    "XREVRANGE": -4,
    "XSETID": -3,
    "XTRIM": -4,
    "COMMAND": -1,
    "COMMAND COUNT": 2,
    "COMMAND GETKEYS": -3,
    "COMMAND GETKEYSANDFLAGS": -3,
    "CONFIG": -2,
    "CONFIG GET": -3,
    "CONFIG SET": -4,
    "CONFIG RESETSTAT": 2,
    "CONFIG REWRITE": 2,
    "MEMORY": -2,
    "MEMORY USAGE": -3,
    "MEMORY STATS": 2,
    "MEMORY DOCTOR": 2,
    "MEMORY PURGE": 2,
    "MEMORY MALLOC-STATS": 2,
    "TIME": 1,
    "DEBUG": -2,
    "INFO": -1,
    "LOLWUT": -1,
    "SHUTDOWN": -1,
    "GEOADD": -5,
    "GEODIST": -4,
    "GEOHASH": -2,
    "GEOPOS": -2,
    "GEORADIUS": -6,
    "GEORADIUS_RO": -6,
    "GEORADIUSBYMEMBER": -5,
    "GEORADIUSBYMEMBER_RO": -5,
    "GEOSEARCH": -7,
    "GEOSEARCHSTORE": -8,
    "ZADD": -4,
    "ZCARD": 2,
    "ZCOUNT": 4,
    "ZDIFF": -3,
    "ZDIFFSTORE": -4,
    "ZINCRBY": 4,
    "ZINTER": -3,
    "ZINTERCARD": -3,
    "ZINTERSTORE": -4,
    "ZLEXCOUNT": 4,
    "ZMPOP": -4,
    "ZMSCORE": -3,
    "ZPOPMAX": -2,
    "ZPOPMIN": -2,
    "ZRANDMEMBER": -2,
    "ZRANGE": -4,
    "ZRANGEBYLEX": -4,
    "ZRANGEBYSCORE": -4,
    "ZRANGESTORE": -5,
    "ZRANK": -3,
    "ZREM": -3,
    "ZREMRANGEBYLEX": 4,
    "ZREMRANGEBYRANK": 4,
    "ZREMRANGEBYSCORE": 4,
    "ZREVRANGE": -4,
    "ZREVRANGEBYLEX": -4,
    "ZREVRANGEBYSCORE": -4,
    "ZREVRANK": -3,
    "ZSCAN": -3,
    "ZSCORE": 3,
    "ZUNION": -3,
    "ZUNIONSTORE": -4,
    "BZMPOP": -5,
    "BZPOPMAX": -3,
    "BZPOPMIN": -3,
}

COMMON_COMMANDS = sorted({name.split()[0].lower().encode() for name in ARITIES} | {b"quit"})

# With the defaults both servers are started with here, these have the same value.
CONFIG_NAMES = [
    b"maxmemory-policy",
    b"timeout",
    b"databases",
    b"appendonly",
    b"save",
    b"maxmemory-samples",
    b"lfu-log-factor",
    b"lfu-decay-time",
    b"proto-max-bulk-len",
    b"client-query-buffer-limit",
    b"tcp-keepalive",
    b"lazyfree-lazy-expire",
    b"lazyfree-lazy-user-del",
    b"hz",
    b"requirepass",
    b"protected-mode",
    b"bind",
    b"client-output-buffer-limit",
    b"slowlog-max-len",
    b"maxmemory-eviction-tenacity",
    b"hash-max-listpack-entries",
    b"zset-max-ziplist-value",
    b"unixsocket",
    b"unixsocketperm",
    b"activerehashing",
    b"tcp-backlog",
    b"lazyfree-lazy-*",
    b"lfu-*",
    b"no-such-directive",
    b"",
    b"LFU-Log-Factor",
    b"lfu-log-facto[r-z]",
    b"maxmemory-sample?",
]

CONFIG_SETS: List[Tuple[Argument, ...]] = [
    ("no-such-directive", "1"),
    ("maxmemory-policy", "foo"),
    ("maxmemory-samples", "0"),
    ("maxmemory-samples", "abc"),
    ("lfu-decay-time", "-1"),
    ("timeout", "-1"),
    ("timeout", "x"),
    ("databases", "4"),
    ("maxmemory", "12abc"),
    ("hz", "x"),
    ("appendfsync", "sometimes"),
    ("lazyfree-lazy-expire", "maybe"),
    ("client-query-buffer-limit", "1"),
    ("port",),
    ("save",),
    ("lfu-decay-time", "1", "lfu-decay-time", "2"),
    ("lfu-log-factor", "10", "no-such-directive", "1"),
    ("client-output-buffer-limit", "foo 1 1 1"),
    ("client-output-buffer-limit", "normal 1 1"),
    ("proto-max-bulk-len", "1"),
    ("bind", "1.2.3.4 x y z"),
    ("unixsocket", "/tmp/x"),
    ("dir", "/no/such/directory"),
    ("lfu-log-factor", "-5"),
]

CONFIG_SETS_VALID = [
    ("lfu-decay-time", "3"),
    ("lfu-decay-time", "1"),
    ("lfu-log-factor", "12"),
    ("maxmemory-samples", "7"),
    ("timeout", "0"),
    ("lazyfree-lazy-user-del", "yes"),
    ("lazyfree-lazy-user-del", "no"),
    ("Lfu-Log-Factor", "10"),
    ("tcp-keepalive", "299"),
    ("lfu-decay-time", "2", "maxmemory-samples", "5"),
    ("proto-max-bulk-len", "512mb"),
    ("client-query-buffer-limit", "1gb"),
    ("client-output-buffer-limit", "pubsub 32mb 8mb 60"),
    ("client-output-buffer-limit", "normal 0 0 0 replica 256mb 64mb 60"),
]


def command_introspection(inputs: Inputs) -> List[Step]:
    word = inputs.spelled("COMMAND")
    name = inputs.pick(COMMON_COMMANDS)
    choices = (
        (("COUNT",), rules.same_kind),
        (("INFO", name), rules.command_info),
        (("INFO", name, b"nosuch"), rules.command_info),
        (("INFO", b"client|kill", b"config|nosuch"), rules.command_info),
        (("INFO", b"nosuch|x"), rules.command_info),
        (("LIST",), rules.restricted_to(COMMON_COMMANDS)),
        (
            ("LIST", "FILTERBY", "PATTERN", inputs.pick((b"*get*", b"s*", b"nosuch"))),
            rules.restricted_to(COMMON_COMMANDS),
        ),
        (
            ("LIST", "FILTERBY", "ACLCAT", inputs.pick((b"string", b"keyspace", b"nosuch", b"fast", b"connection"))),
            rules.restricted_to(COMMON_COMMANDS),
        ),
        (("LIST", "FILTERBY", "MODULE", b"nosuch"), rules.exact),
        (("LIST", "FILTERBY", "FOO", b"x"), rules.exact),
        (("LIST", "FOO"), rules.exact),
        (("LIST", "FILTERBY", "PATTERN"), rules.exact),
        (("NOSUCH",), rules.exact),
        (("HELP",), rules.help_text),
    )
    tail, rule = inputs.pick(choices)
    return [step(word, *tail, rule=rule)]


def command_getkeys(inputs: Inputs) -> List[Step]:
    sample = inputs.pick(
        (
            (b"GET", b"a"),
            (b"MSET", b"a", b"1", b"b", b"2"),
            (b"MGET", b"a", b"b", b"a"),
            (b"DEL", b"x", b"y"),
            (b"COPY", b"s", b"d"),
            (b"LCS", b"a", b"b", b"IDX"),
            (b"RENAME", b"a", b"b"),
            (b"OBJECT", b"ENCODING", b"k"),
            (b"MEMORY", b"USAGE", b"k"),
            (b"PING",),
            (b"GET",),
            (b"nosuch", b"x"),
            (b"SWAPDB", b"0", b"1"),
            (b"SET", b"k", b"v", b"EX", b"1"),
            (b"SET", b"k", b"v", b"GET"),
            (b"GETEX", b"k", b"PERSIST"),
            (b"MSETNX", b"a", b"1", b"b"),
            (b"OBJECT", b"HELP"),
            (b"CLIENT", b"ID"),
            (b"TOUCH", b"", b"\x00"),
            (b"GETDEL", b"k"),
            (b"APPEND", b"k", b"v"),
            (b"EXPIRE", b"k", b"1", b"NX"),
            (b"MOVE", b"k", b"1"),
            (b"CLIENT", b"NOSUCH"),
            (b"BITOP", b"AND", b"d", b"a", b"b"),
            (b"BITFIELD", b"k", b"GET", b"u8", b"0"),
            (b"BITFIELD", b"k", b"OVERFLOW", b"SAT", b"GET", b"u8", b"0"),
            (b"BITFIELD", b"k", b"GET", b"u8", b"0", b"SET", b"u8", b"0", b"1"),
            (b"BITFIELD", b"k", b"SET", b"u8", b"0"),
            (b"BITFIELD", b"k", b"FOO"),
            (b"PFMERGE", b"d"),
            (b"PFMERGE", b"d", b"a", b"b"),
            (b"PFCOUNT", b"a", b"b"),
            (b"PFDEBUG", b"ENCODING", b"k"),
            (b"PFSELFTEST",),
        )
    )
    return [step("COMMAND", inputs.pick(("GETKEYS", "GETKEYSANDFLAGS")), *sample)]


def config_get(inputs: Inputs) -> List[Step]:
    names = [inputs.pick(CONFIG_NAMES) for _ in range(inputs.pick((1, 1, 1, 2, 3)))]
    return [step(inputs.spelled("CONFIG"), inputs.spelled("GET"), *names, rule=rules.unordered)]


def config_set(inputs: Inputs) -> List[Step]:
    return [step("CONFIG", "SET", *inputs.pick(CONFIG_SETS if inputs.chance(0.7) else CONFIG_SETS_VALID))]


def config_other(inputs: Inputs) -> List[Step]:
    return [
        inputs.pick(
            (
                step("CONFIG", "RESETSTAT"),
                step("CONFIG", "REWRITE"),
                step("CONFIG", "NOSUCH"),
                step("CONFIG", "HELP", rule=rules.help_text),
            )
        )
    ]


def info(inputs: Inputs) -> List[Step]:
    if inputs.chance(0.6):
        return [step("INFO", "keyspace", rule=rules.info_keyspace)]
    return [
        step(
            inputs.spelled("INFO"),
            *inputs.pick(
                (
                    (b"server",),
                    (b"memory",),
                    (b"clients",),
                    (b"nosuch",),
                    (b"stats",),
                    (b"cpu",),
                    (b"clients", b"server"),
                    (b"MEMORY",),
                )
            ),
            rule=rules.info_headers
        )
    ]


def memory(inputs: Inputs) -> List[Step]:
    choices = (
        (("USAGE", inputs.key()), rules.same_kind),
        (("USAGE", inputs.key(), "SAMPLES", inputs.pick((b"0", b"5", b"-1", b"x"))), rules.same_kind),
        (("USAGE", inputs.key(), "FOO", "1"), rules.exact),
        (("USAGE", inputs.key(), "SAMPLES"), rules.exact),
        (("DOCTOR",), rules.same_kind),
        (("STATS",), rules.same_kind),
        (("MALLOC-STATS",), rules.same_kind),
        (("PURGE",), rules.exact),
        (("NOSUCH",), rules.exact),
        (("HELP",), rules.help_text),
    )
    tail, rule = inputs.pick(choices)
    return [step("MEMORY", *tail, rule=rule)]


def debug(inputs: Inputs) -> List[Step]:
    choices = (
        ("OBJECT", b"no such key"),
        ("OBJECT",),
        ("SLEEP", "0"),
        ("NOSUCH",),
        ("DIGEST-VALUE", *inputs.keys()),
        ("DIGEST-VALUE", *inputs.keys()),
        ("DIGEST-VALUE", inputs.key()),
        ("SET-ACTIVE-EXPIRE", "1"),
        ("", "x"),
        ("SLEEP",),
    )
    return [step(inputs.spelled("DEBUG"), *inputs.pick(choices))]


def debug_digest(inputs: Inputs) -> List[Step]:
    return [step("DEBUG", "DIGEST")]


def small_talk(inputs: Inputs) -> List[Step]:
    return [
        inputs.pick(
            (
                step("TIME", rule=rules.same_shape),
                step("LOLWUT", rule=rules.same_kind),
                step("LOLWUT", "VERSION", "5", rule=rules.same_kind),
                step("LOLWUT", "VERSION", "x", rule=rules.same_kind),
            )
        )
    ]


def shutdown_errors(inputs: Inputs) -> List[Step]:
    tail = inputs.pick(
        (
            (b"FOO",),
            (b"SAVE", b"NOSAVE"),
            (b"NOSAVE", b"FOO"),
            (b"ABORT",),
            (b"ABORT", b"NOW"),
            (b"",),
            (b"abort", b"SAVE"),
        )
    )
    return [step("SHUTDOWN", *tail)]


def wrong_arity(inputs: Inputs) -> List[Step]:
    name = inputs.pick(sorted(ARITIES))
    arity = ARITIES[name]
    words = [inputs.spelled(word) for word in name.split()]
    least = abs(arity)
    if arity > 0 and inputs.chance(0.5):
        count = least + inputs.random.randint(1, 3)
    else:
        count = inputs.random.randint(len(words), max(len(words), least - 1))
        if count >= least:
            count = least + 1
            if arity < 0:
                return unknown_command(inputs)
    return [step(*words, *[inputs.small_value() for _ in range(count - len(words))])]


def unknown_command(inputs: Inputs) -> List[Step]:
    name = inputs.pick(
        (b"nosuch", b"GETT", b"", b"\x00\xff", b"SET ", b"N" * 200, b"get|x", b"foo\r\nbar", b"'quoted'")
    )
    return [step(name, *inputs.junk(6))]


def unknown_subcommand(inputs: Inputs) -> List[Step]:
    return [
        step(
            inputs.spelled(inputs.pick(("CLIENT", "CONFIG", "OBJECT", "MEMORY", "COMMAND"))),
            inputs.pick((b"FOO", b"", b"get\r\nx", b"HELPP")),
            *inputs.junk(3)
        )
    ]


FAMILY = [
    (2, command_introspection),
    (2, command_getkeys),
    (3, config_get),
    (2, config_set),
    (0.5, config_other),
    (1.5, info),
    (2, memory),
    (2, debug),
    (0.1, debug_digest),
    (0.5, small_talk),
    (0.7, shutdown_errors),
    (5, wrong_arity),
    (2, unknown_command),
    (1.5, unknown_subcommand),
]
