"""Files become a draft in Slack, and people accept parts of it."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.delivery.slot_kinds import Desired, Gone, content_digest
from bot.sandbox.api import VisibleMessage, VisibleView
from bot.slack.projectors.direct_messages import person_of
from bot.slack.protocol.app_ids import DRAFT_SHORTCUT
from bot.slack.protocol.block_builders import Message
from bot.slack.slots.direct_slots import ProposalMessages
from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.salted_digests import salted_digest
from domain.draft_comparison.choices import DraftChoices, accept_chosen
from domain.draft_comparison.compared_draft import all_proposals, compare_draft
from domain.drafts.draft import AGENT, Draft, DraftItem, DraftSource, SourceKey, SourcePlace
from domain.drafts.settlement import DraftId
from domain.events import DraftSettled
from domain.kernel.answer import Answer
from domain.kernel.elements import SYSTEM, Component, DataFlow, EntryPoint, Kind, PersonId
from tests.drafts.fixture_drafts import FIXTURES
from tests.slack.access_harness import TEAM, AccessHarness, person_id_of
from tests.slack.limit_checks import view_faults
from tests.slack.slack_team import SlackTeam
from tests.slack.slot_contexts import make_context
from tests.slack.view_contents import view_text

SHOP = "shop.compose.yaml"
ORDERS = "orders.openapi.yaml"
SMALL = """
services:
  web:
    image: nginx:1.27
    ports: ["127.0.0.1:8080:80"]
    user: "1000"
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    environment: {API_URL: "http://api:9000"}
  api:
    image: acme/api:1.0
    privileged: true
