"""Persistent maps are read whole as their own iterators read them."""

from hypothesis import given
from hypothesis import strategies as st
from rpds import HashTrieMap

from domain.kernel.persistent_maps import items_of, values_of


@given(st.dictionaries(st.text(max_size=4), st.integers()), st.integers(0, 40))
def test_all_items_are_read_in_the_order_of_the_map(given: dict[str, int], removed: int) -> None:
    found: HashTrieMap[str, int] = HashTrieMap(given)
    for key in list(given)[:removed]:
        found = found.remove(key)
    assert items_of(found) == list(found.items())
    assert list(values_of(found)) == list(found.values())
