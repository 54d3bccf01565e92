"""The app: every route over one log, to be served by `driftboard serve` or by any ASGI server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from driftboard.api import (
    acts,
    cloudevents,
    drift,
    error_answers,
    health,
    incidents,
    labels,
    levels,
    metrics,
    models,
    predictions,
    reports,
    silences,
)
from driftboard.api.gate import Gate
from driftboard.api.keyring import Keyring
from driftboard.api.openapi import DESCRIPTION, TAGS
from driftboard.api.pulse import Pulse
from driftboard.api.shell import Shell
from driftboard.api.state import Parts
from driftboard.api.writer import Writer
from driftboard.config import Settings
from driftboard.data import Store
from driftboard.exporter import Exporter
from driftboard.privacy import privacy_of

_ROUTES = (predictions, labels, cloudevents, models, reports, drift, levels, incidents, acts, silences, health, metrics)
_CLOSE_SECONDS = 6.0


def create_app(store: Store, settings: Settings) -> FastAPI:
    """Return the app over an open log; `app.state.service` are its `Parts`.

    Parameters
    ----------
    store
        Open for writing; it stays the caller's, who closes it after the app has shut down.
    settings
        `api` says how much is taken, `metrics` who reads /metrics.

    Raises
    ------
    ConfigError
        The salt of the privacy settings is not where they say.
    StoreError
        The log cannot be read.
    """
    app = FastAPI(
        title="driftboard",
        version=version("driftboard"),
        summary="Predictions and labels of machine-learning models in, evidence and incidents out.",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,  # its scripts come from elsewhere; /openapi.json is read by any tool
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_life,
    )
    app.state.service = _parts(store, settings)
    for module in _ROUTES:
        app.include_router(module.router)
    error_answers.install(app)
    app.add_middleware(Shell)
    return app


def _parts(store: Store, settings: Settings) -> Parts:
    keyring = Keyring(store)
    keyring.refresh()
    return Parts(
        store=store,
        settings=settings,
        writer=Writer(store, settings),
        exporter=Exporter(store, settings),
        gate=Gate(settings.api),
        keyring=keyring,
        privacy=privacy_of(settings),
        pulse=Pulse(store),
    )


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    """Begin with a sign of life; end when what waits is written."""
    found: Parts = app.state.service
    found.pulse.start()
    yield
    await run_in_threadpool(found.writer.close, _CLOSE_SECONDS)
    await run_in_threadpool(found.pulse.stop)
