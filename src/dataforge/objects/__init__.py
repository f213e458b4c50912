"""Object types: one file per type, found by the registry. What a type of your own needs is here.

See docs/write-your-own-object-type.md.
"""

from dataforge.objects.base import Label, ObjectType, plain, setting, shorten

__all__ = ["Label", "ObjectType", "plain", "setting", "shorten"]
