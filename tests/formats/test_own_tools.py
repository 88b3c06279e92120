"""Our files opened with what their own tools open them with, where it is installed (see `own_tools`).

Threat Dragon itself is in no package registry: `test_threat_dragon` holds to facts about it. Of IriusRisk
there is the command line, which checks a file before it sends it to the server.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from bot.formats import FORMATS
from domain.elements import Kind
from tests.formats import own_tools
from tests.formats.sources import KINDS, source
from tests.formats.test_exports import SCHEMAS
from tests.formats.upstream import reference

pytest.importorskip("playwright", reason="no playwright here (pip install playwright)")

from playwright.sync_api import Browser, Page

from tests.browser.player import running_chromium

WITNESS = Path(__file__).parent / "witness"
OFFLINE = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}


def installed(*names: str) -> None:
    """Skip a test where one of the packages that it uses is not there."""
    for name in own_tools.missing():
        if name in names:
            pytest.skip(f"{name} is not installed: python3 -m tests.formats.own_tools fetches it")


@pytest.fixture(scope="module")
def modules() -> Path:
    """Where the packages of npm are."""
    installed(*own_tools.PACKAGES)
    return own_tools.node_modules()


@pytest.fixture(scope="module")
def browser(modules: Path, chromium: Path) -> Iterator[Browser]:
    """The system's Chromium, running."""
    with running_chromium(chromium) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with a place to draw in, and nothing else."""
    context = browser.new_context(viewport={"width": 1600, "height": 1200}, offline=True)
    made = context.new_page()
    made.set_content(
        '<body style="margin: 0"><div id="graph" style="width: 1600px; height: 1200px"></div></body>'
    )
    yield made
    context.close()


def drawn(page: Page, modules: Path, which: str | int) -> dict[str, Any]:
    page.add_script_tag(path=modules / "@antv" / "x6" / "dist" / "index.js")
    written = json.loads(FORMATS["threat-dragon"].write(source(which)))
    diagram = written["detail"]["diagrams"][0]
    return cast("dict[str, Any]", page.evaluate((WITNESS / "x6.js").read_text(), diagram))


def letters(text: str) -> str:
    """The text without white space, which the library replaces, and without invisible characters."""
    return "".join(one for one in text if one.isprintable() and not one.isspace())


@pytest.mark.parametrize("which", KINDS)
def test_the_library_of_threat_dragon_draws_every_name(page: Page, modules: Path, which: str | int) -> None:
    seen = drawn(page, modules, which)["seen"]
    known = source(which).register
    kinds = (Kind.COMPONENT, Kind.DATA_FLOW, Kind.TRUST_BOUNDARY)
    assert len([one for one in seen if one["name"] != "Not in the diagram"]) == sum(
        len(known.items(kind)) for kind in kinds
    )
    for one in seen:
        if one["shape"] == "trust-boundary-box":  # cut where the boundary ends
            assert letters(one["name"]).startswith(letters(one["text"]).rstrip("…"))
        else:
            assert letters(one["text"]) == letters(one["name"])


@pytest.mark.parametrize("which", KINDS)
def test_no_name_is_larger_than_its_shape_also_once_the_shape_was_chosen(
    page: Page, modules: Path, which: str | int
) -> None:
    found = drawn(page, modules, which)
    shapes = [one for one in found["seen"] if one["bounds"] and one["shape"] != "trust-boundary-box"]
    assert shapes
    for one in [*shapes, *found["chosen"]]:
        assert letters(one["text"]) == letters(one["name"])
        if one["room"] and letters(one["text"]):
            assert one["room"]["width"] <= one["bounds"]["width"], one["name"]
            assert one["room"]["height"] <= one["bounds"]["height"], one["name"]


@pytest.mark.parametrize("which", KINDS)
def test_what_is_open_is_drawn_in_red_at_once(page: Page, modules: Path, which: str | int) -> None:
    written = json.loads(FORMATS["threat-dragon"].write(source(which)))["detail"]["diagrams"][0]["cells"]
    is_open = {one["id"]: one["data"]["hasOpenThreats"] for one in written}
    for one in drawn(page, modules, which)["seen"]:
        assert ("red" in one["strokes"]) is is_open[one["id"]], (one["name"], one["strokes"])


@pytest.mark.parametrize("which", KINDS)
def test_the_library_of_drawio_reads_every_shape_and_line(
    page: Page, modules: Path, which: str | int
) -> None:
    page.evaluate("window.mxLoadResources = window.mxLoadStylesheets = false; window.mxBasePath = '.';")
    page.add_script_tag(path=modules / "mxgraph" / "javascript" / "mxClient.js")
    file = FORMATS["drawio"].write(source(which)).decode()
    found: Any = page.evaluate((WITNESS / "mxgraph.js").read_text(), file)
    known = source(which).register
    kinds = (Kind.COMPONENT, Kind.DATA_FLOW, Kind.TRUST_BOUNDARY)
    named = {item.id: item.name for kind in kinds for item in known.items(kind)}
    assert {one["id"] for one in found} == set(named)
    for one in found:
        assert one["drawn"], one
        assert letters(one["label"]) == letters(named[one["id"]])
        if one["kind"] == "edge":
            assert all(end in named for end in one["ends"])
    assert {one["id"] for one in found if one["kind"] == "edge"} == {
        item.id for item in known.items(Kind.DATA_FLOW)
    }


@pytest.mark.parametrize("which", KINDS)
@pytest.mark.parametrize("word", ["otm", "threat-dragon", "tm-bom"])
def test_what_threat_dragon_checks_files_with_finds_nothing_wrong(
    modules: Path, tmp_path: Path, word: str, which: str | int
) -> None:
    file = tmp_path / "file.json"
    file.write_bytes(FORMATS[word].write(source(which)))
    command = [
        "node",
        str(WITNESS / "ajv.js"),
        str(modules),
        str(reference(SCHEMAS[word]).resolve()),
        str(file),
    ]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (checked.returncode, checked.stdout) == (0, "[]"), checked.stderr


@pytest.mark.parametrize("which", KINDS)
def test_what_iriusrisk_checks_a_file_with_before_it_takes_it_finds_nothing_wrong(
    tmp_path: Path, which: str | int
) -> None:
    installed("iriusrisk-cli")
    file = tmp_path / "file.otm"
    check = (
        "import json, sys; from iriusrisk_cli.utils.otm_utils import validate_otm_schema as check; "
        "print(json.dumps([check(open(one).read()) for one in sys.argv[1:]]))"
    )
    broken = tmp_path / "broken.otm"
    file.write_bytes(FORMATS["otm"].write(source(which)))
    broken.write_bytes(file.read_bytes().replace(b'"trustRating"', b'"x"'))
    environment = {**os.environ, "PYTHONPATH": str(own_tools.python_packages())}
    command = [sys.executable, "-c", check, str(file), str(broken)]
    checked = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    fine, faulty = json.loads(checked.stdout.splitlines()[-1])
    assert fine == [True, None]
    assert faulty[0] is False


@pytest.fixture
def validated(modules: Path, tmp_path: Path) -> Callable[[bytes, str], list[str]]:
    """The errors and warnings that the validator of SARIF has about a file, by some kinds of its rules."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip("the validator of SARIF is there for Linux on x86-64 only")
    program = modules / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
    program.chmod(0o755)
    environment = {**os.environ, **OFFLINE, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}

    def validate(content: bytes, kinds: str) -> list[str]:
        file, told = tmp_path / "threats.sarif", tmp_path / "found.sarif"
        file.write_bytes(content)
        rules = ["--rule-kind", kinds, "--level", "Error;Warning"]
        command = [str(program), "validate", str(file), *rules, "-o", str(told)]
        checked = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert told.exists(), checked.stdout + checked.stderr
        (run,) = json.loads(told.read_text(encoding="utf-8-sig"))["runs"]
        return [f"{one['ruleId']} {one['message'].get('arguments')}" for one in run.get("results", [])]

    return validate


@pytest.mark.parametrize("which", KINDS)
def test_the_validator_of_sarif_has_neither_errors_nor_warnings(
    validated: Callable[[bytes, str], list[str]], which: str | int
) -> None:
    assert validated(FORMATS["sarif"].write(source(which)), "Sarif") == []


@pytest.mark.parametrize("which", KINDS)
def test_with_an_anchor_the_rules_of_github_find_nothing_either(
    validated: Callable[[bytes, str], list[str]], which: str | int
) -> None:
    file = FORMATS["sarif"].write(replace(source(which), anchor="docs/THREATMODEL.md"))
    assert validated(file, "Sarif;Ghas") == []


def test_the_validator_of_sarif_would_find_something(
    validated: Callable[[bytes, str], list[str]],
) -> None:
    document = json.loads(FORMATS["sarif"].write(source("house")))
    run = document["runs"][0]
    for rule in run["tool"]["driver"]["rules"]:
        del rule["help"]
    for result in run["results"]:
        result.pop("locations", None)
    found = {one.partition(" ")[0] for one in validated(json.dumps(document).encode(), "Sarif;Ghas")}
    assert found >= {"GH1015", "GH2012"}, "a location and help"
