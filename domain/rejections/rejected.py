"""Rejections: refused commands, with the message that people read."""

from domain.kernel.elements import PersonId
from domain.kernel.event_subjects import Subject
from domain.kernel.person_names import Naming, with_names


class Rejected(Exception):
    """A refused command; the message is the sentence that people read.

    `field` names the attribute of the command that the sentence is about, if there is one.
    `people` are the people whom the sentence mentions by id. `also` are other rejections of the same command.
    If another person may just have decided it, `about` names the subject, and `instead` replaces the
    sentence after the words that say who did what.
    """

    field: str | None = None
    about: Subject | None = None
    instead: str = ""
    also: "tuple[Rejected, ...]" = ()

    def __init__(self, sentence: str, *, field: str | None = None, people: tuple[PersonId, ...] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.people = people
        if field is not None:
            self.field = field

    def text_with_names(self, naming: Naming) -> str:
        """Return the sentence with the people called by name."""
        return with_names(self.sentence, self.people, naming)
