"""Import of foreign files, and refusals with one clear sentence, also of large ones."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.formats import FORMATS
from bot.formats.exporters.extension_data import MARK
from bot.formats.format_detection import read_file
from bot.formats.importers.untrusted_document import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    TOO_DEEP,
    TOO_MANY,
    UnreadableFile,
    count_values,
    parse_document,
)
from bot.store.codec import read_event
from domain.kernel.elements import Component, ComponentKind, Kind
from domain.rejections import Rejected
from tests.depth import SEED, count, deep_also, examples
from tests.formats.export_sources import export_source_named
from tests.formats.format_schemas import reference_file
from tests.formats.fuzz import RandomChoices, mutated
from tests.formats.model_comparison import element_counts
from tests.formats.test_histories import sealed
from tests.formats.test_round_trips import read_back

SAMPLES = {
    "otm/EXAMPLE.yaml": {"component": 4, "data_flow": 2, "asset": 2, "trust_boundary": 2, "threats": 1},
    "threat-dragon/cryptocurrency-wallet.json": {"component": 15, "data_flow": 17, "threats": 1},
    "threat-dragon/iot-device.json": {"component": 11, "data_flow": 14, "threats": 4},
    "threat-dragon/three-tier-web-app.json": {"component": 3, "trust_boundary": 2, "threats": 2},
    "threat-dragon/v2-threat-model.json": {"component": 7, "data_flow": 9, "threats": 14},
    "tm-library/cryptocurrency-wallet-threat-model.json": {"component": 14, "asset": 3, "threats": 3},
    "tm-library/husky-ai-threat-model.json": {"component": 17, "asset": 7, "threats": 9},
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_published_samples_of_the_formats_are_imported(name: str) -> None:
    told = read_back(reference_file(name).read_bytes())
    there = element_counts(told.model)
    assert {kind: there[kind] for kind in SAMPLES[name]} == SAMPLES[name]
    assert told.notes


def otm(**more: Any) -> dict[str, Any]:
    zone = {"id": "z", "name": "Inside", "risk": {"trustRating": 80}}
    one = {"id": "a", "name": "Web client", "type": "web-client", "parent": {"trustZone": "z"}}
    two = {"id": "b", "name": "Orders", "type": "mysql database", "parent": {"component": "a"}}
    flow = {"id": "f", "name": "", "source": "a", "destination": "b"}
    return {
        "otmVersion": "0.2.0",
        "project": {"name": "Shop", "id": "shop"},
        "trustZones": [zone],
        "components": [one, two],
        "dataflows": [flow],
        **more,
    }


def of(document: object) -> bytes:
    return json.dumps(document).encode()


def test_kinds_and_trust_levels_are_derived_from_the_terms_of_other_tools() -> None:
    told = read_back(of(otm()))
    client, orders = (one for one in told.model.of_kind(Kind.COMPONENT) if isinstance(one, Component))
    assert (client.sort, orders.sort) == (ComponentKind.EXTERNAL_ENTITY, ComponentKind.DATA_STORE)
    assert orders.boundary == client.boundary
    assert [level.name for level in told.model.trust_levels()] == ["Trust rating 80"]
    assert "“Orders” is inside another component: imported next to it" in told.notes


def test_fields_without_a_counterpart_are_listed() -> None:
    document = otm(novelty={"x": 1})
    document["components"][0] |= {"tags": ["blue"], "owner": "Joe", "empty": None}
    notes = read_back(of(document)).notes
    assert {"“tags” of a component", "“owner” of a component", "“novelty” of the file"} <= set(notes)
    assert not [note for note in notes if "empty" in note]


def test_long_text_is_cut_and_duplicate_names_get_a_number_with_a_note() -> None:
    document = otm()
    document["components"] += [
        {"id": "c", "name": "web CLIENT", "type": "service", "parent": {"trustZone": "z"}},
        {"id": "d", "name": "x" * 999, "type": "service", "parent": {"trustZone": "nowhere"}},
    ]
    told = read_back(of(document))
    names = [one.name for one in told.model.of_kind(Kind.COMPONENT)]
    assert names == ["Web client", "Orders", "web CLIENT (2)", "x" * 149 + "…"]
    assert any("shortened from 999 to" in note for note in told.notes)
    assert any("“nowhere” is not in the file" in note for note in told.notes)
    assert any("the name is already used" in note for note in told.notes)


def test_yaml_text_stays_text_and_sexagesimal_numbers_are_not_parsed() -> None:
    project = b"{name: no, id: 1:1, description: 1:30:00 on 2026-03-02}"
    told = read_back(b"otmVersion: 0.2.0\nproject: " + project + b"\nx: " + b"1:" * 2_000_000 + b"1\n")
    assert told.model.name == "no"
    assert told.model.description == "1:30:00 on 2026-03-02"
    assert "“x” of the file" in told.notes


def test_without_the_yaml_package_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(UnreadableFile, match=r"pip install '\.\[yaml\]'"):
        read_back(b"otmVersion: 0.2.0\n")


def test_a_flow_with_equal_ends_is_omitted_with_a_note() -> None:
    document = otm()
    document["dataflows"] += [{"id": "g", "name": "Loop", "source": "a", "destination": "a"}]
    told = read_back(of(document))
    assert len(told.model.of_kind(Kind.DATA_FLOW)) == 1
    assert any(note.startswith("data flow “Loop”:") for note in told.notes)


def circle(kind: str) -> bytes:
    if kind == "zones":
        zones = [
            {"id": one, "name": one, "risk": {"trustRating": 1}, "parent": {"trustZone": two}}
            for one, two in (("z", "y"), ("y", "z"))
        ]
        return of(otm(trustZones=zones))
    parts = [
        {"id": one, "name": one, "type": "x", "parent": {"component": two}}
        for one, two in (("a", "b"), ("b", "a"))
    ]
    return of(otm(components=parts))


HOSTILE: dict[str, tuple[bytes, str]] = {
    "too large": (b"{" + b" " * MAX_BYTES + b"}", "At most 5,000,000 can be imported."),
    "empty": (b" \n", "The file is empty"),
    "Latin-1": ('{"otmVersion": "Hütte"}'.encode("latin-1"), "not UTF-8 text"),
    "half of UTF-16": ('{"otmVersion": "0.2.0"}'.encode("utf-16")[:-1], "not UTF-16 text"),
    "image": (b"\x89PNG\0\0\0", "is an image, not text"),
    "PDF": (b"%PDF-1.7\n", "is a PDF document, not text"),
    "archive": (b"PK\x03\x04\x14", "is an archive, or a document of an office program, not text"),
    "zero bytes": (b'{"otmVersion": "\0"}', "zero bytes"),
    "deep": (b'{"otmVersion":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested more than 60 levels"),
    "deep and broken": (b"[" * 4_000_000, "nested more than 60 levels"),
    "deep YAML": (b"otmVersion: " + b"[" * 500 + b"]" * 500, "nested more than 60 levels"),
    "a bomb of aliases": (b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "anchors or aliases"),
    "a YAML tag": (b"otmVersion: !!python/object/apply:os.system ['true']\n", "YAML tags"),
    "JSON:": (b'{"otmVersion": ', "JSON:"),
    "no object": (b"[1]", "no object."),
    "another format": (b'{"openapi": "3.0.0"}', "not supported."),
    "a list instead of text": (of(otm(project={"name": []})), "“name” of the project should be text"),
    "text instead of a list": (of(otm(components="all")), "“components” of the file should be a list"),
    "a number instead of an object": (of(otm(trustZones=[7])), "should hold objects only"),
    "ids that collide": (
        of(otm(assets=[{"id": "a", "name": "Key"}])),
        "Two objects in the file have the ID “a”",
    ),
    "no id": (of(otm(assets=[{"name": "Key"}])), "The asset “Key” has no id"),
    "zones in a circle": (circle("zones"), "nested in itself,"),
    "components in a circle": (circle("components"), "nested in itself,"),
    "too many elements": (
        of(otm(assets=[{"id": f"a{n}", "name": f"{n}"} for n in range(3000)])),
        "At most 2,000",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_with_one_sentence(case: str) -> None:
    content, sentence = HOSTILE[case]
    with pytest.raises((UnreadableFile, Rejected), match=sentence) as refused:
        read_back(content)
    assert "\n" not in str(refused.value)


# Found by atheris, or by counting what grows faster than a file


def nested(count: int, *, inside: str) -> bytes:
    """So many things, each in the one before."""
    parents = [{inside: str(number - 1)} if number else {} for number in range(count)]
    things = [{"id": str(n), "name": f"n{n}", "risk": {}, "parent": one} for n, one in enumerate(parents)]
    return of(otm(**{"components" if inside == "component" else "trustZones": things, "dataflows": []}))


@pytest.mark.parametrize("inside", ["component", "trustZone"])
def test_deep_nesting_does_not_take_longer(inside: str) -> None:
    began = time.process_time()
    with pytest.raises(UnreadableFile, match=r"has 20,000 elements|has 20,002 elements"):
        read_back(nested(20_000, inside=inside))
    assert time.process_time() - began < 8, "it took half a minute and more once"


def test_a_component_without_an_id_in_one_without_an_id_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="has no id"):
        read_back(of(otm(components=[{"id": "", "name": "x", "type": "y", "parent": {"component": ""}}])))


def test_elements_with_equal_names_are_all_imported() -> None:
    flows = [{"id": f"f{n}", "name": "", "source": "a", "destination": "b"} for n in range(250)]
    told = read_back(of(otm(dataflows=flows)))
    assert len(told.model.of_kind(Kind.DATA_FLOW)) == 250
    many = count(400, deep=1_200)
    same = [{"id": f"s{n}", "name": "Same", "type": "x"} for n in range(many)]
    began = time.process_time()
    told = read_back(of(otm(components=same, dataflows=[])))
    assert [one.name for one in told.model.of_kind(Kind.COMPONENT)][-1] == f"Same ({many})"
    assert time.process_time() - began < 12, "it took a minute once"


def test_entry_points_in_each_other_keep_ids_that_fit_into_a_button() -> None:
    doors = [
        {"kind": "entry_point", "id": str(n), "name": f"n{n}", **({"parent": str(n - 1)} if n else {})}
        for n in range(40)
    ]
    told = read_back(of(otm(project={"name": "x", "id": "x", "attributes": {MARK: {"elements": doors}}})))
    points = told.model.of_kind(Kind.ENTRY_POINT)
    assert len(points) == 40
    assert max(point.id.count(".") for point in points) == 12
    assert any("parent of entry point “n13”" in note for note in told.notes)


def test_boxes_in_boxes_are_counted_before_they_are_compared() -> None:
    box = {"shape": "trust-boundary-box", "position": {"x": 0, "y": 0}, "size": {"width": 9, "height": 9}}
    cells = [{**box, "id": f"b{n}", "data": {"name": "Box"}} for n in range(20_000)]
    detail = {"diagrams": [{"id": 0, "title": "d", "cells": cells}]}
    began = time.process_time()
    with pytest.raises(UnreadableFile, match="has 20,000 elements"):
        read_back(of({"version": "2.0", "summary": {"title": "t"}, "detail": detail}))
    assert time.process_time() - began < 8


@pytest.mark.parametrize("word", ["otm", "threat-dragon", "tm-bom"])
def test_a_flow_whose_generated_name_was_removed_has_no_name(word: str) -> None:
    text = FORMATS[word].write(export_source_named("house")).decode()
    found = json.loads(text, object_hook=lambda one: {**one, "name": None} if "entry_point" in one else one)
    told = read_back(of(found))
    assert len(told.model.of_kind(Kind.DATA_FLOW)) == len(
        export_source_named("house").register.items(Kind.DATA_FLOW)
    )


@pytest.mark.parametrize("word", ["otm", "threat-dragon", "tm-bom", "events"])
def test_a_mutated_export_is_imported_or_refused(word: str) -> None:
    whole = FORMATS[word].write(export_source_named("house"))
    for number in range(count(8, deep=600)):
        choices = RandomChoices(f"{SEED}/{word}/{number}")
        if word == "events":
            lines = [json.loads(line) for line in whole.splitlines()]
            at = choices.ConsumeIntInRange(1, 20)
            lines[at]["event"] = mutated(lines[at]["event"], choices)
            content = sealed(lines)
        else:
            content = of(mutated(json.loads(whole), choices))
        try:
            read_back(content)
        except (UnreadableFile, Rejected):
            continue


@examples(25)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_arbitrary_bytes_are_refused_with_one_sentence(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_file(content, read_event)


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
"""What the condition tries; the deep run tries all."""
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
