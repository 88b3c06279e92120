"""Files that cannot be drafted from are refused: in a sentence that says what to do, early, within limits."""

import builtins
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.drafts import SourceFile, read_draft
from bot.formats.importers.untrusted_document import MAX_BYTES, NEEDS_YAML, UnreadableFile
from tests.depth import deep_only
from tests.drafts.fixture_drafts import draft_of, fixture_file

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
REFUSED = {
    "Helm value": ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n", "helm template"),
    "Helm block": ("{{- if .Values.on }}\n" + POD + "{{- end }}\n", "helm template"),
    "Helm include": (POD + 'spec:\n  {{- include "x.spec" . | nindent 2 }}\n', "helm template"),
    "quoted Helm value": (
        'apiVersion: v1\nkind: Pod\nmetadata: {name: "{{ .Release.Name }}"}\n',
        "helm template",
    ),
    "Helm chart": ("apiVersion: v2\nname: shop\nversion: 1.2.3\n", "helm template"),
    "Kustomization": ("kind: Kustomization\nresources: [a.yaml]\n", "kubectl kustomize"),
    "Kustomization without a kind": ("resources:\n  - a.yaml\npatches: []\n", "kubectl kustomize"),
    "Jinja": ("services:\n{% for one in all %}\n  web: {}\n{% endfor %}\n", "Render it with the tool"),
    "Jinja value": ("services:\n  web:\n    image: {{ image }}\n", "Render it with the tool"),
    "Jinja name": ('services:\n  "{{ name }}":\n    image: a\n', "Render it with the tool"),
    "Terraform": (
        'resource "aws_s3_bucket" "a" {\n  bucket = "b"\n}\n',
        "terraform show -json plan.out > plan.json",
    ),
    "PlantUML": ("@startuml\nA -> B\n@enduml\n", "PlantUML files are not read"),
    "draw.io": ("<mxfile><diagram/></mxfile>", "draw.io files are not read"),
    "other Mermaid diagram": ("sequenceDiagram\n  A->>B: x\n", "Only flowcharts"),
    "threat model": (
        '{"otmVersion": "0.2.0", "project": {"name": "a", "id": "b"}}',
        "threatmodel import FILE",
    ),
    "other YAML": ("a: b\n", "The file format is not supported. Draft from one of: Compose"),
    "other JSON": ('{"a": 1}', "The file format is not supported"),
    "a list": ("[1, 2]", "The file format is not supported"),
    "broken YAML": ("services:\n  web: [\n", "not valid YAML (line 3)"),
    "broken JSON": ('{"openapi": "3.0.0",\n "info": }', "not valid JSON (line 2)"),
    "more JSON": ('{"openapi": "3.0.0"} {}', "not valid JSON (line 1)"),
    "an alias of nothing": ("services: *hidden\n", "an alias refers to nothing, or to itself"),
    "an alias of itself": ("services: &a [*a]\n", "an alias refers to nothing, or to itself"),
    "empty": ("  \n", "The file is empty"),
    "Python": ("import os\n\nservices = {'web': os.environ}\n", "Python files are not read"),
    "Python that is YAML": ("from os import environ\n", "Python files are not read"),
    "a script": ("#!/bin/sh\nset -e: x\n", "Shell scripts are not read"),
    "a Dockerfile": ("FROM python:3.13\nRUN true\n", "Dockerfiles are not read"),
    "HTML": ("<!doctype html>\n<p>a: b\n", "HTML pages are not read"),
    "broken YAML in brackets": ("{services: {web: [}\n", "not valid YAML (line 1)"),
    "a key that is a list": ("services:\n  [a, b]: c\n", "a key in it is a list or a mapping"),
}


def test_the_refusal_says_what_to_do() -> None:
    told = {name: refusal(text) for name, (text, _) in REFUSED.items()}
    assert {name: one for name, one in told.items() if REFUSED[name][1] not in one} == {}
    assert [one for one in told.values() if not one.startswith("some.file: ")] == []


def refusal(text: str) -> str:
    try:
        draft_of(text, "some.file")
    except UnreadableFile as fault:
        return str(fault)
    return "read"


