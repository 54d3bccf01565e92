"""Text that somebody else chose (a feature's name, a batch id), made harmless and short enough to show."""

import re
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_WHITE = frozenset("\t\n\v\f\r\x85\u2028\u2029")
_LINKED = re.compile(r"://|(?<=\bwww)\.", re.IGNORECASE)
_BROKEN = {"://": "[:]//", ".": "[.]"}


def one_line(text: str, *, limit: int) -> str:
    r"""Return the text on one line of at most `limit` characters, without anything invisible.

    Control, bidirectional and other hidden characters become U+FFFD, so that a reader sees that there was something;
    `://` and `www.` are broken up, so that no mail or chat program makes a link of a name.

    >>> one_line("age\r\nBcc: x  y https://evil", limit=60)
    'age Bcc: x y https[:]//evil'
    """
    visible = "".join(_visible(character) for character in text[: 4 * limit])
    line = _LINKED.sub(lambda found: _BROKEN[found[0]], " ".join(visible.split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _visible(character: str) -> str:
    if character in _WHITE:
        return " "
    return "\ufffd" if unicodedata.category(character) in _HIDDEN else character
