"""Which numbers a card's tables must show, found from the metrics file without the card's code."""

import re

import pytest

from card_pages import tables

HEADLINE = ("accuracy", "f1_0", "f1_1", "macro_f1")
FURTHER = (
    *("precision_0", "recall_0", "precision_1", "recall_1"),
    *("roc_auc", "log_loss", "brier", "calibration_error"),
)
COMPARED = ("accuracy", "recall_0", "recall_1", "selection_rate")
RULES = {"majority": "always the commoner label", "source_rule": "the commoner label of the source"}
KINDS = {
    **{"source": "by source", "company": "by company", "star": "by stars given"},
    **{"words": "by words in the review", "year": "by year"},
}


def sure(found, name):
    return [found[f"{name}{end}"] for end in ("", "_low", "_high") if f"{name}{end}" in found]


def gap(found, name):
    return [found["difference"][name][end] for end in ("value", "low", "high")]


def known(*values):
    return [value for value in values if value is not None]


def of_folds(held, name):
    return {"mean of the folds": [held["mean"][name]], "their spread": [held["spread"][name]]}


def parts(found):
    return {
        one["name"]: {
            "reviews": [one["n"]],
            "negative": [one["n_0"]],
            **{name: sure(one, name) for name in HEADLINE if one[name] is not None},
        }
        for one in found
    }


def groups(found):
    rows = {
        one["name"] + (" (the largest)" if one["name"] == found["largest"] else ""): {
            "reviews": [one["n"]],
            **{name: known(one[name]) for name in COMPARED},
        }
        for one in found["groups"]
    }
    for row, end in (("widest gap", "difference"), ("lowest ratio", "ratio")):
        rows[row] = {name: known(found["widest"][f"{name}_{end}"]) for name in COMPARED}
    return rows


def expected(metrics, training):
    """Return the numbers that each cell must show: by table, row and column."""
    details = metrics["details"]
    found = {
        "Scores on the exam": {
            name: {"value": sure(where, name)[:1], "95 % interval": sure(where, name)[1:]}
            for where, names in ((metrics, HEADLINE), (details, FURTHER))
            for name in names
        },
        "Beside rules that read no text": {
            title: {
                score: sure(metrics["yardsticks"][name], score)
                for score in ("accuracy", "macro_f1")
            }
            | {
                f"model above it: {score}": gap(metrics["yardsticks"][name], score)
                for score in ("accuracy", "macro_f1")
            }
            for name, title in RULES.items()
        },
        "Confusion matrix": {
            f"truly {label}": {"called negative": [row[0]], "called positive": [row[1]]}
            for label, row in zip(("negative", "positive"), details["confusion"], strict=True)
        },
        "Calibration": {
            f"{one['low']:.1f} to {one['high']:.1f}".replace("0.", "."): {
                "reviews": [one["n"]],
                "mean of it": known(one["mean_probability"]),
                "share that was positive": known(one["share_positive"]),
            }
            for one in details["calibration"]
        },
        **{f"Scores {KINDS[kind]}": parts(one) for kind, one in metrics["slices"].items()},
        **{f"Groups {KINDS[kind]}": groups(one) for kind, one in metrics["fairness"].items()},
    }
    if (serving := metrics["serving"])["state"] == "examined":
        found["Beside the model that served before"] = {
            name: {"that model": sure(serving, name), "this model above it": gap(serving, name)}
            for name in HEADLINE
        }
    if (held := metrics.get("held_out")) is not None:
        found["On the training side"] = {
            name: {
                "all held-out reviews": sure(held, name),
                **(of_folds(held, name) if len(held["folds"]) > 1 else {}),
            }
            for name in HEADLINE
        }
    if (curve := training.get("learning_curve")) is not None:
        learnt = curve["learnt"] or [None] * len(curve["steps"])
        found["Learning curve"] = {
            f"{step:,}".replace(",", " "): {
                "log loss on what was learnt from": known(one),
                "on what was held out": [two],
            }
            for step, one, two in zip(curve["steps"], learnt, curve["held_out"], strict=True)
        }
    return found


