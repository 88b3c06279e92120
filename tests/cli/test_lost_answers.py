"""Acknowledged answers that the database has lost, as operators are told of them."""

from pathlib import Path

from structlog.testing import capture_logs

from bot.cli.operations.doctor import examine
from tests.cli.conftest import RunCli
from tests.slack.slack_team import run_bot

REPAIR = (
    "Restore a newer copy of the database. To go on with this state, stop the bot and run "
    "`threatmodel restored`."
)


def test_verify_doctor_and_copy_refuse_what_restored_accepts(house: RunCli, database: Path) -> None:
    heads = database.with_name("threatmodel.db.heads")
    head = house("verify").stdout.splitlines()[-1]
    tenant, last = head.partition(":")[0], int(head.split()[-3])
    heads.write_text(f"{tenant}:{last + 2}:{'0' * 64}\n")
    missing = (
        f"event {last + 2} of workspace {tenant}: it was acknowledged and is missing; "
        f"the chain ends at {last}"
    )

    verified = house("verify")
    assert (verified.exit_code, verified.stderr) == (1, f"threatmodel: {missing}. {REPAIR}\n")
    told = [one.text for one in examine({"DATABASE_URL": f"sqlite:///{database}"}) if not one.well]
    assert f"database: {missing}. {REPAIR}" in told
    copied = house("copy", f"sqlite:///{database}", f"sqlite:///{database}.copy")
    assert copied.exit_code == 2
    assert "Nothing was copied: event" in copied.stderr
    assert not database.with_name("threatmodel.db.copy").exists()

    accepted = house("restored")
    assert (
        f"{tenant}: the chain went on to event {last + 2}; its end is not in this database" in accepted.stdout
    )
    assert house("verify").exit_code == 0
    assert heads.read_text().startswith(f"{tenant}:{last}:")


def test_the_file_of_ends_can_lie_elsewhere(house: RunCli, tmp_path: Path) -> None:
    elsewhere = tmp_path / "another-disk"
    elsewhere.write_text(f"T1:9999:{'0' * 64}\n")
    assert house("verify").exit_code == 0
    assert house("verify", HEADS_FILE=str(elsewhere)).exit_code == 1


def test_a_stop_notes_the_ends_and_a_start_reports_a_missing_one(tmp_path: Path) -> None:
    path = tmp_path / "threatmodel.db"
    heads = tmp_path / "threatmodel.db.heads"
    with run_bot(path) as team:
        team.start()
        team.person("ana").fill("Assets", "Valuables")
        team.submit("ana")
        (head,) = team.store.heads()
    assert heads.read_text() == f"{head.tenant}:{head.sequence}:{head.hash.hex()}\n"

    lost = f"{head.tenant}:{head.sequence + 1}:{'0' * 64}\n"
    heads.write_text(lost)
    with capture_logs() as logged, run_bot(path):
        pass
    errors = [one for one in logged if one["log_level"] == "error"]
    assert [(error["event"], error["workspace"]) for error in errors] == [
        ("an acknowledged event is missing", head.tenant)
    ]
    assert errors[0]["repair"] == REPAIR.removesuffix(".")
    assert lost in heads.read_text(), "it is missing until an operator accepts that"
