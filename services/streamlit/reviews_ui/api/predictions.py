"""What the served models say of a text."""

from dataclasses import dataclass

from reviews_ui.api.connection import Connection, Json


@dataclass(frozen=True)
class Prediction:
    """One family's answer for one text; `probability` is P(label 1), the positive one."""

    family: str
    label: int
    label_name: str
    probability: float
    model_version: str

    @classmethod
    def parse(cls, family: str, body: Json) -> "Prediction":
        """Read one entry of ``predictions`` of ``POST /predict``."""
        return cls(
            family=family,
            label=int(body["label"]),
            label_name=str(body["label_name"]),
            probability=float(body["probability"]),
            model_version=str(body["model_version"]),
        )


def predict(api: Connection, text: str) -> tuple[Prediction, ...]:
    """Return each served family's answer for one text, families in alphabetical order."""

    def parse(body: Json) -> tuple[Prediction, ...]:
        (result,) = body["results"]
        predictions = result["predictions"]
        return tuple(Prediction.parse(name, predictions[name]) for name in sorted(predictions))

    return api.ask("POST", "/predict", parse, json={"texts": [text]})
