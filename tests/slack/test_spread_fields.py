"""Checkboxes and menus with more options than one field may have: each part states its range."""

import pytest

from bot.slack.ui.forms.field_blocks import field_blocks
from bot.slack.ui.forms.form_fields import CheckboxesField, Option

IN_ORDER = [f"TH-{number}" for number in range(1, 13)]
BY_RISK = ["TH-5", *(one for one in IN_ORDER if one != "TH-5")]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (IN_ORDER, ["Threats (TH-1 to TH-10)", "Threats (TH-11 to TH-12)"]),
        (BY_RISK, ["Threats (1 to 10)", "Threats (11 to 12)"]),
        ([f"{one}/encrypted" for one in IN_ORDER], ["Threats (1 to 10)", "Threats (11 to 12)"]),
    ],
    ids=["by ID", "by risk", "other values"],
)
def test_each_part_says_which_options_it_has(values: list[str], labels: list[str]) -> None:
    options = tuple(Option(value=one, text=one) for one in values)
    blocks = field_blocks(CheckboxesField(key="threats", label="Threats", options=options))
    assert [one["label"]["text"] for one in blocks] == labels
