import json

import pytest

from collector.rig import order, run_lanes
from ostream_compare.domain.preset import Prompt, Turn
from wire.script import DONE, finish, stream, text

TURNS = (
    Turn(run="r1", user="one", answers={"lane 0": "zero said", "lane 1": "one said"}),
    Turn(run="r2", user="two", answers={"lane 1": "one more"}, left_out={"lane 0": "it failed"}),
)


def sent_by(site):
    return [
        (message["role"], message["content"]) for message in json.loads(site.requests[0].body)["messages"]
    ]


def test_each_lane_is_sent_its_own_conversation(serve):
    sites = [serve(stream(text("hi"), finish("stop"), DONE)) for _ in range(3)]
    orders = [order(lane, site.base_url, system="be kind") for lane, site in enumerate(sites)]
    prompt = Prompt(user="three", system="be brief", turns=TURNS)
    heard = run_lanes(orders, prompt=prompt)
    system = [("system", "be brief"), ("system", "be kind")]
    assert sent_by(sites[0]) == [*system, ("user", "one"), ("assistant", "zero said"), ("user", "three")]
    assert sent_by(sites[1]) == [
        *system,
        ("user", "one"),
        ("assistant", "one said"),
        ("user", "two"),
        ("assistant", "one more"),
        ("user", "three"),
    ]
    assert sent_by(sites[2]) == [*system, ("user", "three")]
    estimates = [heard.responses[lane].estimate.input_tokens for lane in range(3)]
    assert estimates == [8, 11, 5]


def test_the_demo_says_which_turn_it_answers_where_it_knows_no_answer():
    earlier = Turn(run="r", user="Why is the sky blue?", answers={"lane 0": "It is canned."})
    demo = order(0, None, key=None, provider={"kind": "demo"}, model="demo/terse")
    response = run_lanes([demo], prompt=Prompt(user="And at night?", turns=(earlier,))).responses[0]
    assert "“And at night?”" in response.content
    assert response.content.endswith(
        "This is turn 2: “Why is the sky blue?” and its answer came along with it."
    )


def test_the_demo_takes_a_conversation():
    prompt = Prompt(
        user="What is the CAP theorem, in plain words?",
        turns=(Turn(run="r1", user="Explain mutex versus semaphore.", answers={"lane 0": "A mutex ..."}),),
    )
    alone = Prompt(user=prompt.user)
    answers = []
    for asked in (alone, prompt):
        demo = order(0, None, key=None, provider={"kind": "demo"}, model="demo/terse")
        answers.append(run_lanes([demo], prompt=asked).responses[0])
    assert [answer.state for answer in answers] == ["complete", "complete"]
    assert answers[0].content == answers[1].content != ""
    first, second = (answer.usage.input_tokens for answer in answers)
    assert second == pytest.approx(first + 9, abs=4)
