"""Unread messages are counted, mentions separately."""

from bot.sandbox.api import Sandbox
from bot.sandbox.workspace.seed_data import ANA, BEN, HOUSE


def test_messages_of_others_are_unread_until_they_are_seen(quiet: Sandbox) -> None:
    workspace = quiet.workspace
    first = quiet.person("ana").say("#house", "hello")
    quiet.person("ana").say("#house", "@ben look", thread=first.ts)
    quiet.person("ana").say("#house", "@ben are you there?")
    assert (workspace.unread(BEN.id, HOUSE.id), workspace.mentions(BEN.id, HOUSE.id)) == (2, 1)
    assert workspace.unread(ANA.id, HOUSE.id) == 0
    workspace.mark_read(BEN.id, HOUSE.id)
    assert (workspace.unread(BEN.id, HOUSE.id), workspace.mentions(BEN.id, HOUSE.id)) == (0, 0)


def test_a_direct_message_is_meant_for_its_reader(quiet: Sandbox) -> None:
    quiet.person("ana").say("@ben", "a word")
    between = quiet.workspace.direct(ANA.id, BEN.id)
    assert quiet.workspace.mentions(BEN.id, between.id) == 1
