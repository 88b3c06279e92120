"""Questions handed to somebody, and one answer for all that are alike."""

from bot.sandbox.api import VisibleView
from domain.commands import AnswerQuestions, Reply
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, Kind, PersonId
from domain.register import register
from tests.examples import id_called
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot
from tests.slack.voting_steps import direct_messages_of, person_id


def ask_chi(there: RunningBot, who: str = "ben") -> None:
    """Hand the first element's questions to chi."""
    person = there.person(who)
    there.command(who, "/threatmodel questions")
    person.click(there.modal(who, "Open questions"), "Ask…")
    there.modal(who, "Ask somebody")
    person.choose("Who knows?", there.person("chi").id)
    there.submit(who)
    there.modal(who, "Saved")
    person.close(all_of_them=True)


def words_to(there: RunningBot, who: str) -> list[str]:
    return [one.plain for one in direct_messages_of(there, who) if "asks you" in one.plain]


def home(there: RunningBot, who: str, *words: str) -> VisibleView:
    """Somebody's Home tab, once it says all of these words."""
    there.person(who).open_home()

    def shown() -> VisibleView | None:
        seen = there.person(who).home()
        return seen if seen is not None and all(word in seen.plain for word in words) else None

    there.wait(shown)
    seen = shown()
    assert seen is not None
    return seen


def test_home_counts_the_same_questions_as_the_next_step(there: RunningBot) -> None:
    create_collected_house(there)
    asked = register(there.model()).questions
    last = Reply(element=asked[-1].element, fact=asked[-1].fact, answer=Answer.UNKNOWN)
    nobody_knows = AnswerQuestions(by=person_id(there, "ana"), at=there.now(), replies=(last,))
    there.command_handler.execute(nobody_knows, stream=there.streams[0], key=there.key())
    unanswered = len(asked) - 1
    there.card(f"Answer {unanswered} open questions")
    home(there, "ben", f"The House · {unanswered} open questions")


def test_whoever_is_asked_reads_it_once_and_finds_the_questions_at_home(either_way: RunningBot) -> None:
    there = either_way
    create_collected_house(there)
    first = register(there.model()).questions[0].element
    ask_chi(there)
    chi = PersonId(there.person("chi").id)
    theirs = [one for one in register(there.model()).questions if one.asked_of == chi]
    assert theirs
    assert {one.element for one in theirs} == {first}
    there.wait(lambda: words_to(there, "chi"))
    ask_chi(there, "dee")  # about the next element: it is there, too, without another word
    theirs = [one for one in register(there.model()).questions if one.asked_of == chi]
    assert len({one.element for one in theirs}) > 1
    tab = home(there, "chi", f"{len(theirs)} question", "asked of you")
    there.person("chi").click(tab, "Answer")
    form = there.modal("chi", "Questions for me")
    assert "You were asked." in form.plain
    assert len(words_to(there, "chi")) == 1


def test_the_answer_settles_what_was_asked(there: RunningBot) -> None:
    create_collected_house(there)
    ask_chi(there)
    first = register(there.model()).questions[0]
    there.person("chi").click(home(there, "chi", "asked of you"), "Answer")
    there.modal("chi", "Questions for me")
    there.person("chi").choose(first.text, "yes")
    there.submit("chi")
    there.modal("chi", "Saved")
    assert there.model().facts[first.element, first.fact] is Answer.YES


def test_nobody_outside_the_channel_is_asked(either_way: RunningBot) -> None:
    there = either_way
    there.know("#general")  # the bot knows Eve from elsewhere
    create_collected_house(there)
    ben = there.person("ben")
    there.command("ben", "/threatmodel questions")
    ben.click(there.modal("ben", "Open questions"), "Ask…")
    there.modal("ben", "Ask somebody")
    ben.choose("Who knows?", there.person("eve").id)
    there.submit("ben")
    there.wait(lambda: there.modal("ben", "Ask somebody").errors)
    assert "Only members of the model's channel" in " ".join(
        there.modal("ben", "Ask somebody").errors.values()
    )
    assert not there.model().asked_of


def test_one_tick_answers_for_all_that_are_alike(either_way: RunningBot) -> None:
    there = either_way
    create_collected_house(there)
    doors = [
        id_called(there.model(), Kind.ENTRY_POINT, f"{which} door") for which in ("Front", "Back", "Garage")
    ]
    asked = [one for one in register(there.model()).questions if one.element in doors]
    first = next(one for one in asked if one.alike is not None)
    ben = there.person("ben")
    there.command("ben", "/threatmodel questions")
    there.modal("ben", "Open questions")
    ben.choose(f"answer/{first.element}/{first.fact}", "yes")
    ben.check(f"alike/{first.element}/{first.fact}", "yes")
    there.submit("ben")
    there.wait(lambda: there.model().facts.get((first.element, first.fact)) is Answer.YES)
    same: set[ElementId] = {one.element for one in asked if one.fact == first.fact}
    assert len(same) > 1
    assert {there.model().facts.get((one, first.fact)) for one in same} == {Answer.YES}
