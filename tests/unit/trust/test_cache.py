from datetime import timedelta

from gcf_am.trust.cache import ExpiringCache
from tests.pki import NOW

SOON = NOW + timedelta(seconds=1)


def test_a_value_is_remembered_until_its_time() -> None:
    cache: ExpiringCache[str] = ExpiringCache(2)
    cache.put("a", "value", SOON)
    assert cache.get("a", NOW) == "value"
    assert cache.get("b", NOW) is None
    assert cache.get("a", SOON) is None
    assert len(cache) == 0


def test_the_least_recently_used_leaves_first() -> None:
    cache: ExpiringCache[int] = ExpiringCache(2)
    cache.put("a", 1, SOON)
    cache.put("b", 2, SOON)
    cache.get("a", NOW)
    cache.put("c", 3, SOON)
    assert [cache.get(key, NOW) for key in "abc"] == [1, None, 3]
