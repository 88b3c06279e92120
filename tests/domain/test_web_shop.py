"""The web shop, held against what a security engineer who reviews such a shop would write down.

The review was written from what the team tells of the shop. A suggested threat that stands in none of its
columns is a finding nobody asked for: then the rule is to be mended, or the review has forgotten something.
"""

from functools import cache

from msgspec.structs import replace
from rpds import HashTrieMap

from bot.demo.shop_story import shop_steps
from bot.demo.shop_votes import scored_shop_story
from bot.demo.story_runner import Step, with_times
from domain.analysis.coverage import CoverageCell, DecidedBy
from domain.analysis.rule_findings import SuggestedThreat, apply_rules
from domain.decide import decide
from domain.implied_facts import assumptions_in_force
from domain.kernel.answer import Answer
from domain.kernel.elements import ChannelId, DataFlow, ElementId
from domain.kernel.threat import Stride
from domain.model import ThreatModel
from domain.model.element_labels import name_of
from domain.register import ThreatRegister, register
from domain.replay import EMPTY, replay

CHANNEL = ChannelId("CSHOP")

MUST_FIND = {
    # Who is calling?
    "S05 Payment provider": "whoever finds the address posts “paid” and gets lamps for nothing",
    "S02 Console log-in": "a leaked password is enough to run the shop from anywhere",
    "S03 Console log-in": "and it need not even leak: it can be guessed all night",
    "S08 Checkout and account": "a stolen cookie works for ever, and logging in does not change it",
    "E05 Logging in": "whoever comes past the CDN writes the header that guesses are counted by",
    # What comes in?
    "T01 Shop pages": "the sort order is glued into the query: the database is one address line away",
    "T02 Checkout and account": "a gift note with a script runs in the console, as the person who reads it",
    "T03 Console log-in": "an uploaded “photo” is kept where the web server runs what it finds",
    "I11 Console log-in": "the photo's address may be that of the machine's own metadata service",
    "T10 Payment callback": "one cent is paid, and the order is marked as paid",
    "E02 Checkout and account": "invoices are counted up: name, address and order of everybody",
    "T14 Console log-in": "the export page returns any file of the server that it is asked for",
    # What may whom do?
    "E07 Console log-in": "the console is on the internet, and few people need it there",
    "E06 Admin console": "a hole in the shop's pages is a hole in the console: they are one program",
    "X01 Console log-in · Admin credentials": "support can make itself administrator: no page asks who it is",
    "X01 Console log-in · Audit log": "support reads the log that is there to judge it",
    "E03 Application": "one injected query may drop tables, as the shop logs in as their owner",
    # What becomes of what is kept?
    "I09 CDN": "account pages are cached under their address alone, so the next visitor gets them",
    "I07 Log store": "session cookies in the log: whoever reads it can be any customer",
    "R02 Log store": "the application may delete entries, so whoever takes it over does",
    "E08 Log store": "its search page came without a password",
    "I12 Database": "real customers on the test system, where everybody is administrator",
    "D04 Orders": "backups that nobody ever restored",
    "D07 Shop logs": "the log store's disk is full, and no page is served any more",
    "I14 Customer records": "customers are never deleted, and the law asks for it",
    # What comes from others?
    "T09 Image library": "the newest version is taken at each build, and it reads what strangers upload",
    "I06 Payment API key": "it lies beside the code, and so on each laptop and in each copy",
    "R03 Console log-in": "support shares one account: who gave that refund?",
    "E12 Application": "its framework has known vulnerabilities, and its pages are on the internet",
    "T21 Application": "each developer deploys from a laptop what no one else has seen",
}
MAY_KEEP = {
    "S04 Shop writes": "the database's certificate is not checked; worth little in a private network",
    "S06 Sessions": "kept as they are, so that a copy of the database is a bunch of keys",
    "S06 Admin credentials": "shared by the support people; goes together with R03",
    "S06 Payment API key": "all developers hold the same one; changing it is what ends I06",
    "S07 Console log-in": "a link in a mail to support changes a price; a second factor does not help",
    "S09 Log-in": "a reset link that works for a week waits in old mailboxes",
    "S10 Buying": "an impatient second click buys twice, and support pays it back",
    "S01 Shop logs": "anybody inside can write lines into the log",
    "T07 Shop logs": "and change those of others on their way",
    "I01 Shop logs": "and read them: they hold cookies",
    "T08 Catalogue and prices": "each of the staff may set any price, and nobody looks at it again",
    "T09 Payment provider": "its script runs in the checkout page; card rules ask for an eye on it",
    "T11 Database": "two buy the last lamp, one voucher pays twice",
    "I03 Customer records": "support sees all customers, whether they have a question or not",
    "I04 Console pages · Audit log": "the log is shown to support; ends when X01 does",
    "I05 Charges · Orders": "the provider needs an amount and a number, not who buys what",
    "I08 Console log-in": "stack traces for whoever provokes an error before logging in",
    "I10 Database": "each query has to think of whose order it is; E02 is one that did not",
    "D01 Shop pages": "search can be called in a loop",
    "D01 Log-in": "so can sign-up and log-in: leaked passwords of other shops are tried here",
    "D01 Payment callback": "it is open to all until S05 is mended",
    "D01 Console log-in": "it is open to all until E07 is mended",
    "D03 Payment provider": "their bad day is ours",
    "D07 Console logs": "the console stands still with it; ends when it does so no more for the shop",
    "D05 Shop pages": "a search for one letter reads the whole catalogue",
    "E12 Admin console": "it is one program with the application; goes together with that",
    "T21 Admin console": "deployed together with the application",
    "R06 Log store": "attacks are in the log, and no one is alerted",
    "S01 Console logs": "the log store trusts addresses of the network, and so does whoever has one",
    "S11 Admin credentials": "a lamp and a year is guessed soon; goes together with S03",
    "S12 Admin credentials": "everyone who ever worked in support knows it",
    "S12 Payment API key": "all copies of it remain valid; goes together with I06",
    "S12 Sessions": "the same as S08, seen from the asset",
    "S13 Support staff": "a stolen laptop of support is signed in at the console",
    "S14 Console log-in": "a page in a frame makes support click what it does not see",
    "S17 Console log-in": "the console's old name points to a machine that others can rent",
    "T13 Database": "a changed price or balance in the database is not noticed",
    "D06 Log-in": "five wrong passwords lock out whoever you dislike, on the day of the sale too",
}
MUST_NOT_RAISE = {
    "S01 Shop pages": "lamps are for everybody to look at",
    "S01 Browsing": "the same on the flow: nobody has to say who they are",
    "S01 Payment notices": "S05 says it already, of the provider",
    "S01 Shop writes": "the database asks for a password",
    "S03 Log-in": "failed sign-in attempts are limited",
    "S04 Charges": "the provider's certificate is verified",
    "S06 Passwords": "each person's own, and hashed",
    "S07 Checkout and account": "the form has a token",
    "S10 Shop reads": "what a query brings back orders nothing",
    "S10 Payment notices": "an order that is paid is not paid again",
    "T01 Checkout and account": "its queries are bound",
    "T02 Shop pages": "reviews are encoded where they are shown",
    "T04 Console log-in": "it takes no XML",
    "T07 Visits": "HTTPS notices changes",
    "T08 Audit log": "R02 says it already, of the store",
    "T10 Checkout and account": "the application works out what the basket costs",
    "T11 Log store": "a log grows: nobody changes what somebody else has written",
    "I01 Visits": "HTTPS keeps listeners out",
    "I01 Shop writes": "the line to the database is encrypted",
    "I02 Database": "its disk is encrypted",
    "I04 Pages to the browser · Orders": "only the customer's own orders are left in",
    "I05 Visits · Orders": "customers send their own data where they want it to go",
    "I09 Application": "it keeps no copies",
    "R01 Checkout and account": "who ordered what is written down",
    "R05 Charges": "the provider's statement is a receipt",
    "D01 Checkout and account": "its callers are limited",
    "D07 Shop writes": "a query is given up after five seconds",
    "D07 Charges": "D03 says it already, of the provider",
    "E01 Shop pages": "everybody may do all that can be done there",
    "E01 Console log-in": "X01 says it already, and of which assets",
    "E02 Shop pages": "whatever has a number there is for everybody",
    "E04 Shop logs": "the application is the service between its callers and the store",
    "E06 CDN": "nobody knows yet how the CDN keeps its customers apart: a question, not a finding",
    "E09 Log-in": "only a list of fields is copied",
    "E10 Application": "no language model decides anything",
    "X02 Shop writes": "a boundary lies between the two",
    "S12 Passwords": "a password is changed when there is a reason, not by date",
    "S13 Browser": "customers look after their own devices",
    "S14 Checkout and account": "it cannot be shown in a frame",
    "S15 Log-in": "it accepts no tokens of others",
    "T14 Shop pages": "no file is chosen by input",
    "T15 Shop pages": "the search is a database query, and T01 covers it",
    "T16 Checkout and account": "the application keeps the state of the order",
    "T19 Application": "it uses no language model",
    "T20 Image library": "it is updated at each build",
    "I13 Application": "it builds nothing",
    "I15 Database": "the provider wipes its disks",
    "I16 Database": "a database is no object store",
    "D07 Shop reads": "retries are limited",
    "E08 Database": "its defaults are changed",
    "X04 Payment provider": "Chiyo looks after it",
}
STILL_UNKNOWN = {"Payment callback: input_bounded", "Payment callback: log_escaped"}


