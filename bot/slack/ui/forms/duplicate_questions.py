"""Questions about likely duplicates, above the fields of a form: whether two names mean one thing."""

import hashlib
from collections.abc import Sequence

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.escaping import clip, one_line
from bot.slack.ui.forms.form_fields import ChoiceField, FormPart, Option, Paragraph
from domain.kernel.elements import SINGULAR, ElementId, LikelyDuplicate, SimilarName
from domain.kernel.text_formatting import join_list
from domain.model.element_labels import same_name

PREFIX = "same/"
"""The start of the keys of these fields, which belong to no form in particular."""

ANOTHER = "another"
REST = f"{PREFIX}rest"
"""The field about all names for which there is no room."""

REST_SAME = "same"


class DuplicateQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A new name that is like others, and who added which of these a moment ago."""

    duplicate: LikelyDuplicate
    added_by: tuple[tuple[ElementId, str], ...] = ()


def name_digest(name: str) -> str:
    """Return a short digest of a name: a field names a name by it, because its text may be long."""
    return hashlib.blake2b(same_name(" ".join(name.split())).encode(), digest_size=6).hexdigest()


def duplicate_fields(questions: Sequence[DuplicateQuestion], room: int) -> list[FormPart]:
    """Return the questions as far as there is room, and one field about all others."""
    if not questions:
        return []
    most = min(_MOST, max(room - 1, 1))
    if len(questions) <= most:
        shown, rest = questions, ()
    else:
        shown, rest = questions[: most - 1], questions[most - 1 :]
    return [
        Paragraph(
            text=(
                "⚠ Nothing is saved yet. Some names resemble existing ones. Choose for each, or change the "
                "name below."
            )
        ),
        *map(_field, shown),
        *([_rest(rest)] if rest else []),
    ]


def _field(question: DuplicateQuestion) -> ChoiceField:
    one = question.duplicate
    others, name, kind = one.others, _quoted(one.name), SINGULAR[one.kind]
    added = dict(question.added_by)
    if len(others) == 1:
        (other,) = others
        label = f"Is {name} the same as {_quoted(other.name)}?"
        options = [_option(other, "Same", f"{_named(other)}{_who(other, added)}")]
    else:
        label = f"Is {name} the same as one of these?"
        options = [
            _option(other, f"Same as {_quoted(other.name)}", f"{_named(other)}{_who(other, added)}")
            for other in others
        ]
    return ChoiceField(
        key=f"{PREFIX}{one.kind.value}/{name_digest(one.name)}/{','.join(_ref(other) for other in others)}",
        label=clip(label, slack_limits.LABEL),
        options=(*options, Option(value=ANOTHER, text="Another", means=f"Add it as another {kind}")),
        radio=True,
        blank="Neither: I change the name below",
    )


def _rest(questions: Sequence[DuplicateQuestion]) -> ChoiceField:
    pairs = [
        f"{_quoted(one.duplicate.name)} and {_quoted(one.duplicate.others[0].name)}" for one in questions
    ]
    more = len(pairs) - _LISTED
    listed = join_list([*pairs[:_LISTED], f"{more} more"] if more > 0 else pairs)
    return ChoiceField(
        key=REST,
        label=clip(
            f"{len(pairs)} more names resemble others. Are they the same elements?", slack_limits.LABEL
        ),
        hint=clip(listed, slack_limits.HINT),
        options=(
            Option(value=REST_SAME, text="Same", means="Each is the same as its closest match"),
            Option(value=ANOTHER, text="Another", means="Each is added as another element"),
        ),
        radio=True,
        blank="Neither: I change the name below",
    )


def _option(other: SimilarName, text: str, means: str) -> Option:
    return Option(value=_ref(other), text=text, means=means)


def _ref(other: SimilarName) -> str:
    return name_digest(other.name)


def _named(other: SimilarName) -> str:
    return f"Use {other.element}" if other.element else "Also in what you typed"


def _who(other: SimilarName, added: dict[ElementId, str]) -> str:
    who = added.get(other.element) if other.element else None
    return f", which {who} added a moment ago" if who else ""


def _quoted(name: str) -> str:
    return f"“{clip(one_line(name), _NAME)}”"


_MOST = 20
_LISTED = 5
_NAME = 80
