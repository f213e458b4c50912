"""What makes masks of clicks and boxes while somebody paints: one file per assistant."""

from dataforge.assistants.base import Assistant, Prompt, assistant_of

__all__ = ["Assistant", "Prompt", "assistant_of"]