"""
PUBLIC = SMALL.replace("127.0.0.1:8080:80", "8080:80") + "  jobs:\n    image: acme/jobs:1.0\n"


def started(team: SlackTeam, who: str = "ana") -> None:
    team.start(who)
    team.person(who).close(all_of_them=True)


def dropped(team: SlackTeam, *files: tuple[str, str], who: str = "ben") -> VisibleMessage:
    """A message with files, as people drop several at once into a channel."""
    team.read_channel()
    ids: list[str] = []
    for name, content in files:
        ids += [file.id for file in team.person(who).upload("#house", name, content).files]
    channel = team.person(who).sees("#house")[-1].channel
    both = team.sandbox.workspace.post(
        channel=channel, author=team.person(who).id, text="Here", blocks=(), files=ids
    )
    return next(message for message in team.person(who).sees("#house") if message.ts == both.ts)


def fixtures(*names: str) -> list[tuple[str, str]]:
    return [(name, (FIXTURES / name).read_text()) for name in names]


def drafted(team: SlackTeam, *files: tuple[str, str], who: str = "ben") -> VisibleView:
    team.person(who).message_shortcut(dropped(team, *files, who=who), DRAFT_SHORTCUT)
    team.wait(lambda: (seen := team.person(who).modal) is not None and seen.title.startswith("Draft of"))
    return current(team, who)


def current(team: SlackTeam, who: str = "ben") -> VisibleView:
    seen = team.person(who).modal
    assert seen is not None
    assert not view_faults(seen.view.body)
    return seen


def submit(team: SlackTeam, who: str = "ben") -> VisibleView:
    team.person(who).submit()
    return current(team, who)


def names(team: SlackTeam, sort: type[Component] | type[EntryPoint] | type[DataFlow]) -> list[str]:
    return [one.name for one in team.model().of_type(sort)]


def refused(team: SlackTeam, *files: tuple[str, str]) -> str:
    team.person("ben").message_shortcut(dropped(team, *files), DRAFT_SHORTCUT)
    plain = team.modal("ben", "Not possible").plain
    team.person("ben").close(all_of_them=True)
    return plain


def test_the_files_of_a_message_become_elements_after_one_press(either_way: SlackTeam) -> None:
    team = either_way
    started(team)
    seen = drafted(team, *fixtures(SHOP, ORDERS))
    assert f"{SHOP} and {ORDERS}" in seen.plain
    assert "Nothing is added to the model before you press" in seen.plain
    assert not team.model().elements, "a draft adds nothing"

    saved = submit(team)

    assert saved.title == "Saved"
    assert "You accepted" in saved.plain
    model = team.model()
    assert len(model.of_type(Component)) >= 12
    assert model.of_type(DataFlow)
    event = next(one for one in team.store.events(team.streams[0]) if isinstance(one, DraftSettled))
    assert [source.name for source in event.settled.sources] == [SHOP, ORDERS]
    assert event.by == event.settled.brought_by == team.person("ben").id
    team.sandbox.repeat(team.sandbox.last_act)
    assert team.model().version == model.version, "the same press"
    team.card(f"{len(model.of_type(DataFlow))}")


def test_a_control_is_confirmed_by_itself_and_all_does_not_tick_it(team: SlackTeam) -> None:
    started(team)
    seen = drafted(team, ("compose.yaml", SMALL))
    assert "Confirm one by one" in seen.plain
    team.person("ben").click(seen, action_id="draft:all-component")
    team.wait(lambda: team.person("ben").modal)
    submit(team)
    web = next(component.id for component in team.model().of_type(Component) if component.name == "web")
    api = next(component.id for component in team.model().of_type(Component) if component.name == "api")
    assert (web, "least_privilege") not in team.model().facts
    assert team.model().facts[api, "least_privilege"] is Answer.NO


def test_all_ticks_no_guess(team: SlackTeam) -> None:
    started(team)
    seen = drafted(team, *fixtures(SHOP))
    team.person("ben").click(seen, "All 12")
    team.wait(lambda: current(team).view.body != seen.view.body)
    submit(team)
    assert "mail" in names(team, Component)
    assert "mailcatcher" not in names(team, Component), "a guess"


def test_what_is_not_ticked_is_left_and_ticks_are_kept(team: SlackTeam) -> None:
    started(team)
    seen = drafted(team, ("compose.yaml", SMALL))
    team.person("ben").click(seen, action_id="draft:none-component")
    team.wait(lambda: current(team).view.body != seen.view.body)
    # The flow needs its ends: nothing is stored, the form stays open, and so do the ticks.
    team.person("ben").submit()
    errors = current(team).errors
    assert "cannot be added: “web” and “api”" in " ".join(errors.values())
    team.person("ben").close(all_of_them=True)
    assert not team.model().elements
    again = drafted(team, ("compose.yaml", SMALL))
    ticked = {
        option["text"]["text"]
        for block in again.view.body["blocks"]
        if block.get("block_id", "").startswith("take/component")
        for option in block["element"].get("initial_options", ())
    }
    assert ticked == set(), "the same files are the same draft, with its ticks"
    team.person("ben").click(again, action_id="draft:all-component")
    team.wait(lambda: current(team).view.body != again.view.body)
    assert submit(team).title == "Saved"
    assert names(team, Component)[:2] == ["web", "api"]


def test_a_name_that_is_there_is_asked_about_first(team: SlackTeam) -> None:
    started(team)
    team.command("ana", "/threatmodel add component")
    team.modal("ana", "Add component")
    team.person("ana").fill("Name", "Web")
    team.person("ana").submit()
    seen = drafted(team, ("compose.yaml", SMALL))
    assert "Component “web”: same or another?" in seen.plain
    team.person("ben").choose("Component “web”: same or another?", "Another component")
    submit(team)
    assert names(team, Component)[:3] == ["Web", "web (compose)", "api"]


def test_a_changed_source_shows_the_difference_and_the_thread_hears_of_it(team: SlackTeam) -> None:
    started(team)
    drafted(team, ("compose.yaml", SMALL))
    submit(team)
    team.person("ben").close(all_of_them=True)
    team.card("The House")
    message = dropped(team, ("compose.yaml", SMALL + "# a comment\n"))
    team.person("ben").message_shortcut(message, DRAFT_SHORTCUT)
    team.wait(lambda: (it := team.person("ben").modal) and "Nothing is left to decide" in it.plain)
    team.person("ben").close(all_of_them=True)

    seen = drafted(team, ("compose.yaml", PUBLIC))

    assert "jobs" in seen.plain
    assert "1 changed" in seen.plain
    line = "since the last draft of compose.yaml"
    card = team.card("The House")
    team.wait(lambda: [one for one in team.person("chi").thread("#house", card.ts) if line in one.plain])
    news = next(one for one in team.person("chi").thread("#house", card.ts) if line in one.plain)
    team.person("chi").click(news, "Look")
    team.wait(lambda: (it := team.person("chi").modal) and it.title.startswith("Draft of"))
    submit(team, "chi")
    assert "jobs" in names(team, Component)
    # Ben's form is outdated: what he would accept is accepted.
    team.person("ben").submit()
    assert "already been accepted or rejected" in current(team).plain


def test_an_empty_channel_starts_a_model_with_its_files(team: SlackTeam) -> None:
    team.read_channel()
    message = dropped(team, *fixtures(SHOP))
    team.person("ben").message_shortcut(message, DRAFT_SHORTCUT)
    seen = team.modal("ben", "New threat model")
    assert "your 1 file propose" in seen.plain
    team.person("ben").fill("Name", "Shop")
    team.person("ben").submit()
    team.wait(lambda: current(team).title.startswith("Draft of"))
    assert "“Shop” was created" in current(team).plain
    assert submit(team).title == "Saved"
    assert len(team.model().of_type(Component)) >= 12


def test_files_are_uploaded_in_the_form_of_a_new_model(team: SlackTeam) -> None:
    team.read_channel()
    team.command("ben", "/threatmodel start")
    team.modal("ben", "New threat model")
    team.person("ben").fill("Name", "Shop")
    field = "Have a compose file, a Kubernetes manifest or an OpenAPI description?"
    team.person("ben").attach(field, *fixtures(SHOP, ORDERS))
    team.person("ben").submit()
    team.wait(lambda: current(team).title.startswith("Draft of"))
    submit(team)
    assert len(team.model().of_type(Component)) >= 12


def test_files_are_brought_from_the_form_of_data_flows(team: SlackTeam) -> None:
    team.person("ben").click(team.begin("ben"), "Bring a file")
    team.modal("ben", "Draft from files")
    field = "Have a compose file, a Kubernetes manifest or an OpenAPI description?"
    team.person("ben").attach(field, *fixtures(SHOP, ORDERS))
    team.person("ben").submit()
    team.wait(lambda: current(team).title.startswith("Draft of"))
    submit(team)
    assert len(team.model().of_type(Component)) >= 12


def test_a_draft_that_was_closed_is_found_among_everything_else(team: SlackTeam) -> None:
    started(team)
    drafted(team, ("compose.yaml", SMALL))
    team.person("ben").close(all_of_them=True)
    team.person("chi").click(team.card("The House"), "More…")
    team.person("chi").click(team.modal("chi", "More"), "compose.yaml (5 open)")
    team.wait(lambda: (it := team.person("chi").modal) and it.title.startswith("Draft of"))
    submit(team, "chi")
    assert names(team, Component)[:2] == ["web", "api"]


def test_what_cannot_be_read_is_refused_in_a_sentence(team: SlackTeam) -> None:
    started(team)
    plan = (FIXTURES / "cloud.plan.json").read_text()
    assert "Terraform plans can contain secrets" in refused(team, ("cloud.plan.json", plan))
    assert "file format is not supported" in refused(team, ("notes.yaml", "hello: world\n"))
    said = team.person("ben").say("#house", "Look!")
    team.person("ben").message_shortcut(said, DRAFT_SHORTCUT)
    team.private_message("ben", "This message has no files")
    many: Sequence[tuple[str, str]] = [(f"{n}.yaml", SMALL) for n in range(11)]
    team.person("ben").message_shortcut(dropped(team, *many), DRAFT_SHORTCUT)
    team.private_message("ben", "This message has 11 files")


def test_a_draft_that_is_gone_and_a_forged_value_are_refused(team: SlackTeam) -> None:
    started(team)
    seen = drafted(team, ("compose.yaml", SMALL))
    for block in seen.view.body["blocks"]:
        if block.get("block_id", "").startswith("take/component"):
            block["element"]["options"][0]["value"] = "999"
    team.person("ben").submit()
    assert "earlier version of the bot" in current(team).plain
    assert not team.model().elements
    team.person("ben").close(all_of_them=True)

    drafted(team, ("compose.yaml", SMALL))
    team.unit.drafts.forget(DraftId("TM-1/D-1"))
    team.person("ben").submit()
    assert "This draft no longer exists" in current(team).plain
    team.person("ben").close(all_of_them=True)

    drafted(team, ("compose.yaml", SMALL))
    team.store.erase_stream(team.streams[0])
    team.person("ben").submit()
    assert "Only members of this model's channel" in current(team).plain


def test_a_large_draft_is_paged_within_the_limits(team: SlackTeam) -> None:
    started(team)
    services = "".join(
        f"  service-{n}:\n    image: acme/s{n}:1\n    ports: ['{9000 + n}:80']\n" for n in range(150)
    )
    seen = drafted(team, ("compose.yaml", f"services:\n{services}"))
    assert "Page 1 of" in seen.plain
    team.person("ben").click(seen, "Next page")
    team.wait(lambda: "Page 2 of" in current(team).plain)
    team.person("ben").click(current(team), action_id="draft:none-entry_point")
    team.wait(lambda: "Page 2 of" in current(team).plain)
    team.person("ben").click(current(team), "Previous page")
    team.wait(lambda: "Page 1 of" in current(team).plain)
    seen = submit(team)
    assert seen.title.startswith("Draft of"), "what was not seen is still open"
    count = len(team.model().elements)
    while seen.title.startswith("Draft of"):
        seen = submit(team)
    assert seen.title == "Saved"
    assert len(team.model().elements) > count
    stored = team.unit.drafts.find(DraftId("TM-1/D-1"))
    assert stored is not None
    assert compare_draft(stored.draft, team.model()).is_empty
    assert len(team.model().of_kind(Kind.COMPONENT)) == 150


MEMBER, FACILITATOR = person_id_of("member"), person_id_of("facilitator")


def proposed(
    harness: AccessHarness, stream: StreamId, *names: str, by: PersonId, client: str = "coder"
) -> DraftId:
    """A draft with components of these names."""
    place = SourcePlace(file="src/<!channel>.py", line=1)
    draft = Draft(
        sources=(DraftSource(name="shop@1a2b", format=AGENT, sha256="0" * 64),),
        items=tuple(
            DraftItem(key=SourceKey(f"agent:{name}"), kind=Kind.COMPONENT, name=name, place=place)
            for name in names
        ),
    )
    home = stream.rpartition("/")[2]
    return harness.services.unit.drafts.add(home, draft, person=by, client=client, at=harness.now()).id


def messages(harness: AccessHarness) -> ProposalMessages:
    return ProposalMessages(make_context(harness.store.unit(TEAM), harness.services))


def content(kind: ProposalMessages, record: DeliveryRecord) -> Desired[Message]:
    found = kind.desired(record)
    assert isinstance(found, Desired)
    return found


def test_the_person_of_the_agent_is_told_and_a_file_tells_no_one(harness: AccessHarness) -> None:
    stream, kind = harness.begin("public"), messages(harness)
    proposed(harness, stream, "Cache", "Queue", by=MEMBER)
    proposed(harness, stream, "Mailer", by=SYSTEM)
    proposed(harness, stream, "Store", by=MEMBER, client="")

    plan = kind.plan(stream)

    assert [person_of(one) for one in plan.added] == [MEMBER, FACILITATOR]
    assert plan.due == plan.added
    own, foreign = (view_text(content(kind, one).content) for one in plan.added)
    assert "Your agent (coder) proposed 2 items for" in own
    assert "from shop@1a2b. 2 items to accept or reject." in own
    assert "An agent (coder) proposed 1 item" in foreign


def test_a_message_is_updated_when_parts_are_decided_and_gone_with_the_draft(harness: AccessHarness) -> None:
    stream, kind = harness.begin("public"), messages(harness)
    id = proposed(harness, stream, "Cache", "Queue", by=MEMBER)
    (record,) = kind.plan(stream).added
    shown = salted_digest(content_digest(content(kind, record).content))
    record = replace(record, external_id="1.1", place="D1", shown=shown)
    deliveries = harness.store.unit(TEAM).deliveries
    deliveries.add_missing(record)
    assert kind.plan(stream).due == (), "it is shown as it is"

    stored = harness.services.unit.drafts.find(id)
    assert stored is not None
    model = harness.command_handler.model(stream)
    every = DraftChoices(seen=frozenset(proposal.key for proposal in all_proposals(stored.draft)))
    comparison = compare_draft(stored.draft, model)
    harness.do(
        stream, accept_chosen(stored.draft, stored.origin, comparison, every, by=MEMBER, at=harness.now())
    )

    decided = content(kind, record)
    assert decided.last
    assert "Nothing is left to decide." in view_text(decided.content)
    assert [one.slot for one in kind.plan(stream).due] == [record.slot]
    harness.services.unit.drafts.forget(id)
    assert isinstance(kind.desired(record), Gone)
