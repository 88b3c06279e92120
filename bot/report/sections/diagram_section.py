"""Pictures of a report: the diagram, and the coverage of its elements."""

from collections.abc import Iterator
from functools import partial

from bot.picture.charts import Chart, draw_coverage
from bot.picture.diagram import (
    Diagram,
    FlowRow,
    LayoutFailed,
    ThemeName,
    build_diagram,
    describe_diagram,
    diagram_svg,
    flow_rows,
    lay_out,
)
from bot.picture.diagram.svg_renderer import frame_diagram
from bot.report.document_parts import Badge, Block, Column, Picture, Section, Tone, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import (
    Cell,
    band_badge,
    cell,
    chart_picture,
    controls_in_place,
    element_name,
    linked_threat,
    linked_threats,
    listing,
    paragraph,
    quiet,
    quote,
)
from domain.analysis.coverage import CoverageRow, DecidedBy
from domain.kernel.screening_answer import ScreeningAnswer
from domain.kernel.text_formatting import count_phrase, join_list
from domain.kernel.threat import Stride
from domain.register import ThreatRegister
from domain.wording.considered_prompts import thinking_text


def diagram_section(source: ReportSource) -> Section:
    """Return the data-flow diagram with its table; if it cannot be drawn, the reason and the table."""
    drawn = build_diagram(source.register, source.day_of(source.as_of))
    if not drawn.nodes:
        return Section("diagram", "Data flows")
    return Section("diagram", "Data flows", tuple(_blocks(drawn, full=source.full, pictures=source.pictures)))


def _blocks(drawn: Diagram, *, full: bool, pictures: bool) -> Iterator[Block]:
    yield paragraph(_sentence(drawn))
    if pictures or not drawn.flows:
        try:
            yield _picture(drawn)
        except LayoutFailed as fault:
            yield paragraph(str(fault))
    yield from listing(
        flow_rows(drawn),
        (Column("No.", 0.5, numbers=True), lambda one: _numbered(one, full=full)),
        (Column("From", 1.7), lambda one: one.source),
        (Column("To", 1.9), lambda one: one.receiver),
        (Column("Name, entry point", 1.5), _named),
        (Column("Assets", 2.4), lambda one: _carried(one.assets, full=full)),
        (Column("Crossing", 0.8), lambda one: "yes" if one.crosses else ""),
        (Column("Open threats", 1.2), _threats),
        caption="Data flows, numbered as in the diagram",
    )


def _sentence(drawn: Diagram) -> str:
    parts = count_phrase(len(drawn.nodes), "component")
    if not drawn.flows:
        return f"{parts}, and no data flow between them yet."
    flows = count_phrase(len(drawn.flows), "data flow")
    crossing = sum(flow.crosses for flow in drawn.flows)
    if not crossing:
        return f"{parts} and {flows}. No data flow crosses a trust boundary or trust level."
    return (
        f"{parts} and {flows}. {crossing} of them {'crosses' if crossing == 1 else 'cross'} "
        "a trust boundary or trust level; "
        "attackers usually enter at these crossings."
    )


def _picture(drawn: Diagram) -> Picture:
    layout = lay_out(drawn)
    frame = frame_diagram(layout)
    return Picture(
        id="data-flow-diagram",
        title="Data-flow diagram",
        svg=diagram_svg(layout),
        width=frame.width,
        height=frame.height,
        alt_text=describe_diagram(drawn),
        dark=diagram_svg(layout, "dark"),
        described_by_table=bool(drawn.flows),
    )


def _numbered(one: FlowRow, *, full: bool) -> Cell:
    return (line_of(one.number), *((line_of(quiet(one.id)),) if full else ()))


def _named(one: FlowRow) -> Cell:
    return tuple(line_of(words) for words in (one.name, one.entry_point) if words)


def _carried(assets: str, *, full: bool) -> str:
    """Return what a flow carries; the first few in a short report, with the number of omitted ones."""
    named = assets.split(", ")
    if full or len(named) <= _ASSETS:
        return assets
    return f"{', '.join(named[:_ASSETS])} and {len(named) - _ASSETS} more"


