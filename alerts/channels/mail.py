"""A message as a mail: plain text, the same as simple HTML, and the chart; dated, threaded, marked as automatic."""

from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from html import escape

from driftboard.alerts.entry import Entry, written_at
from driftboard.alerts.message import Message
from driftboard.alerts.plain import one_line
from driftboard.alerts.severity import Severity
from driftboard.channel_settings import EmailSettings

SUBJECT_LIMIT = 200
_CHART = "chart@driftboard.invalid"
# Not every relay takes 8 bits.
_ASCII = default.clone(cte_type="7bit")
_COLOURS = {Severity.CRITICAL: "#b3261e", Severity.WARNING: "#8a5a00", Severity.INFO: "#35506b"}


def mail_of(message: Message, settings: EmailSettings) -> EmailMessage:
    """Return the mail.

    Raises
    ------
    ValueError
        Sender or a recipient is no mail address.
    """
    domain = settings.sender.rpartition("@")[2]
    mail = EmailMessage(policy=_ASCII)
    mail["From"] = settings.sender
    mail["To"] = ", ".join(settings.recipients)
    mail["Subject"] = _subject(message)
    mail["Date"] = format_datetime(message.sent_at)
    mail["Message-ID"] = f"<{message.key}@{domain}>"
    for name in ("References", "In-Reply-To"):
        mail[name] = f"<{message.thread or message.key}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(message))
    mail.add_alternative(_html(message), subtype="html")
    if message.chart is not None:
        page = mail.get_payload(1)
        if isinstance(page, EmailMessage):
            page.add_related(message.chart, "image", "png", cid=f"<{_CHART}>", filename="chart.png")
    return mail


def _subject(message: Message) -> str:
    """Return the headline; `=?` is broken up, which the e-mail package would read as the start of an encoded word."""
    return one_line(f"[driftboard] {message.headline}".replace("=?", "= ?"), limit=SUBJECT_LIMIT)


def _text(message: Message) -> str:
    paragraphs = [_paragraph(entry) for entry in message.entries]
    if message.more:
        paragraphs.append(f"+{message.more:,} more incidents")
    return "\n\n".join([*paragraphs, _foot(message)])


def _paragraph(entry: Entry) -> str:
    parts = [f"- {part}" for part in entry.affected]
    more = [f"+{entry.more:,} more"] if entry.more else []
    evidence = "" if parts else entry.evidence  # the first part says it
    lines = [entry.headline, evidence, *entry.context, *parts, *more]
    links = [f"Incident: {entry.url}", f"What to do: {entry.runbook}"]
    return "\n".join([line for line in lines if line] + links)


def _foot(message: Message) -> str:
    return f"Sent by driftboard at {written_at(message.sent_at)}"


def _html(message: Message) -> str:
    chart = f'<p><img src="cid:{_CHART}" alt="The chart of this incident" width="640"></p>'
    sections = [_section(entry) for entry in message.entries]
    if message.chart is not None:
        sections.insert(1, chart)
    if message.more:
        sections.append(f"<p>+{message.more:,} more incidents</p>")
    body = "\n".join(sections)
    style = "font-family:sans-serif;font-size:15px;color:#1a1a1a;max-width:680px"
    return f'<!DOCTYPE html>\n<html><body style="{style}">\n{body}\n<p>{escape(_foot(message))}</p>\n</body></html>\n'


def _section(entry: Entry) -> str:
    colour = _COLOURS[entry.severity]
    parts = "".join(f"<li>{escape(part)}</li>" for part in entry.affected)
    more = f"<li>+{entry.more:,} more</li>" if entry.more else ""
    return "\n".join(
        [
            f'<h3 style="color:{colour};margin-bottom:4px">{escape(entry.headline)}</h3>',
            f"<p><b>{escape(entry.evidence)}</b></p>" if entry.evidence and not parts else "",
            f"<p>{'<br>'.join(map(escape, entry.context))}</p>",
            f"<ul>{parts}{more}</ul>" if parts else "",
            f"<p>{_link(entry.url, 'Open the incident')} &nbsp; {_link(entry.runbook, 'What to do')}</p>",
        ]
    )


def _link(url: str, text: str) -> str:
    return f'<a href="{escape(url)}">{text}</a>'
