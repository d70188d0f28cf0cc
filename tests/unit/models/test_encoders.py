import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from satispy.core.errors import ArtifactDamaged, TrainingImpossible
from satispy.core.types import WordVectors
from satispy.models.encoders import (
    IdEncoder,
    MeanVectorEncoder,
    PackedEncoder,
    encoder_from_json,
)
from satispy.models.terms import NgramEncoder, SubwordEncoder

WORDS = ["pas", "bien", "livré", "colis", "jamais", "site"]
VECTORS = WordVectors(
    "v1",
    {word: row for row, word in enumerate(WORDS)},
    np.random.default_rng(1).normal(size=(len(WORDS), 4)).astype(np.float32),
)
TOKENS = [
    ["pas", "bien", "livré"],
    ["colis", "jamais", "livré", "jamais"],
    [],
    ["bien", "bien", "bien", "inconnu"],
    ["pas", "bien"],
]
comments = st.lists(st.lists(st.sampled_from([*WORDS, "inconnu"]), max_size=8), max_size=6)


def learnt(weighting, **limits):
    return NgramEncoder.learn(TOKENS, weighting, **{"min_comments": 1, "max_terms": 99} | limits)


def all_encoders():
    mean = MeanVectorEncoder(VECTORS, 0.3)
    return [
        learnt("binary"),
        learnt("tfidf"),
        mean,
        SubwordEncoder.learn(TOKENS, "tfidf", min_comments=1, max_terms=99),
        PackedEncoder([learnt("tfidf"), mean]),
        IdEncoder(WORDS[:4], 5, ["pas bien", "bien livré"]),
    ]


def test_terms_that_are_all_too_rare_are_refused():
    with pytest.raises(TrainingImpossible, match="at least 9 comments, but there are none in 5"):
        learnt("binary", min_comments=9)


def test_an_unknown_kind_is_damage():
    with pytest.raises(ArtifactDamaged, match="among ids, mean_vector, ngrams, packed, subwords"):
        encoder_from_json({"kind": "letters"}, None)


@pytest.mark.parametrize(
    "given",
    [None, WordVectors("v2", {}, VECTORS.matrix), WordVectors("v1", {}, VECTORS.matrix[:, :2])],
)
def test_other_vectors_than_those_of_training_are_damage(given):
    """Model and vectors were two files that could mismatch in the first system."""
    data = MeanVectorEncoder(VECTORS, 1.0).to_json()
    with pytest.raises(ArtifactDamaged, match="expected the word vectors 'v1' of 4"):
        encoder_from_json(data, given)


def test_pairs_of_neighbours_are_terms_and_keep_a_negation_with_its_word():
    encoder = learnt("binary", min_comments=2)
    assert encoder.to_json()["terms"] == ["bien", "livré", "pas", "pas bien"]
    assert encoder.dense([["pas", "bien"], ["bien", "pas"]]).tolist() == [
        [1, 0, 1, 1],
        [1, 0, 1, 0],
    ]


def test_the_terms_in_most_comments_are_kept():
    assert learnt("binary", max_terms=3).to_json()["terms"] == ["bien", "livré", "pas"]


def test_tf_idf_is_that_of_scikit_learn():
    reference = TfidfVectorizer(
        analyzer="word", token_pattern=r"\S+", ngram_range=(1, 2), sublinear_tf=True
    )
    expected = reference.fit_transform([" ".join(words) for words in TOKENS]).toarray()
    encoder = learnt("tfidf")
    assert encoder.to_json()["terms"] == reference.get_feature_names_out().tolist()
    assert np.allclose(encoder.dense(TOKENS), expected, atol=1e-6)


def test_pieces_of_words_are_those_of_scikit_learn():
    reference = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    expected = reference.fit_transform([" ".join(words) for words in TOKENS]).toarray()
    encoder = SubwordEncoder.learn(TOKENS, "tfidf", min_comments=1, max_terms=9999)
    assert encoder.to_json()["terms"] == reference.get_feature_names_out().tolist()
    assert np.allclose(encoder.dense(TOKENS), expected, atol=1e-6)


def test_words_longer_than_any_real_one_are_read_but_not_remembered():
    encoder = SubwordEncoder.learn([["aaaa"]] * 2, "binary", min_comments=1, max_terms=10)
    long = "a" * 10_000
    assert encoder.dense([[long]]).sum() > 0
    assert encoder._of_known_word.cache_info().currsize == 0
    encoder.dense([["aaaa"]])
    assert encoder._of_known_word.cache_info().currsize == 1


