"""What a requester should know of pages and prices, in English and Russian."""

from __future__ import annotations

from dataforge.catalogue import languages
from dataforge.records import Texts

__all__ = [
    "BELOW_FLOOR",
    "BELOW_FLOOR_PAGE",
    "BUDGET",
    "CONSTANT",
    "FEW_CONTROLS",
    "FEW_ITEMS",
    "GIVEN_AWAY",
    "NO_PAGE",
    "OUTLASTED",
    "OUTSIDE",
    "TOO_EASY",
    "TOO_LONG",
    "TOO_MANY",
    "TOO_SHORT",
    "UNVERIFIED",
    "filled",
    "money",
]

TOO_SHORT = {
    "en": "it takes {seconds} seconds, less than half a minute",
    "ru": "она занимает {seconds} с, меньше полминуты",
}
TOO_LONG = {
    "en": "it takes {minutes} minutes, more than 20",
    "ru": "она занимает {minutes} мин, больше 20",
}
TOO_MANY = {
    "en": "it has {items} items, more than 30",
    "ru": "на ней {items} заданий, больше 30",
}
TOO_EASY = {
    "en": "a worker who guesses passes it with a probability of {chance}, more than a third",
    "ru": "исполнитель, отвечающий наугад, проходит её с вероятностью {chance}, больше трети",
}
OUTSIDE = {
    "en": "the page is outside the usual limits: {limit}",
    "ru": "страница выходит за обычные пределы: {limit}",
}
UNVERIFIED = {
    "en": "there are no control items on the pages: every page is accepted and paid unverified",
    "ru": "на страницах нет контрольных заданий: каждая страница принимается и оплачивается без проверки",
}
FEW_CONTROLS = {
    "en": "there are fewer control items than a page should have ({there} of {wanted}): every page shows all of them",
    "ru": "контрольных заданий меньше, чем нужно на страницу ({there} из {wanted}): на каждой странице будут все",
}
OUTLASTED = {
    "en": "a worker can outlast your control items: they last for about {lasting} pages, one worker could do "
    "{reachable}; whoever gets that far gets no more pages, so add control items",
    "ru": "один исполнитель может исчерпать контрольные задания: их хватит примерно на {lasting} страниц, а сделать он "
    "мог бы {reachable}; дальше страниц он не получит — добавьте контрольных заданий",
}
FEW_ITEMS = {
    "en": "there are fewer items than a page should have ({there} of {wanted}): the page is smaller",
    "ru": "заданий меньше, чем нужно на страницу ({there} из {wanted}): страница будет меньше",
}
# Notices are shown on the platform's pages, where no known answer belongs: not even which one is the most frequent.
CONSTANT = {
    "en": "the control items are unbalanced: a worker who always gives their most frequent answer to {output!r} has "
    "{chance} of the pages accepted; add control items with other answers",
    "ru": "контрольные задания не сбалансированы: исполнитель, который на {output!r} всегда даёт самый частый в них "
    "ответ, проходит проверку с вероятностью {chance}; добавьте контрольных заданий с другими ответами",
}
GIVEN_AWAY = {
    "en": "control items give themselves away ({count}): their media lie where those of no other item do, or are of "
    "another kind; keep all media in one place, as local files or at one host, and in one format: {items}",
    "ru": "контрольные задания выдают себя ({count}): их файлы лежат там, где нет файлов других заданий, или другого "
    "вида; держите все файлы в одном месте — на диске или на одном сервере — и в одном формате: {items}",
}
BELOW_FLOOR = {
    "en": "the price does not keep the wage floor: {seconds} s of work by the hint bring {price}, {hourly} an hour, "
    "and {floor} is the floor, so that nearly every page is topped up by {lacking} or more, out of the budget; write "
    "price_per_hour={hourly_price}, or leave price_per_hour out",
    "ru": "цена ниже минимума за час: {seconds} с работы по подсказке приносят {price}, то есть {hourly} в час, а "
    "минимум {floor}, и почти за каждую страницу придётся доплачивать из бюджета {lacking} или больше; напишите "
    "price_per_hour={hourly_price} или уберите price_per_hour",
}
BELOW_FLOOR_PAGE = {
    "en": "the price does not keep the wage floor: {seconds} s of work by the hint bring {price}, {hourly} an hour, "
    "and {floor} is the floor, so that nearly every page is topped up by {lacking} or more, out of the budget; write "
    "page_price={page_price}, or a page of {items} items at most, or, if the items do not take that long, "
    '@df.task(duration="{duration}s")',
    "ru": "цена ниже минимума за час: {seconds} с работы по подсказке приносят {price}, то есть {hourly} в час, а "
    "минимум {floor}, и почти за каждую страницу придётся доплачивать из бюджета {lacking} или больше; напишите "
    "page_price={page_price}, или страницу не длиннее {items} заданий, или, если задания не так долги, "
    '@df.task(duration="{duration}s")',
}
BUDGET = {
    "en": "the budget of {budget} does not cover the run, which costs at least {cost}: some items will be "
    "left without enough answers",
    "ru": "бюджета {budget} не хватит на запуск, который стоит не меньше {cost}: у части заданий не будет "
    "достаточно ответов",
}
NO_PAGE = {
    "en": "the budget of {budget} pays for no page, the smallest of which costs {page}: nobody will be asked anything; "
    "give the run a larger one",
    "ru": "бюджета {budget} не хватит ни на одну страницу, самая маленькая стоит {page}: никого ни о чём не спросят; "
    "дайте запуску больше",
}
SET_ASIDE = {
    "en": "; {judging} more are set aside for judging the answers",
    "ru": "; ещё {judging} отложено на проверку ответов",
}


SIGNS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "RUB": "₽",
    "JPY": "¥",
    "CNY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "KZT": "₸",
    "TRY": "₺",
    "UAH": "₴",
    "ILS": "₪",
}
"""As browsers write these currencies where there is little room, and so the pages; others by their codes."""


def money(amount: float, currency: str) -> Texts:
    """An amount in words, as the pages write amounts beside it."""
    number = f"{amount:.{2 if amount >= 1 or not amount else 3}f}"
    sign = SIGNS.get(currency, currency)
    before = f"{sign}{number}" if currency in SIGNS else f"{number} {sign}"
    return dict.fromkeys(languages(), f"{number.replace('.', ',')} {sign}") | {"en": before}


def filled(pattern: Texts, **values: object) -> Texts:
    """A text filled in for each language; values that are texts themselves are taken in that language."""
    return {
        language: text.format(
            **{name: value[language] if isinstance(value, dict) else value for name, value in values.items()}
        )
        for language, text in pattern.items()
    }
