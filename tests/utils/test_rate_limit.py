"""At most so many in any stretch of so many seconds, whoever counts."""

import time
from concurrent.futures import ThreadPoolExecutor

from utils.rate_limit import Place, hit, look, take


def test_the_window_slides() -> None:
    def admitted(at: float) -> bool:
        return hit("test", 7, limit=3, seconds=60, at=at).allowed

    assert [admitted(at) for at in (0, 50, 59, 59.9)] == [True, True, True, False]
    # One minute after the first there is one place, not three.
    assert [admitted(at) for at in (60.1, 60.2)] == [True, False]
    assert [admitted(at) for at in (110.1, 119.1, 119.2)] == [True, True, False]


def test_it_says_what_is_left_and_when_there_is_room_again() -> None:
    first = hit("test", 7, limit=2, seconds=60, at=100)
    assert (first.used, first.left, first.resets) == (1, 1, 60)
    hit("test", 7, limit=2, seconds=60, at=110)
    refused = hit("test", 7, limit=2, seconds=60, at=130)
    assert (refused.allowed, refused.left, refused.resets) == (False, 0, 30)
    assert refused.headers("test") == {"RateLimit-Policy": '"test";q=2;w=60', "RateLimit": '"test";r=0;t=30'}


def test_looking_counts_nothing() -> None:
    for _ in range(3):
        assert look("test", 7, limit=2, seconds=60).left == 2


def test_each_has_a_window_of_their_own() -> None:
    assert hit("test", 7, limit=1, seconds=60).allowed
    assert hit("test", 8, limit=1, seconds=60).allowed
    assert hit("other", 7, limit=1, seconds=60).allowed
    assert not hit("test", 7, limit=1, seconds=60).allowed


def test_at_the_same_moment_no_more_get_through() -> None:
    with ThreadPoolExecutor(8) as threads:
        windows = list(threads.map(lambda _: hit("test", 7, limit=5, seconds=60), range(100)))
    assert sum(window.allowed for window in windows) == 5


def test_an_event_needs_room_in_each_of_its_windows_and_takes_a_place_in_all_or_none() -> None:
    def take_both(left: int, right: int) -> list[tuple[bool, int]]:
        places = [Place("left", left, limit=2, seconds=60), Place("right", right, limit=1, seconds=60)]
        return [(window.allowed, window.used) for window in take(places, at=10)]

    assert take_both(1, 1) == [(True, 1), (True, 1)]
    assert take_both(1, 1) == [(True, 1), (False, 1)]
    # What the right one refused has not used up the left one.
    assert take_both(1, 2) == [(True, 2), (True, 1)]
    assert take_both(1, 3) == [(False, 2), (True, 0)]


def test_the_clock_is_that_of_redis() -> None:
    before = time.time()
    window = hit("test", 7, limit=2, seconds=60)
    assert window.resets == 60
    at = hit("test", 7, limit=2, seconds=60, at=before + 30).resets
    assert 29 < at < 32
