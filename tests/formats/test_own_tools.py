"""Our files opened with what their own tools open them with, where it is installed (see `own_tools`).

Threat Dragon itself is in no package registry: `test_threat_dragon` holds to facts about it. Of IriusRisk
there is the command line, which checks a file before it sends it to the server.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from bot.demo import STORIES
from bot.formats import FORMATS
from domain.kernel.elements import Kind
from tests.depth import deep_also, deep_only
from tests.formats import reference_tools
from tests.formats.export_sources import SEEDS, export_source_named
from tests.formats.format_schemas import reference_file
from tests.formats.test_exports import SCHEMAS

pytest.importorskip("playwright", reason="no playwright here (pip install playwright)")

from playwright.sync_api import Browser, Page

from tests.browser.player import running_chromium

WITNESS = Path(__file__).parent / "witness"
TRIED = [*STORIES, *deep_also(*((seed,) for seed in SEEDS))]
OFFLINE = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}


def installed(*names: str) -> None:
    """Skip a test where one of the packages that it uses is not there."""
    for name in reference_tools.missing_packages():
        if name in names:
            pytest.skip(f"{name} is not installed: python3 -m tests.formats.reference_tools fetches it")


@pytest.fixture(scope="module")
def modules() -> Path:
    """Where the packages of npm are."""
    installed(*reference_tools.PACKAGES)
    return reference_tools.node_modules()


@pytest.fixture(scope="module")
def browser(modules: Path, chromium: Path) -> Iterator[Browser]:
    """The system's Chromium, running."""
    with running_chromium(chromium) as running:
        yield running


@contextmanager
def page_of(browser: Browser) -> Generator[Page]:
    """A page with a place to draw in, and nothing else."""
    context = browser.new_context(viewport={"width": 1600, "height": 1200}, offline=True)
    page = context.new_page()
    size = "width: 1600px; height: 1200px"
    page.set_content(f'<body style="margin: 0"><div id="graph" style="{size}"></div></body>')
    yield page
    context.close()


Drawn = Callable[[str | int], dict[str, Any]]


@pytest.fixture(scope="module")
def drawn(browser: Browser, modules: Path) -> Drawn:
    """What the library of Threat Dragon shows of a model, each of which is drawn once."""

    @cache
    def draw(which: str | int) -> dict[str, Any]:
        with page_of(browser) as page:
            page.add_script_tag(path=modules / "@antv" / "x6" / "dist" / "index.js")
            diagram = json.loads(FORMATS["threat-dragon"].write(export_source_named(which)))["detail"][
                "diagrams"
            ][0]
            return cast("dict[str, Any]", page.evaluate((WITNESS / "x6.js").read_text(), diagram))

    return draw


def letters(text: str) -> str:
    """The text without white space, which the library replaces, and without invisible characters."""
    return "".join(one for one in text if one.isprintable() and not one.isspace())


@deep_only
@pytest.mark.parametrize("which", TRIED)
def test_the_library_of_threat_dragon_draws_every_name(drawn: Drawn, which: str | int) -> None:
    seen = drawn(which)["seen"]
    known = export_source_named(which).register
    kinds = (Kind.COMPONENT, Kind.DATA_FLOW, Kind.TRUST_BOUNDARY)
    assert len([one for one in seen if one["name"] != "Not in the diagram"]) == sum(
        len(known.items(kind)) for kind in kinds
    )
    for one in seen:
        if one["shape"] == "trust-boundary-box":  # cut where the boundary ends
            assert letters(one["name"]).startswith(letters(one["text"]).rstrip("…"))
        else:
            assert letters(one["text"]) == letters(one["name"])


@pytest.mark.parametrize("which", TRIED)
def test_no_name_is_larger_than_its_shape_also_once_the_shape_was_chosen(
    drawn: Drawn, which: str | int
) -> None:
    found = drawn(which)
    shapes = [one for one in found["seen"] if one["bounds"] and one["shape"] != "trust-boundary-box"]
    assert shapes
    for shape in [*shapes, *found["chosen"]]:
        assert letters(shape["text"]) == letters(shape["name"])
        if shape["room"] and letters(shape["text"]):
            assert shape["room"]["width"] <= shape["bounds"]["width"], shape["name"]
            assert shape["room"]["height"] <= shape["bounds"]["height"], shape["name"]


@pytest.mark.parametrize("which", TRIED)
def test_open_threats_are_drawn_in_red_initially(drawn: Drawn, which: str | int) -> None:
    written = json.loads(FORMATS["threat-dragon"].write(export_source_named(which)))["detail"]["diagrams"][0][
        "cells"
    ]
    is_open = {one["id"]: one["data"]["hasOpenThreats"] for one in written}
    for one in drawn(which)["seen"]:
        assert ("red" in one["strokes"]) is is_open[one["id"]], (one["name"], one["strokes"])


