"""Neural network: word vectors, pooled and seen through dense layers, beside a weight per term."""

import itertools
import os
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # must stand before the imports below
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # same bits on other processors, no banner
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# One thread: families train at once, threads that wait for each other lose by it, and same bits.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import layers, ops
from pydantic import Field

from satispy.core.types import WordVectors
from satispy.models.base import Family, FamilyParams, Log, Tokens, TrainingData
from satispy.models.curve import LearningCurve
from satispy.models.encoder_file import write_encoder
from satispy.models.encoders import IdEncoder
from satispy.models.folds import folds_by_text
from satispy.models.held_out import HeldOut
from satispy.models.search import Between, Range, WholeBetween
from satispy.models.serving import MODEL
from satispy.models.summed_rows import SummedRows, SummingAdam

_SMALLEST_BATCH = 8
_STEPS = 30
_POOL = 16
_ROWS = 256
_HOW = (
    "Of the model that is served, which is the one of the epoch with the lowest held-out loss. "
    "What it learnt from is judged while it learns, with units dropped at random and a model that "
    "changes from batch to batch; so the first epochs look worse there than on held-out reviews."
)


class Params(FamilyParams):
    """Hyper-parameters."""

    min_count: int = Field(2, ge=1, description="A rarer word is read as the unknown word.")
    pair_min_comments: int = Field(3, ge=1, description="A pair in fewer comments is left out.")
    max_length: int = Field(128, ge=1, description="Words of a comment that are read.")
    units: int = Field(64, ge=1, description="Units of the hidden layer.")
    dropout: float = Field(0.5, ge=0, lt=1, description="Dropped before and after the units.")
    rate: float = Field(0.006, gt=0, description="Learning rate of Adam.")
    batch: int = Field(512, ge=1, description="Comments per step; fewer where there are few.")
    slower: float = Field(0.3, gt=0, lt=1, description="Factor on the rate without progress.")
    epochs: int = Field(20, ge=1, description="Passes over the comments, at most.")
    patience: int = Field(3, ge=1, description="Passes without progress before it stops.")
    folds: int = Field(10, ge=2, description="One of so many parts, cut by text, tells when.")


