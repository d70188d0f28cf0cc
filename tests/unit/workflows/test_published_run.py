import shutil

import numpy as np
import pytest

from satispy.core.settings import load_settings
from satispy.models.catalog import family_names
from satispy.workflows import published_run
from satispy.workflows.predict import Predictor


@pytest.fixture
def settings(trained_home, own_settings):
    shutil.copytree(trained_home, own_settings)
    return load_settings()


def test_mistake_10_word_vectors_are_opened_once_and_never_copied(settings, monkeypatch):
    """The first system read 1 GB of them at each click of its page."""
    opened = []
    load = published_run.load_vectors

    def counted(folder):
        opened.append(load(folder))
        return opened[-1]

    monkeypatch.setattr(published_run, "load_vectors", counted)
    predictor = Predictor(settings)
    for text in ("bien", "nul", "livraison rapide"):
        assert set(predictor.predict([text])[0]) == set(family_names())
    assert len(opened) <= 1
    assert all(isinstance(vectors.matrix, np.memmap) for vectors in opened)
