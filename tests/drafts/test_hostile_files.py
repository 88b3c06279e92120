"""Large, deep and unfolding files are refused early, or read within two seconds and 200 MiB."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bot.drafts import SourceFile, read_draft
from bot.formats.importers.untrusted_document import MAX_BYTES, UnreadableFile
from tests.depth import deep_only

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


def test_a_larger_file_is_refused_unread() -> None:
    told = ""
    try:
        read_draft([SourceFile(name="a.yaml", content=b"a" * (MAX_BYTES + 1))])
    except UnreadableFile as fault:
        told = str(fault)
    assert "5,000,001 bytes. At most 5,000,000" in told


@deep_only
def test_large_files_are_read_or_refused_within_seconds() -> None:
    assert slow(SLOW) == {}


MEASURE = """
import resource, sys
from tests.drafts.test_hostile_files import HOSTILE, SLOW, outcome
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