def test_what_a_review_must_find_is_found() -> None:
    assert MUST_FIND.keys() - raised() == set()


def test_nothing_comes_up_that_a_review_would_not_keep() -> None:
    assert raised() - MUST_FIND.keys() - MAY_KEEP.keys() == set()


def test_what_may_be_kept_does_come_up() -> None:
    assert MAY_KEEP.keys() - raised() == set()
    assert not MUST_FIND.keys() & MAY_KEEP.keys()


def test_what_a_fact_rules_out_does_not_come_up() -> None:
    assert MUST_NOT_RAISE.keys() & raised() == set()


def test_the_review_speaks_of_elements_that_are_there() -> None:
    names = {name_of(collected(), id) for id in collected().elements}
    for told in (*MUST_FIND, *MAY_KEEP, *MUST_NOT_RAISE):
        assert set(told.partition(" ")[2].split(" · ")) <= names, told


def test_the_team_has_answered_everything_and_says_what_it_does_not_know() -> None:
    questions = apply_rules(collected()).questions
    assert {f"{question.element_name}: {question.fact}" for question in questions} == STILL_UNKNOWN
    assert all(question.answered_unknown for question in questions)


def test_the_team_answers_only_what_it_is_asked_and_confirms_what_its_lines_state() -> None:
    answers = dict(collected().facts.items())
    model = replace(collected(), facts=HashTrieMap())
    while asked := open_questions(model):
        for question in asked:
            model = replace(model, facts=model.facts.insert(question, answers.pop(question)))
    assert answers.keys() <= assumptions_in_force(model).keys()
    assert {element for element, _ in answers} <= {one.id for one in model.of_type(DataFlow)}


