"""Page of everything that is not needed daily."""

from bot.slack.protocol.block_builders import Block, View, actions, button, link_button, modal, section
from bot.slack.protocol.escaping import clip, escape, escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import ALL, DraftTarget, PhaseTarget, SelectionTarget, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.next_step_buttons import next_step_button
from bot.slack.ui.modals.page_declaration import Page, PageSource
from bot.slack.ui.modals.steering.model_forms import MOVE_LABELS
from bot.slack.ui.modals.steering.phase_moves import MOVES
from bot.slack.ui.modals.steering.sharing_rows import sharing_rows
from bot.slack.ui.modals.steering.steering_buttons import people_text, steering_buttons
from bot.slack.ui.texts.common_texts import list_heading, phase_steps
from bot.slack.ui.texts.plan_texts import has_plan
from domain.commands import (
    AcceptDraft,
    AnswerLinks,
    AnswerRetrospective,
    AnswerScreening,
    DrawFlows,
    OpenRound,
    ReportThreat,
)
from domain.kernel.elements import Kind
from domain.register import ThreatRegister
from domain.wording.drafts import sources_phrase


def more_page(showing: PageData) -> View:
    """Return the next step, lists, quick entry, history, people, and the phase changes."""
    stream, register = showing.target.stream, showing.register
    rows = [
        section(f"*{escape_name(register.name)}* · {register.key}\nNext: {escape(register.next.text)}"),
        *_top(showing),
        *sharing_rows(showing),
        *_group("*Lists*: browse, edit, remove", _lists(stream, register)),
        *_group("*Quick entry*: several at a time", _quickly(stream, register)),
        *_group("*Drafts*: proposals from files and agents", _drafts(showing)),
        *_group("*Findings and threats*", _findings_buttons(stream, register)),
        *_group("*Plan*: responses to threats", _plan(stream, register)),
        *_group("*Votes*: DREAD ratings", _votes(stream, register)),
        *_group("*Files*: posted in the card's thread", _files(stream, register)),
        *_group("*History*", _back(stream, register)),
        *_group(f"*Participants*: {people_text(showing)}", _people(showing)),
        *_group(f"*Phase*: {phase_steps(register.phase)}", _moves(stream, register)),
    ]
    return modal("More", rows, target=showing.target)


MORE = Page(name="more", show=more_page, source=PageSource.DRAFTS)


def _top(showing: PageData) -> list[Block]:
    pressed = next_step_button(showing.target.stream, showing.register)
    card = [link_button("Go to the card", showing.permalink)] if showing.permalink else []
    return [actions(*([pressed] if pressed else []), *card)] if pressed or card else []


def _group(title: str, buttons: list[Block]) -> list[Block]:
    return [section(title), actions(*buttons)] if buttons else []


def _lists(stream: str, register: ThreatRegister) -> list[Block]:
    lists = [
        button(
            f"{list_heading(kind)} ({len(register.items(kind))})",
            ButtonKind.SHOW,
            Target(name="register", stream=stream, kind=kind),
            suffix=kind,
        )
        for kind in Kind
    ]
    assumptions = Target(name="assumptions", stream=stream)
    links: list[Block] = []
    if (register.links or register.link_proposals) and register.allows(AnswerLinks):
        linking = Target(name="links", stream=stream, back="more")
        links.append(button("Link dependencies", ButtonKind.OPEN, linking, suffix="links"))
    return [
        *lists,
        button(f"Assumptions ({len(register.assumptions)})", ButtonKind.SHOW, assumptions),
        *links,
    ]


def _drafts(showing: PageData) -> list[Block]:
    """Return a button for each draft that waits for a decision."""
    if not showing.register.allows(AcceptDraft):
        return []
    return [
        button(
            f"{clip(sources_phrase(one.draft.sources), _SOURCES)} ({len(one.comparison.open):,} open)",
            ButtonKind.OPEN,
            DraftTarget(
                name="draft", stream=showing.target.stream, element=one.origin.draft.rpartition("/")[2]
            ),
            suffix=one.origin.draft,
        )
        for one in showing.drafts
    ]


def _quickly(stream: str, register: ThreatRegister) -> list[Block]:
    if not register.allows(DrawFlows):
        return []
    forms = [("flows", "Add data flows", ""), ("names", "Add elements", "")]
    if register.items(Kind.COMPONENT):
        forms.append(("place", "Place components", "" if register.unplaced else ALL))
    return [
        button(
            label,
            ButtonKind.OPEN,
            SelectionTarget(name=form, stream=stream, selection=selection, back="more"),
        )
        for form, label, selection in forms
    ]


def _findings_buttons(stream: str, register: ThreatRegister) -> list[Block]:
    pages = (("threats", "Threats"), ("seen", "Findings"), ("coverage", "Coverage"))
    buttons = [button(label, ButtonKind.SHOW, Target(name=page, stream=stream)) for page, label in pages]
    if register.allows(AnswerScreening):
        screening = Target(name="screening", stream=stream, back="more")
        buttons.append(button("Screening", ButtonKind.OPEN, screening, suffix="screening"))
    if register.allows(ReportThreat):
        reporting = Target(name="threat", stream=stream, back="more")
        buttons.append(button("Report a threat", ButtonKind.OPEN, reporting))
    return buttons


def _files(stream: str, register: ThreatRegister) -> list[Block]:
    words = [("report", "Report"), ("chart", "Chart"), ("export", "Export")]
    if register.items(Kind.COMPONENT):
        words.insert(0, ("diagram", "Diagram"))
    return [button(label, ButtonKind.WORD, Target(name=word, stream=stream)) for word, label in words]


def _plan(stream: str, register: ThreatRegister) -> list[Block]:
    if not has_plan(register):
        return []
    return [button("Plan", ButtonKind.SHOW, Target(name="plan", stream=stream))]


def _votes(stream: str, register: ThreatRegister) -> list[Block]:
    buttons: list[Block] = []
    if register.rounds:
        buttons.append(button("My ballots", ButtonKind.WORD, Target(name="vote", stream=stream)))
    if register.threats and register.allows(OpenRound):
        opening = Target(name="open_round", stream=stream, back="more")
        buttons.append(button("Open voting round", ButtonKind.OPEN, opening))
    return buttons


def _back(stream: str, register: ThreatRegister) -> list[Block]:
    answers = button("Retrospective", ButtonKind.SHOW, Target(name="retrospectives", stream=stream))
    return [
        *([answers] if register.allows(AnswerRetrospective) or register.retrospectives else []),
        button("History and undo", ButtonKind.SHOW, Target(name="history", stream=stream)),
        button("View past state…", ButtonKind.OPEN, Target(name="look_back", stream=stream)),
        button("Changes since…", ButtonKind.OPEN, Target(name="changes_since", stream=stream)),
    ]


def _people(showing: PageData) -> list[Block]:
    settings = Target(name="settings", stream=showing.target.stream)
    return [*steering_buttons(showing), button("Settings", ButtonKind.SHOW, settings)]


def _moves(stream: str, register: ThreatRegister) -> list[Block]:
    return [
        button(
            MOVE_LABELS[move],
            ButtonKind.OPEN,
            PhaseTarget(name="move", stream=stream, move=move, back="more"),
            suffix=move,
        )
        for move, command in MOVES.items()
        if register.allows(command)
    ]


_SOURCES = 45