def _threats(row: FlowRow) -> Cell:
    if not row.open_threats.number:
        return cell("")
    worst = row.open_threats.worst
    return cell(f"{row.open_threats.number} ", *([band_badge(worst)] if worst else ["not scored"]))


_ASSETS = 2


def coverage_section(source: ReportSource) -> Section:
    """Return the grid as a picture and a table; nothing while no cell can be decided."""
    known = source.register
    if not known.coverage.rows or known.phase == "collection":
        return Section("coverage", "Coverage")
    return Section("coverage", "Coverage", tuple(_coverage_blocks(source)))


def _coverage_blocks(source: ReportSource) -> Iterator[Block]:
    known = source.register
    still, assumed = known.coverage.open_cells, known.coverage.assumed_cells
    wanted = sum(cell.wanted for row in known.coverage.rows for cell in row.cells)
    counts = [f"{wanted - still - assumed} decided", f"{still} undecided"]
    counts += [f"{assumed} assumed"] if assumed else []
    yield paragraph(
        "The grid shows for which elements and STRIDE categories the team has decided what can go wrong. "
        f"{count_phrase(wanted, 'cell is', 'cells are')} on trust crossings: {join_list(counts)}."
    )
    yield from controls_in_place(known)
    yield from map(paragraph, screened_out(source))
    yield from _thoughts(source)
    for place in range(len(draw_coverage(known))):
        id = f"coverage-by-stride-{place + 1}" if place else "coverage-by-stride"
        yield chart_picture(id, "Coverage by STRIDE", partial(_page, known, place))
    yield from listing(
        known.coverage.undecided_first,
        (Column("Element", 2.4), lambda row: f"{row.name} ({row.element})"),
        *((Column(category.label, 1.1), partial(_square, known, category)) for category in Stride),
        (
            Column("No further threats, reason", 2.2),
            lambda row: quote(row.considered.reason) if row.considered else "",
        ),
        caption=_CAPTION,
    )


def _thoughts(source: ReportSource) -> Iterator[Block]:
    """Yield who considered how many prompts to think further, and each prompt with what came of it."""
    considered = source.register.considered_prompts
    if not considered:
        return
    yield paragraph(f"Think further: {thinking_text(considered, source.naming)}.")
    yield from listing(
        considered,
        (Column("Prompt", 3.0), lambda one: one.kind.question),
        (Column("Element", 2.0), lambda one: element_name(source.register, one.element)),
        (Column("Considered by", 1.6), lambda one: join_list([source.naming(person) for person in one.by])),
        (
            Column("Result", 1.4),
            lambda one: linked_threats(source.register, one.threats) if one.threats else "nothing here",
        ),
    )


def _page(known: ThreatRegister, place: int, look: ThemeName) -> Chart:
    return draw_coverage(known, look)[place]


def screened_out(source: ReportSource) -> list[str]:
    """Return the features that were screened out: a sentence for each person and confirmation."""
    by_people: dict[str, list[str]] = {}
    for one in source.register.screening:
        if one.answer is not None and one.screened_out:
            by_people.setdefault(_people(source, one.answer), []).append(one.topic.label)
    return [f"Screened out {people}: {', '.join(topics)}." for people, topics in by_people.items()]


def _people(source: ReportSource, answer: ScreeningAnswer) -> str:
    second = answer.confirmed_by
    confirmation = f"confirmed by {source.naming(second)}" if second else "not confirmed"
    return f"by {source.naming(answer.by)}, {confirmation}"


def _square(known: ThreatRegister, category: Stride, row: CoverageRow) -> str | Cell:
    one = next((one for one in row.cells if one.category is category), None)
    if one is None:
        return ""
    if one.threats:
        return tuple(line_of(linked_threat(known, threat)) for threat in one.threats)
    if one.decided:
        return "decided"
    if one.by is DecidedBy.ASSUMED:
        return cell(quiet("assumed"))
    return cell(Badge("open", Tone.WAITING)) if one.wanted else cell(quiet("not asked"))


_CAPTION = (
    "An ID is a threat in that cell. “Decided”: by answers, or by a reason. “Assumed”: from a technology or "
    "protocol, not confirmed. “Open”: undecided. “Not asked”: not on a trust crossing. "
    "A dash: the category does not apply."
)
