"""From text to numbers: one text function and the word vectors."""
