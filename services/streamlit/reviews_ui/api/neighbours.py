"""The reviews of the base that are most like a text."""

from dataclasses import dataclass

from reviews_ui.api.connection import Connection, Json


@dataclass(frozen=True)
class Neighbour:
    """A review, and how near it is: the cosine of the mean word vectors."""

    number: str
    text: str
    star: int
    source: str
    similarity: float


def neighbours(api: Connection, text: str, k: int) -> tuple[Neighbour, ...]:
    """Return the `k` reviews nearest to a text, the nearest first.

    None where no word of the text is known; `NotReady` before the first retraining.
    """

    def parse(body: Json) -> tuple[Neighbour, ...]:
        return tuple(
            Neighbour(
                str(item["id"]),
                str(item["Commentaire"]),
                int(item["star"]),
                str(item["source"] or ""),
                float(item["similarity"]),
            )
            for item in body["items"]
        )

    return api.ask("POST", "/neighbours", parse, json={"text": text, "k": k})
