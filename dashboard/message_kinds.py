"""The kinds of messages, as people call them."""

KINDS = {
    "fire": "first message",
    "change": "news",
    "reminder": "reminder",
    "escalate": "escalation",
    "acknowledge": "acknowledgement",
    "resolve": "all clear",
    "digest": "digest",
    "test": "test",
}
