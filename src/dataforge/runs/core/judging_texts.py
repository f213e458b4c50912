"""What is said to requesters of workers who judge each other's answers, in every language."""

from __future__ import annotations

from dataforge.records import Texts
from dataforge.runs.core.texts import in_russian

__all__ = ["found_right_wrongly", "friends"]


def friends(workers: int) -> Texts:
    """Some workers find each other's answers right where others do not."""
    return {
        "en": f"{workers} workers find each other's answers right where others find them wrong: they may know each "
        "other, or be one person. What they say of each other's answers counts for nothing, and other workers judge "
        "these. run.workers() names them in the column `ring`.",
        "ru": "Исполнителей, которые считают верными ответы друг друга там, где другие считают их неверными: "
        f"{workers}. Возможно, они знакомы или это один человек. То, что они говорят об ответах друг друга, не "
        "учитывается, и эти ответы проверяют другие. Кто они, видно в run.workers(), столбец `ring`.",
    }


def found_right_wrongly(shown: float) -> Texts:
    """Judges find answers right that are wrong, as answers show of people who could not know that they were tested."""
    return {
        "en": f"Answers that others find right are right in about {shown:.0%} of cases at most: the same people fail "
        "control items that nobody had seen before, or answer an item otherwise when it comes again. They may tell "
        "each other the control items, or be one person. Let people in by links that work once, and give more control "
        "items.",
        "ru": in_russian(
            f"Ответы, которые другие считают верными, верны не больше чем примерно в {shown:.0%} случаев: те же люди "
            "ошибаются в контрольных заданиях, которых до них никто не видел, или отвечают на задание иначе, когда "
            "оно приходит снова. Возможно, они сообщают друг другу контрольные задания или это один человек. Пускайте "
            "людей по одноразовым ссылкам и добавьте контрольных заданий."
        ),
    }
