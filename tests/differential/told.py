"""What two servers tell of the same commands in their append-only files, cut into pieces by markers and compared.

After each command a marker is set, so that the pieces are known by the command they belong to. What may differ is put
in one form first: the case of names, DEL and UNLINK, MULTI and EXEC, one XCLAIM for several entries, conditions that
held; times may differ by what one server is behind the other.
"""

from typing import Callable, Dict, Iterable, Iterator, List, Sequence, Tuple

from differential.steps import SpecialStep, Step, step
from support.aof import Command

MARKER = b"marker"
TIME_TOLERANCE_MS = 60_000
BYTES_MAX = 256 * 1024  # of a command
# Numbers in this range are taken for times, in milliseconds of Unix time.
TIMES = range(1_500_000_000_000, 2**63)


class MarkedGenerator:
    """A generator's groups with a marker behind each command whose reply is not held back.

    Without CONFIG SET, as what directives say of the form of values holds for what is loaded later, too; without the
    largest values, of which a pipeline does not fit into a tiny memory.
    """

    def __init__(self, generator):
        self.inputs = generator.inputs
        self.commands: List[Command] = []  # by marker
        self._generator = generator

    def groups(self) -> Iterator[List[object]]:
        for group in self._generator.groups():
            marked: List[object] = []
            group = [item for item in group if not is_left_out(item)]
            for index, item in enumerate(group):
                marked.append(item)
                if isinstance(item, SpecialStep) or not item.answered:
                    continue
                follower = group[index + 1] if index + 1 < len(group) else None
                if isinstance(follower, Step) and follower.glued:
                    continue
                marked.append(step("SET", MARKER, len(self.commands)))
                self.commands.append(item.arguments)
            yield marked


def is_left_out(item: object) -> bool:
    if isinstance(item, SpecialStep):
        return False
    sets_directive = [word.upper() for word in item.arguments[:2]] == [b"CONFIG", b"SET"]
    return sets_directive or sum(map(len, item.arguments)) > BYTES_MAX


def cut(commands: Iterable[Command]) -> Dict[int, List[Command]]:
    """By marker, what was told since the one before: commands in one form, with their database in front."""
    pieces: Dict[int, List[Command]] = {}
    database = b"0"
    piece: List[Command] = []
    in_group = False
    for command in commands:
        name = command[0].upper()
        if name == b"SELECT":
            database = command[1]
        elif name in (b"MULTI", b"EXEC"):
            assert in_group == (name == b"EXEC"), "MULTI and EXEC do not match"
            in_group = not in_group
        elif name == b"SET" and command[1] == MARKER:
            pieces[int(command[2])] = piece
            piece = []
        else:
            piece.extend((database,) + one for one in in_one_form(name, command))
    assert not in_group, "MULTI without EXEC"
    return pieces


def in_one_form(name: bytes, command: Command) -> Iterator[Command]:
    if name in (b"DEL", b"UNLINK"):
        yield (b"DEL",) + command[1:]
    elif name == b"XCLAIM":
        end = command.index(b"TIME")
        for identifier in command[5:end]:
            # Without LASTID: the XGROUP SETID behind it tells it.
            yield (name,) + command[1:5] + (identifier,) + command[end:-2]
    elif name == b"PEXPIREAT":
        yield (name,) + command[1:3]
    elif name == b"SET":
        yield (name,) + command[1:3] + without(command[3:], b"NX", b"XX")
    elif name == b"ZADD":
        yield (name, command[1]) + tuple(map(score, without(command[2:], b"CH")))
    elif name == b"XADD":
        at = 2 + options_of_xadd(command[2:])
        yield (name, command[1], stream_id(command[at])) + command[at + 1 :]
    elif name == b"XTRIM":
        yield (name, command[1])
    else:
        yield (name,) + command[1:]


def without(words: Command, *names: bytes) -> Command:
    return tuple(word for word in words if word.upper() not in names)


def score(word: bytes) -> bytes:
    """redis-server writes more digits of a place's cell than a score keeps."""
    return b"%d" % int(float(word)) if word.isdigit() and len(word) > 15 else word


def stream_id(word: bytes) -> bytes:
    milliseconds, _, number = word.partition(b"-")
    return b"%d-%d" % (int(milliseconds), int(number or b"0"))


def options_of_xadd(words: Command) -> int:
    """How many words stand in front of the ID. What a trim leaves shows in the contents."""
    at = 0
    while words[at].upper() in (b"NOMKSTREAM", b"MAXLEN", b"MINID", b"LIMIT"):
        if words[at].upper() != b"NOMKSTREAM":
            at += 2 if words[at + 1] in (b"=", b"~") else 1
        at += 1
    return at


def alike(left: Sequence[Command], right: Sequence[Command]) -> bool:
    return len(left) == len(right) and all(map(commands_alike, left, right))


def commands_alike(left: Command, right: Command) -> bool:
    return len(left) == len(right) and all(map(words_alike, left, right))


def words_alike(left: bytes, right: bytes) -> bool:
    if left == right or (left.isalpha() and left.upper() == right.upper()):
        return True
    times = [time_of(left), time_of(right)]
    return all(time in TIMES for time in times) and abs(times[0] - times[1]) <= TIME_TOLERANCE_MS


def time_of(word: bytes) -> int:
    """Of a time, or of a stream ID."""
    digits = word.split(b"-")[0]
    return int(digits) if digits.isdigit() and len(digits) < 20 else 0


def names_of(commands: Sequence[Command]) -> List[bytes]:
    return [command[1] for command in commands]


def same_count_of_members(oracle: Sequence[Command], target: Sequence[Command]) -> bool:
    """Chance chose others, and how many go into one command differs."""
    both = (oracle, target)
    counts = [sum(len(command) - 3 for command in side) for side in both]
    return counts[0] == counts[1] and all(set(names_of(side)) <= {b"SREM"} for side in both)


def only_told_by_target(oracle: Sequence[Command], target: Sequence[Command]) -> bool:
    """What redis-server does not tell: a string that has grown though nothing was written into it, elements that were added
    before the value was found to be damaged."""
    return not oracle and len(target) == 1


def more_of_the_pending(oracle: Sequence[Command], target: Sequence[Command]) -> bool:
    """Tidemark also tells of consumers that come to be, of pending entries that are read once more, and of what it drops
    as XACK."""
    told = (b"XCLAIM", b"XACK", b"XGROUP")
    rest = list(target)
    for command in oracle:
        found = next((one for one in rest if commands_alike(one, command)), None)
        if found is not None:
            rest.remove(found)
        elif command[1] != b"XCLAIM":
            return False
    return all(name in told for name in names_of(rest))


# By the command as it was sent: differences that are meant.
ALLOWED: Dict[bytes, Callable[[Sequence[Command], Sequence[Command]], bool]] = {
    b"SPOP": same_count_of_members,
    b"BITFIELD": only_told_by_target,
    b"PFADD": only_told_by_target,
    b"XREADGROUP": more_of_the_pending,
    b"XCLAIM": more_of_the_pending,
    b"XAUTOCLAIM": more_of_the_pending,
}


def differences(
    oracle: Dict[int, List[Command]], target: Dict[int, List[Command]], sent: Sequence[Command]
) -> List[Tuple[Command, List[Command], List[Command]]]:
    """The commands of which something else was told, and what."""
    assert oracle.keys() == target.keys()
    found = []
    for marker, left in oracle.items():
        right = target[marker]
        allowed = ALLOWED.get(sent[marker][0].upper())
        if not alike(left, right) and not (allowed and allowed(left, right)):
            found.append((sent[marker], left, right))
    return found
