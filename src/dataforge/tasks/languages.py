"""Languages of a task's texts: whoever reads some of them in one language should not read the others in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dataforge.catalogue import listed, say
from dataforge.records import Field, TaskSpec, Texts

__all__ = ["language_notices"]

FALLBACK = "en"
# Settings that hold texts of the task's author; other types bring their own in several languages.
LABELLED = {"choice": "options", "rating": "points", "mos": "points"}


def language_notices(task: TaskSpec, wanted: Sequence[str] | None) -> tuple[Texts, ...]:
    """A notice for each group of languages in which workers read some of the texts, and the same others in English.

    `wanted` are the languages of those who get the run; None: anybody does.
    """
    written = list(_texts(task))
    languages = {language for _, _, texts in written for language in texts} | {*(wanted or ())}
    if wanted is not None:
        languages &= {*wanted}
    lacking: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for language in sorted(languages - {FALLBACK}):
        missing = dict.fromkeys((what, name) for what, name, texts in written if language not in texts)
        lacking.setdefault(tuple(missing), []).append(language)
    return tuple(_notice(readers, missing) for missing, readers in lacking.items() if missing)


def _texts(task: TaskSpec) -> Iterator[tuple[str, str, Texts]]:
    """What workers read: which text, of which field if of one, and the text in its languages."""
    yield "name", "", task.name
    yield "instruction", "", task.instruction
    if task.description:
        yield "description", "", task.description
    for field in (*task.inputs, *task.outputs):
        if _is_titled(task, field):
            yield "title", repr(field.name), field.title
    for field in task.outputs:
        for option in field.settings.get(LABELLED.get(field.type, ""), ()):
            yield "labels", repr(field.name), option["label"]


def _is_titled(task: TaskSpec, field: Field) -> bool:
    """Whether workers see its title: a lone input has none unless it was given, a lone answer one of the page's."""
    words = field.name.strip("_").replace("_", " ")
    default = field.title == {FALLBACK: words[:1].upper() + words[1:]}
    return not default or (field in task.inputs and len(task.inputs) > 1) or len(task.outputs) > 1


def _notice(languages: Sequence[str], missing: Sequence[tuple[str, str]]) -> Texts:
    each = [say(f"english_{what}", field=name) for what, name in missing]
    example = f"{{'en': …, '{languages[0]}': …}}"
    readers = ", ".join(map(repr, languages))
    return say("texts_in_english", languages=readers, missing=listed(each, ", "), example=example)
