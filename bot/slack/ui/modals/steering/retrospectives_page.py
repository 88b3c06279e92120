"""Page of retrospective answers, question by question."""

from itertools import groupby

from bot.slack.protocol.block_builders import Block, View, actions, button, divider, modal, section
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.modals.paging import list_page, page_buttons
from bot.slack.ui.texts.common_texts import person_name
from domain.commands import AnswerRetrospective
from domain.kernel.retrospective import RetrospectiveQuestion
from domain.kernel.text_formatting import count_phrase


def retrospectives_page(showing: PageData) -> View:
    """Return each question with all answers, and a button to answer or revise."""
    target, register = showing.target, showing.register
    answered = [
        (question, one.by, answer.text)
        for question in RetrospectiveQuestion
        for one in register.retrospectives
        for answer in one.answers
        if answer.question is question
    ]
    shown = list_page(answered, target, _ON_A_PAGE)
    people = len(register.retrospectives)
    count = count_phrase(people, "person has", "people have") if people else "No one has"
    blocks: list[Block] = [section(f"{count} answered.")]
    if register.allows(AnswerRetrospective):
        mine = any(one.by == showing.reader for one in register.retrospectives)
        answering = Target(name="retrospective", stream=target.stream)
        label = "Change my answers" if mine else "Answer"
        blocks.append(actions(button(label, ButtonKind.TURN, answering, spoken="Answer the five questions")))
    for question, group in groupby(shown.items, key=lambda one: one[0]):
        blocks += [divider(), section(f"*{question.text}*")]
        blocks += [
            section(f"{person_name(showing.naming, by)}: “{escape(text, _TEXT)}”") for _, by, text in group
        ]
    return modal(
        "Retrospective",
        [*blocks, *page_buttons(shown, target)],
        target=target,
        close="Done",
    )


RETROSPECTIVES = Page(name="retrospectives", show=retrospectives_page)


_ON_A_PAGE = 25
_TEXT = 2_500
