"""Models as workers: functions, estimators, addresses and chats that a launch asks."""

from dataforge.models._answering import as_estimator_data
from dataforge.models._asking import Spent, cost_of_asking, spent, with_answers, with_drafts
from dataforge.models._chat import Chat
from dataforge.models._model import Model, in_time, models_of

__all__ = [
    "Chat",
    "Model",
    "Spent",
    "as_estimator_data",
    "cost_of_asking",
    "in_time",
    "models_of",
    "spent",
    "with_answers",
    "with_drafts",
]
