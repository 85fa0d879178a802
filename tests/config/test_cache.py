"""The cache speaks Redis: to a server where there is one, else to a stand-in in this process."""

from django.core.cache import cache


def test_a_value_is_kept_until_it_is_deleted() -> None:
    cache.set("greeting", {"hello": "world"}, timeout=60)
    assert cache.get("greeting") == {"hello": "world"}
    cache.delete("greeting")
    assert cache.get("greeting") is None


def test_a_value_that_has_expired_is_gone() -> None:
    cache.set("greeting", "hello", timeout=0)
    assert cache.get("greeting") is None


def test_counting_is_atomic_in_the_store() -> None:
    cache.set("count", 0, timeout=60)
    assert [cache.incr("count") for _ in range(3)] == [1, 2, 3]
    cache.delete("count")
