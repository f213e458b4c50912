"""What a worker reads when a run has no page for them."""

from __future__ import annotations

from dataforge.issue.take import Closed
from dataforge.records import ClosedReason, Texts
from dataforge.server.lacking import lacking_text

__all__ = ["closed_text"]

TEXTS: dict[ClosedReason, Texts] = {
    "all_done": {
        "en": "You have seen every item of this task. Thank you!",
        "ru": "Вы выполнили все задания этой задачи. Спасибо!",
    },
    "budget": {
        "en": "The budget of this task is used up for now.",
        "ru": "Бюджет этой задачи пока исчерпан.",
    },
    "busy": {
        "en": "All places are taken right now. Some may come back in a few minutes.",
        "ru": "Сейчас все места заняты. Некоторые могут освободиться через несколько минут.",
    },
    "finished": {"en": "This task is finished. Thank you!", "ru": "Эта задача завершена. Спасибо!"},
    "newcomers": {
        "en": "Others have just joined by the same way as you and are still on their first page. You can begin as soon "
        "as one of these pages is checked, in a few minutes.",
        "ru": "Тем же путём, что и вы, только что пришли другие, и их первые страницы ещё не проверены. Начать можно "
        "будет, как только проверят одну из них, через несколько минут.",
    },
    "unchecked": {
        "en": "You have done as much of this task as can be checked at present. Thank you!",
        "ru": "Вы выполнили столько, сколько сейчас можно проверить. Спасибо!",
    },
    "no_items": {
        "en": "Nothing has been put into this task yet. It may come in a moment.",
        "ru": "В эту задачу ещё ничего не добавили. Задания могут появиться с минуты на минуту.",
    },
    "no_answers": {
        "en": "There is nothing for you to judge right now. Answers of other people come as they work.",
        "ru": "Сейчас вам нечего проверять. Ответы других людей появляются по мере того, как они работают.",
    },
    "judging": {
        "en": "Your pages are being checked by others. There is more for you as soon as they are done.",
        "ru": "Ваши страницы проверяют другие. Как только проверят, появятся новые.",
    },
    "training": {"en": "This task begins with a training.", "ru": "Эта задача начинается с обучения."},
    "paused": {"en": "This task is paused.", "ru": "Эта задача приостановлена."},
}


def closed_text(closed: Closed) -> Texts:
    """The sentence for a reason, per language; a restriction has its own, and so has what the run asks of workers."""
    if closed.why is not None:
        return closed.why
    return TEXTS[closed.reason] if closed.lacking is None else lacking_text(closed.lacking)
