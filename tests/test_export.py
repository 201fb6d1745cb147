import joblib
import numpy as np
from conftest import ROOT

from classifier.scam import shipped_model
from classifier.store import load
from classifier.training import dataset
from classifier.training.export import as_pipeline


def test_the_pipeline_scores_as_the_model_does(classifier, tmp_path):
    texts = dataset.load(ROOT / "datasets").sample(150, random_state=2).text.tolist()
    texts.append("\n".join(texts[:20]))  # long enough for windows
    joblib.dump(as_pipeline(load(shipped_model())), tmp_path / "model.joblib")
    pipeline = joblib.load(tmp_path / "model.joblib")
    assert np.abs(pipeline.predict_proba(texts) - classifier.predict_proba(texts)).max() < 1e-9
    assert set(pipeline.predict(texts)) == {"benign", "scam"}
