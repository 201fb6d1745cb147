"""A font with Japanese letters for matplotlib, from what is installed."""

import warnings
from importlib.util import find_spec
from pathlib import Path

JAPANESE = (
    "Noto Sans CJK JP", "Noto Sans JP", "Source Han Sans JP", "IPAexGothic", "IPAPGothic", "IPAGothic", "TakaoPGothic",
    "VL PGothic", "BIZ UDPGothic", "Yu Gothic", "Hiragino Sans", "Meiryo", "MS Gothic",
)  # fmt: skip
_PACKAGE = "matplotlib_fontja"  # brings IPAexGothic


def japanese_font() -> str | None:
    """The name of the first font of `JAPANESE` that is there, else that of the package matplotlib-fontja.

    Warns, and says what to install, where there is neither; plots then show boxes for Japanese letters.
    """
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    for name in JAPANESE:
        if name in installed:
            return name
    spec = find_spec(_PACKAGE)
    for folder in spec.submodule_search_locations or [] if spec else []:
        for path in sorted(Path(folder).rglob("*.ttf")):
            font_manager.fontManager.addfont(path)
            return str(font_manager.FontProperties(fname=path).get_name())
    warnings.warn(
        "no font with Japanese letters: pip install matplotlib-fontja, or install fonts-noto-cjk or fonts-ipaexfont",
        stacklevel=2,
    )
    return None
