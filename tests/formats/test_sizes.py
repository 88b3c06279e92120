"""A file of a few megabytes is refused early: its values are counted while it is read."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.formats.importers.untrusted_document import (
    MAX_DEPTH,
    MAX_NODES,
    TOO_DEEP,
    TOO_MANY,
    UnreadableFile,
    count_values,
    parse_document,
)
from tests.depth import deep_also

ROOT = Path(__file__).resolve().parents[2]

MEGABYTES = 64
"""How much memory a refusal may take."""

MANY = 4_700_000 // 3
OTM = '"otmVersion": "0.2.0", "project": {"name": "a", "id": "b"}'
FIRST = '{"format":"threatmodel-events","version":1,"key":"TM-1","name":"a","events":1,"head":""}\n'


def nothings() -> str:
    return "{}," * MANY + "{}"


def texts() -> str:
    return '"",' * MANY + '""'


def keys() -> str:
    return ",".join(f'"{number}":0' for number in range(450_000))


LARGE: dict[str, Callable[[], str]] = {
    "objects in a list": lambda: f'{{{OTM}, "threats": [{nothings()}]}}',
    "texts in a list": lambda: f'{{{OTM}, "threats": [{texts()}]}}',
    "keys of an object": lambda: f'{{{OTM}, "threats": {{{keys()}}}}}',
    "a list at the top": lambda: f"[{nothings()}]",
    "texts with escapes": lambda: '["' + "\\" * 2_000_000 + '", ' + "0," * 1_000_000 + "0]",
    "a text without an end": lambda: '["' + '\\"' * 2_300_000,
    "YAML": lambda: f"otmVersion: 0.2.0\nthreats: [{nothings()}]",
    "YAML in lines": lambda: "otmVersion: 0.2.0\nthreats:\n" + "- {}\n" * 900_000,
    "events": lambda: f'{FIRST}{{"participants": [{texts()}]}}',
    "lines": lambda: FIRST + "xy\n" * (MANY - 100),
}
MOST = [*LARGE][::3]
"""What the gate tries; the deep run tries all."""
"""Made when a test wants one: together they are 45 MB, and every process collects all tests."""

READ = """
import resource, sys
from bot.formats.format_detection import read_file
from bot.formats.importers.untrusted_document import UnreadableFile
from bot.store.codec import read_event
import yaml

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

content = sys.stdin.buffer.read()
before = most()
try:
    read_file(content, read_event)
    print("taken")
except UnreadableFile as refused:
    print((most() - before) // 1024, refused)
"""


@pytest.mark.parametrize("what", [*MOST, *deep_also(*((one,) for one in LARGE if one not in MOST))])
def test_a_large_file_of_small_values_is_refused_with_little_memory(what: str) -> None:
    content = LARGE[what]().encode()
    assert 2_000_000 < len(content) < 5_000_000
    read = subprocess.run(
        [sys.executable, "-c", READ], input=content, capture_output=True, cwd=ROOT, check=True
    )
    megabytes, _, sentence = read.stdout.decode().partition(" ")
    assert int(megabytes) < MEGABYTES, sentence
    assert sentence.strip().endswith("."), "one sentence says why"


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('ab,[]{}:"\\ \n') | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('ab,[]{}:"\\ \n'), inner),
    max_leaves=30,
)


def counted(value: object) -> int:
    inside: Iterable[object] = ()
    if isinstance(value, dict):
        inside = cast("dict[str, object]", value).values()
    elif isinstance(value, list):
        inside = cast("list[object]", value)
    return 1 + sum(counted(one) for one in inside)


@given(PLAIN, st.sampled_from([None, 0, 3, "\t\r\n "]))
def test_the_counted_values_are_those_in_the_text(value: object, indent: int | str | None) -> None:
    assert count_values(json.dumps(value, indent=indent)) == counted(value)
    assert count_values(json.dumps(value, ensure_ascii=False, separators=(" , ", " : "))) == counted(value)


@pytest.mark.parametrize(
    "value", ["{}", '"\\","', "0", *deep_also(("[]",), ("{ }",), ('"a,b"',), ('{"a":[]}',))]
)
def test_the_maximum_count_is_accepted_and_one_more_refused(value: str) -> None:
    each = count_values(value)
    here = '"here": [' + ",".join([value] * ((MAX_NODES - 2) // each)) + "]"
    assert parse_document(f"{{{here}}}".encode())
    with pytest.raises(UnreadableFile, match=TOO_MANY):
        parse_document(f'{{{here}, "one": [1, 2, 3]}}'.encode())


@pytest.mark.parametrize("inside", ["", "0"])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":[', "]}")])
def test_the_maximum_depth_is_accepted_and_one_more_refused(opening: str, closing: str, inside: str) -> None:
    step = len(opening.replace('"a":', ""))
    most = MAX_DEPTH // step - (1 if inside else 0)
    assert count_values(opening * most + inside + closing * most)
    with pytest.raises(UnreadableFile, match=TOO_DEEP):
        count_values(opening * (most + 1) + "0" + closing * (most + 1))
