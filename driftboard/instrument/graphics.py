"""Graphics cards: how busy they are, where there are any and `nvidia-ml-py` is installed."""

import os
from importlib import import_module
from typing import Any

from driftboard.data.process_samples import Gpu


class GraphicsCards:
    """The cards of this machine, looked for once by each process; a machine without any is asked no more."""

    def __init__(self, library: Any = None) -> None:
        self._library = library
        self._ready_in: int | None = None
        self._none = False

    def read(self) -> tuple[Gpu, ...]:
        """Return what each card does now; nothing where there is no card, no driver or no library."""
        if self._none:
            return ()
        try:
            if self._ready_in != os.getpid():
                self._begin()
            count = self._library.nvmlDeviceGetCount()
            return tuple(self._card(self._library.nvmlDeviceGetHandleByIndex(number)) for number in range(count))
        except Exception:  # noqa: BLE001 - no library, no driver, a card that is gone: the service has other things to do
            self._none = self._ready_in is None
            return ()

    def _begin(self) -> None:
        if self._library is None:
            self._library = import_module("pynvml")  # installed where there are cards, by driftboard[gpu]
        self._library.nvmlInit()
        self._ready_in = os.getpid()

    def _card(self, handle: Any) -> Gpu:
        name = self._library.nvmlDeviceGetName(handle)
        memory = self._library.nvmlDeviceGetMemoryInfo(handle)
        busy = self._library.nvmlDeviceGetUtilizationRates(handle).gpu
        return Gpu(
            name=name.decode() if isinstance(name, bytes) else str(name),
            utilisation=busy / 100,
            memory_used=int(memory.used),
            memory_total=int(memory.total),
        )
