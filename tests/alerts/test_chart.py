"""The chart of an incident: what it says, in whose colours, and that it needs nobody to be drawn."""

import io
import json
import socket
import struct
import time
import zlib
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from driftboard.alerts.chart import DARK, LIGHT, chart_png, chart_spec, chart_svg
from driftboard.alerts.png import tightened
from driftboard.alerts.series import Point, Series
from driftboard.dashboard import palette

AT = datetime(2026, 3, 1, tzinfo=UTC)
POINTS = tuple(
    Point(f"b{day}", AT + timedelta(days=day), 0.9 - (day > 6) * 0.2, 0.8 - (day > 6) * 0.2, 0.95, 1234, bad=day > 6)
    for day in range(10)
)
SERIES = Series(
    "Performance decay", "accuracy", POINTS, 0.88, 0.87, "hub = JFK", 0.9, is_share=True, since=POINTS[7].at
)
HOSTILE = "</text><script>alert(1)</script>\u202e\"'&<img src=https://evil.example/x>\n{{x}}"


def test_the_colours_are_the_dashboard_s() -> None:
    """Both themes: restated here because alerts know nothing of the dashboard."""
    for ours, theirs in ((LIGHT, palette.LIGHT), (DARK, palette.DARK)):
        wanted = (
            theirs.text,
            theirs.muted,
            theirs.faint,
            theirs.focus,
            theirs.reference,
            theirs.warning,
            theirs.critical,
        )
        assert tuple(asdict(ours).values()) == (*wanted, theirs.background)


def test_the_image_says_what_it_shows() -> None:
    """Subject, measure, floors and reference are text in it; bad batches differ in shape."""
    svg = chart_svg(SERIES)
    for words in (
        "Performance decay: hub = JFK",
        "accuracy; 3 of 10 batches at warning or worse",
        "page 87.0%",
        "warning 88.0%",
        "reference 90.0%",
    ):
        assert words in svg
    state = chart_spec(SERIES)["layer"][-1]["encoding"]
    assert state["shape"]["scale"]["range"] == ["circle", "square"]
    assert state["color"]["scale"]["range"] == [LIGHT.line, LIGHT.bad]
    assert {"n", "low", "high", "batch"} <= {tip["field"] for tip in state["tooltip"]}


def test_a_dark_chart_has_the_dark_colours() -> None:
    """And the same marks."""
    light, dark = json.dumps(chart_spec(SERIES)), json.dumps(chart_spec(SERIES, dark=True))
    for name, colour in asdict(LIGHT).items():
        light = light.replace(colour, asdict(DARK)[name])
    assert light == dark


def test_it_is_drawn_without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket is opened, and the specification names no data to be loaded."""
    monkeypatch.setattr(socket, "socket", None)
    assert chart_svg(SERIES).startswith("<svg")
    assert '"url"' not in json.dumps(chart_spec(SERIES))


def test_a_hostile_name_is_text() -> None:
    """In the image it is escaped, on one line, and no link."""
    svg = chart_svg(replace(SERIES, subject=HOSTILE, points=tuple(replace(each, batch_id=HOSTILE) for each in POINTS)))
    assert "<script" not in svg
    assert "<img" not in svg
    assert "https://evil" not in svg
    assert "\u202e" not in svg


def test_the_png_is_small_and_its_text_is_drawn() -> None:
    """At most 60 kB; and a title makes dark pixels where none would be without fonts."""
    began = time.perf_counter()
    image = chart_png(SERIES)
    assert time.perf_counter() - began < 5  # a second on an idle machine; the engine starts
    assert image.startswith(b"\x89PNG")
    assert len(image) <= 60_000
    untitled = chart_png(replace(SERIES, title=" ", subject=""))
    assert _dark_pixels(image) > _dark_pixels(untitled) + 300


def test_one_batch_and_no_interval_are_a_chart_too() -> None:
    """Of the first bad window of a young model."""
    one = replace(SERIES, points=(replace(POINTS[7], low=None, high=None),), warning=None, page=None, reference=None)
    assert "1 of 1 batches at warning" in chart_svg(one)
    assert "<svg" in chart_svg(replace(SERIES, points=(POINTS[7],)))


def test_tightening_keeps_every_pixel() -> None:
    """The pixels are the same bytes, and every chunk has its checksum."""
    rows = b"".join(b"\0" + bytes((x * y) % 7 for x in range(300)) for y in range(100))
    header = struct.pack(">IIBBBBB", 300, 100, 8, 0, 0, 0, 0)
    plain = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""))
    )
    small = tightened(plain)
    assert len(small) < len(plain) / 2
    assert _pixels(small) == rows
    assert tightened(small) == small


def _dark_pixels(image: bytes) -> int:
    """Pixels of the title's rows that are nearly black."""
    title = Image.open(io.BytesIO(image)).convert("L").crop((0, 0, 900, 30))
    return sum(title.histogram()[:96])


def _pixels(image: bytes) -> bytes:
    at, data = 8, b""
    while at < len(image):
        length, kind = struct.unpack(">I4s", image[at : at + 8])
        (checksum,) = struct.unpack(">I", image[at + 8 + length : at + 12 + length])
        assert zlib.crc32(image[at + 4 : at + 8 + length]) == checksum
        data += image[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return zlib.decompress(data)
