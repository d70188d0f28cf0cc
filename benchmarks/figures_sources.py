"""Which figures are gathered, from where, and what the first published system had in their place.

A figure is read from the section of its script in ``benchmarks/README.md``, where who measured it
wrote it down, or from a JSON file in ``benchmarks/results``.
"""

from dataclasses import dataclass
from typing import Literal

Amount = tuple[float, str]
"""A value and its unit."""

GB_IN_MIB = 1e9 / 2**20


@dataclass(frozen=True)
class Source:
    """One figure.

    Attributes
    ----------
    id, topic
        For programs; neither changes.
    title, titre
        In English and in French.
    unit, better
        Of the value: in what it is given, and which way is good.
    script
        What measures it, a file of this folder or a program.
    pattern
        Where it stands in the script's section: a regular expression with one group. Empty: in the
        script's file of results, under the figure's id.
    published
        What the published system had, by its own report; None where it says nothing.
    aim
        What we want, in `unit`.
    scale
        By what the number that was found is multiplied.
    note, remarque
        What must be known to read the figure.
    """

    id: str
    topic: str
    title: str
    titre: str
    unit: str
    better: Literal["lower", "higher"]
    script: str
    pattern: str = ""
    published: Amount | None = None
    aim: float | None = None
    scale: float = 1.0
    note: str = ""
    remarque: str = ""


def _quality(family: str, published: float, aim: float) -> Source:
    name = family.upper()
    return Source(
        f"accuracy-{family}", "quality",
        f"{name}: accuracy at 15 703 reviews, on the published system's own exam",
        f"{name} : accuracy à 15 703 avis, sur l’examen même du système publié",
        "%", "higher", "bench_models.py",
        rf"\| 15 703 \| {name} \| [^|]+\| \**(\.\d+) ",
        published=(published, "%"), aim=aim, scale=100,
    )  # fmt: skip


# fmt: off
SOURCES = (
    Source(
        "size-environments", "size", "Everything installed to run it (Python packages)",
        "Tout ce qui est installé pour le faire tourner (paquets Python)",
        "GB", "lower", "bench_sizes.py", published=(18.0, "GB"),
        note="Tools of the tests included. The published system: Docker images.",
        remarque="Outils de test compris. Le système publié : images Docker.",
    ),
    Source(
        "size-repository", "size", "The source that is downloaded",
        "Le code source à télécharger", "MB", "lower", "bench_sizes.py",
    ),
    Source(
        "memory-rest", "memory", "All that runs, at rest, models served",
        "Tout ce qui tourne, au repos, modèles servis", "MiB", "lower", "bench_stack.py",
        r"PSS of the whole stack at rest, models served \| \**([\d ]+) MiB",
        published=(11.8, "GB"), aim=1229,
    ),
    Source(
        "memory-peak", "memory", "All that runs, while three families train at once",
        "Tout ce qui tourne, pendant que trois familles s’entraînent à la fois",
        "MiB", "lower", "bench_stack.py",
        r"PSS of the whole stack at its peak[^|]*\| \**([\d ]+) MiB",
        published=(11.8, "GB"), aim=3072,
    ),
    Source(
        "memory-page", "memory", "This page", "Cette page", "MiB", "lower", "bench_stack.py",
        r"At rest, by process.*?page (\d+)\.", published=(4.9, "GB"), aim=250,
    ),
    Source(
        "memory-airflow", "memory", "Airflow's workers, at rest",
        "Les workers d’Airflow, au repos", "MiB", "lower", "bench_stack.py",
        r"LocalExecutor's workers (\d+)", published=(5.5, "GB"),
        note="The published system: measured while it ran.",
        remarque="Le système publié : mesuré en marche.",
    ),
    Source(
        "memory-api", "memory", "The API, after 10 000 predictions of three families",
        "L’API, après 10 000 prédictions de trois familles", "MiB", "lower", "bench_predict.py",
        r"memory after all: PSS / RSS \| \**(\d+) /", aim=250,
    ),
    Source(
        "retraining", "retraining", "One retraining at 15 703 reviews, with exam and gate",
        "Un réentraînement à 15 703 avis, examen et contrôle compris", "s", "lower",
        "bench_retrain.py", r"\*\*the run \(aim: 60\)\*\* \| \**(\d+)", published=(6, "min"),
        aim=60,
    ),
    _quality("gbc", 87.93, 90.0),
    _quality("svm", 84.21, 90.7),
    _quality("ann", 82.55, 90.0),
    Source(
        "within-trusted-shop", "quality",
        "Best macro-F1 within TrustedShop, where the source says nothing",
        "Meilleur macro-F1 au sein de TrustedShop, où la source ne dit rien", "%", "higher",
        "bench_models.py",
        r"\| SVM \| \**\.\d+\** \| \**\.\d+\** \| \.\d+ \| \**(\.\d+)\** \| \.\d+ \| \d+ \|",
        published=(64.9, "%"), aim=75, scale=100,
    ),
    Source(
        "gate-worse-held", "quality", "Candidates 2 points worse that the gate holds, of 100",
        "Candidats moins bons de 2 points que le contrôle retient, sur 100", "", "higher",
        "bench_gate.py", r"lost 2 points (\d+) were held", aim=95,
    ),
    Source(
        "upload", "data", "Upload of 100 000 reviews", "Dépôt de 100 000 avis", "s", "lower",
        "bench_ingest.py", r"\| 100 000 rows \| \**([\d.]+) s", aim=1.5,
    ),
    Source(
        "prediction", "predictions", "One text, all three families: median",
        "Un texte, les trois familles : médiane", "ms", "lower", "bench_predict.py",
        r"one text, 1 client: p50 / p99 \| \**([\d.]+) /", aim=5,
    ),
    Source(
        "prediction-p99", "predictions", "One text, all three families: 99 % within",
        "Un texte, les trois familles : 99 % en moins de", "ms", "lower", "bench_predict.py",
        r"one text, 1 client: p50 / p99 \| \**[\d.]+ / ([\d.]+)", aim=25,
    ),
    Source(
        "flood", "security", "The others under 50 wrong sign-ins a second: 95 % within",
        "Les autres, sous 50 connexions fausses par seconde : 95 % en moins de", "ms", "lower",
        "bench_flood.py", r"\| from many \| [\d.]+ ms \| \**(\d+) ms", aim=250,
    ),
    Source(
        "unknown-user", "security", "Time between an unknown user and a wrong password",
        "Écart de temps entre un inconnu et un mot de passe faux", "ms", "lower",
        "bench_unknown_user.py", r"apart by\s+([\d.]+) ms", aim=13.1,
        note="Its 95 % interval holds 0; aim: 10 % of the median.",
        remarque="Son intervalle à 95 % contient 0 ; objectif : 10 % de la médiane.",
    ),
    Source(
        "vulnerabilities", "security", "Known vulnerabilities in the locked packages",
        "Vulnérabilités connues dans les paquets verrouillés", "", "lower",
        "make audit", aim=0,
    ),
    Source(
        "coverage", "tests", "Branch coverage of the tests",
        "Couverture de branches par les tests", "%", "higher",
        "coverage run -m pytest", aim=90,
    ),
)
# fmt: on

