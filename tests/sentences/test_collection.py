"""What the list of sentences holds, and what it leaves out."""

from tests.sentences.__main__ import listing
from tests.sentences.collector import ROOT, of_module, of_template, sentences
from tests.sentences.surfaces import NAMES, SURFACES

MODULE = '''
"""A docstring that only developers read."""
log.info("the worker starts")
Counter("requests_total", "Requests by outcome")
TITLE: Final = "Risk acceptance"
"""A description that only developers read."""
QUERY = "SELECT title FROM threats WHERE tenant = :tenant"
FLAGS = "least_privilege caches_responses"
SCRIPT = """
const warn = () => {
    notify('The connection is lost.');
};
"""
HTML = '<p class="quiet">Nothing is open.</p>'
STATES = {State.OPEN: "open", State.DONE: f"done by {person}"}

@main.command()
def erase(model: "Model of a caller") -> None:
    """Erase MODEL for good."""

def show(one):
    if one.kind == "not a sentence":
        raise Refused(f"{one.id} is closed. Open " + "it first.")
    assert one, "never seen by users"
    return button("Open the plan", name="open", text=f"{'Owner' if one.owner else 'no owner'}: {one.name}")
'''


def test_texts_that_people_read_are_listed() -> None:
    """Each with its placeholders, its surface and the part that says it."""
    found = {(one.surface, one.part, one.text) for one in of_module(MODULE, "bot/cli/erasing.py")}
    cli = "command line"
    assert found == {
        ("logs", "", "the worker starts"),
        ("metrics", "", "Requests by outcome"),
        (cli, "", "Risk acceptance"),
        (cli, "", "The connection is lost."),
        (cli, "", "Nothing is open."),
        (cli, "", "open"),
        (cli, "", "done by {…}"),
        (cli, "help", "Erase MODEL for good."),
        (cli, "error", "{…} is closed. Open it first."),
        (cli, "button", "Open the plan"),
        (cli, "button", "Owner"),
        (cli, "button", "no owner"),
    }


def test_texts_of_templates_are_listed() -> None:
    """Without markup and code."""
    page = '<p class="quiet">{% if due %}Due on {{ due }} at the latest{% endif %}</p>'
    assert [one.text for one in of_template(page, "bot/report/page/due.html.jinja")] == [
        "{…}Due on {…} at the latest{…}"
    ]
    yaml = 'display_information:\n  description: Threat modeling in Slack\n  name: "bot:scope"\n'
    assert [(one.text, one.line) for one in of_template(yaml, "deploy/slack-manifest.yaml")] == [
        ("Threat modeling in Slack", 2)
    ]


def test_a_text_is_listed_once_with_all_of_its_places() -> None:
    """So that it is read once, and changed everywhere."""
    twice = of_module('A = "Not found."\nB = "Not found."\n', "bot/cli/looking.py")
    assert listing(twice) == (
        "== command line (1)\nNot found.  <- bot/cli/looking.py:1, bot/cli/looking.py:2\n\n1 sentences\n"
    )


def test_every_file_that_speaks_belongs_to_a_surface() -> None:
    """And each surface has files that speak."""
    found = sentences()
    assert {one.surface for one in found} == set(NAMES)
    missing = [place for surface in SURFACES for place in surface.paths if not (ROOT / place).exists()]
    assert not missing
