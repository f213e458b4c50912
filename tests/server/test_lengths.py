"""Answers about times in a sound are held to how long the stored file plays."""

from __future__ import annotations

from typing import Any

from tests.server.test_files_of_workers import name_of, wav

FIELDS: dict[str, list[dict[str, Any]]] = {
    "inputs": [{"name": "call", "type": "audio", "title": {"en": "Call"}}],
    "outputs": [{"name": "answer", "type": "segments", "title": {"en": "Answer"}, "settings": {"of": "call"}}],
}


def test_no_segment_ends_after_the_sound_where_the_server_can_tell_how_long_it_is(served):
    content = wav(1.5)
    name = name_of(content)
    served.requester.put(f"/api/media/{name}", content=content).raise_for_status()
    served.publish(task=served.publication()["task"] | FIELDS, real_per_page=2, control_per_page=0, prices=[1, 2])
    sounds = [{"media": name}, {"url": "https://host/long.wav"}]
    items = [{"key": f"k{place}", "inputs": {"call": sound}, "wanted": 1} for place, sound in enumerate(sounds)]
    served.command("add_items", items=items)
    ann = served.join()
    page = ann.page()
    [stored] = [place for place, item in enumerate(page["items"]) if "host" not in item["inputs"]["call"]["url"]]

    def submit(end):
        answers = [{"answer": [{"start": 0, "end": 60}]}, {"answer": [{"start": 0, "end": 60}]}]
        answers[stored] = {"answer": [{"start": 0, "end": end}]}
        return ann.client.post(f"/api/work/pages/{page['page']}/submit", json={"answers": answers})

    refused = submit(1.9)
    assert refused.status_code == 422
    assert "the segment 0 to 1.9 s ends after the sound, which has 1.500 s" in refused.text
    assert submit(1.55).status_code == 200
    [event] = [event for event in served.events() if event["kind"] == "page_submitted"]
    assert sorted(one["answer"][0]["end"] for one in event["answers"]) == [1.5, 60]


def test_a_sound_that_an_item_does_not_have_has_no_length(served):
    inputs = [FIELDS["inputs"][0] | {"required": False}, {"name": "note", "type": "text", "title": {"en": "Note"}}]
    task = served.publication()["task"] | {"inputs": inputs, "outputs": FIELDS["outputs"]}
    served.publish(task=task, real_per_page=1, control_per_page=0, prices=[1])
    served.command("add_items", items=[{"key": "k", "inputs": {"note": "silence"}, "wanted": 1}])
    ann = served.join()
    page = ann.page()
    sent = ann.client.post(f"/api/work/pages/{page['page']}/submit", json={"answers": [{"answer": []}]})
    assert sent.status_code == 200, sent.text
