"""Minutes: what counts as a decision, a task, a question, and what only sounds like one."""

from __future__ import annotations

import pytest
from support.transcripts import line

from salon.ai.transcripts.minutes import MAX_ITEMS, kind_of, sentences_of, speaking_time_of, sum_up

DECISIONS = """
We decided to postpone the launch until March.
Okay, let's go with the blue design.
So it is agreed: we meet every Tuesday.
The new budget has been approved.
I'm not sure about the date, but we agreed on the place.
We have decided not to renew the contract.
The final decision is to stay with PostgreSQL.
We’ve all agreed that the office closes at six.
我们决定推迟到三月发布。
那就这么定了。
大家一致同意这个方案
双方达成了共识。
最终的决定是继续用旧系统
虽然时间没定，但是我们决定了地点
"""

TASKS = """
I'll send the report by Friday.
Anna will prepare the slides.
Please review the contract before Monday.
Could you send me the numbers?
We need to update the documentation.
Bob has to call the supplier.
The tests have to be finished by Friday.
Action item: book a room.
我来写会议纪要。
小王负责跟进客户。
请张三在周五前提交报告。
我会把报告发给大家
周五之前完成测试
你能把资料发给我吗？
记得更新文档
这件事由李四负责
我明天去联系供应商。
"""

QUESTIONS = """
When do we ship the new version?
Should I send the report to the client?
what is the plan for next week
Do we need to update the docs?
Have we decided on the colour yet?
新版本什么时候发布？
我们下周要不要开会呢
这个预算够用吗
谁来负责测试？
我们决定了吗？
"""

FALSE_FRIENDS = """
We haven't decided anything yet.
If we decided that, we would need more people.
The decision is up to you.
As we agreed last time, the door stays open.
We agreed to disagree.
I thought we agreed on Monday.
It was a decisive moment.
I'll be right back.
I will be honest with you.
I have to say that went well.
It will take a while.
This will create problems.
Please hold on.
Please mute yourself.
I'll share my screen.
Can you hear me?
Could you share your screen?
I will not send the report.
I won't send it.
I don't think we need to update anything.
If I send the report, nobody reads it.
I sent the report yesterday.
My to-do list is long.
I would send it if I could.
Let's call it a day, I have to call my mother in a minute.
Right?
How are you?
What a lovely day
When we are done, we go home.
我们还没有决定。
如果我们决定推迟，就要通知客户。
我们没有达成一致
我们决定不了这件事
他有决定权。
由你们决定吧
我来晚了。
我来自北京。
请稍等。
请坐。
他是个很负责任的人。
他很负责。
我不会写代码。
我会写字
报告昨天已经完成了。
请检查一下你的麦克风
我们不需要修改合同。
如果你来负责，我就放心了。
这个任务真难。
你能听到我说话吗？
对吗？
你好吗？
还早着呢
你听得见吗
"""


def rows(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize("sentence", rows(DECISIONS))
def test_decisions_are_known(sentence: str) -> None:
    assert kind_of(sentence) == "decision"


@pytest.mark.parametrize("sentence", rows(TASKS))
def test_tasks_are_known(sentence: str) -> None:
    assert kind_of(sentence) == "task"


@pytest.mark.parametrize("sentence", rows(QUESTIONS))
def test_questions_are_known(sentence: str) -> None:
    assert kind_of(sentence) == "question"


@pytest.mark.parametrize("sentence", rows(FALSE_FRIENDS))
def test_what_only_sounds_like_one_is_none(sentence: str) -> None:
    assert kind_of(sentence) is None


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("We paid 3.5 million. Dr. Smith agreed.", ["We paid 3.5 million.", "Dr. Smith agreed."]),
        ("for example, e.g. this one, goes on", ["for example, e.g. this one, goes on"]),
        ("好的。那就这么定了！谢谢", ["好的。", "那就这么定了！", "谢谢"]),
        ("We agreed. 我来写纪要。 Good.", ["We agreed.", "我来写纪要。", "Good."]),
        (" \n ", []),
        ("", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert list(sentences_of(text)) == sentences


def test_everything_is_cited_and_what_is_said_twice_is_one() -> None:
    said = [
        line("Good morning. I'll send the report by Friday.", user_id=1, speaker="Ada"),
        line("We decided to wait. We decided to wait.", at=10, user_id=2, speaker="Ben"),
        line("i'll send the report by friday", at=20, user_id=2, speaker="Ben"),
        line("Nothing else.", at=30, user_id=1, speaker="Ada"),
    ]
    items = sum_up(said)
    assert [(item.kind, item.text) for item in items] == [
        ("task", "I'll send the report by Friday."),
        ("decision", "We decided to wait."),
    ]
    cited = [[(one.line_id, one.speaker) for one in item.citations] for item in items]
    assert cited == [
        [(said[0].line_id, "Ada"), (said[2].line_id, "Ben")],
        [(said[1].line_id, "Ben")],
    ]
    everything = " ".join(one.text for one in said)
    assert all(item.text in everything for item in items)


def test_nothing_said_is_nothing_made_up() -> None:
    assert sum_up([]) == []
    assert speaking_time_of([]) == []


def test_there_is_an_end_to_it() -> None:
    said = [line(f"I will send report number {number}.", at=number) for number in range(MAX_ITEMS + 50)]
    assert len(sum_up(said)) == MAX_ITEMS


def test_a_long_line_takes_no_long_time() -> None:
    # Patterns that go back and forth over a text would never end here.
    for text in (
        "我们" * 4000,
        "we will " * 1000,
        "请" * 8000,
        "a" * 8000,
        "the " * 2000,
        "，" * 8000,
        "? " * 4000,
    ):
        sum_up([line(text)])


def test_speaking_time_counts_overlaps_once_and_knows_people_by_their_account() -> None:
    said = [
        line("a", at=0, lasts=10, user_id=1, speaker="Ada"),
        line("b", at=5, lasts=10, user_id=1, speaker="Ada (phone)"),
        line("c", at=6, lasts=1, user_id=1, speaker="Ada (phone)"),
        line("d", at=0, lasts=20, user_id=2, speaker="Ben"),
        line("e", at=100, lasts=2.5, user_id=1, speaker="Ada"),
        line("f", at=200, lasts=-3, user_id=3, speaker="Cat"),
    ]
    found = [(one.user_id, one.speaker, one.seconds) for one in speaking_time_of(said)]
    assert found == [(2, "Ben", 20.0), (1, "Ada", 17.5), (3, "Cat", 0.0)]
