"""A report with every kind of part in it, and more threats than a page holds."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from bot.demo import PEOPLE, STORIES
from bot.picture.charts import draw_coverage, draw_ranking
from bot.report.document_parts import (
    Badge,
    Bullets,
    Column,
    Fact,
    Facts,
    Figure,
    Meter,
    Picture,
    Report,
    ReportLine,
    ReportParagraph,
    ReportTable,
    Run,
    Section,
    Style,
    Tone,
    line_of,
)
from domain.register import ThreatRegister, register
from domain.replay import replay
from tests.examples import HOUSE_CHANNEL, story_events

THREATS: Final = 60

_TITLES = (
    "A burglar passes for the plumber whom we expect and is let in",
    "Replayed remote code opens the garage",
    "Anybody can look in through the open curtains and sees where the valuables lie",
    "Denies having left the door open",
    "Lock glued shut",
    "From the garage into the house through the door between them, which nobody locks because it is inside",
)
_STRIDE = (
    "Spoofing",
    "Tampering",
    "Repudiation",
    "Information disclosure",
    "Denial of service",
    "Elevation of privilege",
)
_BANDS = ((8.4, Tone.CRITICAL), (7.0, Tone.HIGH), (5.2, Tone.MEDIUM), (2.4, Tone.LOW))
_STATES = (
    ("open", Tone.WAITING),
    ("mitigated", Tone.GOOD),
    ("accepted", Tone.NEUTRAL),
    ("overdue", Tone.CRITICAL),
)
_LONG = (
    "The door between garage and house has no lock of its own, so whoever gets through the garage door, which"
    " a copied remote opens, is inside: the alarm watches the front door only, and the neighbours see a"
    " garage that opens and closes as it does every evening. "
)


@cache
def house() -> ThreatRegister:
    """The House with its scores."""
    return register(replay(story_events(STORIES["house"](HOUSE_CHANNEL, PEOPLE))))


def sample_report(threats: int = THREATS, *, said: str = "") -> Report:
    """The report; `said` is woven into every place where somebody's words stand."""
    return Report(
        key="TM-1",
        title=f"The House{said}",
        subtitle=f"A family's home, its garage and what lies in them{said}",
        day="Wednesday, 25 November 2026",
        notice=f"This is how it was on 20 November; 14 events came later.{said}",
        figures=(
            Figure("18", "Elements"),
            Figure(f"{threats}{said}", f"Threats{said}"),
            Figure("31", "Open", Tone.HIGH),
            Figure("4", "Overdue", Tone.CRITICAL),
            Figure("12", "Verified", Tone.GOOD),
        ),
        sections=tuple(_sections(threats, said)),
    )


def _sections(threats: int, said: str) -> Iterator[Section]:
    yield Section("scope", f"Scope{said}", (*_scope(said),))
    yield Section("diagram", "Data flows", (_picture(said),))
    yield Section("elements", "What it is made of", (_elements(said),))
    yield Section(
        "threats",
        "Threats",
        (_ranking(threats, said), _chart()),
        tuple(_threat(place, said) for place in range(1, threats + 1)),
    )
    yield Section("coverage", "Coverage", (_grid(),))
    yield Section(
        "history",
        "Decisions",
        (
            Bullets(
                tuple(line_of(f"{n} November: ", _somebody(n), " decided.", said) for n in range(1, 9)),
                numbered=True,
            ),
        ),
    )
    yield Section("nothing", "Nothing stands here", (), (Section("nothing-either", "Nor here"),))


def _scope(said: str) -> Iterator[ReportParagraph | Bullets]:
    yield ReportParagraph(
        line_of(_LONG, Run("Strong words", Style.STRONG), ", ", Run("quiet ones", Style.QUIET), said)
    )
    yield ReportParagraph(
        line_of(
            "Told at length in ",
            Run("the threats", link="threats"),
            ", ",
            Run("what is missing", link="nothing"),
            ", ",
            Run(f"our handbook{said}", link="https://example.org/handbook?a=1&b=2"),
            " and ",
            Run("a trap", link="javascript:alert(1)"),
            "; ids look like ",
            Run(f"DF-12{said}", Style.CODE),
            ".",
        )
    )
    yield Bullets((line_of("The garden is not looked at"), line_of("Nor is the car", said)))