FRENCH = {
    "Scores on the exam": "Scores sur l’examen",
    "Beside rules that read no text": "À côté de règles qui ne lisent aucun texte",
    "Confusion matrix": "Matrice de confusion",
    "Beside the model that served before": "À côté du modèle qui servait avant",
    "On the training side": "Sur les avis d’entraînement",
    "Learning curve": "Courbe d’apprentissage",
    "Scores by source": "Scores par source",
    "Scores by company": "Scores par entreprise",
    "Scores by year": "Scores par année",
    "Scores by stars given": "Scores par étoiles",
    "Scores by words in the review": "Scores par nombre de mots",
    "Groups by source": "Groupes par source",
    "Groups by company": "Groupes par entreprise",
    "value": "valeur",
    "95 % interval": "intervalle à 95 %",
    "reviews": "avis",
    "negative": "négatifs",
    "widest gap": "plus grand écart",
    "lowest ratio": "plus petit rapport",
    "mean of it": "moyenne annoncée",
    "share that was positive": "part d’avis positifs",
    "always the commoner label": "toujours le label le plus courant",
    "the commoner label of the source": "le label courant de la source",
    "model above it: accuracy": "écart du modèle : accuracy",
    "model above it: macro_f1": "écart du modèle : macro_f1",
    "that model": "ce modèle-là",
    "this model above it": "écart du nouveau modèle",
    "all held-out reviews": "tous les avis mis de côté",
    "mean of the folds": "moyenne des plis",
    "their spread": "leur écart type",
    "log loss on what was learnt from": "perte logarithmique sur ce qui est appris",
    "on what was held out": "sur ce qui est mis de côté",
    "truly negative": "vrai : négatif",
    "truly positive": "vrai : positif",
    "called negative": "dit : négatif",
    "called positive": "dit : positif",
    "(none)": "(non renseigné)",
    "(others)": "(autres)",
    "61 or more": "61 ou plus",
}


def in_french(wanted):
    """Return what `expected` does, by the names of the French card; customers' names stay."""

    def said(name):
        largest = name.removesuffix(" (the largest)")
        if largest != name:
            return f"{said(largest)} (le plus grand)"
        if (ends := re.fullmatch(r"([.\d]+) to ([.\d]+)", name)) is not None:
            low, high = (re.sub(r"^,", "0,", end.replace(".", ",")) for end in ends.groups())
            return f"{low} à {high}"
        return FRENCH.get(name, name)

    return {
        said(caption): {
            said(row): {said(column): values for column, values in cells.items()}
            for row, cells in rows.items()
        }
        for caption, rows in wanted.items()
    }


def numbers(cell):
    """Return the numbers of a cell, their decimals after a point or a comma."""
    return re.findall(r"-?\d*[.,]\d+|\d(?:[\d ]*\d)?", cell)


def assert_shows(cell, values, where):
    """The cell holds these numbers and no others, each right to its last digit."""
    shown = numbers(cell)
    assert len(shown) == len(values), where
    for text, value in zip((one.replace(",", ".") for one in shown), values, strict=True):
        digits = len(text.partition(".")[2])
        assert float(text.replace(" ", "")) == pytest.approx(value, abs=0.5001 * 10**-digits), where


def assert_numbers_are(page, wanted):
    """Every number in every table is wanted, and every wanted number is there."""
    shown = tables(page)
    assert shown.keys() == wanted.keys()
    for caption, rows in wanted.items():
        for row, cells in rows.items():
            there = shown[caption].get(row, {})
            missing = {name for name, values in cells.items() if values} - there.keys()
            assert not missing, (caption, row, missing)
        for row, cells in shown[caption].items():
            for column in cells.keys() - {"note", "what it says", "remarque", "ce qu’il dit"}:
                values = rows[row].get(column, [])
                assert_shows(cells[column], values, (caption, row, column))
