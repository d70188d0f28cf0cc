"""The store against a plain model of it: whatever is done in whatever order, it holds the same."""

import hashlib
import io
import shutil
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from review_rows import rows_of
from satispy.core.clock import system_clock
from satispy.core.database import Database
from satispy.core.errors import BaseDamaged, DuplicateUpload, KeyReused, NotFound
from satispy.data import generations
from satispy.data.request_keys import Placed, RequestKey
from satispy.data.review_file import ReviewFile
from satispy.data.rules import Rules, check_comments
from satispy.data.schema import written_cell
from satispy.data.snapshot import read_snapshot
from satispy.data.store import ReviewStore, Sender, Upload
from satispy.data.verification import verify

STEPS = ["locked", "intended", "appending", "appended", "entered", "committed", "indexed"]
DONE = {"committed", "indexed"}
TEXTS = st.lists(st.sampled_from(["a", "b", "c d", 'e "f", g', "h\ni", "é🙂"]), max_size=4)
SOME_TEXTS = TEXTS.filter(bool)


class Killed(BaseException):
    """What a process that dies does not get to handle."""


class StoreMachine(RuleBasedStateMachine):
    """Uploads, comments, repetitions, crashes, erasures, hand edits and verifications."""

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp(prefix="satispy-machine-"))
        self.rows = {}  # text by id
        self.next_id = 0
        self.files = set()  # hashes of those accepted
        self.answers = {}  # by key: what was sent, and where its last row went
        self.intended = False  # a writer was interrupted where it may have begun to write
        self.dies_at = None
        self.database = None
        self.reopen()

    def teardown(self):
        if hasattr(self, "folder"):
            self.database.close()
            shutil.rmtree(self.folder)

    @rule()
    def reopen(self):
        if self.database is not None:
            self.database.close()
        self.database = Database(self.folder / "x.sqlite3")
        self.store = ReviewStore(self.base, self.database, system_clock, at=self.die)

    @property
    def base(self):
        return self.folder / "data_MAJ.csv"

    def die(self, step):
        if step == self.dies_at:
            raise Killed

    @contextmanager
    def dying(self, step):
        """Die at this step, if it is reached, and drop the store."""
        self.dies_at = step
        try:
            with pytest.raises(Killed):
                yield
        finally:
            self.dies_at = None
        self.reopen()

    @rule(texts=SOME_TEXTS)
    def upload(self, texts):
        if self.hash_of(texts) in self.files:
            with pytest.raises(DuplicateUpload):
                self.store.append(self.upload_of(texts))
            return
        entry = self.store.append(self.upload_of(texts))
        accepted = self.uploaded(texts)
        assert (entry.rows_accepted, entry.rows_duplicate) == (accepted, len(texts) - accepted)

    @rule(texts=SOME_TEXTS, step=st.sampled_from(STEPS))
    def die_while_uploading(self, texts, step):
        if self.hash_of(texts) in self.files:
            return
        with self.dying(step):
            self.store.append(self.upload_of(texts))
        self.intended = step not in {"locked", *DONE} or (self.intended and step not in DONE)
        if step in DONE:
            self.uploaded(texts)

    @rule(texts=SOME_TEXTS)
    def comment(self, texts):
        placed = self.store.append_comments(comments(texts), [Sender("bob")] * len(texts))
        assert [place.row_id for place in placed] == self.added(texts)

    @rule(texts=SOME_TEXTS, step=st.sampled_from(STEPS[:-1]))
    def die_while_commenting(self, texts, step):
        with self.dying(step):
            self.store.append_comments(comments(texts), [Sender("bob")] * len(texts))
        self.intended = step not in {"locked", *DONE} or (self.intended and step not in DONE)
        if step in DONE:
            self.added(texts)

    @rule(name=st.sampled_from("xyz"), text=st.sampled_from(["a", "b"]))
    def comment_with_a_key(self, name, text):
        key = RequestKey("bob", name, hashlib.sha256(text.encode()).hexdigest())
        (placed,) = self.store.append_comments(comments([text]), [Sender("bob", key)])
        if name not in self.answers:
            self.answers[name] = text, *self.added([text])
        said, row_id = self.answers[name]
        if said == text:
            assert isinstance(placed, Placed)
            assert placed.row_id == row_id
        else:
            assert isinstance(placed, KeyReused)

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def erase(self, data):
        ids = data.draw(st.sets(st.sampled_from(sorted(self.rows)), min_size=1, max_size=2))
        generations.erase(self.store, ids, "admin")
        self.erased(ids)

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), step=st.sampled_from(["rewritten", "begun"]))
    def die_before_an_erasure_is_committed(self, data, step):
        with self.dying(step):
            generations.erase(self.store, {data.draw(st.sampled_from(sorted(self.rows)))}, "admin")

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), step=st.sampled_from(["committed", "moved"]))
    def die_after_an_erasure_is_committed(self, data, step):
        row_id = data.draw(st.sampled_from(sorted(self.rows)))
        with self.dying(step):
            generations.erase(self.store, {row_id}, "admin")
        self.erased({row_id})

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def erase_what_has_a_key_and_send_it_again(self, data):
        name = data.draw(st.sampled_from(sorted(self.answers)))
        text, row_id = self.answers[name]
        generations.erase(self.store, {row_id}, "admin")
        self.erased({row_id})
        self.comment_with_a_key(name=name, text=text)

    @rule()
    def erase_what_is_not_there(self):
        with pytest.raises(NotFound):
            generations.erase(self.store, {self.next_id}, "admin")

    # Behind an interrupted writer's intent, a row typed in by hand is taken for its tail.
    @precondition(lambda self: not self.intended)
    @rule(adopt=st.booleans())
    def type_a_row_in(self, adopt):
        before = self.base.read_bytes()
        with self.base.open("ab") as base:
            base.write(f"{self.next_id},de ma main,5,,,,,\n".encode())
        self.refused_then(adopt, before)
        if adopt:
            self.added(["de ma main"])

    @precondition(lambda self: self.rows and not self.intended)
    @rule(adopt=st.booleans(), text=st.sampled_from(["z", "a"]))
    def type_a_row_over(self, adopt, text):
        before = self.base.read_bytes()
        last = max(self.rows)
        if self.rows[last] == text * 3:
            return
        line = f"{last},{written_cell(self.rows[last])},5,,,,,\n".encode()
        other = f"{last},{text * 3},5,,,,,\n".encode()
        assert before.endswith(line)
        self.base.write_bytes(before.removesuffix(line) + other)
        self.refused_then(adopt, before)
        if adopt:
            self.rows[last] = text * 3

    @rule()
    def verify(self):
        assert verify(self.store).sound

    @invariant()
    def holds_what_the_model_holds(self):
        if not hasattr(self, "store"):
            return
        head = self.store.history.current()
        frame = read_snapshot(self.store, head.number)
        assert dict(zip(frame["inID"], frame["Commentaire"], strict=True)) == self.rows
        assert head.rows_total == len(self.rows)
        assert head.last_id + 1 == self.next_id

    def refused_then(self, adopt, before):
        edited = self.base.read_bytes()
        assert not verify(self.store).sound
        with pytest.raises(BaseDamaged, match="satispy data restore"):
            self.store.append_comments(comments(["jamais"]), [Sender("bob")])
        assert self.base.read_bytes() == edited
        if adopt:
            generations.adopt(self.store, "admin")
            assert self.base.read_bytes() == edited
            # Whoever adopts vouches for the rows: what was sent before may be sent again.
            self.files, self.answers = set(), {}
        else:
            backup = self.folder / "backup.csv"
            backup.write_bytes(before)
            generations.restore(self.store, [backup])
            assert self.base.read_bytes() == before
        assert verify(self.store).sound

    def hash_of(self, texts):
        return hashlib.sha256("\0".join(texts).encode()).hexdigest()

    def upload_of(self, texts):
        sha256 = self.hash_of(texts)
        rows = rows_of(*(f"{written_cell(text)},5," for text in texts))
        return Upload(rows, 0, uuid.uuid4().hex, "reviews.csv", sha256, "admin")

    def uploaded(self, texts):
        self.files.add(self.hash_of(texts))
        known = set(self.rows.values())
        return len(self.added([text for text in dict.fromkeys(texts) if text not in known]))

    def added(self, texts):
        ids = list(range(self.next_id, self.next_id + len(texts)))
        self.rows.update(zip(ids, texts, strict=True))
        self.next_id += len(texts)
        self.intended = False
        return ids

    def erased(self, ids):
        for row_id in ids:
            del self.rows[row_id]
        self.answers = {name: one for name, one in self.answers.items() if one[1] not in ids}
        self.intended = False


