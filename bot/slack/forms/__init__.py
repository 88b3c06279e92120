"""The forms, by their callback id.

`FORMS[FormName(view["callback_id"])]` is the form of a submitted view; `target_of(view)` what it is about.
"""

from bot.slack.forms.approving import DECLINE, REASSIGN_APPROVAL
from bot.slack.forms.ballot import BALLOT
from bot.slack.forms.changes import in_words
from bot.slack.forms.closing import DECLINE_CLOSING
from bot.slack.forms.collecting import FLOWS, NAMES, PLACE
from bot.slack.forms.elements import ELEMENT
from bot.slack.forms.fields import Choice
from bot.slack.forms.form import FieldErrors, Form, Opening
from bot.slack.forms.handed_in import Values
from bot.slack.forms.hours import HOURS
from bot.slack.forms.importing import IMPORT
from bot.slack.forms.judging import CONSIDER, DISMISS, MERGE
from bot.slack.forms.looking_back import LOOK_BACK
from bot.slack.forms.mitigating import MITIGATION
from bot.slack.forms.noting import ASSUMPTION
from bot.slack.forms.nudges import SNOOZE
from bot.slack.forms.questions import ASK, QUESTIONS
from bot.slack.forms.responding import ACCEPT, RESPOND
from bot.slack.forms.retrospective import RETROSPECTIVE
from bot.slack.forms.rounds import EXPLAIN, OPEN_ROUND, SETTLE_ROUND, TERMS
from bot.slack.forms.steering import HAND_OVER, MOVE, PARTICIPANTS, SCOPE, START
from bot.slack.forms.threats import THREAT
from bot.slack.forms.tracking import DROP, IMPLEMENT, REASSIGN, REFUSE, RESCHEDULE
from bot.slack.forms.writes import Writes
from bot.slack.kit.blocks import View
from bot.slack.kit.triggers import FormName, Target, read_value

__all__ = ["FORMS", "Choice", "FieldErrors", "Form", "Opening", "Values", "Writes", "in_words", "target_of"]

FORMS: dict[FormName, Form] = {
    form.name: form
    for form in (
        START,
        NAMES,
        FLOWS,
        PLACE,
        ELEMENT,
        QUESTIONS,
        ASK,
        ASSUMPTION,
        THREAT,
        DISMISS,
        CONSIDER,
        MERGE,
        OPEN_ROUND,
        BALLOT,
        SETTLE_ROUND,
        EXPLAIN,
        RESPOND,
        ACCEPT,
        REASSIGN_APPROVAL,
        DECLINE,
        DECLINE_CLOSING,
        MITIGATION,
        IMPLEMENT,
        REFUSE,
        DROP,
        REASSIGN,
        RESCHEDULE,
        SCOPE,
        PARTICIPANTS,
        TERMS,
        HAND_OVER,
        MOVE,
        HOURS,
        LOOK_BACK,
        SNOOZE,
        RETROSPECTIVE,
        IMPORT,
    )
}


def target_of(view: View) -> Target:
    """What a submitted view is about; raises StaleButton."""
    return read_value(view.get("private_metadata"))
