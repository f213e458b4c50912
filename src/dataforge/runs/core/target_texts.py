"""What is said of a target of the whole: what it takes, how far it is, what is out of reach; English and Russian."""

from __future__ import annotations

import math

import numpy as np

from dataforge.aggregation.kernels.ceiling import ERRORS, TRIES
from dataforge.endings import Ending
from dataforge.policy import Policy
from dataforge.price_texts import money_in_points
from dataforge.records import MICRO, Publication, Texts
from dataforge.runs.core.targets import Standing, answers_to, share_told, told
from dataforge.runs.core.texts import in_russian, more_controls

__all__ = ["answers_an_item", "cost", "missed", "shown_beyond", "shown_beyond_from_the_start", "so_far", "too_far"]

PRESUMED = 0.75
"""How often workers of whom nothing is known yet are thought to be right."""
CLOSE = 0.0005


def answers_an_item(policy: Policy) -> Texts:
    """How many answers an item gets, and what for."""
    least, most, target = policy.min_overlap, policy.max_overlap, policy.target
    if target is None or target >= 1:
        return {
            "en": f"from {least} to {most}, most where doubts are deepest",
            "ru": f"от {least} до {most}, больше всего там, где сомнения глубже",
        }
    return {
        "en": f"from {least} to {most}, most where doubts are deepest, until {_percent(target)} of all are right",
        "ru": f"от {least} до {most}, больше всего там, где сомнения глубже, пока верны не будут "
        f"{_percent(target)} всех",
    }


def cost(publication: Publication, policy: Policy, items: int, labels: int, most: float, controls: int) -> Texts:
    """What a target costs if workers are as is presumed, `most` at most; without a target what the budget leads to.

    That is no more than so many control items, all answered right, would bear out. The Russian is for `in_russian`.
    """
    target = 1.0 if policy.target is None else policy.target
    each = _of_an_answer(publication, policy)
    limit = most if policy.budget is None else min(most, policy.budget)
    bound, paid = money_in_points(limit, policy.currency), math.inf if each == 0 else limit / (each * items)
    needed = float(answers_to(np.array([1 / labels]), target, PRESUMED, labels, np.array([policy.max_overlap]))[0])
    if target < 1 and needed <= paid:
        about = money_in_points(max(needed, policy.min_overlap) * each * items, policy.currency)
        return {
            "en": f"the run costs about {about['en']} if workers are right in three of four cases, "
            f"{bound['en']} at most",
            "ru": f"запуск стоит примерно {about['ru']}, если исполнители правы в трёх случаях из четырёх, и не больше "
            f"{bound['ru']}",
        }
    paid = min(paid, policy.max_overlap)
    share = float(share_told(np.array(paid * told(PRESUMED, labels)), labels))
    share = min(share, 1 - ERRORS / (TRIES + controls))
    return {
        "en": f"{bound['en']} at most, for about {paid:.1f} answers an item: if workers are right in three of four "
        f"cases, about {_percent(share)} of all answers will be",
        "ru": f"не больше {bound['ru']}, примерно {paid:.1f} ответа на задание: если исполнители правы в трёх "
        f"случаях из четырёх, верны будут примерно {_percent(share)} всех ответов",
    }


def so_far(publication: Publication, policy: Policy, standing: Standing, *, over: bool) -> Texts:
    """How far the target is, by the confidences there are. The Russian is for `in_russian`."""
    target = policy.target or 1.0
    told_en = f"by their confidences {_percent(standing.reached)} of the answers there are are right"
    told_ru = f"судя по уверенности, из имеющихся ответов верны {_percent(standing.reached)}"
    more = round(standing.more)
    if over or not more:
        return {"en": told_en, "ru": told_ru}
    price = money_in_points(standing.more * _of_an_answer(publication, policy), policy.currency)
    to, to_ru = (f", to {_percent(target)}", f" до {_percent(target)}") if target < 1 else ("", "")
    return {
        "en": f"{told_en}; about {more:,} more are to come{to}, for about {price['en']}",
        "ru": f"{told_ru}; ещё примерно {more:,} ответов{to_ru}, примерно за {price['ru']}",
    }


