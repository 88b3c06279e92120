"""Progress of long commands: one line on a terminal, and nothing elsewhere."""

import io
from collections.abc import Iterable

from bot.cli.progress_display import progress_display


class Screen(io.StringIO):
    """A terminal, or something else that is written to."""

    def __init__(self, *, terminal: bool = True) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    @property
    def line(self) -> str:
        """What a person sees: each carriage return starts at the left again, over what was there."""
        seen = ""
        for part in self.getvalue().split("\r"):
            seen = part + seen[len(part) :]
        return seen.rstrip()


def shown(screen: Screen, moments: Iterable[float], *texts: str) -> list[str]:
    clock = iter(moments)
    lines: list[str] = []
    with progress_display(lambda: next(clock), screen) as show:
        for text in texts:
            show(text)
            lines.append(screen.line)
    return lines


def test_from_the_first_second_on_one_line_is_replaced_and_cleared_at_the_end() -> None:
    screen = Screen()
    lines = shown(screen, [0.0, 0.5, 1.2, 1.9, 2.3], "1 of 4", "2 of 4, long", "3 of 4", "4 of 4")
    assert lines == ["", "threatmodel: 2 of 4, long", "threatmodel: 2 of 4, long", "threatmodel: 4 of 4"]
    assert screen.line == ""
    assert "\n" not in screen.getvalue()


def test_a_short_command_and_one_without_a_terminal_write_nothing() -> None:
    short, log = Screen(), Screen(terminal=False)
    shown(short, [0.0, 0.3], "1 of 1")
    shown(log, [0.0, 5.0, 9.0], "1 of 2", "2 of 2")
    assert (short.getvalue(), log.getvalue()) == ("", "")


def test_names_of_files_cannot_control_the_terminal_and_long_ones_do_not_wrap() -> None:
    screen = Screen()
    (line,) = shown(screen, [0.0, 2.0], f"reading a\x1b[31m\u202e{'b' * 500}")
    assert "\x1b" not in line
    assert "\u202e" not in line
    assert len(line) < 500
