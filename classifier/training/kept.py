"""What was measured on a model, kept beside it in metrics.json: the model card is made from that."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from classifier import store
from classifier.whole import whole


def keep(folder: Path, measured: Mapping[str, Any]) -> None:
    """Puts the measures among those of the model in `folder`, in place of older ones of the same name."""
    kept = {**(store.read_metrics(folder) or {}), **measured}
    with whole(folder / store.METRICS) as file:
        file.write((json.dumps(kept, ensure_ascii=False, indent=1) + "\n").encode())
