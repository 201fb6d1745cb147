"""Platt scaling: raw log-odds become calibrated ones."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression


class Calibration(NamedTuple):
    """Platt scaling: calibrated log-odds = slope * raw + offset."""

    slope: float
    offset: float

    def __call__(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.slope * raw + self.offset


def calibrate(raw: NDArray[np.float64], scam: NDArray[np.bool_]) -> Calibration:
    """Fits Platt scaling on out-of-fold log-odds."""
    platt = LogisticRegression(C=1e6, solver="lbfgs", tol=1e-10, max_iter=1000).fit(raw[:, None], scam)
    return Calibration(float(platt.coef_[0, 0]), float(platt.intercept_[0]))
