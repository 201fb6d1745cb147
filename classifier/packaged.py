"""Documents that travel with the package."""

from importlib.resources import files
from typing import Any


def read_yaml(name: str) -> Any:
    """The YAML document at `name`, a path inside the package: reference/taxonomy.yaml."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is the faster, and not everywhere
    return yaml.load(files("classifier").joinpath(name).read_text(encoding="utf-8"), Loader=loader)