def _picture(said: str) -> Picture:
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="500" viewBox="0 0 1200 500"'
        ' font-family="Noto Sans, sans-serif" role="img"><rect width="1200" height="500" fill="#eef"/>'
        '<text x="40" y="80" font-size="40">A wide drawing</text></svg>'
    )
    return Picture("flows", f"Every flow of data{said}", drawn, 1200, 500, f"{_LONG}{said}", dark=drawn)


def _chart() -> Picture:
    chart = draw_ranking(house())
    return Picture("ranking", "Threats by score", chart.svg, 480, 380, chart.alt_text)


def _grid() -> Picture:
    chart, *_ = draw_coverage(house())
    return Picture("grid", "Every element against every category", chart.svg, 480, 700, chart.alt_text)


def _elements(said: str) -> ReportTable:
    names = (
        "Front door",
        "Garage",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamter",
        "Key safe",
    )
    return ReportTable(
        (Column("Id", 0.5), Column("Name", 2), Column("Kind"), Column(f"What people know about it{said}", 3)),
        tuple(
            (
                (line_of(f"CO-{n}", said),),
                (line_of(names[n % 4], said),),
                (line_of(Badge(f"process{said}", Tone.NEUTRAL)),),
                (line_of("Nothing", said),) if n % 3 else (line_of("Locked at night: yes"), line_of(_LONG)),
            )
            for n in range(1, 19)
        ),
        caption=f"Components{said}",
    )


def _ranking(threats: int, said: str) -> ReportTable:
    return ReportTable(
        (
            Column("Rank", 0.5, numbers=True),
            Column("Threat", 4),
            Column("STRIDE", 1.8),
            Column("DREAD", 1.6),
            Column("State", 1.2),
        ),
        tuple(
            (
                (line_of(f"{n}"),),
                (
                    line_of(Run(f"TH-{n} {_TITLES[n % 6]}{said}", Style.STRONG, f"th-{n}")),
                    line_of(Run(f"Garage → house, {_somebody(n)}{said}", Style.QUIET)),
                ),
                (line_of(_STRIDE[n % 6]),),
                (line_of(_meter(n, said)),),
                (line_of(_state(n, said)),),
            )
            for n in range(1, threats + 1)
        ),
    )


def _threat(n: int, said: str) -> Section:
    lines: Sequence[ReportLine] = (
        line_of("Ana: the remote is old", said),
        line_of(f"Ben: {_LONG * (3 if n % 10 == 0 else 1)}"),
    )
    return Section(
        f"th-{n}",
        f"TH-{n} {_TITLES[n % 6]}{said}",
        (
            ReportParagraph(line_of(_LONG * (1 + n % 3), said)),
            Facts(
                (
                    Fact("Categories", (line_of(_STRIDE[n % 6]),)),
                    Fact(
                        f"Spread{said}",
                        (
                            line_of(
                                "Damage 8 (6 to 9), Reproducibility 9 (3 to 10) ",
                                Badge("contested", Tone.HIGH),
                            ),
                        ),
                    ),
                    Fact("Reasons", tuple(lines)),
                    Fact(
                        "Rule",
                        (line_of(Run("E04", Style.CODE), " because the flow crosses a boundary unchecked"),),
                    ),
                    Fact("Owner", (line_of(_somebody(n), said),)),
                    Fact("Due", (line_of("12 December 2026"),)),
                )
            ),
        ),
        badges=(_meter(n, said), _state(n, said)),
    )


def _meter(n: int, said: str = "") -> Meter:
    value, tone = _BANDS[n * 4 // (THREATS + 1) % 4]
    return Meter(value, f"{value} {tone}{said}", tone)


def _state(n: int, said: str) -> Badge:
    word, tone = _STATES[n % 4]
    return Badge(f"{word}{said}", tone)


def _somebody(n: int) -> str:
    return ("Ana", "Ben", "Chi", "Dee")[n % 4]
