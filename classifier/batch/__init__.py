"""Many files, many processes, one job that can be stopped and goes on."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classifier.batch.driver import run
    from classifier.batch.frames import score_frame, score_frames, spark_schema

_HOMES = {"run": "driver", "score_frame": "frames", "score_frames": "frames", "spark_schema": "frames"}

__all__ = ["run", "score_frame", "score_frames", "spark_schema"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
