"""Measured figures: of the benchmarks, and of this installation now."""

from collections.abc import Mapping
from dataclasses import dataclass

from reviews_ui.api.connection import Connection, Json
from reviews_ui.api.reading import maybe
from reviews_ui.i18n import french


@dataclass(frozen=True)
class Figure:
    """One figure of the benchmarks; `value` is None where it was not measured."""

    id: str
    topic: str
    title_en: str
    title_fr: str
    value: float | None
    unit: str
    aim: float | None
    met: bool | None
    published: tuple[float, str] | None
    beats_published: bool | None
    command: str
    date: str | None
    machine: str | None
    note_en: str
    note_fr: str

    @classmethod
    def parse(cls, body: Json) -> "Figure":
        """Read one entry of ``recorded.figures``."""
        published = body["published"]
        return cls(
            id=str(body["id"]),
            topic=str(body["topic"]),
            title_en=str(body["title"]),
            title_fr=str(body["titre"]),
            value=maybe(float, body["value"]),
            unit=str(body["unit"]),
            aim=maybe(float, body["aim"]),
            met=maybe(bool, body["met"]),
            published=(float(published["value"]), str(published["unit"])) if published else None,
            beats_published=maybe(bool, body["beats_published"]),
            command=str(body["command"]),
            date=maybe(str, body["date"]),
            machine=maybe(str, body["machine"]),
            note_en=str(body["note"]),
            note_fr=str(body["remarque"]),
        )

    @property
    def title(self) -> str:
        """In the visitor's language."""
        return self.title_fr if french() else self.title_en

    @property
    def note(self) -> str:
        """In the visitor's language."""
        return self.note_fr if french() else self.note_en


@dataclass(frozen=True)
class Fact:
    """A mistake of the published system, what stands here in its place, and the proof."""

    title_en: str
    title_fr: str
    published_en: str
    published_fr: str
    here_en: str
    here_fr: str
    proof: str

    @classmethod
    def parse(cls, body: Json) -> "Fact":
        """Read one entry of ``recorded.facts``."""
        names = ("title", "titre", "published", "publie", "here", "ici", "proof")
        return cls(*(str(body[name]) for name in names))

    @property
    def told(self) -> tuple[str, str, str]:
        """What it is about, there, and here, in the visitor's language."""
        if french():
            return self.title_fr, self.published_fr, self.here_fr
        return self.title_en, self.published_en, self.here_en


@dataclass(frozen=True)
class Trained:
    """How long the newest training of a family took."""

    family: str
    seconds: float
    rows: int
    trained_at: str

    @classmethod
    def parse(cls, body: Json) -> "Trained":
        """Read one entry of ``now.trainings``."""
        return cls(
            str(body["family"]), float(body["seconds"]), int(body["rows"]), str(body["trained_at"])
        )


@dataclass(frozen=True)
class Answered:
    """How a family answered questions of one kind; `held`: the gate's, when it was judged."""

    family: str
    kind: str
    passed: int
    asked: int
    wrong: tuple[str, ...]
    held: bool

    @classmethod
    def parse(cls, body: Json) -> "Answered":
        """Read one entry of ``now.answers``."""
        return cls(
            str(body["family"]),
            str(body["kind"]),
            int(body["passed"]),
            int(body["asked"]),
            tuple(str(text) for text in body["wrong"]),
            bool(body["held"]),
        )


@dataclass(frozen=True)
class OfLength:
    """The accuracy of a family on reviews of so many words, with its interval where it has one."""

    family: str
    words: str
    rows: int
    accuracy: float
    low: float | None
    high: float | None
    few: bool

    @classmethod
    def parse(cls, body: Json) -> "OfLength":
        """Read one entry of ``now.lengths``."""
        return cls(
            str(body["family"]),
            str(body["words"]),
            int(body["rows"]),
            float(body["accuracy"]),
            maybe(float, body["accuracy_low"]),
            maybe(float, body["accuracy_high"]),
            bool(body["few"]),
        )


@dataclass(frozen=True)
class Now:
    """An installation, as it measures itself."""

    at: str
    machine: str
    versions: Mapping[str, str]
    rows: int | None
    dataset_version: int | None
    uploads: int | None
    runs: int
    api_mib: float
    home_mb: float
    trainings: tuple[Trained, ...]
    answers: tuple[Answered, ...]
    lengths: tuple[OfLength, ...]

    @classmethod
    def parse(cls, body: Json) -> "Now":
        """Read ``now``."""
        return cls(
            at=str(body["at"]),
            machine=str(body["machine"]),
            versions={str(name): str(text) for name, text in body["versions"].items()},
            rows=maybe(int, body["rows"]),
            dataset_version=maybe(int, body["dataset_version"]),
            uploads=maybe(int, body["uploads"]),
            runs=int(body["runs"]),
            api_mib=float(body["api_mib"]),
            home_mb=float(body["home_mb"]),
            trainings=tuple(Trained.parse(item) for item in body["trainings"]),
            answers=tuple(Answered.parse(item) for item in body["answers"]),
            lengths=tuple(OfLength.parse(item) for item in body["lengths"]),
        )


@dataclass(frozen=True)
class Figures:
    """Both; `figures` and `facts` are None where this installation has no file of them."""

    figures: tuple[Figure, ...] | None
    facts: tuple[Fact, ...]
    now: Now

    @classmethod
    def parse(cls, body: Json) -> "Figures":
        """Read the answer of ``GET /figures``."""
        recorded = body["recorded"]
        return cls(
            figures=tuple(map(Figure.parse, recorded["figures"])) if recorded else None,
            facts=tuple(map(Fact.parse, recorded["facts"])) if recorded else (),
            now=Now.parse(body["now"]),
        )


def figures(api: Connection) -> Figures:
    """Return the figures of the benchmarks, and those of now."""
    return api.ask("GET", "/figures", Figures.parse)
