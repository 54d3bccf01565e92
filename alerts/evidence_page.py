"""The evidence of an incident as one page for people: it needs no other file, and loads nothing."""

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import orjson

from driftboard.alerts.plain import one_line
from driftboard.data.evidence_log import EvidenceRecord
from driftboard.monitors.wording import count

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 "Liberation Sans", Arial, sans-serif; color: #1B2530; margin: 2rem auto; max-width: 60rem;
  padding: 0 1.25rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .35rem 0; } .quiet { color: #5E6872; } img { max-width: 100%; height: auto; }
.badge { border-radius: .35rem; font-weight: 600; padding: .1rem .5rem; background: #EDF0F2; color: #4A5058; }
.critical { background: #FBE3EA; color: #8A0F31; } .warning { background: #FFF1D0; color: #7A4B00; }
.info { background: #E1EFF8; color: #005A8D; }
table { border-collapse: collapse; width: 100%; } th { color: #5E6872; font-weight: 600; white-space: nowrap; }
th, td { border-bottom: 1px solid #DDE3E9; padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; } td.time { white-space: nowrap; } .bad { color: #8A0F31; white-space: nowrap; }
code, pre { font: 13px/1.45 "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
pre { background: #F4F6F8; border-radius: .35rem; margin: .5rem 0; padding: .75rem; }
@media print { body { font-size: 10pt; margin: 0; max-width: none; padding: 0; } h2 { break-after: avoid; }
  tr, img { break-inside: avoid; } pre { border: 1px solid #DDE3E9; } }
"""


def render(record: EvidenceRecord) -> str:
    """Return the page of a record; the same record gives the same page, byte by byte."""
    said = orjson.loads(record.payload)
    parts = (_head(said), _chart(said), _parts(said), _windows(said), _events(said), _told(said), _proof(record, said))
    title = _text(f"Incident {record.incident_id}: {said['title']}")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{''.join(parts)}</main>\n"
        "</body>\n</html>\n"
    )


def _head(said: Mapping[str, Any]) -> str:
    incident = said["incident"]
    severity = incident["worst"]
    parts = [each["subject"] for each in incident["affected"]]
    about = _text(incident["subject"] or (parts[0] if len(parts) == 1 else ""), limit=80)
    heading = f"{_text(said['title'])}{': ' if about else ''}{about}"
    badge = f'<span class="badge {_text(severity)}">{_text(severity)}</span>'
    lead = incident["affected"][0]["message"] if incident["affected"] else ""
    rows = [("Model", _model(said)), ("State", _state(incident)), ("Since", _since(incident))]
    if incident["batch_id"]:
        newest = f"{_text(incident['batch_id'])}, {incident['rows']:,} rows"
        rows += [("Newest batch it showed in", newest), ("Batches it showed in", f"{incident['windows']:,}")]
    what = f"Evidence of incident {incident['incident_id']}, episode {incident['episode']}"
    return (
        f'<p class="quiet">{what}, recorded {_time(said["created_at"])}</p>\n'
        f"<h1>{heading}</h1>\n<p>{badge} {_text(lead)}</p>\n{_table((), rows)}"
    )


def _model(said: Mapping[str, Any]) -> str:
    if said["model"] is None:
        return "none: it is about driftboard itself"
    key = said["model"]["key"]
    return f"{_text(key['name'])}, version {_text(key['version'])}, environment {_text(key['environment'])}"


def _state(incident: Mapping[str, Any]) -> str:
    ended = f" {_time(incident['resolved_at'])}: {_text(incident['resolution'])}" if incident["resolved_at"] else ""
    acked = f"; acknowledged by {_text(incident['acked_by'])}" if incident["acked_by"] else ""
    return f"{_text(incident['state']).replace('_', ' ')}{ended}{acked}"


def _since(incident: Mapping[str, Any]) -> str:
    opened = f"opened {_time(incident['opened_at'])}"
    first = f"batch {_text(incident['since'])}, data of {_time(incident['since_at'])}; " if incident["since"] else ""
    return f"{first}{opened}"


def _chart(said: Mapping[str, Any]) -> str:
    if said["chart"] is None:
        return ""
    data = base64.b64encode(said["chart"].encode()).decode()  # as an image: nothing inside it can run or load
    series = said["series"]
    alt = _text(f"{series['title']} {series['subject']}: {series['measure']} of {len(series['points'])} batches")
    return f'<h2>What was measured</h2>\n<p><img alt="{alt}" src="data:image/svg+xml;base64,{data}"></p>\n'


def _parts(said: Mapping[str, Any]) -> str:
    parts = [each for each in said["incident"]["affected"] if each["subject"]]
    rows = [
        (_text(each["subject"], limit=80), _text(each["severity"]), _text(each["since"]), _text(each["message"]))
        for each in parts
    ]
    return _section("Affected", ("Part", "Severity", "Since", "What the monitor said"), rows)


def _windows(said: Mapping[str, Any]) -> str:
    rows = [
        (
            _text(each["batch"]["batch_id"]),
            f"{each['batch']['n_predictions']:,}",
            '<span class="bad">■ bad</span>' if each["bad"] else "",
            "<br>".join(_finding(one) for one in each["findings"]) or "nothing under this rule",
            "" if each["report"] is None else f"{each['report']['report_id']}, revision {each['report']['revision']}",
        )
        for each in said["windows"]
    ]
    return _section("Batches", ("Batch", "Rows", "", "Findings", "Report"), rows)


def _finding(found: Mapping[str, Any]) -> str:
    proof, text = found["evidence"], f"{_text(found['verdict'])}: {_text(found['text'], limit=400)}"
    if proof is None:
        return text
    numbers = f"{proof['measure']} {proof['effect']:.4g}, p {proof['p_value']:.2g} (level {proof['level']:.2g})"
    floors = f"warning from {proof['warning_floor']:.3g}, page from {proof['page_floor']:.3g}"
    batches = "one batch" if proof["batches"] == 1 else f"{proof['batches']:,} batches"
    rows = f"{count(proof['n'], 'row')} of {batches} against {proof['n_reference']:,}"
    return f'{text}<br><span class="quiet">{_text(numbers)}; {floors}; {rows}</span>'


def _events(said: Mapping[str, Any]) -> str:
    rows = [
        (_time(each["at"]), _text(each["kind"]), _text(each["actor"]) or "the data", _text(each["detail"], limit=400))
        for each in said["events"]
    ]
    return _section("What happened", ("Time", "Event", "By", "Detail"), rows)


def _told(said: Mapping[str, Any]) -> str:
    rows = [
        (_time(each["created_at"]), _text(each["kind"]), _text(each["channel"]), _delivery(each))
        for each in said["notifications"]
    ]
    return _section("Who was told", ("Time", "Message", "Channel", "What became of it"), rows)


def _delivery(told: Mapping[str, Any]) -> str:
    reason = f": {_text(told['reason'])}" if told["reason"] else ""
    attempts = [
        f"{_time(each['started_at'])} {_text(each['outcome'])} {each['status'] or ''} {_text(each['detail'])}".strip()
        for each in told["attempts_made"]
    ]
    return "<br>".join([f"{_text(told['state'].replace('_', ' '))}{reason}", *attempts])


def _proof(record: EvidenceRecord, said: Mapping[str, Any]) -> str:
    references = "; ".join(
        f"{each['reference_id']}, promoted {_time(each['promoted_at'])}, {each['n_rows']:,} rows, "
        f"<code>{_text(each['digest'])}</code>"
        for each in said["references"]
    )
    rows = [
        ("Record", f"{record.evidence_id}, <code>{_text(record.digest)}</code>"),
        ("Record before it", f"<code>{_text(record.previous)}</code>" if record.previous else "none: it is the first"),
        ("Reference", references or "none"),
        ("Settings", f"<code>{_text(said['settings']['digest'])}</code>"),
        ("Software", ", ".join(f"{_text(name)} {_text(number)}" for name, number in said["software"].items())),
        ("Check it", f"<code>driftboard alerts verify incident-{record.incident_id}.json</code>"),
    ]
    settings = {name: said["settings"][name] for name in ("monitors", "alerts")}
    text = orjson.dumps(settings, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()
    lines = "\n".join(_text(line, limit=500, spaces=True) for line in text.splitlines())
    return f"<h2>Provenance</h2>\n{_table((), rows)}<h2>Settings in force</h2>\n<pre>{lines}</pre>\n"


def _section(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return f"<h2>{title}</h2>\n{_table(heads, rows)}" if rows else ""


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table of cells that are markup already; without heads the first cell of a row is its head."""
    head = f"<thead><tr>{''.join(f'<th>{each}</th>' for each in heads)}</tr></thead>\n" if heads else ""
    body = "".join(f"<tr>{_cells(each, headed=not heads)}</tr>\n" for each in rows)
    return f"<table>\n{head}<tbody>\n{body}</tbody>\n</table>\n"


def _cells(cells: tuple[str, ...], *, headed: bool) -> str:
    first = f"<th>{cells[0]}</th>" if headed else f'<td class="time">{cells[0]}</td>'
    return first + "".join(f"<td>{each}</td>" for each in cells[1:])


def _text(value: object, *, limit: int = 200, spaces: bool = False) -> str:
    """Somebody else's text as markup: one harmless line."""
    line = one_line(str(value), limit=limit)
    indent = len(str(value)) - len(str(value).lstrip(" ")) if spaces else 0
    return " " * indent + escape(line)


def _time(text: str) -> str:
    """A time of the record as people read it: UTC, to the second."""
    return f"{_text(text)[:19].replace('T', ' ')} UTC"