def test_with_nothing_answered_much_is_asked_and_nothing_found() -> None:
    analysis = apply_rules(replace(collected(), facts=HashTrieMap()))
    assert analysis.suggested_threats == ()
    assert len(analysis.questions) > 100


def test_nothing_is_wrong_with_the_model_itself() -> None:
    assert register(collected()).warnings == ()


def test_the_log_store_answers_for_repudiation_and_the_database_does_not() -> None:
    rows = {row.name: [cell.category for cell in row.cells] for row in after_the_vote().coverage.rows}
    assert Stride.REPUDIATION in rows["Log store"]
    assert Stride.REPUDIATION not in rows["Database"]


def test_what_comes_in_at_an_entry_point_decides_its_own_cell() -> None:
    assert cell("Log-in", Stride.TAMPERING).by is DecidedBy.RULES
    callback = cell("Payment callback", Stride.TAMPERING)
    assert (callback.wanted, callback.by, callback.suggested_threats) == (True, DecidedBy.NOTHING, 1)


def test_an_asset_that_names_no_readers_leaves_no_cell_open() -> None:
    disclosed = cell("Logging in", Stride.INFORMATION_DISCLOSURE)
    assert (disclosed.wanted, disclosed.by) == (True, DecidedBy.RULES)


def test_the_worst_threats_are_scored_and_much_is_left_to_judge() -> None:
    shown = after_the_vote()
    assert [
        (one.threat.title.partition(":")[0], one.score.tally.band) for one in shown.ranked if one.score
    ] == [
        ("Injection into database queries", "critical"),
        ("No multi-factor authentication for administrators", "critical"),
        ("Webhook signature not verified", "high"),
        ("Sensitive data in a shared cache", "high"),
        ("Unverified third-party code (supply chain)", "high"),
        ("User enumeration at log-in", "medium"),
    ]
    assert not shown.rounds
    assert {one.dismissal.suggested_threat.partition("@")[0] for one in shown.dismissed} == {"D03", "S04"}
    assert len(shown.suggested_threats) == len(raised()) - 13 - 2
    (merged,) = shown.merged
    kept = next(threat for threat in shown.threats if threat.id == merged.into)
    assert set(kept.stride) == {Stride.SPOOFING, Stride.REPUDIATION}


@cache
def collected() -> ThreatModel:
    """The shop with all answers, before anybody has judged anything."""
    return told(with_times(*shop_steps(CHANNEL)))


@cache
def after_the_vote() -> ThreatRegister:
    return register(told(scored_shop_story(CHANNEL)))


def cell(name: str, category: Stride) -> CoverageCell:
    row = next(one for one in after_the_vote().coverage.rows if one.name == name)
    return next(one for one in row.cells if one.category is category)


@cache
def raised() -> frozenset[str]:
    """What the rules bring up, in the words of the review."""
    return frozenset(
        in_words(suggested_threat) for suggested_threat in apply_rules(collected()).suggested_threats
    )


def in_words(one: SuggestedThreat) -> str:
    peer = f" · {name_of(collected(), ElementId(one.peer))}" if one.peer else ""
    return f"{one.rule.id} {one.element_name}{peer}"


def open_questions(model: ThreatModel) -> list[tuple[ElementId, str]]:
    asked = [(question.element, question.fact) for question in apply_rules(model).questions]
    return [one for one in asked if model.facts.get(one) is not Answer.UNKNOWN]


def told(story: list[Step]) -> ThreatModel:
    model = EMPTY
    for step in story:
        model = replay(decide(step(model), model), model)
    return model
