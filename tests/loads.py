"""People who go on asking while something is broken, and what they were answered."""

import io
import threading
import time
from collections import Counter
from collections.abc import Callable
from uuid import uuid4

import httpx2 as httpx

ROWS = 20


def upload(api: httpx.Client, rows: int = ROWS) -> httpx.Response:
    """Send a file that nobody has sent before."""
    mark = uuid4().hex
    lines = [f"Avis {mark} {line},{line % 5 + 1}" for line in range(rows)]
    content = io.BytesIO(("Commentaire,star\n" + "\n".join(lines) + "\n").encode())
    return api.post("/uploadfile", files={"file": (f"{mark}.csv", content, "text/csv")})


def comment(api: httpx.Client) -> httpx.Response:
    """Send a review that nobody has sent before."""
    return api.post("/comment", json={"Commentaire": f"Très bien {uuid4().hex}", "star": 5})


def predict(api: httpx.Client) -> httpx.Response:
    """Ask about a text."""
    return api.post("/predict", json={"texts": [f"Livraison rapide, très bien {uuid4().hex}"]})


def status(api: httpx.Client) -> httpx.Response:
    """Ask how it is."""
    return api.get("/status")


class Load:
    """Several people, each with a connection of their own; `with` ends them."""

    def __init__(self, client: Callable[[], httpx.Client], *asks: Callable) -> None:
        self._client = client
        self.answers: Counter[tuple[str, object]] = Counter()
        self.slowest = 0.0
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._go_on, args=(ask,)) for ask in asks]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def count(self, ask: Callable, outcome: object) -> int:
        """Return how often an ask was answered so."""
        with self._lock:
            return self.answers[ask.__name__, outcome]

    def total(self) -> int:
        """Return how many answers there were."""
        with self._lock:
            return self.answers.total()

    def _go_on(self, ask: Callable) -> None:
        with self._client() as api:
            while not self._stop.is_set():
                began = time.monotonic()
                outcome: object
                try:
                    outcome = ask(api).status_code
                except httpx.TransportError as error:
                    outcome = f"{type(error).__name__}: {error}"  # one too, which the test judges
                with self._lock:
                    self.answers[ask.__name__, outcome] += 1
                    self.slowest = max(self.slowest, time.monotonic() - began)