def comments(texts):
    return check_comments([{"Commentaire": text, "star": "5"} for text in texts], Rules()).rows


class TestStoreMachine(StoreMachine.TestCase):
    """Runs it."""

    settings = settings(
        max_examples=30,
        stateful_step_count=20,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )


ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
WORDS = st.tuples(ANYTHING, st.sampled_from(["a", "é", "字"]), ANYTHING).map("".join)


@pytest.fixture(scope="module")
def one_store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    database = Database(folder / "x.sqlite3")
    yield ReviewStore(folder / "data_MAJ.csv", database, system_clock)
    database.close()


@given(texts=st.lists(WORDS, min_size=1, max_size=6))
@settings(deadline=None, derandomize=True, max_examples=100)
def test_any_text_comes_out_of_the_snapshot_as_it_went_in(one_store, texts):
    head = one_store.history.current()
    lines = [f"{written_cell(text)},5,{head.number}-{n}\n" for n, text in enumerate(texts)]
    content = "".join(["Commentaire,star,index_org\n", *lines]).encode()
    batches = list(ReviewFile(io.BytesIO(content), Rules()))
    assert not any(batch.bad for batch in batches)
    name = str(head.number)
    upload = Upload([batch.rows for batch in batches], 0, name, "x.csv", name.rjust(64), "admin")
    entry = one_store.append(upload)
    assert entry.rows_accepted == len(texts)
    frame = read_snapshot(one_store, entry.number)
    assert frame["Commentaire"].tolist()[-len(texts) :] == texts
    assert frame["inID"].tolist() == list(range(entry.rows_total))