READ = {
    "a Go template in a value": "services:\n  a: {image: b, command: 'docker ps --format \"{{.Names}}\"'}\n",
    "an alert in a config map": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
        "data:\n  rules: |\n    {{ $labels.pod }} is down\n"
    ),
    "a reset": "services: {a: {image: b, ports: !reset [], cap_add: !reset null}}\n",
    "YAML in brackets": "{services: {web: {image: 'a'}}}",
    "several documents in brackets": "{kind: Pod, apiVersion: v1, metadata: {name: a}}\n---\n{kind: List}\n",
    "values of other types": "services: {a: 5, b: [1], c: null, d: {ports: 80, environment: 3, volumes: {}}}",
}


def test_what_only_looks_like_a_template_is_read() -> None:
    assert {name: refusal(text) for name, text in READ.items()} == dict.fromkeys(READ, "read")


def test_a_plan_is_read_in_the_terminal_only() -> None:
    plan = fixture_file("cloud.plan.json")
    with pytest.raises(
        UnreadableFile, match=r"cloud.plan.json: Terraform plans can contain secrets.*terminal"
    ):
        read_draft([plan])
    assert read_draft([plan], terminal=True).items


def test_a_page_without_a_flowchart_is_refused_as_such() -> None:
    for text in ("# Title\n\n- a: b: c\n", "```yaml\nservices: {}\n```\n"):
        with pytest.raises(UnreadableFile, match=r"README\.md: The page has no Mermaid flowchart"):
            draft_of(text, "README.md")


def test_one_unreadable_file_refuses_all_and_is_named() -> None:
    bad = SourceFile(name="b.yaml", content=b"a: b")
    with pytest.raises(UnreadableFile, match=r"^b\.yaml: "):
        read_draft([fixture_file("minimal.compose.yaml"), bad])


def test_without_the_package_for_yaml_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "yaml":
            raise ModuleNotFoundError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UnreadableFile) as told:
        read_draft([fixture_file("minimal.compose.yaml")])
    assert str(told.value) == f"minimal.compose.yaml: {NEEDS_YAML}"
    assert read_draft([fixture_file("silent.openapi.json")]).items


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_is_read_in_each_encoding_of_unicode(encoding: str) -> None:
    content = "services: {wöb: {image: a, ports: ['80:80']}}\n".encode(encoding)
    assert {item.key for item in read_draft([SourceFile(name="a.yaml", content=content)]).items} == {
        *("compose:wöb", "compose:wöb:80", "dependency:container-images"),
    }


def test_the_name_of_a_file_tells_what_it_is_only_if_it_cannot_be_read() -> None:
    for name, kind in (
        ("app.ts", "JavaScript and TypeScript"),
        ("deploy/.env", "Environment"),
        ("a.csv", "CSV"),
    ):
        with pytest.raises(UnreadableFile, match=f"{kind} files"):
            draft_of("a=b", name)
    assert draft_of("services: {a: {image: b}}", "compose.conf").items


ROOT = Path(__file__).resolve().parents[2]
SECONDS = 2.0
MEBIBYTES = 200


