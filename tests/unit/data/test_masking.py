import string

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satispy.data.masking import mask_personal_data

MASKED = [
    ("écrivez à jean.dupont@exemple.fr svp", "écrivez à [email] svp"),
    ("mail:Marie_L+avis@sous.domaine.co.uk.", "mail:[email]."),
    ("<zoé@société.fr>", "<[email]>"),
    ("mon mail meriem9 @ gmail.com j'attends", "mon mail [email] j'attends"),
    ("a@b.fr,c@d.com;e@f.net", "[email],[email];[email]"),
    ("JEAN@EXEMPLE.COM", "[email]"),
    ("appelez le 06 12 34 56 78 vite", "appelez le [téléphone] vite"),
    ("06.12.34.56.78", "[téléphone]"),
    ("06-12-34-56-78", "[téléphone]"),
    ("06/12/34/56/78", "[téléphone]"),
    ("06 . 12 . 34 . 56 . 78", "[téléphone]"),
    ("06\u00a012\u00a034\u00a056\u00a078", "[téléphone]"),
    ("0612345678", "[téléphone]"),
    ("tel0612345678merci", "tel[téléphone]merci"),
    ("au 0612 34 56 78.", "au [téléphone]."),
    ("au 06 12 345 678 !", "au [téléphone] !"),
    ("au 06 1234 5678", "au [téléphone]"),
    ("le 01 23 45 67 89 ou 09 87 65 43 21", "le [téléphone] ou [téléphone]"),
    ("0612345678 0712345678", "[téléphone] [téléphone]"),
    ("0800 123 456 (gratuit)", "[téléphone] (gratuit)"),
    ("0 800 123 456", "[téléphone]"),
    ("+33 6 12 34 56 78", "[téléphone]"),
    ("+33612345678", "[téléphone]"),
    ("+33.6.12.34.56.78", "[téléphone]"),
    ("+33 (0)6 12 34 56 78", "[téléphone]"),
    ("+33(0)612345678", "[téléphone]"),
    ("(+33) 6 12 34 56 78", "[téléphone]"),
    ("+33 06 12 34 56 78", "[téléphone]"),
    ("0033 6 12 34 56 78", "[téléphone]"),
    ("0033612345678", "[téléphone]"),
    ("(0)6 12 34 56 78", "[téléphone]"),
    ("+32 470 12 34 56 merci", "[téléphone] merci"),
    ("+32 2 123 45 67", "[téléphone]"),
    ("+41 22 123 45 67, 3 fois", "[téléphone], 3 fois"),
    ("+352 621 123 456", "[téléphone]"),
    ("+212 6 12 34 56 78", "[téléphone]"),
    ("+1 (555) 123-4567", "[téléphone]"),
    ("+44 20 7946 0958", "[téléphone]"),
    ("0049 30 12345678", "[téléphone]"),
    ("ma commande n° 123456 jamais reçue", "ma commande n° [commande] jamais reçue"),
    ("Commande N°4521", "Commande N°[commande]"),
    ("commande nº 217721042", "commande nº [commande]"),
    ("commande n°n°214563720 passée", "commande n°n°[commande] passée"),
    ("commande #4521", "commande #[commande]"),
    ("commande numéro 123456", "commande numéro [commande]"),
    ("ma commande no . 214598605", "ma commande no . [commande]"),
    ("numéro de commande : 45210", "numéro de commande : [commande]"),
    ("le numéro de ma commande est le 45210", "le numéro de ma commande est le [commande]"),
    ("n° de commande: ABC12DEF34", "n° de commande: [commande]"),
    ("commande 217721 annulée", "commande [commande] annulée"),
    ("cde FR-2024-00123", "cde [commande]"),
    ("commande n° FR-2024-00123 du 12/03/2024", "commande n° [commande] du 12/03/2024"),
    ("facture n° 2024/00123", "facture n° [commande]"),
    ("facture FA12345", "facture [commande]"),
    ("n° de suivi 6A12345678901", "n° de suivi [commande]"),
    ("suivi : 6A 123 456 789 01", "suivi : [commande]"),
    ("colis 6q01234567890 perdu", "colis [commande] perdu"),
    ("colis n°SP290066000801", "colis n°[commande]"),
    ("colis LM123456789FR", "colis [commande]"),
    ("colis 1Z999AA10123456784", "colis [commande]"),
    ("colis n° 0123456789012", "colis n° [commande]"),
    ("Amazon 402-1234567-1234567", "Amazon [commande]"),
    ("commande213865975après 5 mois", "commande[commande]après 5 mois"),
    ("213658530 / 212021256", "[commande] / [commande]"),
    ("mon n dossier :189314499", "mon n dossier :[commande]"),
    ("réservation 208641403", "réservation [commande]"),
    ("réf client n° 45210", "réf client n° [commande]"),
    ("le 123 456 789 01", "le [commande] 01"),
    ("SIRET 123 456 789 00012", "SIRET [commande]"),
    ("dossier 4970 1234 5678 9012", "dossier [commande]"),
]

