"""The reconciler: what people and the other side do to posts."""

import pytest

from bot.delivery.slot_kinds import Deleted, SinkOutcome, Uncertain
from tests.delivery.board import SLOT, Fails, Site, When


def test_a_deleted_post_is_posted_again_or_left_as_its_kind_declares(site: Site) -> None:
    again = site.process()
    again.reconcile(SLOT)
    site.board.posts.clear()
    site.want("two")
    again.reconcile(SLOT)
    assert site.board.contents == ["two"]

    left = site.process(deleted=Deleted.LEAVE)
    site.board.posts.clear()
    site.want("three")
    left.reconcile(SLOT)
    site.want("four")
    left.reconcile(SLOT)
    assert site.board.contents == []
    assert (site.record.final, site.record.external_id) == (True, "")


def test_a_content_that_is_too_long_is_shown_in_its_shorter_form(site: Site) -> None:
    process = site.process(longest=5)
    site.want("much too long", shorter="short")
    process.reconcile(SLOT)
    process.reconcile(SLOT)
    assert (site.board.contents, site.board.calls) == (["short"], ["post", "post"])

    site.want("longer than ever", shorter="brief")
    process.reconcile(SLOT)
    assert site.board.contents == ["brief"]


@pytest.mark.parametrize("over", [True, False])
def test_what_is_refused_for_good_is_over_unless_its_kind_says_otherwise(site: Site, *, over: bool) -> None:
    process = site.process(over=over)
    site.board.fail("post", SinkOutcome.REFUSED)
    process.reconcile(SLOT)

    assert (site.record.final, site.record.is_uncertain) == (over, False)
    assert site.told[0] == ("refused", SLOT)
    process.reconcile(SLOT)
    assert len(site.board.posts) == (0 if over else 1)


def test_an_update_that_is_refused_for_good_leaves_what_is_shown(site: Site) -> None:
    process = site.process(over=False)
    process.reconcile(SLOT)
    shown = site.record.shown
    site.want("two")
    site.board.fail("update", SinkOutcome.REFUSED)
    process.reconcile(SLOT)

    assert site.record.shown == shown
    assert ("refused", SLOT) in site.told


@pytest.mark.parametrize("outcome", [SinkOutcome.LATER, SinkOutcome.NOTHING_DONE])
@pytest.mark.parametrize("uncertain", list(Uncertain))
def test_what_was_reliably_not_done_is_tried_again(
    site: Site, outcome: SinkOutcome, uncertain: Uncertain
) -> None:
    process = site.process(uncertain)
    site.board.fail("post", outcome)
    with pytest.raises(Fails):
        process.reconcile(SLOT)
    assert not site.record.is_uncertain
    process.reconcile(SLOT)
    site.want("two")
    site.board.fail("update", outcome)
    with pytest.raises(Fails):
        process.reconcile(SLOT)
    assert site.record.shown, "it shows what it showed before"
    process.reconcile(SLOT)

    assert site.board.contents == ["two"]
    assert "find" not in site.board.calls


@pytest.mark.parametrize("uncertain", list(Uncertain))
def test_a_post_without_an_answer_is_searched_repeated_or_left(site: Site, uncertain: Uncertain) -> None:
    process = site.process(uncertain)
    site.board.fail("post", SinkOutcome.UNKNOWN, When.AFTER)
    with pytest.raises(Fails):
        process.reconcile(SLOT)
    assert site.record.is_uncertain
    process.reconcile(SLOT)
    process.reconcile(SLOT)

    assert len(site.board.posts) == (2 if uncertain is Uncertain.POST_AGAIN else 1)


@pytest.mark.parametrize("uncertain", list(Uncertain))
def test_a_post_that_broke_down_on_the_way_is_never_lost(site: Site, uncertain: Uncertain) -> None:
    process = site.process(uncertain)
    site.board.fail("post", SinkOutcome.UNKNOWN)
    with pytest.raises(Fails):
        process.reconcile(SLOT)
    process.reconcile(SLOT)

    assert site.board.contents == ["one"]


def test_an_update_without_an_answer_is_repeated_also_where_the_content_is_as_before(site: Site) -> None:
    process = site.process()
    process.reconcile(SLOT)
    site.want("two")
    site.board.fail("update", SinkOutcome.UNKNOWN, When.AFTER)
    with pytest.raises(Fails):
        process.reconcile(SLOT)
    site.want("one")
    process.reconcile(SLOT)

    assert site.board.contents == ["one"]


def test_a_place_at_rest_is_reported_and_nothing_is_lost(site: Site) -> None:
    process = site.process()
    site.board.fail("post", SinkOutcome.SUSPENDED)
    process.reconcile(SLOT)
    assert not site.record.is_uncertain
    process.reconcile(SLOT)
    site.want("two")
    site.board.fail("update", SinkOutcome.SUSPENDED)
    process.reconcile(SLOT)
    process.reconcile(SLOT)

    assert site.told.count(("suspended", SLOT)) == 2
    assert site.board.contents == ["two"]


def test_a_missing_thread_is_reported_and_the_message_is_still_owed(site: Site) -> None:
    process = site.process()
    site.board.fail("post", SinkOutcome.NO_THREAD)
    with pytest.raises(Fails):
        process.reconcile(SLOT)
    assert site.told == [("unthreaded", SLOT)]
    process.reconcile(SLOT)
    assert site.board.contents == ["one"]
