"""What a file would become, as people see it before anything is stored."""

import msgspec


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What people see of a file before anything is stored.

    `title` is the format, `name` the model's, `parts` how many there are of each kind, `events` how many
    events it becomes; `past` where those have told them whom the file names; `notes` what is not as it was.
    """

    title: str
    name: str
    parts: tuple[str, ...]
    events: int
    past: bool
    notes: tuple[str, ...]
