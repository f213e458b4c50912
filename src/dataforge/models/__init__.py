"""Models as workers: functions, estimators, addresses and chats that a launch asks."""

from dataforge.models._asking import with_answers
from dataforge.models._chat import Chat
from dataforge.models._model import Model, models_of

__all__ = ["Chat", "Model", "models_of", "with_answers"]