@deep_only
@pytest.mark.parametrize("which", TRIED)
def test_the_library_of_drawio_reads_every_shape_and_line(
    browser: Browser, modules: Path, which: str | int
) -> None:
    file = FORMATS["drawio"].write(export_source_named(which)).decode()
    with page_of(browser) as page:
        page.evaluate("window.mxLoadResources = window.mxLoadStylesheets = false; window.mxBasePath = '.';")
        page.add_script_tag(path=modules / "mxgraph" / "javascript" / "mxClient.js")
        found: Any = page.evaluate((WITNESS / "mxgraph.js").read_text(), file)
    known = export_source_named(which).register
    kinds = (Kind.COMPONENT, Kind.DATA_FLOW, Kind.TRUST_BOUNDARY)
    named = {item.id: item.name for kind in kinds for item in known.items(kind)}
    assert {one["id"] for one in found} == set(named)
    for one in found:
        assert one["drawn"], one
        assert letters(one["label"]) == letters(named[one["id"]])
        if one["kind"] == "edge":
            assert all(end in named for end in one["ends"])
    flows = {item.id for item in known.items(Kind.DATA_FLOW)}
    assert {one["id"] for one in found if one["kind"] == "edge"} == flows


def files(word: str, folder: Path, **changed: str) -> list[str]:
    """The files of all models in a format, in a folder."""
    made: list[str] = []
    for number, model in enumerate([*STORIES, *SEEDS]):
        file = folder / f"{word}-{number}.json"
        file.write_bytes(FORMATS[word].write(replace(export_source_named(model), **changed)))
        made.append(str(file))
    return made


def told(*command: str, **more: str) -> str:
    """What a program prints."""
    environment = {**os.environ, **OFFLINE, **more}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("word", ["threat-dragon", *deep_also(("otm",), ("tm-bom",))])
def test_the_validator_of_threat_dragon_reports_no_errors(modules: Path, tmp_path: Path, word: str) -> None:
    schema = str(reference_file(SCHEMAS[word]).resolve())
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    given = [*files(word, tmp_path), str(broken)]
    *fine, faulty = json.loads(told("node", str(WITNESS / "ajv.js"), str(modules), schema, *given))
    assert fine == [[]] * len(fine)
    assert faulty


def test_the_validation_of_iriusrisk_reports_no_errors(tmp_path: Path) -> None:
    installed("iriusrisk-cli")
    check = (
        "import json, sys; from iriusrisk_cli.utils.otm_utils import validate_otm_schema as check; "
        "print(json.dumps([check(open(one).read()) for one in sys.argv[1:]]))"
    )
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    given = [*files("otm", tmp_path), str(broken)]
    said = told(sys.executable, "-c", check, *given, PYTHONPATH=str(reference_tools.python_packages()))
    *fine, faulty = json.loads(said.splitlines()[-1])
    assert fine == [[True, None]] * len(fine)
    assert faulty[0] is False


Validate = Callable[[list[str], str], list[str]]


@pytest.fixture
def validated(modules: Path, tmp_path: Path) -> Validate:
    """The errors and warnings that the validator of SARIF has about files, by some kinds of its rules."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip("the validator of SARIF is there for Linux on x86-64 only")
    program = modules / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
    program.chmod(0o755)

    def validate(given: list[str], kinds: str) -> list[str]:
        found = tmp_path / "found.sarif"
        rules = ["--rule-kind", kinds, "--level", "Error;Warning", "--log", "ForceOverwrite"]
        command = [str(program), "validate", *given, *rules, "-o", str(found)]
        told(*command, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1")
        runs = json.loads(found.read_text(encoding="utf-8-sig"))["runs"]
        results = [one for run in runs for one in run.get("results", [])]
        return [f"{result['ruleId']} {result['message'].get('arguments')}" for result in results]

    return validate


@deep_only
def test_the_validator_of_sarif_has_neither_errors_nor_warnings(validated: Validate, tmp_path: Path) -> None:
    assert validated(files("sarif", tmp_path), "Sarif") == []


@deep_only
def test_with_an_anchor_the_rules_of_github_report_nothing(validated: Validate, tmp_path: Path) -> None:
    assert validated(files("sarif", tmp_path, anchor="docs/THREATMODEL.md"), "Sarif;Ghas") == []


@deep_only
def test_the_validator_of_sarif_reports_invalid_files(validated: Validate, tmp_path: Path) -> None:
    document = json.loads(FORMATS["sarif"].write(export_source_named("house")))
    run = document["runs"][0]
    for rule in run["tool"]["driver"]["rules"]:
        del rule["help"]
    for result in run["results"]:
        result.pop("locations", None)
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(document))
    found = {one.partition(" ")[0] for one in validated([str(file)], "Sarif;Ghas")}
    assert found >= {"GH1015", "GH2012"}, "a location and help"