UNTOUCHED = [
    "12,50 €",
    "1 299 €",
    "payé 1 299,00 € au lieu de 12 999 €",
    "1299 euros",
    "commande de 4000€",
    "commande de 154 eur",
    "j'ai passé une commande de 516,69€",
    "une facture de 1299 €",
    "un gain de 2 500 000 €",
    "total 225+100= 325",
    "+15 jours de remboursement",
    "et +6,5€ de livraison",
    "le 12/03/2024",
    "le 2024-03-12",
    "le 2024-03-12 à 10:30:15",
    "le 12.03.2024 à 14h30",
    "le 12-03-2024",
    "du 07/06/20-12/06/20",
    "le 07/06/2019 12h30",
    "le 01 02 2020 à 10 h",
    "commande le 12/03/2024",
    "commande du 2024-03-12",
    "commande 2020 jamais reçue",
    "ma commande en 2019",
    "saison 2019-2020",
    "en 2019 2020 2021",
    "à 17:42",
    "de 9h00 à 18h30",
    "24h/24 7j/7",
    "48/72h",
    "5/5",
    "100/100",
    "4.5/5 sur 1200 avis",
    "75001 Paris",
    "93100 Montreuil et 94200 Ivry",
    "100 %",
    "50% de réduction",
    "2 semaines",
    "3 commandes, 3 désastres",
    "la commande met 3 mois à arriver",
    "colis reçu avec 4 articles",
    "iPhone 14",
    "Samsung Galaxy S21 Ultra 5G",
    "PS5 et Nokia 3310",
    "j'ai commandé un Nokia3310",
    "commande nokia3310",
    "un i7-12700K",
    "Canon EOS 5D Mark IV",
    "taille 38 40 42 44 46",
    "90 x 190 cm",
    "1920x1080",
    "le 3615 ou le 3939",
    "service client au 3939",
    "n°1 des ventes",
    "article L 211-1",
    "la directive 93/42/CEE",
    "bref, 2020 fut une année noire",
    "@showroomprive répondez",
    "le @ thierrypetit, votre site",
    "une fausse @ mail.je ne sais pas",
    "commande [commande] et [téléphone]",
    "",
]


def masked(text):
    return mask_personal_data(pl.Series([text]))[0]


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_what_identifies_somebody_is_replaced_by_its_kind(text, expected):
    assert masked(text) == expected


@pytest.mark.parametrize("text", UNTOUCHED)
def test_prices_dates_sizes_and_models_stay(text):
    assert masked(text) == text


@pytest.mark.parametrize("text", [text for text, _ in MASKED])
def test_a_text_is_masked_in_the_middle_of_a_sentence_too(text):
    assert masked(f"Bonjour, {text} ; merci à vous") == f"Bonjour, {masked(text)} ; merci à vous"


def test_a_series_keeps_its_name_its_length_its_nulls_and_the_one_given():
    given_ = pl.Series("Commentaire", ["a@b.fr", None, "bien", "0612345678"])
    result = mask_personal_data(given_)
    assert result.name == "Commentaire"
    assert result.to_list() == ["[email]", None, "bien", "[téléphone]"]
    assert given_.to_list() == ["a@b.fr", None, "bien", "0612345678"]


@pytest.mark.parametrize("values", [[], [None], ["bien"]])
def test_a_series_without_anything_to_mask_comes_back(values):
    series = pl.Series("x", values, dtype=pl.String)
    assert mask_personal_data(series).equals(series, check_names=True)


pieces = st.lists(
    st.sampled_from(
        [
            *"0123456789 .-/()+@#_:,",
            *("\u00a0", "n°", "commande", "numéro", "cde", "colis", "de", "est", "le", "FR-"),
            *("06 12 34 56 78", "0612345678", "+33", "0033", "(0)", "a@b.fr", "x", "é", "ab"),
            *("123456789", "123 456 789", "6A12345678901", "1Z999AA10123456784", "4970 1234 5678"),
            *("[commande]", "[téléphone]", "[email]", "12/03/2024", "LM123456789FR", "ref"),
        ]
    ),
    max_size=14,
).map("".join)


@given(st.lists(pieces | st.text() | st.text(string.digits + " .-+", max_size=40), max_size=20))
@settings(max_examples=500, deadline=None)
def test_what_is_masked_already_stays_as_it_is(texts):
    once = mask_personal_data(pl.Series(texts, dtype=pl.String))
    assert mask_personal_data(once).to_list() == once.to_list()


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters=string.digits + "@"))))
@settings(deadline=None)
def test_a_text_without_digits_and_at_signs_never_changes(texts):
    assert mask_personal_data(pl.Series(texts, dtype=pl.String)).to_list() == texts


@given(st.lists(pieces, max_size=20))
@settings(deadline=None)
def test_a_text_is_masked_alike_alone_and_among_others(texts):
    together = mask_personal_data(pl.Series(texts, dtype=pl.String)).to_list()
    assert together == [masked(text) for text in texts]
