"""Generated commands of the connection group."""

from typing import List

from support.resp import Connection, ConnectionClosed

from differential import rules
from differential.inputs import Inputs
from differential.steps import SpecialStep, Step, step


def ping(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("PING"), *([inputs.small_value()] if inputs.chance(0.5) else []))]


def echo(inputs: Inputs) -> List[Step]:
    return [step("ECHO", inputs.value())]


def hello(inputs: Inputs) -> List[Step]:
    tail = inputs.pick(
        (
            (),
            (b"2",),
            (b"3",),
            (b"3",),
            (b"2",),
            (b"1",),
            (b"4",),
            (b"x",),
            (b"",),
            (b"3", b"SETNAME", b"name"),
            (b"3", b"SETNAME", b"bad name"),
            (b"2", b"AUTH", b"nobody", b"x"),
            (b"3", b"AUTH", b"default"),
            (b"3", b"FOO"),
            (b"2", b"AUTH", b"default", b"any", b"SETNAME", b"n"),
            (b"3", b"SETNAME"),
        )
    )
    return [step(inputs.spelled("HELLO"), *tail, rule=rules.hello)]


def auth(inputs: Inputs) -> List[Step]:
    return [
        step("AUTH", *inputs.pick(((b"x",), (b"default", b"x"), (b"nobody", b"x"), (b"",), (b"default", b"x", b"y"))))
    ]


def reset(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("RESET")), step("PING")]


def client_plain(inputs: Inputs) -> List[Step]:
    word = inputs.spelled("CLIENT")
    choices = (
        ((b"GETNAME",), rules.exact),
        ((b"SETNAME", inputs.pick((b"a", b"", b"with-dash", b"b lank", b"\n", b"n\x01", b"\xff"))), rules.exact),
        ((b"ID",), rules.same_kind),
        ((b"INFO",), rules.client_fields),
        ((b"LIST",), rules.client_fields),
        (
            (b"LIST", b"TYPE", inputs.pick((b"normal", b"NORMAL", b"master", b"replica", b"pubsub", b"foo"))),
            rules.same_kind,
        ),
        ((b"LIST", b"ID", inputs.pick((b"999999999", b"x", b"", b"-1"))), rules.exact),
        ((b"LIST", b"FOO"), rules.exact),
        ((b"LIST", b"ID"), rules.exact),
        ((b"GETREDIR",), rules.exact),
        ((b"NO-EVICT", inputs.pick((b"on", b"OFF", b"x", b""))), rules.exact),
        ((b"UNPAUSE",), rules.exact),
        ((b"PAUSE", inputs.pick((b"x", b"-1", b"", b"99999999999999999999"))), rules.exact),
        ((b"PAUSE", b"1", inputs.pick((b"WRITE", b"all", b"FOO"))), rules.exact),
        ((b"UNBLOCK", inputs.pick((b"999999999", b"x", b"-1"))), rules.exact),
        ((b"UNBLOCK", b"999999999", inputs.pick((b"TIMEOUT", b"ERROR", b"FOO"))), rules.exact),
        ((b"REPLY", inputs.pick((b"ON", b"on", b"FOO", b""))), rules.exact),
        ((b"SETINFO", b"lib-name", b"differential"), rules.exact),
        ((b"NO-TOUCH", b"OFF"), rules.exact),
        ((b"HELP",), rules.help_text),
        ((b"NOSUCH",), rules.exact),
        ((b"",), rules.exact),
    )
    tail, rule = inputs.pick(choices)
    return [step(word, *tail, rule=rule)]


def client_kill(inputs: Inputs) -> List[Step]:
    tail = inputs.pick(
        (
            (b"1.2.3.4:5",),
            (b"ID", b"999999999"),
            (b"ID", b"x"),
            (b"ID", b"0"),
            (b"ID", b"-1"),
            (b"TYPE", b"foo"),
            (b"TYPE", b"master"),
            (b"TYPE", b"pubsub"),
            (b"ADDR", b"1.2.3.4:5"),
            (b"LADDR", b"1.2.3.4:5"),
            (b"USER", b"nobody"),
            (b"SKIPME", b"maybe"),
            (b"FOO", b"x"),
            (b"ID",),
            (b"ADDR", b"1.2.3.4:5", b"SKIPME", b"yes"),
            (b"ADDR", b"1.2.3.4:5", b"ID"),
            (b"",),
        )
    )
    return [step("CLIENT", inputs.spelled("KILL"), *tail)]


def client_reply_off(inputs: Inputs) -> List[Step]:
    """Commands whose replies are switched off are still carried out."""
    key = inputs.key()
    return [
        step("CLIENT", "REPLY", "OFF", answered=False),
        step("SET", key, inputs.small_value(), answered=False, glued=True),
        step("NOSUCHCOMMAND", answered=False, glued=True),
        step("CLIENT", "REPLY", "ON", glued=True),
        step("GET", key),
    ]


def client_reply_skip(inputs: Inputs) -> List[Step]:
    key = inputs.key()
    return [
        step("CLIENT", "REPLY", "SKIP", answered=False),
        step("APPEND", key, inputs.small_value(), answered=False, glued=True),
        step("GET", key, glued=True),
    ]


def quit_closes(connection: Connection) -> object:
    reply = connection.command("QUIT")
    try:
        connection.read_reply()
    except (ConnectionClosed, OSError):
        return (reply, "closed")
    return (reply, "still open")


def quit_connection(inputs: Inputs) -> List[object]:
    return [SpecialStep((b"QUIT",), quit_closes, reconnects=True, name="QUIT")]


FAMILY = [
    (3, ping),
    (2, echo),
    (3, hello),
    (1.5, auth),
    (1.5, reset),
    (8, client_plain),
    (2.5, client_kill),
    (0.5, client_reply_off),
    (0.5, client_reply_skip),
    (0.1, quit_connection),
]
