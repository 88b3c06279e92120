"""Beyond the list: all of it together, at random, against a book of what was promised."""

import os
import random
from collections import Counter
from pathlib import Path

from tests.cases.case_actions import asset_names, recorded_events
from tests.cases.processes import bot_database, manifest_for, start_model
from tests.cases.random_failures import FailureWalk
from tests.slack.slack_team import Transport
from tests.waiting import patient_sandbox, waiting_for_acks

STEPS = 40


def test_whatever_happens_what_was_promised_is_there_once_and_shown_in_the_end(
    tmp_path: Path, transport: Transport
) -> None:
    """The seed that is printed makes the same choices again with THREATMODEL_SEED in the environment."""
    seed = int(os.environ.get("THREATMODEL_SEED") or random.randrange(1_000_000))
    print("seed", seed)
    database = tmp_path / "threatmodel.db"
    with (
        patient_sandbox(
            manifest=manifest_for(transport),
            delivery=transport,
            event_retries=(0.0, 0.5, 1.0),
        ) as slack,
        bot_database(slack, database) as team,
    ):
        walk = FailureWalk(team, database, transport, random.Random(seed))
        try:
            walk.begin()
            start_model(team)
            team.card("TM-1")
            with waiting_for_acks(slack, 2.0):
                walk.go(STEPS)
            walk.end()
            assert len(team.streams) == 1
            team.wait(lambda: team.cards() and f"Assets  {len(asset_names(team))}" in team.cards()[-1].plain)
            for left_behind in team.cards()[:-1]:
                team.person("ben").click(left_behind, action_id="show:more")
            team.wait(lambda: len(team.cards()) == 1)
        finally:
            walk.close()
            print(" > ".join(walk.stored_answers))
        print(len(walk.tried), "tried", len(walk.promised), "promised")
        kept = Counter(asset_names(team)) + Counter(one.text for one in team.model().assumptions.values())
        assert sorted(walk.promised - kept.keys()) == [], "promised and lost"
        assert [name for name, times in kept.items() if times > 1] == [], "there more than once"
        assert sorted(kept.keys() - walk.tried) == [], "said by nobody"
        assert recorded_events(team)[0] == "ThreatModelStarted"
        log = database.with_suffix(".log").read_text()
        assert "Traceback" not in log, log[-3000:]
        for secret in (slack.bot_token, slack.app_token, slack.signing_secret):
            assert secret not in log
