"""What workers and requesters read, in English and Russian.

Reasons for workers never tell which items were control items, nor how many of them were wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dataforge.catalogue import say
from dataforge.endings import Ending
from dataforge.objects.base import Label
from dataforge.records import ReportReason, Texts
from dataforge.texts import pick

__all__ = [
    "BONUS",
    "DISCARDED",
    "INACCURATE_PAGE",
    "INACCURATE_WORKER",
    "JUDGED_PAGE",
    "NOT_COMPARED",
    "PAUSED",
    "REJECTED_BY_HAND",
    "REPORTED_PAGE",
    "REPORTS",
    "SKIPS",
    "STOPPED",
    "TELLS_LITTLE",
    "TOO_FAST",
    "TOO_FAST_UNPAID",
    "all_alike",
    "answer_as_one",
    "asked_twice",
    "by_chance",
    "ended",
    "few_workers",
    "in_russian",
    "judged_page",
    "model_elsewhere",
    "model_unmeasured",
    "model_votes",
    "more_controls",
    "mostly_rejected",
    "nobody",
    "outlasted",
    "reported",
    "restricted_workers",
    "set_apart",
    "silence",
    "still_judged",
    "trouble",
    "unchecked",
    "unreachable",
    "unverified",
    "waits_for_checks",
    "withdrawn",
    "worse_than_before",
    "write_as_one",
]

THOUSANDS, POINT = re.compile(r"(?<=\d),(?=\d{3})"), re.compile(r"(?<=\d)\.(?=\d)")

INACCURATE_PAGE = say("inaccurate_page")
BONUS = say("bonus")
REJECTED_BY_HAND = say("rejected_by_hand")
JUDGED_PAGE = say("judged_page")
INACCURATE_WORKER = say("inaccurate_worker")
TELLS_LITTLE = say("tells_little")
DISCARDED = say("discarded")
TOO_FAST = say("too_fast")
TOO_FAST_UNPAID = say("too_fast_unpaid")
SKIPS = say("many_skips")
REPORTS = say("many_reports")
REPORTED_PAGE = say("reported_page")
REASONS: dict[ReportReason, Texts] = {
    "broken": {"en": "does not open", "ru": "не открывается"},
    "language": {"en": "another language", "ru": "другой язык"},
    "forbidden": {"en": "must not be shown", "ru": "нельзя показывать"},
    "unclear": {"en": "cannot be told", "ru": "нельзя определить"},
}
NOT_COMPARED: Texts = {
    "en": "A file that is recorded or sent cannot be compared with a known one: your known answers are shown to those "
    "who judge, and pages of this run have no control items.",
    "ru": "Записанный или присланный файл не сравнить с известным: известные ответы видят те, кто проверяет, а на "
    "страницах самого запуска контрольных заданий нет.",
}
PAUSED: Texts = {
    "en": "The run is paused: workers get no pages. Open it on its page, by `dataforge resume` or run.resume().",
    "ru": "Запуск приостановлен: исполнители не получают страниц. Откройте его на странице "
    "запуска, командой `dataforge resume` или вызовом run.resume().",
}
STOPPED: Texts = {
    "en": "The run was stopped by hand: no more pages are given out, those already out are still taken. While they "
    "are, its page, `dataforge resume` or run.resume() opens it again.",
    "ru": "Запуск остановлен вручную: новых страниц исполнители не получают, уже выданные ещё принимаются. Пока они не "
    "сданы, его можно снова открыть на его странице, командой `dataforge resume` или вызовом run.resume().",
}
ENDED: dict[Ending, Texts] = {
    "stopped": {"en": "The run was stopped by hand", "ru": "Запуск остановлен вручную"},
    "budget": {"en": "The budget of the run is spent", "ru": "Бюджет запуска исчерпан"},
    "time": {"en": "The time of the run is over", "ru": "Время запуска вышло"},
}
GOES_ON: dict[Ending, Texts] = {
    "budget": {
        "en": "With a larger one it goes on: Change on its page, `dataforge change --budget …` or "
        "run.change(budget=…).",
        "ru": "С бо́льшим бюджетом он продолжится: «Изменить» на его странице, `dataforge change --budget …` или "
        "run.change(budget=…).",
    },
    "time": {
        "en": "With a longer limit it goes on: Change on its page, `dataforge change --time-limit …` or "
        "run.change(time_limit=…).",
        "ru": "С бо́льшим сроком он продолжится: «Изменить» на его странице, `dataforge change --time-limit …` или "
        "run.change(time_limit=…).",
    },
}
GOES_NOT_ON: Texts = {
    "en": "It does not go on: launch these under another name.",
    "ru": "Продолжить его нельзя: запустите их под другим именем.",
}


def ended(ending: Ending, left: int) -> Texts:
    """The run has ended before all items had their answers."""
    why, mend = ENDED[ending], GOES_ON.get(ending, GOES_NOT_ON)
    return {
        "en": f"{why['en']}; items left without enough answers: {left:,}. {mend['en']}",
        "ru": f"{why['ru']}; заданий, которым не хватило ответов: {left:,}. {mend['ru']}",
    }


def in_russian(text: str) -> str:
    """A text with its numbers as Russian writes them: 1,000.5 is 1 000,5."""
    return POINT.sub(",", THOUSANDS.sub("\N{NO-BREAK SPACE}", text))


def unchecked(items: int) -> Texts:
    """Answers that nobody has judged, or only workers of whom nothing is known."""
    return {
        "en": f"Nothing can be known of how sure {items:,} items are: nobody judged their answers, or only workers of "
        "whom nothing is known. Give control items, from which those of the checks are made.",
        "ru": f"Заданий, о надёжности ответов на которые ничего не известно: {items:,}. Их ответы никто не проверял, "
        "или проверяли исполнители, о которых ничего не известно. Добавьте контрольные задания: из них делаются "
        "контрольные задания проверки.",
    }


def waits_for_checks(pages: int) -> Texts:
    """Nothing happens because answers are not judged."""
    return {
        "en": f"{pages:,} pages wait until other workers have judged their answers. Nobody judges their own: invite "
        "more workers, or look at the run of the checks.",
        "ru": f"Страниц, которые ждут, пока другие исполнители проверят ответы: {pages:,}. Своих ответов никто не "
        "проверяет: пригласите ещё исполнителей или посмотрите на запуск проверки.",
    }


def judged_page(found: Mapping[str, int], reasons: Mapping[Label, Texts]) -> Texts:
    """That others found too few answers of a page right, and in what so many of them are wrong, in words of theirs."""
    if not found:
        return JUDGED_PAGE
    told = {}
    for language, words in (("en", "What they found: {}."), ("ru", "Что они нашли: {}.")):
        named = [f"{pick(reasons[reason], language)} ({count})" for reason, count in sorted(found.items())]
        told[language] = f"{JUDGED_PAGE[language]} {words.format('; '.join(named))}"
    return told


def still_judged(pages: int) -> Texts:
    """A run that was stopped by hand waits for those who judge."""
    return {
        "en": f"What was answered is still judged, because pay depends on it; pages that wait for that: {pages:,}. To "
        "end that as well, stop the run of the checks: what is not judged by then is paid and stays unchecked.",
        "ru": "То, на что уже ответили, ещё проверяется, потому что от этого зависит оплата; страниц ждут проверки: "
        f"{pages:,}. Чтобы закончить и её, остановите запуск проверки: что не успели проверить, будет оплачено и "
        "останется непроверенным.",
    }


def unverified(items: int) -> Texts:
    """Workers of whom nothing is known have answered items."""
    return {
        "en": f"Nothing can be known of how sure {items:,} items are: their workers met no control items and answered "
        "no item together with somebody else. Give control items, or an overlap of 2 or more.",
        "ru": f"Заданий, о надёжности ответов на которые ничего не известно: {items:,}. Их исполнители не встретили "
        "контрольных заданий и ни на одно задание не ответили вместе с кем-то ещё. Добавьте контрольные задания или "
        "задайте перекрытие от 2.",
    }


def all_alike(items: int) -> Texts:
    """All workers gave one answer to all items."""
    return {
        "en": f"All workers gave one and the same answer to all {items:,} items that were answered: that is what "
        "somebody who does not look would do as well, so how sure they are cannot be known. Give control items with "
        "different answers.",
        "ru": f"На все отвеченные задания ({items:,}) исполнители дали один и тот же ответ. Так ответил бы и тот, кто "
        "на задания не смотрит, поэтому об их надёжности ничего не известно. Добавьте контрольные задания с разными "
        "ответами.",
    }


def by_chance(items: int) -> Texts:
    """Workers agree as people do who guess."""
    return {
        "en": f"Workers agree about as often as chance would have it, so how sure {items:,} items are cannot be known: "
        "they may be guessing. Look at the instruction and at some answers, and give control items.",
        "ru": f"Ответы исполнителей совпадают примерно так же часто, как совпали бы случайно: возможно, они отвечают "
        f"наугад. Заданий, о надёжности ответов на которые поэтому ничего не известно: {items:,}. Проверьте инструкцию "
        "и несколько ответов, добавьте контрольные задания.",
    }


def answer_as_one(workers: int) -> Texts:
    """Some workers share mistakes more often than people who work by themselves."""
    return {
        "en": f"{workers} workers give the same answers, mistakes above all, more often than people who work by "
        "themselves: they may copy, or be one person. What several of them answer to an item counts as one answer. "
        "run.workers() names them in the column `ring`.",
        "ru": f"Исполнителей, у которых ответы, и прежде всего ошибки, совпадают чаще, чем у тех, кто работает сам: "
        f"{workers}. Возможно, они списывают или это один человек. Несколько их ответов на одно задание считаются за "
        "один. Кто они, видно в run.workers(), столбец `ring`.",
    }


def write_as_one(workers: int) -> Texts:
    """Some workers write words together that others do not write of the same items."""
    return {
        "en": f"{workers} workers write the same unusual words of the same items more often than people who work by "
        "themselves: they may copy, or be one person. What several of them write of an item counts as one answer. "
        "run.workers() names them in the column `ring`.",
        "ru": f"Исполнителей, которые об одних и тех же заданиях пишут одинаковые необычные слова чаще, чем те, кто "
        f"работает сам: {workers}. Возможно, они списывают или это один человек. Несколько их ответов на одно задание "
        "считаются за один. Кто они, видно в run.workers(), столбец `ring`.",
    }


def worse_than_before(workers: int) -> Texts:
    """Some workers are less often right than they were."""
    return {
        "en": f"Workers who are less often right than they were before some page: {workers}. They may be tired, or "
        "somebody else. What they have answered since counts less, and items that are left unsure are asked again. "
        "run.workers() says since when in the column `worse_since`.",
        "ru": f"Исполнителей, которые с некоторой страницы ошибаются чаще, чем раньше: {workers}. Возможно, они "
        "устали или отвечает кто-то другой. Их ответы с этого времени весят меньше; если уверенности не хватает, "
        "задания спрашивают ещё. С какого времени, видно в run.workers(), столбец `worse_since`.",
    }


def mostly_rejected(rejected: int, done: int) -> Texts:
    """Nearly all pages were rejected."""
    return {
        "en": f"Rejected pages: {rejected:,} of {done:,}. Either these workers do not do what is asked, or what is "
        "known of control items, or the instruction, is not what you mean: look at some of the answers to them.",
        "ru": f"Отклонено страниц: {rejected:,} из {done:,}. Либо исполнители делают не то, что нужно, либо известные "
        "ответы контрольных заданий или инструкция не те, что вы имели в виду: посмотрите ответы на них.",
    }


def more_controls(lacking: int | None, controls: int) -> Texts:
    """How many control items more it takes, if any number does; a run without any on its pages takes none later."""
    if lacking is None:
        return {"en": "", "ru": ""}
    add = "`dataforge add --control …` {0} run.add(control=…)"
    how = (
        {"en": add.format("or"), "ru": add.format("или")}
        if controls
        else {"en": "launch with them", "ru": "запустите с ними"}
    )
    return {
        "en": f" About {lacking:,} more control items, answered right, would show it: {how['en']}.",
        "ru": f" Не хватает примерно {lacking:,} контрольных заданий с верными ответами: {how['ru']}.",
    }


def model_unmeasured(name: str) -> Texts:
    """A model votes, and no control item shows how well."""
    return {
        "en": f"The labels of the model {name!r} count for nothing: none of the control items has one, and nothing "
        "else shows how far to believe it. Add control items with its labels.",
        "ru": f"Метки модели {name!r} ничего не весят: ни у одного контрольного задания их нет, и больше ничто не "
        "показывает, насколько ей верить. Добавьте контрольные задания с её метками.",
    }


def model_elsewhere(name: str, able: float) -> Texts:
    """What people make of the items does not bear out what control items show of a model."""
    return {
        "en": f"What people answer does not bear out what control items show of the model {name!r}: of that {able:.0%} "
        "is believed. It may have been trained on the control items, or these may be easier for it.",
        "ru": f"Ответы людей не подтверждают того, что контрольные задания показывают о модели {name!r}: из этого "
        f"учитывается {able:.0%}. Возможно, она обучена на контрольных заданиях или они для неё легче остальных.",
    }


def model_votes(name: str, right: float, labelled: int, weight: float) -> Texts:
    """What control items show of a model that votes."""
    return {
        "en": f"the model {name} votes: right at {right:.3g} of {labelled} control items; beside people its labels "
        f"count {weight:.0%} of what that tells",
        "ru": f"голосует модель {name}: верна в {right:.3g} из {labelled} контрольных заданий; рядом с людьми её метки "
        f"весят {weight:.0%} от того, что из этого следует",
    }


def asked_twice(other: str) -> Texts:
    """Another run is open that asks the same."""
    return {
        "en": f"Run {other!r} asks the same items and was open when this one was launched: both pay for them. To go on "
        f"with that one instead, stop this one and launch again with name={other!r}.",
        "ru": f"Запуск {other!r} спрашивает о тех же заданиях и ещё шёл, когда начался этот: платят оба. Чтобы "
        f"продолжить тот, остановите этот и запустите снова с name={other!r}.",
    }


def set_apart(names: Sequence[str]) -> Texts:
    """Columns of the data are called like columns of results."""
    shown = ", ".join(map(repr, names))
    return {
        "en": f"The data has columns that are called like those of results: {shown}. In results they end in _given; "
        "what this run finds stands under the names themselves.",
        "ru": f"В данных есть столбцы, названные как столбцы результатов: {shown}. В результатах их имена кончаются "
        "на _given, а под самими именами — то, что нашёл этот запуск.",
    }


def nobody(items: int) -> Texts:
    """Nobody has joined."""
    return {
        "en": f"No worker has joined yet; items that wait for answers: {items:,}. Send workers the invitation link.",
        "ru": f"Пока нет ни одного исполнителя; заданий, ждущих ответа: {items:,}. "
        "Отправьте исполнителям ссылку-приглашение.",
    }


def reported(items: int, taken_out: int, reports: Mapping[ReportReason, int]) -> Texts:
    """Workers reported items instead of answering them."""

    def said(language: str) -> str:
        return ", ".join(f"{REASONS[reason][language]} {count:,}" for reason, count in sorted(reports.items()))

    return {
        "en": f"Items that workers reported: {items:,} ({said('en')}); taken out, with the flag reported: "
        f"{taken_out:,}. The run's page lists those of accepted pages, the table responses every report.",
        "ru": f"Заданий, о которых сообщили исполнители: {items:,} ({said('ru')}); снято с пометкой reported: "
        f"{taken_out:,}. На странице запуска — те, чьи страницы приняты; все сообщения — в таблице responses.",
    }


def withdrawn(items: int) -> Texts:
    """Control items turned out to be no checks."""
    return {
        "en": f"Control items that several workers reported and fewer answered as you did: {items:,}. They are shown "
        "no more, and nobody loses a page by them. The table control names them, as not shown: see "
        "whether they open, and whether their answers are right.",
        "ru": f"Контрольных заданий, о которых сообщили несколько исполнителей и на которые меньше ответили как вы: "
        f"{items:,}. Их больше не показывают, и страниц из-за них никто не теряет. Какие это — в "
        "таблице control, где shown ложно: проверьте, открываются ли они и верны ли ответы на них.",
    }


def few_workers(wanted: int, workers: int) -> Texts:
    """More opinions are wanted on an item than there are workers."""
    return {
        "en": f"Items need answers of up to {wanted} different workers, but only {workers} have joined. "
        "Invite more workers, or launch with a smaller overlap.",
        "ru": f"На одно задание нужны ответы до {wanted} разных исполнителей, а пришло только {workers}. "
        "Пригласите ещё исполнителей или уменьшите перекрытие.",
    }


def restricted_workers(restricted: int, workers: int) -> Texts:
    """Workers who would be needed are restricted."""
    return {
        "en": f"Of {workers} workers {restricted} are restricted. Invite more workers, or lift restrictions on the "
        "run's page.",
        "ru": f"Ограничено исполнителей: {restricted} из {workers}. Пригласите других или снимите ограничения "
        "на странице запуска.",
    }


def outlasted(unchecked: int, workers: int) -> Texts:
    """Workers have answered all control items there are."""
    return {
        "en": f"Of {workers} workers {unchecked} have answered all control items, so their further pages could not be "
        "checked and they get no more. Add control items, by `dataforge add --control …` or run.add(control=…), or "
        "invite more workers.",
        "ru": f"Исполнителей, которые ответили на все контрольные задания: {unchecked} из {workers}. Проверить их "
        "следующие страницы было бы нечем, и они их не получают. Добавьте контрольные задания командой "
        "`dataforge add --control …` или вызовом run.add(control=…) либо пригласите других исполнителей.",
    }


def silence(items: int, seconds: float) -> Texts:
    """Nothing has happened for a while."""
    minutes = max(1, round(seconds / 60))
    return {
        "en": f"Nothing has happened for {minutes} min; items that wait for answers: {items:,}. "
        "Remind workers or invite more.",
        "ru": f"Уже {minutes} мин ничего не происходит; заданий, ждущих ответа: {items:,}. "
        "Напомните исполнителям или пригласите ещё.",
    }


def unreachable(why: str) -> Texts:
    """The platform does not answer."""
    return {
        "en": f"The platform does not answer ({why}). Nothing is lost: the run goes on as soon as it does.",
        "ru": f"Платформа не отвечает ({why}). Ничего не потеряно: запуск продолжится, как только она ответит.",
    }


def refused_change(why: str) -> Texts:
    """The platform refused what the run was to ask."""
    return {
        "en": f"The platform refused a change of what the run asks ({why}). None of it holds, and the run goes on as "
        "it was before. Change it to something else.",
        "ru": f"Платформа отклонила изменение запуска ({why}). Ничего из него не действует, запуск идёт как прежде. "
        "Измените его иначе.",
    }


def refused_order(why: str) -> Texts:
    """The platform refused something else that the run ordered."""
    return {
        "en": f"The platform refused something that the run asked of it ({why}). The run goes on without it.",
        "ru": f"Платформа отклонила одно из поручений запуска ({why}). Запуск идёт дальше без него.",
    }


def stuck(why: str) -> Texts:
    """Whoever drove the run gave up."""
    return {
        "en": f"The run stands still: {why}. Answers are kept, but nobody looks at them until this is mended; the "
        "server tries again every minute.",
        "ru": f"Запуск остановился: {why}. Ответы сохраняются, но не обрабатываются, пока причина не устранена; "
        "сервер пробует снова каждую минуту.",
    }


def trouble(why: str) -> Texts:
    """The run cannot go on now."""
    return {
        "en": f"The run cannot go on now ({why}). Nothing is lost: it goes on by itself as soon as it can.",
        "ru": f"Запуск пока не может продолжаться ({why}). Ничего не потеряно: он продолжится сам, как только сможет.",
    }
