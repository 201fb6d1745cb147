"""Kinds of arrays, named once. At run time they are plain arrays: importing numpy.typing costs a sixth of numpy itself."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Keys = NDArray[np.uint64]  # packed terms
    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    AnyArray = NDArray[Any]
else:
    Keys = Ints = Floats = AnyArray = np.ndarray
