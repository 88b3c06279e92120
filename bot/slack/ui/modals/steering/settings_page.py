"""Page of settings: the reader's own, and those of a model."""

from bot.slack.protocol.block_builders import Block, View, actions, button, divider, modal, section
from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.page_declaration import Page, PageSource
from bot.slack.ui.modals.steering.policy_form import policy_line
from bot.slack.ui.modals.steering.steering_buttons import people_text, steering_buttons
from bot.slack.ui.modals.steering.working_hours_form import time_zone_text
from domain.commands import ChoosePolicy, ChooseTerms
from domain.dread.scoring import Band


def settings_page(showing: PageData) -> View:
    """Return the reader's settings, and those of the model from which the page was opened."""
    blocks = [section("*My settings*"), *my_hours(showing)]
    if showing.model is not None:
        blocks += [divider(), *_this_model(showing)]
    return modal("Settings", blocks, target=showing.target)


INHERITED = " (workspace settings)"
"""The mark of a value that is inherited from the workspace."""

SETTINGS = Page(name="settings", show=settings_page, source=PageSource.WORKING_HOURS)


def my_hours(showing: PageData) -> list[Block]:
    """Return the reader's working hours, with a button to change them."""
    change = Target(name="hours", stream=showing.target.stream, back="settings")
    pressed = button("Change", ButtonKind.OPEN, change, spoken="Change my working hours")
    text = f"Working hours: *{showing.hours.text}*\n{time_zone_text(showing.zone)}"
    return [section(text, accessory=pressed)]


def _this_model(showing: PageData) -> list[Block]:
    register = showing.register
    labels = ", ".join(escape_name(one) for one in register.labels)
    labeled = f"\nLabels: {labels}" if labels else ""
    text = f"*This model*: {escape_name(register.name)} · {register.key}\n{people_text(showing)}{labeled}"
    blocks = [section(text)]
    buttons = steering_buttons(showing)
    return [*blocks, *([actions(*buttons)] if buttons else []), _votes(showing), _policy(showing)]


def _votes(showing: PageData) -> Block:
    """Return the defaults of voting rounds, and the frequency of reminders."""
    terms = showing.register.terms
    quorum = f"{terms.quorum} voters" if terms.quorum else "half of the voters, at least three"
    text = f"Voting defaults: quorum *{quorum}*; Discoverability *{terms.discoverability.label}*"
    inherited = "" if showing.register.own_reminders else INHERITED
    text += f"\nMitigation reminders: *{terms.reminders.label}*{inherited}"
    if not showing.register.allows(ChooseTerms):
        return section(text)
    change = Target(name="terms", stream=showing.target.stream, back="settings")
    pressed = button("Change", ButtonKind.OPEN, change, suffix="terms", spoken="Change votes and reminders")
    return section(text, accessory=pressed)


def _policy(showing: PageData) -> Block:
    """Return when mitigations are due, and who may approve accepted risks and overrides, by band."""
    register = showing.register
    lines = [
        policy_line(band, register.policy.of(band), showing.naming)
        + ("" if band in register.own_bands else INHERITED)
        for band in reversed(Band)
    ]
    text = "\n".join(["*Remediation policy*", *lines])
    if not register.allows(ChoosePolicy):
        return section(text)
    change = Target(name="policy", stream=showing.target.stream, back="settings")
    pressed = button("Change", ButtonKind.OPEN, change, suffix="policy", spoken="Change the policy")
    return section(text, accessory=pressed)
