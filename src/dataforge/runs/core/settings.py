"""A policy in the words of who reads the run's page: what each of its settings does, in English and Russian."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dataforge.policy import ControlRule, Policy, ReportRule, SkipRule, SpeedRule, Workers
from dataforge.price_texts import money_in_points
from dataforge.records import Texts
from dataforge.runs.core.texts import in_russian

__all__ = ["in_words"]

UNITS = ((86_400, "d", "дн."), (3_600, "h", "ч"), (60, "min", "мин"), (1, "s", "с"))


def in_words(policy: Policy, way: str, controls: int) -> tuple[Texts, ...]:
    """What a policy asks for in a run that goes a way, with so many control items on a page.

    What is switched off goes unsaid.
    """
    return tuple(_settings(policy, way, controls))


def _settings(policy: Policy, way: str, controls: int) -> Iterator[Texts]:
    yield from _quality(policy, way)
    if way == "check":
        yield from _checks(policy)
    if controls:
        yield from _controls(policy, controls, judged=way == "check")
    elif way != "check":
        yield _said("pages are accepted without control items", "страницы принимаются без контрольных заданий")
    yield from (_speed(rule) for rule in policy.speed if rule.ratio)
    if policy.training is not None:
        yield _said(
            f"workers are trained first: {policy.training:g} % of their answers have to be right",
            f"исполнители сначала учатся: верными должны быть {policy.training:g} % ответов",
        )
    if policy.wage_floor:
        yield _wage(policy.wage_floor, policy.currency)
    if policy.bonuses:
        yield _bonuses(policy.bonuses, policy.currency)
    if policy.skips is not None:
        yield _skips(policy.skips)
    if policy.reports is not None:
        yield _reports(policy.reports)
    yield from _limits(policy)


def _controls(policy: Policy, controls: int, *, judged: bool) -> Iterator[Texts]:
    right = policy.needed_correct(controls)
    if judged:
        yield _said(
            f"a page with less than {right} of {controls} control items right is rejected and judged by nobody",
            f"страница, где верно меньше {right} из {controls} контрольных, отклоняется, и её никто не проверяет",
        )
    else:
        yield _said(
            f"a page is accepted with {right} of {controls} control items right",
            f"страница принимается, если верны {right} из {controls} контрольных",
        )
    if policy.control is not None:
        yield _control(policy.control)


def _quality(policy: Policy, way: str) -> Iterator[Texts]:
    if way == "collect":
        yield _said("all answers are kept as they are", "все ответы сохраняются как есть")
        return
    if policy.target is not None and policy.target < 1:
        yield _said(
            f"{policy.target:.1%} of all answers are to be right", f"верными должны быть {policy.target:.1%} ответов"
        )
    yield _confidence(policy)
    if way == "merge":
        yield _said("of several answers one is made", "из нескольких ответов составляется один")
    elif way in ("consensus", "judge"):
        yield _said(f"answers are combined by {policy.aggregation}", f"ответы объединяет {policy.aggregation}")


def _checks(policy: Policy) -> Iterator[Texts]:
    least, most = policy.checks.min_overlap, policy.checks.max_overlap
    judges, judges_ru = (f"{least}", f"{least}") if least == most else (f"{least} to {most}", f"от {least} до {most}")
    yield _said(
        f"each answer is judged by others: opinions of it {judges}",
        f"каждый ответ проверяют другие исполнители: мнений о нём {judges_ru}",
    )
    if policy.check_drafts:
        yield _said(
            "drafts are judged first, and only those that are not right are mended",
            "черновики проверяются первыми, и исправляются только те, что неверны",
        )
    if policy.check_sample is not None:
        yield _said(
            f"answers of each page that are judged: {policy.check_sample}, drawn by lot",
            f"ответов каждой страницы проверяется: {policy.check_sample}, по жребию",
        )
    if policy.finalize_at is not None:
        yield _said(
            f"the others are taken as they are where {policy.finalize_at:.0%} of these are right",
            f"остальные берутся как есть, если из проверенных верны {policy.finalize_at:.0%}",
        )
    yield _said(
        f"a page is paid if {policy.control_ratio:.0%} of its answers that were judged are right",
        f"страница оплачивается, если из её проверенных ответов верны {policy.control_ratio:.0%}",
    )
    yield _said(
        f"an item whose answers were found wrong is given up after {policy.attempts} of them on accepted pages",
        f"если ответы на задание неверны, после {policy.attempts} таких на принятых страницах оно больше не выдаётся",
    )


def _confidence(policy: Policy) -> Texts:
    if not isinstance(policy.min_confidence, Mapping):
        asked = f"{policy.min_confidence:g}"
        return _said(f"an answer is sure from a confidence of {asked} on", f"ответ надёжен при уверенности от {asked}")
    asked = ", ".join(f"{label}: {sure:g}" for label, sure in policy.min_confidence.items())
    return _said(f"an answer is sure from a confidence on of {asked}", f"ответ надёжен при уверенности от: {asked}")


def _control(rule: ControlRule) -> Texts:
    (soft, soft_ru), (hard, hard_ru) = _span(rule.soft_restrict_seconds), _span(rule.hard_restrict_seconds)
    return _said(
        f"after {rule.after} control items a worker with less than {rule.soft:.0%} right is restricted for {soft}, "
        f"with less than {rule.hard:.0%} for {hard}",
        f"после {rule.after} контрольных заданий исполнитель, у которого верно меньше {rule.soft:.0%}, "
        f"ограничивается на {soft_ru}, меньше {rule.hard:.0%} — на {hard_ru}",
    )


def _speed(rule: SpeedRule) -> Texts:
    span, span_ru = _span(rule.restrict_seconds)
    unpaid, unpaid_ru = (", and is not paid", ", и она не оплачивается") if rule.reject else ("", "")
    return _said(
        f"a page done in less than {rule.ratio:.0%} of its time restricts its worker for {span}{unpaid}",
        f"за страницу быстрее {rule.ratio:.0%} отведённого времени исполнитель ограничивается на {span_ru}{unpaid_ru}",
    )


def _skips(rule: SkipRule) -> Texts:
    span, span_ru = _span(rule.restrict_seconds)
    return _said(
        f"{rule.row} pages skipped in a row restrict a worker for {span}",
        f"за {rule.row} пропущенных страниц подряд исполнитель ограничивается на {span_ru}",
    )


def _reports(rule: ReportRule) -> Texts:
    span, span_ru = _span(rule.restrict_seconds)
    return _said(
        f"a worker who alone reports more than {rule.share:.0%} of {rule.after} items or more is restricted for {span}",
        f"исполнитель, который один сообщает о более чем {rule.share:.0%} заданий, если их от {rule.after}, "
        f"ограничивается на {span_ru}",
    )


def _wage(floor: float, currency: str) -> Texts:
    hour = money_in_points(floor, currency)
    return _said(
        f"an hour of honest work brings {hour['en']} at least: what takes longer than the hint is topped up",
        f"час добросовестной работы приносит не меньше {hour['ru']}: за то, что занимает больше времени, доплачивается",
    )


def _bonuses(steps: Mapping[float, float], currency: str) -> Texts:
    paid = {share: money_in_points(amount, currency) for share, amount in steps.items()}
    english, russian = (", ".join(f"{share:g}: {one[to]}" for share, one in paid.items()) for to in ("en", "ru"))
    return _said(
        f"bonuses for accuracy that is certain: {english}", f"премии за точность, если она несомненна: {russian}"
    )


def _limits(policy: Policy) -> Iterator[Texts]:
    if policy.time_limit_seconds is not None:
        span, span_ru = _span(policy.time_limit_seconds)
        yield _said(f"the run ends {span} after its launch", f"запуск закончится через {span_ru} после начала")
    if policy.languages:
        named = ", ".join(policy.languages)
        yield _said(f"languages of workers: {named}", f"языки исполнителей: {named}")
    if policy.workers is not None:
        yield from _asked(policy.workers)


def _asked(workers: Workers) -> Iterator[Texts]:
    """What is asked of workers."""
    if workers.speaks:
        yield _said(f"workers speak: {', '.join(workers.speaks)}", f"исполнители говорят: {', '.join(workers.speaks)}")
    if workers.regions:
        yield _said(f"workers are in: {', '.join(workers.regions)}", f"исполнители живут: {', '.join(workers.regions)}")
    least, most = workers.age
    if least is not None:
        yield _said(f"workers of {least} years or more", f"исполнители от {least} лет")
    if most is not None:
        yield _said(f"workers of {most} years or less", f"исполнители до {most} лет")
    if workers.device is not None:
        russian = {"phone": "телефоне", "computer": "компьютере"}[workers.device]
        yield _said(f"workers on a {workers.device}", f"исполнители на {russian}")
    for skill in workers.record().skills:
        span, span_ru = _span(skill.valid) if skill.valid is not None else ("", "")
        fresh, fresh_ru = (f", given in the last {span}", f", полученный за последние {span_ru}") if span else ("", "")
        yield _said(
            f"workers with the skill “{skill.name}” at {skill.least:g} or more{fresh}",
            f"исполнители с навыком «{skill.name}»{fresh_ru} от {skill.least:g}",
        )
    if workers.allowed:
        count = len(workers.allowed)
        yield _said(f"nobody but {count} chosen workers", f"только выбранные исполнители: {count}")
    if workers.barred:
        count = len(workers.barred)
        yield _said(f"barred workers: {count}", f"закрыто для исполнителей: {count}")


def _span(seconds: float) -> tuple[str, str]:
    """A length of time in the largest unit that it is a multiple of."""
    size, unit, unit_ru = next((one for one in UNITS if seconds and seconds % one[0] == 0), UNITS[-1])
    return f"{seconds / size:g} {unit}", f"{seconds / size:g} {unit_ru}"


def _said(english: str, russian: str) -> Texts:
    return {"en": english, "ru": in_russian(russian)}
