"""What has changed between two moments, from the terminal."""

import json
import re

import pytest

from tests.cli.conftest import RunCli
from tests.depth import deep_only

COLLECTED, LATER = "2026-03-02T09:45:00Z", "2026-03-02T23:00:00Z"


def test_changes_since_a_moment_are_a_table_with_authors(house: RunCli) -> None:
    told = house("changes", "TM-1", "--since", COLLECTED, "--as-of", LATER, "--zone", "UTC").stdout
    assert "From 2026-03-02 09:45 to 2026-03-02 23:00, by today's rules" in told
    assert re.search(r"The model +Phase +moved +collection → analysis +UAMINA +2026-03-02 09:49", told)
    assert re.search(
        r"Glue in the locks keeps residents out \(TH-5\) +reported +score: high, mean 7.6; "
        r"status: open +UAMINA",
        told,
    )
    assert "Nothing in the model has changed." in house("changes", "TM-1", "--since", LATER).stdout


def test_changes_are_available_as_json(house: RunCli) -> None:
    told = json.loads(house("changes", "TM-1", "--since", COLLECTED, "--as-of", LATER, "--json").stdout)
    assert (told["key"], told["since"], told["until"]) == ("TM-1", COLLECTED, LATER)
    assert told["changes"][0] == {
        "about": "scope",
        "turn": "changed",
        "id": None,
        "name": "Phase",
        "how": "moved",
        "details": [{"name": "", "before": "collection", "now": "analysis"}],
        "by": ["UAMINA"],
        "at": "2026-03-02T09:49:00Z",
    }
    assert [one["id"] for one in told["changes"][1:]] == [f"TH-{number}" for number in range(1, 7)]


@deep_only
def test_a_report_with_a_start_date_begins_with_the_changes(house: RunCli) -> None:
    told = house("report", "TM-1", "--since", COLLECTED, "--as-of", LATER, "--zone", "UTC").stdout
    assert '## <a id="changes"></a>Changes since 2 March 2026' in told
    assert told.index("| collection → analysis |") < told.index("Highest open risks\n\n|")
    assert "Changes since" not in house("report", "TM-1").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "soon"), "--since: 'soon' is not"),
        (("--since", "2026-03-01", "--zone", "UTC"), "--since: TM-1 did not exist at 2026-03-01 23:59."),
        (
            ("--since", LATER, "--as-of", COLLECTED, "--zone", "UTC"),
            "--since: 2026-03-02 23:00 comes after",
        ),
    ],
)
def test_invalid_moments_are_reported_in_one_line(house: RunCli, words: tuple[str, ...], said: str) -> None:
    told = house("changes", "TM-1", *words)
    assert (told.exit_code, told.stderr.count("\n")) == (2, 1)
    assert said in told.stderr
