"""Values with lines are those that other parsers read, and each stands on its line."""

import json
from typing import Any, ClassVar, cast

import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.drafts.lined_values import LinedList, LinedMapping, read_json, read_yaml
from tests.depth import examples
from tests.drafts.fixture_drafts import FIXTURES, NAMES, draft_of
from tests.drafts.judgement import UNSEEN

FILES = [*(FIXTURES / name for name in NAMES), *UNSEEN.iterdir()]


def plain(value: Any) -> Any:
    """A value in which numbers are texts and lines are forgotten."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list):
        return [plain(one) for one in cast("list[Any]", value)]
    return value if value is None or isinstance(value, bool) else str(value)


SAFE_LOADER: Any = yaml.SafeLoader


class TextLoader(SAFE_LOADER):
    """A loader of texts, bools and None, as oracle."""

    yaml_implicit_resolvers: ClassVar[Any] = {
        first: [one for one in several if one[0].endswith((":bool", ":null", ":merge"))]
        for first, several in SAFE_LOADER.yaml_implicit_resolvers.items()
    }


def test_yaml_is_read_as_other_parsers_read_it() -> None:
    for file in FILES:
        if file.suffix == ".yaml":
            text = file.read_text()
            assert [plain(one) for one in read_yaml(text, file.name)] == list(
                yaml.load_all(text, TextLoader)
            ), file


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(values, st.sampled_from([None, 0, 2]), st.booleans())
@examples(30)
def test_any_json_is_read_as_it_was_written(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert plain(read_json(text, "a.json")) == plain(value)


def test_keys_and_entries_know_their_lines() -> None:
    for text in ("a: 1\nb:\n  - x\n  -\n    c: y\n", '{"a": 1,\n"b": [\n"x",\n\n{"c": "y"}]}'):
        (found,) = read_yaml(text, "f") if text[0] == "a" else [read_json(text, "f")]
        assert isinstance(found, LinedMapping)
        assert (found.place("a").text, found.place("b").text) == ("f:1", "f:2")
        entries = found.list("b")
        assert isinstance(entries, LinedList)
        assert [place.line for _, place in entries.places()] == [3, 5]
        assert [mapping.place("c").line for mapping in entries.mappings()] == [5]


def test_merged_keys_stand_where_they_are_written_and_yield_to_own_ones() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3\n"
    (found,) = read_yaml(text, "f")
    assert isinstance(found, LinedMapping)
    merged = found.mapping("c")
    assert {key: (merged.text(key), merged.place(key).line) for key in sorted(merged)} == {
        "x": ("3", 5),
        "y": ("1", 1),
        "z": ("2", 2),
    }


def test_merges_by_the_hundred_are_read() -> None:
    anchors = "".join(f"x-{n}: &e{n}\n  V{n}: http://s{n}:80\n" for n in range(150))
    services = "".join(
        f"  s{n}:\n    image: i{n}\n    environment:\n      <<: [*e{n}, *e{(n + 1) % 150}]\n"
        for n in range(150)
    )
    draft = draft_of(f"{anchors}services:\n{services}")
    flows = [item for item in draft.items if item.source]
    assert len(flows) == 150
    assert (flows[0].name, flows[0].place.line) == ("s0 → s1", 4)