def unfolding(levels: int = 9) -> str:
    """An alias bomb: each level has nine times the one before."""
    lines = ["a0: &a0 {image: b}"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join([*lines, f"services: {{x: {{ports: *a{levels - 1}}}}}"])


def merged() -> str:
    """Mappings that are merged into each other, each time with all keys of before."""
    lines = ["m0: &m0 {" + ", ".join(f"k{n}: v" for n in range(500)) + "}"]
    lines += [f"m{n}: &m{n}\n  <<: [{', '.join([f'*m{n - 1}'] * 5)}]" for n in range(1, 12)]
    return "\n".join([*lines, "services: {a: {environment: *m11}}"])


def many_edges() -> str:
    ends = " & ".join(f"n{n}" for n in range(4_000))
    return f"graph TD\n{ends} --> {ends}\n"


HOSTILE: dict[str, Callable[[], str]] = {
    "aliases": unfolding,
    "merges": merged,
    "depth in YAML": lambda: "services: " + "[" * 5_000,
    "depth in blocks": lambda: "".join(f"{' ' * n}a:\n" for n in range(900)),
    "depth in JSON": lambda: '{"openapi": ' + "[" * 5_000,
    "edges": many_edges,
    "variables in each other": lambda: "services: {a: {image: b, ports: ['" + "${A:-" * 800_000 + "']}}",
    "many services": lambda: "services:\n" + "".join(f"  s{n}: {{image: a{n}}}\n" for n in range(3_000)),
}
SLOW: dict[str, Callable[[], str]] = {
    "many variables in each other": lambda: (
        "services: {a: {image: b, ports: ["
        + ",".join(["'" + "${A:-" * 700 + "}" * 700 + "'"] * 1_100)
        + "]}}"
    ),
    "a million keys": lambda: "services:\n" + "".join(f"  k{n}:\n" for n in range(400_000)),
    "one long value": lambda: "services: {a: {image: b, environment: {X_URL: '" + "a-.:@/" * 700_000 + "'}}}",
    "one long port": lambda: "services: {a: {ports: ['" + "1:" * 2_000_000 + "']}}",
    "one long name": lambda: "services: {" + "a" * 4_500_000 + ": {image: b}}",
    "many variables": lambda: (
        "services:\n  a:\n    image: b\n    environment:\n"
        + "".join(f"      K{n}_URL: http://h{n}.example.net:80/\n" for n in range(100_000))
    ),
    "values in JSON": lambda: (
        '{"openapi": "3.0.0", "info": {"title": "a"}, "paths": {'
        + ",".join(f'"/p{n}/{{id}}": {{"get": {{"tags": ["t"]}}}}' for n in range(40_000))
        + "}}"
    ),
    "escapes in JSON": lambda: '{"openapi": "' + '\\"' * 2_300_000,
    "templates": lambda: "services:\n  a: {image: b, command: '" + "{{- " * 1_000_000 + "'}\n",
    "long lines of a flowchart": lambda: "graph TD\n" + "a" * 2_000_000 + "-" * 2_000_000 + "\n",
    "open brackets of a flowchart": lambda: "graph TD\nx" + "[(" * 20_000 + "\n" + "a[" * 300_000 + "\n",
    "labels of a flowchart": lambda: "graph TD\n" + "a -- b " * 500_000 + "\n",
    "fences of a page": lambda: "```mermaid\ngraph TD\n" * 100_000,
    "lines without a diagram": lambda: "---\n" * 1_000_000,
    "HCL": lambda: 'resource "' * 400_000,
}


def outcome(text: str) -> str:
    try:
        read_draft([SourceFile(name="a.yaml", content=text.encode()[:MAX_BYTES])], terminal=True)
    except UnreadableFile as fault:
        return str(fault)
    return "read"


def slow(files: dict[str, Callable[[], str]]) -> dict[str, float]:
    """The files that took too long, with their processor time."""
    took: dict[str, float] = {}
    for name, made in files.items():
        text, begun = made(), time.process_time()
        outcome(text)
        if (seconds := time.process_time() - begun) > SECONDS:
            took[name] = round(seconds, 1)
    return took


def test_hostile_files_are_refused_within_seconds() -> None:
    assert slow(HOSTILE) == {}
    assert {name: outcome(made()) for name, made in HOSTILE.items() if name in ("aliases", "edges")} == {
        "aliases": "a.yaml: The file has more than 250,000 values, which is too many for a threat model.",
        "edges": "a.yaml: The flowchart has more than 4,000 edges, which is too many.",
    }


def test_a_draft_has_a_limited_number_of_items() -> None:
    assert "more than 2,000 elements, which is too many for one draft" in outcome(HOSTILE["many services"]())


def test_a_draft_has_a_limited_number_of_unresolved_values_and_of_notes() -> None:
    mounts = ", ".join(f"'${{M{n}}}:/m'" for n in range(2_001))
    assert "which is too many for one draft" in outcome(f"services: {{a: {{image: b, volumes: [{mounts}]}}}}")
    kinds = "".join(f"---\nkind: K{n}\napiVersion: v1\nmetadata: {{name: a}}\n" for n in range(300))
    draft = read_draft([SourceFile(name="a.yaml", content=kinds.encode())])
    assert (len(draft.notes), draft.notes[-1]) == (
        201,
        "other parts of other types were not read (100 times)",
    )


@deep_only
def test_large_files_are_read_or_refused_within_seconds() -> None:
    assert slow(SLOW) == {}


MEASURE = """
import resource, sys
from tests.drafts.test_refused_files import HOSTILE, SLOW, outcome
outcome("services: {a: {image: b}}")
text = {**HOSTILE, **SLOW}[sys.argv[1]]()
outcome(text)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@deep_only
def test_no_file_takes_much_memory() -> None:
    taken: dict[str, int] = {}
    for name in [*HOSTILE, *SLOW]:
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, name], cwd=ROOT, capture_output=True, text=True, check=True
        )
        taken[name] = int(done.stdout)
    assert {name: one for name, one in taken.items() if one > MEBIBYTES} == {}
