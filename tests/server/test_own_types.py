"""Object types of other packages in a server: asked for at publication, missed when their package has gone."""

from __future__ import annotations

import sys

from dataforge import registry

OPTIONS = [{"value": hue, "label": {"en": hue}} for hue in ("red", "green", "blue")]
COLOUR = {"name": "answer", "type": "colour", "title": {"en": "Colour"}, "settings": {"options": OPTIONS}}


def publish(served) -> None:
    task = served.publication()["task"] | {"outputs": [COLOUR]}
    served.publish(task=task)
    served.add(real=6, control=2)


def test_a_run_tells_where_the_widgets_of_its_types_are_and_only_of_those_that_bring_one(served, importable):
    folder = importable("dataforge-colour")
    publish(served)
    [(kind, address)] = served.ask("GET", "/api/runs/run")["widgets"].items()
    assert kind == "colour"
    assert served.join().get("/api/work/runs/run")["widgets"] == {"colour": address}
    assert served.ask("GET", "/api/runs/run/preview")["widgets"] == {"colour": address}
    module = served.stranger.get(address)
    assert module.text == (folder / "dataforge_colour/colour.js").read_text("utf-8")
    ann = served.join()
    assert ann.submit(ann.page(), "green").status_code == 200


def test_a_run_whose_package_has_gone_says_so_and_goes_on_once_it_is_back(run_server, importable, monkeypatch):
    folder = importable("dataforge-colour")
    with run_server() as served:
        publish(served)
    with monkeypatch.context() as without:
        without.setattr(sys, "path", [place for place in sys.path if place != str(folder)])
        forget()
        with run_server() as served:
            reply = served.join().client.post("/api/work/runs/run/pages", json={})
            assert (reply.status_code, reply.json()["error"]["code"]) == (503, "task_unreadable")
            assert "offers the object type 'colour'" in reply.json()["error"]["message"]
    forget()
    with run_server() as served:
        ann = served.join()
        assert ann.submit(ann.page(), "blue").status_code == 200


def forget() -> None:
    for known in (registry.names, registry.load, registry._outside):
        known.cache_clear()
