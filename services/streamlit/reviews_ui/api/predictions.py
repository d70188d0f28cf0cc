"""What the served models say of a text, and why."""

from dataclasses import dataclass

from reviews_ui.api.connection import Connection, Json

EXPLAINING_SECONDS = 60.0
"""Each word costs the API an answer of its own: a text of 10 000 characters takes seconds."""


@dataclass(frozen=True)
class Contribution:
    """A word as the models read it, and by how much it raises P(label 1)."""

    word: str
    weight: float


@dataclass(frozen=True)
class Prediction:
    """One family's answer for one text; `probability` is P(label 1), the positive one."""

    family: str
    label: int
    label_name: str
    probability: float
    model_version: str
    words: tuple[Contribution, ...] = ()

    @classmethod
    def parse(cls, family: str, body: Json) -> "Prediction":
        """Read one entry of ``predictions`` of ``POST /predict``."""
        return cls(
            family=family,
            label=int(body["label"]),
            label_name=str(body["label_name"]),
            probability=float(body["probability"]),
            model_version=str(body["model_version"]),
            words=tuple(
                Contribution(str(one["word"]), float(one["weight"]))
                for one in body.get("words") or ()
            ),
        )


@dataclass(frozen=True)
class Answer:
    """Each family's answer for one text, in alphabetical order; which family answers for all.

    `prediction_id` names it where the API keeps predictions.
    """

    text: str
    predictions: tuple[Prediction, ...]
    champion: str | None
    prediction_id: str | None

    @property
    def families(self) -> tuple[str, ...]:
        """Those that answered; the champion first."""
        names = [one.family for one in self.predictions]
        return tuple(sorted(names, key=lambda name: (name != self.champion, name)))

    def of(self, family: str) -> Prediction:
        """Return the answer of one family."""
        return next(one for one in self.predictions if one.family == family)


def predict(api: Connection, text: str) -> Answer:
    """Return what every served family says of one text, and what each word contributes."""

    def parse(body: Json) -> Answer:
        (result,) = body["results"]
        predictions = result["predictions"]
        return Answer(
            text=text,
            predictions=tuple(
                Prediction.parse(name, predictions[name]) for name in sorted(predictions)
            ),
            champion=body.get("champion"),
            prediction_id=result.get("prediction_id"),
        )

    asked = {"texts": [text], "explain": True}
    return api.ask("POST", "/predict", parse, json=asked, seconds=EXPLAINING_SECONDS)
