"""Page of the threats that a control in place prevents."""

from bot.slack.protocol.block_builders import Block, View, actions, context, divider, modal, section
from bot.slack.protocol.escaping import escape_name
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.model_buttons import ModelButtons
from domain.analysis.rule_findings import ControlInPlace
from domain.commands import AnswerQuestions
from domain.kernel.answer_basis import count_bases
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister
from domain.wording.controls import control_lines


def prevented_page(showing: PageData) -> View:
    """Return the threats that controls prevent, each with its controls, on whose word they are in place."""
    target, register = showing.target, showing.register
    make = ModelButtons(target.stream, back="prevented")
    shown = list_page(register.prevented, target, _ON_A_PAGE)
    blocks = [
        section(_counts(register)),
        actions(make.shows("Threats", "threats"), make.shows("Coverage", "coverage")),
    ]
    for one in shown.items:
        blocks += [divider(), *_rows(make, showing, one)]
    return modal("Prevented threats", [*blocks, *page_buttons(shown, target)], target=target)


PREVENTED = Page(name="prevented", show=prevented_page)


def prevented_button(make: ModelButtons, register: ThreatRegister) -> Block | None:
    """Return the button that shows the page; nothing while no control is in place."""
    count = len(register.prevented)
    return make.shows(f"Prevented ({count})", "prevented") if count else None


def _counts(register: ThreatRegister) -> str:
    prevented = register.prevented
    if not prevented:
        return "*No control in place prevents a threat.* Answer the questions under Findings."
    bases = count_bases(one.basis for one in prevented).text
    return (
        f"*{count_phrase(len(prevented), 'threat')} prevented by a control in place*: {bases}. "
        "Those with most at stake come first. No one has to decide them."
    )


def _rows(make: ModelButtons, showing: PageData, one: ControlInPlace) -> list[Block]:
    """Return a threat with its controls, and a button to change the answers that state them."""
    lines = [
        f"*{one.rule.title}* · {one.rule.category_label}",
        f"{escape_name(one.about)} · {one.element}",
        *(escape_name(line, _LINE) for line in control_lines(one, showing.naming)),
    ]
    answers = None
    if one.facts and showing.register.allows(AnswerQuestions):
        spoken = f"Change the answers about {one.id}"
        answers = make.opens("Change…", "change_answers", one.id, spoken=spoken)
    return [
        section("\n".join(lines), accessory=answers),
        context(
            " · ".join(
                (
                    f"Rule {one.rule.id}",
                    *one.rule.references,
                    *(escape_name(words, _LINE) for words in one.stake.words),
                )
            )
        ),
    ]


_ON_A_PAGE = 20
_LINE = 400
