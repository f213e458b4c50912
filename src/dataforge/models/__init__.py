"""Models as workers: functions, estimators, addresses and chats that a launch asks."""

from dataforge.models._answering import as_estimator_data
from dataforge.models._asking import cost_of_asking, with_answers, with_drafts
from dataforge.models._chat import Chat
from dataforge.models._checking import Checkers, checkers_of
from dataforge.models._model import ASKING_MODELS, Model, in_time, models_of
from dataforge.models._records import Spending, Spent, has_said, spent
from dataforge.models._together import Together

__all__ = [
    "ASKING_MODELS",
    "Chat",
    "Checkers",
    "Model",
    "Spending",
    "Spent",
    "Together",
    "as_estimator_data",
    "checkers_of",
    "cost_of_asking",
    "has_said",
    "in_time",
    "models_of",
    "spent",
    "with_answers",
    "with_drafts",
]