NOT_YET = ("Not measured yet.", "Pas encore mesuré.")
REASONS = {
    "vulnerabilities": (
        "No database of vulnerabilities could be asked where this was gathered.",
        "Aucune base de vulnérabilités n’était joignable là où ceci a été réuni.",
    ),
}
"""Why a figure may be missing, in English and in French; otherwise `NOT_YET`."""


@dataclass(frozen=True)
class Fact:
    """A mistake of the published system that is no number, and the test that holds it off."""

    id: str
    title: str
    titre: str
    published: str
    publie: str
    here: str
    ici: str
    proof: str


# fmt: off
FACTS = (
    Fact(
        "default-password", "Password of the first admin", "Mot de passe du premier administrateur",
        "admin/admin, in the source", "admin/admin, dans le code",
        "generated; known ones are refused", "généré ; les mots de passe connus sont refusés",
        "unit/accounts/test_passwords.py::test_what_anybody_tries_first_is_refused_and_not_repeated",
    ),
    Fact(
        "pickles", "Models from elsewhere", "Modèles venus d’ailleurs",
        "unpickled: they can run code", "dépicklés : ils peuvent exécuter du code",
        "ONNX and hashes, no pickle", "ONNX et empreintes, aucun pickle",
        "unit/models/test_serving.py::test_a_pickle_in_place_of_the_graph_is_refused_and_not_run",
    ),
    Fact(
        "exam", "The exam", "L’examen",
        "another at each upload; 10 to 12 % of its texts were also learnt from",
        "un autre à chaque dépôt ; 10 à 12 % de ses textes étaient aussi appris",
        "one text in five, for ever, never learnt from",
        "un texte sur cinq, pour toujours, jamais appris",
        "unit/evaluation/test_split.py::test_mistake_5_an_upload_moves_no_text_and_only_adds_to_both_sides",
    ),
    Fact(
        "alert", "The alert at 80 %", "L’alerte à 80 %",
        "never looked at accuracy (off by one)", "ne regardait jamais l’accuracy (décalage d’un)",
        "looks at all three scores", "regarde les trois scores",
        "unit/monitoring/test_thresholds.py::test_mistake_6_a_low_accuracy_alone_is_an_alert",
    ),
    Fact(
        "going-live", "Going live", "Mise en service",
        "before it was evaluated", "avant d’être évalué",
        "after exam and gate; one command goes back",
        "après examen et contrôle ; une commande revient en arrière",
        "unit/workflows/test_gate.py::test_a_candidate_that_learnt_shuffled_labels_is_held",
    ),
    Fact(
        "bad-rows", "A bad row in an upload", "Une ligne fausse dans un dépôt",
        "stored; every later training failed", "gardée ; tout entraînement suivant échouait",
        "set aside with the reason", "mise de côté avec la raison",
        "unit/data/test_quarantine.py::test_cells_are_kept_as_received_behind_line_column_and_reason",
    ),
)
# fmt: on