class NeuralNetwork(Family):
    """Wide and deep: a weight for each word and pair, added to a small network on word vectors.

    The deep part reads the mean of a comment's vectors, which are fine-tuned; the wide part
    remembers "pas déçue" as a whole (Cheng et al., "Wide & Deep Learning for Recommender Systems",
    2016). It stops by a validation slice of its own, cut by text from the training data; the exam
    is never seen. The vectors of the words of training travel inside the graph.
    """

    name: ClassVar[str] = "ann"
    params_model: ClassVar[type[FamilyParams]] = Params
    search: ClassVar[Mapping[str, Range]] = {
        "units": WholeBetween(16, 128, log=True),
        "dropout": Between(0.2, 0.7),
        "rate": Between(0.001, 0.01, log=True),
        "batch": WholeBetween(64, 1024, log=True),
    }

    params: Params

    def _fit(self, data: TrainingData, log: Log) -> HeldOut:
        params = self.params
        keras.utils.set_random_seed(self.seed)
        tf.config.experimental.enable_op_determinism()
        self.encoder_ = _encoder(data.tokens, params)
        chance = np.random.default_rng(self.seed)
        self.model_ = self._build(_starting_vectors(self.encoder_.words, data.vectors, chance))
        fold = folds_by_text(data.tokens, data.labels, params.folds, seed=self.seed)
        train, held = np.flatnonzero(fold != 0), np.flatnonzero(fold == 0)
        batch = min(params.batch, max(_SMALLEST_BATCH, len(train) // _STEPS))
        log(
            f"ann: {len(self.encoder_.words)} words, {self.encoder_.pairs} pairs, "
            f"{len(train)} comments, {len(held)} to stop by"
        )
        numbers = [np.array(self.encoder_.numbers(words), np.int32) for words in data.tokens]
        stop = keras.callbacks.EarlyStopping(
            monitor="val_loss", patience=params.patience, restore_best_weights=True
        )
        slow = keras.callbacks.ReduceLROnPlateau(
            monitor="val_loss", factor=params.slower, patience=1, min_delta=0.001
        )
        tell = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: log(
                f"ann: epoch {epoch + 1}, loss {logs['loss']:.4f}, held out {logs['val_loss']:.4f}"
            )
        )
        with warnings.catch_warnings():
            # Keras reads its rate by numpy's older protocol for arrays
            warnings.simplefilter("ignore", DeprecationWarning)
            past = self.model_.fit(
                _batches(numbers, data.labels, train, batch, chance),
                validation_data=_batches(numbers, data.labels, held, batch, None),
                steps_per_epoch=-(-len(train) // batch),
                validation_steps=-(-len(held) // batch),
                epochs=params.epochs,
                shuffle=False,  # the batches are drawn already
                callbacks=[slow, stop, tell],
                verbose=0,
            )
        learnt, held_out = (tuple(past.history[name]) for name in ("loss", "val_loss"))
        steps = tuple(range(1, len(held_out) + 1))
        self.curve_ = LearningCurve("epochs", _HOW, steps, learnt, held_out)
        answers = np.full(len(fold), np.nan, dtype=np.float32)
        answers[held] = self._predict([data.tokens[row] for row in held.tolist()])
        return HeldOut(fold, answers)

    def _build(self, start: npt.NDArray[np.float32]) -> Any:
        params, encoder = self.params, self.encoder_
        numbers = keras.Input((None,), dtype="int32", name="numbers")
        is_word = ops.logical_and(numbers > 0, numbers < encoder.first_pair)
        words = SummedRows(start)
        known = ops.sum(ops.cast(is_word, "float32"), axis=1, keepdims=True)
        pooled = layers.Dropout(params.dropout)(words(numbers, is_word) / known)
        hidden = layers.Dense(params.units, activation="relu")(pooled)
        deep = layers.Dense(1)(layers.Dropout(params.dropout)(hidden))
        weights = SummedRows(np.zeros((encoder.size, 1), dtype=np.float32))
        wide = weights(numbers, numbers > 1)
        model = keras.Model(numbers, layers.Activation("sigmoid")(deep + wide))
        model.compile(SummingAdam(params.rate, [words, weights]), "binary_crossentropy")
        return model

    def _predict(self, tokens: Tokens) -> npt.NDArray[np.float32]:
        answers = np.empty(len(tokens), dtype=np.float32)
        for first in range(0, len(tokens), _ROWS):
            part = self.encoder_.dense(tokens[first : first + _ROWS])
            answers[first : first + _ROWS] = self.model_(part, training=False).numpy()[:, 0]
        return answers

    def _write(self, folder: Path) -> None:
        self._predict([["called", "once"]])  # the export wants a model that was called
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # Keras asks numpy for np.object
            self.model_.export(str(folder / MODEL), format="onnx", verbose=False)
        write_encoder(self.encoder_, folder)


def _encoder(tokens: Tokens, params: Params) -> IdEncoder:
    words = Counter(word for comment in tokens for word in comment)
    pairs: Counter[str] = Counter()
    for comment in tokens:
        pairs.update({f"{first} {second}" for first, second in itertools.pairwise(comment)})
    known = sorted(word for word, count in words.items() if count >= params.min_count)
    frequent = sorted(pair for pair, count in pairs.items() if count >= params.pair_min_comments)
    return IdEncoder(known, params.max_length, frequent)


def _starting_vectors(
    known: Sequence[str], vectors: WordVectors, chance: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Rows for padding, the unknown word and each known word: its vector, or small chance."""
    start = chance.normal(0, 0.05, (len(known) + 2, vectors.matrix.shape[1])).astype(np.float32)
    start[:2] = 0
    for row, word in enumerate(known, start=2):
        if word in vectors.vocabulary:
            start[row] = vectors.matrix[vectors.vocabulary[word]]
    return start


def _batches(
    numbers: list[npt.NDArray[np.int32]],
    labels: npt.NDArray[np.int8],
    rows: npt.NDArray[np.int64],
    size: int,
    chance: np.random.Generator | None,
) -> Any:
    """Return a dataset of batches without end: comments of like length share a batch."""
    length = np.array([len(words) for words in numbers])

    def one_pass() -> Iterator[npt.NDArray[np.int64]]:
        order = rows if chance is None else chance.permutation(rows)
        cut = []
        for first in range(0, len(order), size * _POOL):
            pool = order[first : first + size * _POOL]
            pool = pool[np.argsort(length[pool], kind="stable")]
            cut += [pool[k : k + size] for k in range(0, len(pool), size)]
        turns = range(len(cut)) if chance is None else chance.permutation(len(cut))
        yield from (cut[turn] for turn in turns)

    def forever() -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]]:
        while True:
            for batch in one_pass():
                block = np.zeros((len(batch), length[batch].max()), dtype=np.int32)
                for place, row in enumerate(batch):
                    block[place, : length[row]] = numbers[row]
                yield block, labels[batch].astype(np.float32)[:, None]

    signature = (tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None, 1), tf.float32))
    options = tf.data.Options()
    # Its thread was waited for at the end of a pass, for 14 s once: it may miss the call to end.
    options.autotune.enabled = False
    return tf.data.Dataset.from_generator(forever, output_signature=signature).with_options(options)
