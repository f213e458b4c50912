"""Characters as readers see them: a letter with its accents, an emoji with its skin colour, a flag of two letters.

What is here is a part of the rules of Unicode (annex 29): it never takes two characters for one, so that an offset that
a browser finds between characters is never refused. It may take one for two where Unicode is newer than Python.
"""

from __future__ import annotations

from unicodedata import category

__all__ = ["inside_character"]

JOINER = "\u200d"
SKIN = range(0x1F3FB, 0x1F400)
FLAG = range(0x1F1E6, 0x1F200)
TAGS = range(0xE0020, 0xE0080)
# Of what Unicode calls pictures, those that are joined to others.
PICTURES = (
    range(0x2614, 0x2686),
    range(0x2690, 0x2706),
    range(0x2763, 0x2768),
    range(0x1F300, 0x1F3FB),
    range(0x1F400, 0x1F53E),
    range(0x1F600, 0x1F650),
    range(0x1F680, 0x1F700),
    range(0x1F910, 0x1F93B),
    range(0x1F947, 0x1FB00),
)


def inside_character(text: str, offset: int) -> bool:
    """Whether a place between two code points is within what readers see as one character."""
    if not 0 < offset < len(text):
        return False
    before, after = text[offset - 1], text[offset]
    if before == "\r" and after == "\n":
        return True
    if after.isascii() or _stands_alone(before):
        return False
    if _is_added(after):
        return True
    if before == JOINER and _is_picture(after):
        return _picture_before(text, offset - 1)
    return ord(before) in FLAG and ord(after) in FLAG and _flags_before(text, offset) % 2 == 1


def _stands_alone(sign: str) -> bool:
    """Whether it is a sign that controls and is not seen, to which nothing is added."""
    kind = category(sign)
    return kind in ("Cc", "Zl", "Zp") or (kind == "Cf" and not _is_added(sign))


def _is_added(sign: str) -> bool:
    """Whether it belongs to the character before it: an accent, a skin colour, what joins pictures."""
    return category(sign) in ("Mn", "Me") or sign in (JOINER, "\u200c") or ord(sign) in SKIN or ord(sign) in TAGS


def _is_picture(sign: str) -> bool:
    return any(ord(sign) in those for those in PICTURES)


def _picture_before(text: str, offset: int) -> bool:
    """Whether the character that ends at a place, without its accents, is a picture."""
    place = offset - 1
    while place > 0 and text[place] != JOINER and _is_added(text[place]):
        place -= 1
    return place >= 0 and _is_picture(text[place])


def _flags_before(text: str, offset: int) -> int:
    """How many letters of flags end at a place."""
    place = offset
    while place > 0 and ord(text[place - 1]) in FLAG:
        place -= 1
    return offset - place
