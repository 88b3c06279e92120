"""Limits of a workspace: how many models it may have, and how many elements each of them."""

import msgspec

from domain.kernel.text_formatting import count_phrase
from domain.model import ThreatModel
from domain.rejections import Rejected


class SizeLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits that the operator of the bot sets for each workspace."""

    models: int
    elements: int


class TooManyElements(Rejected):
    """Rejection: the model would have more elements than the operator allows."""

    def __init__(self, elements: int, limit: int) -> None:
        super().__init__(
            f"The model would have {elements:,} elements, and the limit is {limit:,}. Nothing was saved. "
            "Remove elements that are not needed, divide the system into two models, or ask the operator of "
            "the bot for a higher limit (MAX_ELEMENTS)."
        )


class TooManyModels(Rejected):
    """Rejection: the workspace has as many models as the operator allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"This workspace has {count_phrase(limit, 'threat model')}, which is the limit. Nothing was "
            "started. Ask the operator of the bot for a higher limit (MAX_MODELS)."
        )


def check_elements(before: ThreatModel, after: ThreatModel, limits: SizeLimits) -> None:
    """Raise TooManyElements if a model grows beyond the limit; one that is beyond it may be changed."""
    elements = len(after.elements)
    if elements > max(limits.elements, len(before.elements)):
        raise TooManyElements(elements, limits.elements)


def check_models(models: int, limits: SizeLimits) -> None:
    """Raise TooManyModels if a workspace with so many models may not start another one."""
    if models >= limits.models:
        raise TooManyModels(limits.models)
