"""What the HTTP API takes, from whom and how much: the sections `[api]` and `[metrics]` of the configuration."""

from typing import Annotated

from pydantic import AfterValidator, Field

from driftboard.section import Section, checked
from driftboard.written_times import parse_age

MIB = 2**20


def _is_window(text: str) -> str:
    return checked(parse_age, text)


class ApiSettings(Section):
    """Where the HTTP API listens, and what it takes; a key is needed once there is one (`driftboard keys create`)."""

    host: str = "127.0.0.1"
    port: int = Field(default=8502, gt=0, lt=65536)
    window: Annotated[str, AfterValidator(_is_window)] = Field(
        default="1h", description="Predictions without a batch belong to the batch of their time: 15m, 1h, 1d."
    )
    max_body: int = Field(default=8 * MIB, gt=0, le=64 * MIB, description="Bytes of a request as it comes.")
    max_inflated: int = Field(default=32 * MIB, gt=0, le=256 * MIB, description="Bytes of it once it is decompressed.")
    max_rows: int = Field(default=10_000, gt=0, le=100_000, description="Predictions or labels in a request.")
    max_features: int = Field(default=10_000, gt=0, description="Features and segments in a prediction.")
    max_models: int = Field(default=200, gt=0, description="Models that requests may bring into the log.")
    max_waiting: int = Field(default=64, gt=0, description="Requests that may wait to be written; more are told 429.")
    requests_per_minute: int = Field(default=60_000, gt=0, description="Of each key; more are told 429.")
    rows_per_minute: int = Field(default=6_000_000, gt=0, description="Of each key; more are told 429.")


class MetricsSettings(Section):
    """What Prometheus reads at /metrics."""

    open: bool = Field(default=True, description="True: /metrics asks for no key; false: for one that may read.")
    aliases: bool = Field(default=False, description="Repeat the metrics under their common ml_... names.")
    top_features: int = Field(default=50, ge=0, le=100, description="Features by name, those that moved most first.")
    top_classes: int = Field(default=20, ge=1, le=50, description="Classes by name; the others are added up.")
    top_segments: int = Field(default=20, ge=0, le=50, description="Levels of segments by name.")
