"""A rule: data with two named conditions, and the texts that explain it."""

from collections.abc import Callable, Iterable

import msgspec

from domain.kernel.elements import ElementId, Kind
from domain.kernel.stride import ControlClass, Stride
from domain.rules.conditions import Condition
from domain.rules.model_index import RuleTarget


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """A usual control, and its class."""

    text: str
    control_class: ControlClass


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for, when it is a threat, what to ask, and what usually helps.

    `applies` is what the element is, `controlled` what already guards it: a rule that applies and is not
    controlled gives a candidate; where a fact is missing it gives a question, never a candidate.
    `cell` is the element whose STRIDE cell the rule fills. With `peers` the rule is asked of the element
    together with each of them; one that `warns` says something about the model, not about the system.
    """

    id: str
    version: int
    category: Stride
    kind: Kind
    title: str
    applies: Condition
    controlled: Condition
    question: str
    why: str
    controls: tuple[Control, ...]
    cwe: tuple[int, ...]
    capec: tuple[int, ...] = ()
    false_alarm: str
    cell: Callable[[RuleTarget], ElementId]
    peers: Callable[[RuleTarget], Iterable[str]] | None = None
    warns: bool = False


def usual(control_class: ControlClass, *texts: str) -> tuple[Control, ...]:
    """Usual controls of one class."""
    return tuple(Control(text=text, control_class=control_class) for text in texts)
