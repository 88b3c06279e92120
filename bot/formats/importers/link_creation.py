"""Creation of an imported file's links between elements, and of its screening."""

from bot.formats.importers.import_session import ImportSession
from bot.formats.importers.imported_model import ImportedModel
from domain.commands import AnswerLinks, AnswerScreening, LinkReply, ScreeningReply


def create_links(found: ImportedModel, session: ImportSession) -> None:
    """State of each pair in the file whether the two are the same thing."""
    for one in found.links:
        dependency, component = session.ids.get(one.dependency), session.ids.get(one.component)
        pair = f"“{one.dependency[:60]}” and “{one.component[:60]}”"
        if dependency is None or component is None:
            session.note(f"whether {pair} are the same thing: one of them could not be taken over")
            continue
        reply = LinkReply(dependency=dependency, component=component, same=one.same)
        session.attempt(
            AnswerLinks(**session.author_fields, replies=(reply,)), f"whether {pair} are the same thing"
        )


def create_screening(found: ImportedModel, session: ImportSession) -> None:
    """Answer the screening as in the file; a confirmation is a second person's and is not imported."""
    for one in found.screening:
        reply = ScreeningReply(topic=one.topic, answer=one.answer)
        session.attempt(
            AnswerScreening(**session.author_fields, replies=(reply,)),
            f"the answer about “{one.topic[:60]}” in the whole system",
        )
    if any(one.confirmed for one in found.screening):
        session.note("that a second person confirmed the screening: confirm it again")
