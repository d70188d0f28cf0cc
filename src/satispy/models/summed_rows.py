"""An embedding summed over the words of a comment, and the Adam that learns it: Keras, less copies.

Keras copies a row for each word that is read, and again for its gradient, the square of it, and
what is made of both: some 40 MB a batch, most of the time of an epoch. Here sums are taken of rows
where they lie. Scores stay, for Adam's second moment is the one that Keras keeps of an embedding:
the sum of the squares of the gradients of all places where a word stands, not the square of their
sum. The learning rate of the family was chosen with it.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import layers, ops


class SummedRows(layers.Layer):  # type: ignore[misc]
    """Sums the rows of a table that the numbers of a comment name.

    What is exported says the same in operations that ONNX knows.

    Parameters
    ----------
    start
        The table before it learns, float32, shape (numbers, width).

    Attributes
    ----------
    table
        The rows, a variable.
    squares
        While a step of learning is traced: the sums of the squared gradients of each row.
    """

    def __init__(self, start: npt.NDArray[np.float32]) -> None:
        super().__init__()
        self.table = self.add_weight(shape=start.shape, initializer=_Constant(start))
        self.squares: Any = None

    def call(self, numbers: Any, counted: Any, training: bool = False) -> Any:
        """Return the sums over the counted places, shape (n, width)."""
        if training:
            named, row = tf.boolean_mask(numbers, counted), tf.where(counted)[:, 0]
            return self._learning(named, row, tf.shape(numbers)[0])
        found = ops.take(self.table, ops.where(counted, numbers, 0), axis=0)
        return ops.squeeze(ops.matmul(ops.expand_dims(ops.cast(counted, "float32"), 1), found), 1)

    def _learning(self, named: Any, row: Any, rows: Any) -> Any:
        @tf.custom_gradient  # type: ignore[untyped-decorator]
        def summed(table: Any) -> Any:
            def spread(values: Any) -> Any:
                return tf.raw_ops.SparseSegmentSumGrad(
                    grad=values,
                    indices=named,
                    segment_ids=tf.cast(row, tf.int32),
                    output_dim0=tf.shape(table)[0],
                )

            def gradients(upstream: Any) -> tuple[Any, Any]:
                return spread(upstream), spread(tf.square(upstream))

            # Of no places at all the operation gives memory as it finds it.
            def nothing() -> tuple[Any, Any]:
                return tf.zeros_like(table), tf.zeros_like(table)

            def gradient(upstream: Any) -> Any:
                some = tf.size(named) > 0
                found, self.squares = tf.cond(some, lambda: gradients(upstream), nothing)
                return found

            return tf.sparse.segment_sum(table, named, row, num_segments=rows), gradient

        return summed(tf.convert_to_tensor(self.table.value))


class SummingAdam(keras.optimizers.Adam):  # type: ignore[misc]
    """Adam; of the tables given it keeps the second moment described above.

    Parameters
    ----------
    rate
        Learning rate.
    tables
        Layers of the model.
    """

    def __init__(self, rate: float, tables: Sequence[SummedRows]) -> None:
        super().__init__(rate)
        self._tables = tables

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Move one variable; Keras calls this for each of them."""
        place = self._get_variable_index(variable)
        for layer in self._tables:
            if self._get_variable_index(layer.table) == place:
                break
        else:
            super().update_step(gradient, variable, learning_rate)
            return
        step = tf.cast(self.iterations.value, tf.float32) + 1
        rate = learning_rate * tf.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        first, second = self._momentums[place].value, self._velocities[place].value
        self.assign_add(first, (gradient - first) * (1 - self.beta_1))
        self.assign_add(second, (layer.squares - second) * (1 - self.beta_2))
        self.assign_sub(variable, first * rate / (tf.sqrt(second) + self.epsilon))


class _Constant(keras.initializers.Initializer):  # type: ignore[misc]
    """The given numbers; Keras's own Constant takes one number or writes arrays into configs."""

    def __init__(self, value: npt.NDArray[np.float32]) -> None:
        self._value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return ops.convert_to_tensor(self._value, dtype=dtype)
