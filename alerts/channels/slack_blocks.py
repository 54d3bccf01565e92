"""A message as Slack's Block Kit: names only in plain text, links only where we made them, within its limits."""

from typing import Any

from driftboard.alerts.entry import Entry
from driftboard.alerts.message import Message

HEADER_LIMIT = 150
SECTION_LIMIT = 3000
_MOST_PARTS = 10
_LINK_LIMIT = 1000
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def blocks_of(message: Message) -> list[dict[str, Any]]:
    """Return the blocks: a header, then a section and its links for each incident; the rest is counted.

    Twenty incidents make forty-two blocks; Slack takes fifty.
    """
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(message.headline, HEADER_LIMIT)}]
    for entry in message.entries:
        told = _told(entry, headed=entry.headline != message.headline)
        blocks += [{"type": "section", "text": _plain(told, SECTION_LIMIT)}, *_links(entry)]
    if message.more:
        blocks.append({"type": "section", "text": _plain(f"+{message.more:,} more incidents", SECTION_LIMIT)})
    return blocks


def escaped(text: str, limit: int) -> str:
    """Return the text with & < > as Slack wants them, cut so that the result keeps within `limit`.

    >>> escaped("<!channel>", 40)
    '&lt;!channel&gt;'
    >>> escaped("a<<<", 6)
    'a&lt;'
    """
    pieces: list[str] = []
    for character in text:
        piece = _ENTITIES.get(character, character)
        limit -= len(piece)
        if limit < 0:
            break
        pieces.append(piece)
    return "".join(pieces)


def _told(entry: Entry, *, headed: bool) -> str:
    """Return an incident as lines; without its headline where the message has it already."""
    parts = [f"- {part}" for part in entry.affected[:_MOST_PARTS]]
    more = entry.n_affected - len(parts)
    evidence = [entry.evidence] if entry.evidence and not parts else []
    counted = [f"+{more:,} more"] if more else []
    # Context before the parts: what is cut off, should it be too long, is the least of them.
    headline = [entry.headline] if headed else []
    return "\n".join([*headline, *evidence, *entry.context, *parts, *counted])


def _links(entry: Entry) -> list[dict[str, Any]]:
    """Return the two links; not buttons, for which Slack wants an app that answers when they are pressed."""
    pairs = (("Open the incident", entry.url), ("What to do", entry.runbook))
    links = [f"<{escaped(url, _LINK_LIMIT).replace('|', '%7C')}|{text}>" for text, url in pairs if _fits(url)]
    return [{"type": "context", "elements": [{"type": "mrkdwn", "text": "  ".join(links)}]}] if links else []


def _fits(url: str) -> bool:
    return len(url) <= _LINK_LIMIT // 2


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": escaped(text, limit), "emoji": False}