def missed(target: float, reached: float, ending: Ending, most: int) -> Texts | None:
    """That a run has ended below its target, and what would bring it there; None if it has not."""
    if target >= 1 or not reached < target - CLOSE:
        return None
    why = {
        "budget": ("its budget is spent; more of it", "бюджет исчерпан; продолжить: больший бюджет"),
        "time": ("its time is over; more of it", "время вышло; продолжить: больше времени"),
        "stopped": ("it was stopped by hand; another launch", "он остановлен вручную; продолжить: новый запуск"),
    }.get(ending, (
        f"items have the answers that they may get ({most}), or more would not help; a greater overlap, more control "
        "items or a clearer instruction",
        f"у заданий есть все разрешённые ответы ({most}), или новые не помогут; попробуйте большее перекрытие, "
        "больше контрольных заданий или более ясную инструкцию",
    ))  # fmt: skip
    wanted, there = _percent(target), _percent(reached)
    return {
        "en": f"{wanted} of all answers were to be right, and by their confidences {there} are: {why[0]} may "
        "bring it there.",
        "ru": in_russian(f"Верными должны были быть {wanted} ответов, а судя по уверенности верны {there}: ")
        + f"{why[1]}.",
    }


def too_far(target: float, reachable: float, most: int) -> Texts:
    """Workers are right too seldom for the target, with as many answers as items may get."""
    wanted, at_most = _percent(target), _percent(reachable)
    return {
        "en": f"{wanted} of all answers are to be right, but as workers answer, about {at_most} can "
        f"be reached with {most} answers an item. More answers an item (overlap), better workers or a clearer "
        "instruction raise it.",
        "ru": in_russian(
            f"Верными должны быть {wanted} ответов, но, судя по исполнителям, при {most} ответах на задание можно "
            f"достичь примерно {at_most}. Помогут больше ответов на задание (перекрытие), исполнители "
            "получше или более ясная инструкция."
        ),
    }


def shown_beyond(target: float, shown: float, lacking: int | None, controls: int) -> Texts:
    """More is wanted of the whole than control items bear out, as they were answered so far."""
    wanted, most = _percent(target), _percent(shown)
    more = more_controls(lacking, controls)
    if not controls:
        by = {
            "en": f"without control items it cannot be shown that workers who agree are right in more than {most} of "
            "cases",
            "ru": f"без контрольных заданий нельзя показать, что согласные между собой исполнители правы больше чем в "
            f"{most} случаев",
        }
    else:
        by = {
            "en": f"by the control items so far workers who agree are right in {most} of cases at most",
            "ru": f"судя по контрольным заданиям, согласные между собой исполнители правы не больше чем в {most} "
            "случаев",
        }
    return {
        "en": f"{wanted} of all answers are to be right, but {by['en']}. The run goes on to what answers can reach "
        f"below that.{more['en']}",
        "ru": in_russian(
            f"Верными должны быть {wanted} ответов, но {by['ru']}. Запуск дойдёт до того, что ответы могут показать "
            f"ниже этого предела.{more['ru']}"
        ),
    }


def shown_beyond_from_the_start(target: float, shown: float, lacking: int | None, controls: int) -> Texts:
    """More is wanted of the whole than so many control items can bear out, however well they are answered."""
    wanted, most = _percent(target), _percent(shown)
    more, by = more_controls(lacking, controls), {"en": "without control items", "ru": "без контрольных заданий"}
    if controls:
        by["en"] = f"by the control items there are ({controls:,}), however well they are answered,"
        by["ru"] = f"по имеющимся контрольным заданиям ({controls:,}), как бы хорошо на них ни ответили,"
    return {
        "en": f"{wanted} of all answers are to be right, but {by['en']} it cannot be shown that workers who agree "
        f"are right in more than {most} of cases.{more['en']}",
        "ru": in_russian(
            f"Верными должны быть {wanted} ответов, но {by['ru']} нельзя показать, что согласные между собой "
            f"исполнители правы больше чем в {most} случаев.{more['ru']}"
        ),
    }


def _of_an_answer(publication: Publication, policy: Policy) -> float:
    """What an answer to an item costs on a full page, the platform's share included."""
    return publication.prices[-1] / MICRO / publication.real_per_page * (1 + policy.commission)


def _percent(share: float) -> str:
    return f"{share * 100:.3g}%"
