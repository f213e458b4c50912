"""What a run promises of its answers, and what its certificate says, in English and Russian."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dataforge.records import Assumption, Certificate, Interval, Level, Texts, VerifiedItems
from dataforge.runs.core import target_texts
from dataforge.runs.core.quality import Reach
from dataforge.runs.core.texts import in_russian
from dataforge.texts import pick

__all__ = [
    "ASSUMPTIONS",
    "COLLECTED",
    "TITLES",
    "accuracy",
    "beyond",
    "levels",
    "none_that_sure",
    "nothing_known",
    "of_control",
    "of_money",
    "of_output",
    "of_verified",
    "promised",
    "row",
    "to_promise_more",
]

TITLES: dict[str, Texts] = {
    "sure": {"en": "How sure the answers are", "ru": "Насколько надёжны ответы"},
    "rests": {"en": "What the figures rest on", "ru": "На чём основаны эти числа"},
    "know": {"en": "What to know", "ru": "Что нужно знать"},
    "paid": {"en": "What was done and paid", "ru": "Что сделано и оплачено"},
    "asked": {"en": "What was asked", "ru": "О чём спрашивали"},
}
ASSUMPTIONS: dict[Assumption, Texts] = {
    "model": {
        "en": "No answer was known beforehand and none was verified: the share of right answers rests on what the "
        "model of workers claims, and on how far such claims were off in recorded crowds.",
        "ru": "Ни один ответ не был известен заранее и ни один не проверен: доля верных основана на том, что "
        "утверждает модель исполнителей, и на том, насколько такие утверждения расходились с делом у других "
        "исполнителей.",
    },
    "like_controls": {
        "en": "It is assumed that the items are like the control items. If those are easier, the share of right "
        "answers is lower; only items drawn by chance and verified would show it.",
        "ru": "Предполагается, что задания похожи на контрольные. Если контрольные легче, доля верных ниже; показать "
        "это могут только случайно выбранные и проверенные задания.",
    },
    "drawn": {
        "en": "The verified items were drawn by chance, with probabilities that were noted, and whoever judged them is "
        "taken to be right.",
        "ru": "Проверенные задания выбраны случайно, с записанными вероятностями, и слову того, кто их проверил, "
        "верят.",
    },
    "left_out": {
        "en": "Answers without a confidence are not in that share: nothing shows how many of them are right.",
        "ru": "Ответы без уверенности в эту долю не входят: ничто не показывает, сколько из них верны.",
    },
}
ROWS: dict[str, Texts] = {
    "unverified": {"en": "answered, nothing shows how sure", "ru": "с ответом, надёжность неизвестна"},
    "unanswered": {"en": "without an answer", "ru": "без ответа"},
}
# So many or more are told in tens.
ROUNDED_FROM = 100
TOLD = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5)
COLLECTED: Texts = {
    "en": "All answers are kept as they were given: nothing is claimed of how many are right.",
    "ru": "Все ответы сохранены как есть: о том, сколько из них верны, ничего не утверждается.",
}


def _down(confidence: float) -> str:
    """A confidence in three digits, never above what it is."""
    return f"{math.floor(confidence * 1000) / 1000:g}"


def _said(english: str, russian: str) -> Texts:
    return {"en": english, "ru": in_russian(russian)}


# --- while a run goes on --------------------------------------------------------------------------


def promised(reach: Reach, histogram: Sequence[int]) -> Texts:
    """What a crowd can be trusted to, how many answers reach that, and what it takes where more is wanted.

    `histogram`: how many confidences lie in equal bins of 0..1.
    """
    if reach.of_all and reach.beyond:
        told = target_texts.shown_beyond if reach.answered else target_texts.shown_beyond_from_the_start
        return told(reach.wanted, reach.most, reach.lacking, reach.controls)
    if not reach.answered:
        return _from_the_start(reach) if reach.beyond else {"en": "", "ru": ""}
    # What nobody can reach is no level to tell of.
    level = next((level for level in TOLD if level <= reach.most), TOLD[-1])
    share = sum(histogram[round(level * len(histogram)) :]) / max(sum(histogram), 1)
    wanted, more = _wanted(reach), to_promise_more(reach)
    return _said(
        f"This crowd can be trusted no further than {_down(reach.most)} on this task; {share:.0%} of the answers that "
        f"have a confidence reach {level:g}.{wanted['en']}{more['en']}",
        f"Этим исполнителям в этой задаче можно верить не больше чем до {_down(reach.most)}; из ответов, у которых "
        f"есть уверенность, {level:g} достигают {share:.0%}.{wanted['ru']}{more['ru']}",
    )


def _wanted(reach: Reach) -> Texts:
    if not reach.beyond:
        return {"en": "", "ru": ""}
    return {
        "en": f" A confidence of {reach.wanted:g} is wanted: further answers would not show it, so none are asked for "
        "because of it, and items stay unsure.",
        "ru": f" Нужна уверенность {reach.wanted:g}: новые ответы её не покажут, поэтому ради неё их не запрашивают, и "
        "задания остаются с пометкой unsure.",
    }


def _from_the_start(reach: Reach) -> Texts:
    more, by = to_promise_more(reach), ("without control items", "без контрольных заданий")
    if reach.controls:
        by = (
            f"by the control items there are ({reach.controls:,}), however well they are answered,",
            f"по имеющимся контрольным заданиям ({reach.controls:,}), как бы хорошо на них ни ответили,",
        )
    return _said(
        f"A confidence of {reach.wanted:g} is wanted, but {by[0]} a crowd can be trusted no further than "
        f"{_down(reach.most)}: items will stay unsure.{more['en']}",
        f"Нужна уверенность {reach.wanted:g}, но {by[1]} исполнителям можно верить не больше чем до "
        f"{_down(reach.most)}: задания останутся с пометкой unsure.{more['ru']}",
    )


def to_promise_more(reach: Reach) -> Texts:
    """What would let a run promise what is wanted; nothing if no number of known answers would."""
    if not reach.beyond or reach.lacking is None:
        return {"en": "", "ru": ""}
    number = reach.lacking if reach.lacking < ROUNDED_FROM else -(-reach.lacking // 10) * 10
    verify, first = f"run.to_verify({number})", _sharper_first(reach)
    if not reach.controls:
        return _said(
            f"{first['en']} To promise {reach.wanted:g}: about {number:,} items that an expert verifies and finds "
            f"right (`dataforge verified` or {verify}), or a launch with as many control items.",
            f"{first['ru']} Чтобы обещать {reach.wanted:g}: примерно {number:,} заданий, которые эксперт проверит и "
            f"сочтёт верными (`dataforge verified` или {verify}), или запуск с таким числом контрольных.",
        )
    return _said(
        f"{first['en']} To promise {reach.wanted:g}: about {number:,} more control items, answered right "
        "(`dataforge add --control …` or run.add(control=…)), or as many items that an expert verifies and finds "
        f"right (`dataforge verified` or {verify}).",
        f"{first['ru']} Чтобы обещать {reach.wanted:g}: ещё примерно {number:,} контрольных заданий с верными ответами "
        "(`dataforge add --control …` или run.add(control=…)) или столько же заданий, которые эксперт проверит и "
        f"сочтёт верными (`dataforge verified` или {verify}).",
    )


def _sharper_first(reach: Reach) -> Texts:
    """That more known answers show more only if workers stop erring together."""
    if not reach.erring:
        return {"en": "", "ru": ""}
    return {
        "en": " Workers who agreed were wrong about known answers: make the instruction sharper or ask others first, "
        "for further known answers raise this only where they turn out right.",
        "ru": " Согласные исполнители ошибались там, где ответ известен: сначала уточните инструкцию или позовите "
        "других, ведь новые известные ответы поднимут это число, только если на них ответят верно.",
    }


# --- on a certificate -----------------------------------------------------------------------------


def beyond(most: float) -> Texts:
    """That a crowd cannot be trusted far."""
    return _said(
        f"This crowd cannot be trusted beyond {_down(most)} on this task: no answer of it is surer, however many "
        "workers agree.",
        f"Этим исполнителям в этой задаче нельзя верить больше чем до {_down(most)}: ни один их ответ не надёжнее, "
        "сколько бы исполнителей на нём ни сошлись.",
    )


def none_that_sure(level: float) -> Texts:
    """That no answer reaches a confidence."""
    return _said(f"No answer of this run reaches {level:g}.", f"Ни один ответ запуска не достигает {level:g}.")


def nothing_known(items: int) -> Texts:
    """That there is no number."""
    return _said(
        f"Nothing shows how many of the {items:,} answers are right, so no number is given.",
        f"Ничто не показывает, сколько ответов из {items:,} верны, поэтому числа нет.",
    )


def accuracy(found: Interval) -> Texts:
    """The share of right answers with its interval."""
    left = (
        (f" Beside them {found.left_out:,} answers are unverified.", f" Кроме них, без проверки: {found.left_out:,}.")
        if found.left_out
        else ("", "")
    )
    return _said(
        f"Right answers: {found.mean:.1%} of {found.of:,} (95% interval: {found.low:.1%} to {found.high:.1%})."
        f"{left[0]}",
        f"Верных ответов: {found.mean:.1%} из {found.of:,} (95%-й интервал: от {found.low:.1%} до {found.high:.1%})."
        f"{left[1]}",
    )


def levels(found: Sequence[Level], items: int) -> list[tuple[Texts, Texts]]:
    """How many answers reach which confidence."""
    return [
        (
            _said(f"at least {one.confidence:g}", f"не ниже {one.confidence:g}"),
            _said(*[f"{one.items:,} ({one.items / items if items else 0:.0%})"] * 2),
        )
        for one in found
    ]


def of_control(items: int, answers: int, right: int) -> Texts:
    """How control items were answered."""
    if not items:
        return _said("There were no control items.", "Контрольных заданий не было.")
    if not answers:
        return _said(
            f"Control items: {items:,}; none was answered yet.", f"Контрольных заданий: {items:,}; ответов на них нет."
        )
    return _said(
        f"Control items: {items:,}; answers to them: {answers:,}, right: {right / answers:.1%}.",
        f"Контрольных заданий: {items:,}; ответов на них: {answers:,}, верных: {right / answers:.1%}.",
    )


def of_verified(found: VerifiedItems) -> list[Texts]:
    """What somebody trusted has judged."""
    told = []
    if found.sample:
        told.append(
            _said(
                f"Items drawn by chance and verified: {found.sample:,}; the run's answer was right: {found.right:,}.",
                f"Случайно выбрано и проверено заданий: {found.sample:,}; ответ запуска был верен: {found.right:,}.",
            )
        )
    if found.waiting:
        told.append(
            _said(
                f"Drawn and not judged yet: {found.waiting:,}; until they are, that draw shows nothing.",
                f"Выбрано и ещё не проверено: {found.waiting:,}; до этого выборка ничего не показывает.",
            )
        )
    if found.picked:
        told.append(
            _said(
                f"Answers given by hand to items that were picked: {found.picked:,}; they show nothing of the others.",
                f"Ответов, данных вручную на отобранные задания: {found.picked:,}; о других они ничего не говорят.",
            )
        )
    return told or [_said("Nothing was verified by an expert.", "Эксперт ничего не проверял.")]


def of_money(found: Certificate) -> Texts:
    """What was paid for."""
    paid, total = f"{found.paid:.2f} {found.currency}", f"{found.total:.2f} {found.currency}"
    with_commission = (f", with commission {total}", f", с комиссией {total}") if total != paid else ("", "")
    return _said(
        f"Accepted answers: {found.responses:,}; workers: {found.workers:,}; paid: {paid}{with_commission[0]}.",
        f"Принятых ответов: {found.responses:,}; исполнителей: {found.workers:,}; оплачено: {paid}"
        f"{with_commission[1]}.",
    )


def of_output(title: Texts, line: Texts) -> Texts:
    """A line about one of several outputs."""
    return {language: f"{pick(title, language)}: {text}" for language, text in line.items()}


def row(name: str, items: int, of: int) -> tuple[Texts, Texts]:
    """A number of items beside all."""
    return ROWS[name], _said(*[f"{items:,} ({items / of if of else 0:.0%})"] * 2)
