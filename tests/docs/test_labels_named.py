"""Buttons, fields and figures that pages name are those of the product."""

import re

from deploy.docs.generator.pages import DOCS, README
from domain.built_in_catalog import BUILT_IN
from tests.sentences.collector import sentences

OF_SLACK = {
    "Your Apps",
    "Create New App",
    "From a manifest",
    "Bot User OAuth Token",
    "App-Level Token",
    "Signing Secret",
    "Event Subscriptions",
    "Manage Distribution",
    "Basic Information",
}
"""Names on Slack's own pages."""


def test_labels_in_italics_exist_in_the_product() -> None:
    said = "\n".join(one.text for one in sentences() if one.path.startswith(("bot/", "domain/"))).casefold()
    reference = [DOCS / f"reference/{name}.md" for name in ("reminders", "technologies", "slash-words")]
    pages = [README, *sorted((DOCS / "guide").glob("*.md")), *reference]
    named = {
        (page.name, label)
        for page in pages
        for label in re.findall(r"(?<!\*)\*([A-Z][^*\n]{2,60})\*(?!\*)", page.read_text())
        if label not in OF_SLACK
    }
    assert len(named) > 10
    assert {one for one in named if one[1].casefold() not in said} == set()


def test_the_readme_states_the_size_of_the_catalogs() -> None:
    text = " ".join(README.read_text().split())
    for count, noun in (
        (len(BUILT_IN.rules), "rules"),
        (len(BUILT_IN.technologies), "technologies"),
        (len(BUILT_IN.protocols), "protocols"),
    ):
        assert f"{count} {noun}" in text
