"""The reconciler: posts that the other side accepts and may never show."""

import pytest

from bot.delivery.slot_kinds import Uncertain
from bot.delivery.work_kinds import Done
from tests.delivery.board import SLOT, Killed, Site, When


def test_a_confirmed_post_counts_once_it_was_found(site: Site) -> None:
    process = site.process(Uncertain.SEARCH, confirmed=True)
    site.board.hidden = True
    done = process.reconcile(SLOT)
    assert done.again_after is not None
    assert not site.record.shown
    assert process.reconcile(SLOT) == Done(again_after=5.0)
    site.board.hidden = False
    assert process.reconcile(SLOT) == Done()
    assert site.record.shown
    process.reconcile(SLOT)

    assert site.board.calls == ["post", "find", "find"]


def test_a_confirmed_post_that_is_never_seen_is_posted_again(site: Site) -> None:
    process = site.process(Uncertain.SEARCH, confirmed=True)
    process.reconcile(SLOT)
    site.board.posts.clear()
    process.reconcile(SLOT)
    assert (site.told[-1], site.touched) == (("missing", SLOT), [SLOT])
    process.reconcile(SLOT)
    process.reconcile(SLOT)

    assert site.board.contents == ["one"]
    assert site.record.shown


def test_a_confirmed_post_whose_process_was_killed_is_found(site: Site) -> None:
    site.board.kill("post", When.AFTER)
    with pytest.raises(Killed):
        site.process(Uncertain.SEARCH, confirmed=True).reconcile(SLOT)
    site.process(Uncertain.SEARCH, confirmed=True).reconcile(SLOT)

    assert site.board.calls == ["post", "find"]
    assert site.record.shown
