"""Controls by chapter of OWASP ASVS from the terminal."""

import json
from pathlib import Path

from domain.compliance import NOT_A_CERTIFICATE
from tests.cli.conftest import RunCli


def test_all_models_are_shown_by_chapter_with_what_it_is_not(house: RunCli) -> None:
    told = house("compliance").stdout
    assert NOT_A_CERTIFICATE in " ".join(told.split())
    assert "V16 Security Logging and Error Handling" in told
    assert "TM-1" in told


def test_one_model_is_one_object_of_json(house: RunCli) -> None:
    told = json.loads(house("compliance", "tm-1", "TM-1", "--json").stdout)
    assert [*told] == ["standard", "notice", "chapters", "models"]
    assert [one["key"] for one in told["models"]] == ["TM-1"]
    results = ("in_place", "suggested", "confirmed", "dismissed")
    for one in (*told["chapters"], *told["models"]):
        assert one["answered"] == sum(one[result] for result in results)
        assert one["checks"] == one["answered"] + one["assumed"] + one["unanswered"]


def test_it_is_written_to_a_file_of_the_format_that_its_name_tells(house: RunCli, tmp_path: Path) -> None:
    file = tmp_path / "asvs.html"
    assert house("compliance", "-o", str(file)).stdout == f"The report was written to {file}.\n"
    assert NOT_A_CERTIFICATE.encode() in file.read_bytes()
    assert house("compliance", "-f", "md").stdout.startswith("# Controls by OWASP ASVS")
