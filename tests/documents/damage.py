"""Files cut short and with changed bytes, the same ones in every run."""

import random
import time
from collections.abc import Iterator
from contextlib import suppress

from documents.blocks import flatten
from documents.errors import LoadError
from documents.loading import load

TIMES = 40
MOST_SECONDS = 5


def damaged(data: bytes, times: int = TIMES) -> Iterator[bytes]:
    chance = random.Random(len(data))
    for round_ in range(times):
        if round_ % 4 == 0:
            yield data[: chance.randrange(1, len(data))]
            continue
        changed = bytearray(data)
        for _ in range(chance.randrange(1, 12)):
            changed[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
        yield bytes(changed)


def assert_read_or_refused(data: bytes, name: str) -> None:
    """Whatever is wrong with the file, it has text or is refused, and soon."""
    for broken in damaged(data):
        begun = time.process_time()
        with suppress(LoadError):
            assert flatten(load(broken, name).blocks).content
        assert time.process_time() - begun < MOST_SECONDS
