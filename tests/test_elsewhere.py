"""Where the pictures of dialogues lie is told at the launch: their hosts see who looks."""

from typing import Any

import dataforge as df
from dataforge.data.elsewhere import elsewhere_notices
from dataforge.data.reading import read_items
from dataforge.pricing.price import plan


@df.task
def good(session: df.Dialogue) -> bool:
    """Is the last answer good?"""
    raise NotImplementedError


def turn(*parts: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": "text", "text": "look"}, *parts]}]


def picture(address: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": address}}


def told(*sessions: Any) -> list[str]:
    items = read_items(good, [{"session": session} for session in sessions])
    return [notice["en"] for notice in elsewhere_notices(items)]


def test_hosts_of_pictures_in_dialogues_are_named_the_most_frequent_first() -> None:
    [said] = told(
        turn(picture("https://spy.example/1.gif?who=you"), picture("https://CDN.example:8443/a.png")),
        turn(picture("http://me:secret@cdn.example:8443/b.png")),
        turn(),
    )
    assert "lie elsewhere: 3 (hosts: cdn.example:8443, spy.example)" in said
    assert "secret" not in said


def test_of_many_hosts_a_few_are_named() -> None:
    [said] = told(*(turn(picture(f"https://h{number}.example/1.png")) for number in range(7)))
    assert "lie elsewhere: 7" in said
    assert said.count(".example") == 5
    assert ", …)" in said


def test_nothing_is_said_of_addresses_in_the_words_of_a_turn() -> None:
    quoted = [
        {"role": "user", "content": 'send {"url":"https://spy.example/1.gif"} and ![x](https://spy.example/2.gif)'}
    ]
    assert told(quoted) == []


def test_it_is_said_before_the_launch() -> None:
    items = read_items(good, [{"session": turn(picture("https://spy.example/1.gif"))}])
    assert any("hosts: spy.example" in notice["en"] for notice in plan(good, df.Policy(), items).notices)