def test_a_misspelt_word_shares_most_of_its_pieces():
    encoder = SubwordEncoder.learn([["livraison"]], "binary", min_comments=1, max_terms=99)
    right, wrong, other = encoder.dense([["livraison"], ["livrason"], ["merci"]]).sum(axis=1)
    assert right > wrong > right / 3
    assert other < right / 10


@given(comments)
def test_packed_pairs_hold_the_features_of_all_parts(tokens):
    terms, mean = learnt("tfidf"), MeanVectorEncoder(VECTORS, 0.3)
    pairs = PackedEncoder([terms, mean]).dense(tokens)
    found = np.zeros((len(tokens), terms.width + mean.width), dtype=np.float32)
    for row, of_row in enumerate(pairs):
        np.add.at(found[row], of_row[:, 0].astype(int), of_row[:, 1])
    assert np.array_equal(found, np.hstack([terms.dense(tokens), mean.dense(tokens)]))


def test_packed_pairs_cost_what_is_not_zero_however_many_terms_there_are():
    tokens = [[f"mot{row}", "bien"] for row in range(2000)]
    encoder = PackedEncoder([NgramEncoder.learn(tokens, "tfidf", min_comments=1, max_terms=50_000)])
    assert encoder.width == 4001
    assert encoder.dense(tokens).shape == (2000, 3, 2)


@given(comments)
def test_the_sparse_features_of_training_are_the_dense_ones_of_serving(tokens):
    pieces = SubwordEncoder.learn(TOKENS, "tfidf", min_comments=1, max_terms=9999)
    mean = MeanVectorEncoder(VECTORS, 0.3)
    for encoder in (learnt("binary"), learnt("tfidf"), pieces, mean):
        rows, columns, values = encoder.sparse(tokens)
        sparse = csr_matrix((values, (rows, columns)), shape=(len(tokens), encoder.width))
        assert np.array_equal(sparse.toarray(), encoder.dense(tokens))


def test_sparse_features_cost_what_is_not_zero():
    """Dense matrices took 1.5 GB where sparse ones take 4 MB: nothing here is rows x terms."""
    tokens = [[f"mot{row}", "bien"] for row in range(20_000)]
    encoder = NgramEncoder.learn(tokens, "tfidf", min_comments=1, max_terms=50_000)
    assert encoder.width == 40_001
    assert sum(array.nbytes for array in encoder.sparse(tokens)) < 1_000_000


@given(comments)
def test_the_mean_is_that_of_the_known_words(tokens):
    found = MeanVectorEncoder(VECTORS, 0.5).dense(tokens)
    assert found.shape == (len(tokens), 4)
    for words, mean in zip(tokens, found, strict=True):
        known = [VECTORS.matrix[VECTORS.vocabulary[word]] for word in words if word in WORDS]
        expected = np.mean(known, axis=0) * 0.5 if known else np.zeros(4)
        assert np.allclose(mean, expected, atol=1e-6)


def test_the_mean_of_words_is_not_the_mean_of_letters():
    """The first system read lists back as strings and averaged letters."""
    words = MeanVectorEncoder(VECTORS, 1.0).dense([["pas", "bien"]])
    letters = MeanVectorEncoder(VECTORS, 1.0).dense([str(["pas", "bien"])])
    assert words.any()
    assert not letters.any()


def test_ids_are_cut_padded_and_never_empty():
    encoder = IdEncoder(["pas", "bien"], 3)
    found = encoder.dense([["bien", "quoi", "pas", "pas"], ["pas"], []])
    assert found.tolist() == [[3, 1, 2], [2, 0, 0], [1, 0, 0]]
    assert found.dtype == np.int32
    assert encoder.dense([]).shape == (0, 1)


def test_known_pairs_are_numbered_after_the_words():
    encoder = IdEncoder(["pas", "bien"], 3, ["pas bien", "bien livré"])
    assert encoder.numbers(["pas", "bien", "livré", "bien", "livré"]) == [2, 3, 1, 4, 5]
    assert encoder.numbers(["bien", "pas"]) == [3, 2]
    assert encoder.first_pair == 4
    assert encoder.size == 6


@pytest.mark.parametrize("encoder", all_encoders(), ids=lambda encoder: encoder.kind)
def test_json_gives_the_same_encoder_again(encoder):
    again = encoder_from_json(json.loads(json.dumps(encoder.to_json())), VECTORS)
    assert np.array_equal(again.dense(TOKENS), encoder.dense(TOKENS))


@pytest.mark.parametrize("encoder", all_encoders(), ids=lambda encoder: encoder.kind)
def test_lists_from_parquet_are_token_lists_too(encoder):
    """pyarrow gives arrays of objects where we wrote lists."""
    arrays = [np.array(words, dtype=object) for words in TOKENS]
    assert np.array_equal(encoder.dense(arrays), encoder.dense(TOKENS))
