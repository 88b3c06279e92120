"""Files that the readers were not written for: most of what is ticked is kept, few answers are wrong."""

from tests.bench.drafts import KEPT_AT_LEAST, WRONG_AT_MOST, totals
from tests.drafts.judgement import JUDGED, UNSEEN, judge, read_unseen
from tests.drafts.test_fixture_facts import faults


def test_people_keep_most_of_what_is_ticked_and_few_answers_are_wrong() -> None:
    ticked, kept, answers, wrong = totals([judge(file) for file in JUDGED])
    assert kept >= KEPT_AT_LEAST * ticked
    assert wrong <= WRONG_AT_MOST * answers
    assert ticked > 100
    assert answers > 80


def test_every_file_is_judged_and_its_draft_is_consistent() -> None:
    assert sorted(JUDGED) == sorted(one.name for one in UNSEEN.iterdir())
    assert {file: faults(read_unseen(file)) for file in JUDGED} == {file: [] for file in JUDGED}
