"""A small grammar of French shop reviews; synthetic, and labelled so wherever it is written."""

from random import Random

THINGS = (
    *("la robe", "le manteau", "la paire de baskets", "le sac", "la cafetière", "la montre"),
    *("le canapé", "l'aspirateur", "le parfum", "la veste", "le téléphone", "la commande"),
    *("le jean", "la couette", "le jouet", "la lampe", "le mixeur", "la valise", "la housse"),
    *("le vélo", "la table", "le coffret", "la tablette", "la chemise", "le pull", "le matelas"),
)
WHO = (
    *("le service client", "le vendeur", "la conseillère", "le livreur", "le transporteur"),
    *("l'équipe", "le support", "la boutique", "le magasin", "le site"),
)
DELAYS = (
    *("deux jours", "trois jours", "une semaine", "dix jours", "quinze jours", "un mois"),
    *("48 heures", "24 heures", "trois semaines", "deux mois"),
)
WHEN = (
    "hier",
    "la semaine dernière",
    "en mars",
    "pour Noël",
    "le mois dernier",
    "pendant les soldes",
)

OPENINGS = (
    *("Bonjour, ", "", "", "", "Alors, ", "Franchement, ", "Cliente depuis des années, "),
    *("Première commande ici : ", "J'ai commandé {thing} {when}. ", "Achat de {thing} {when}. "),
    *("Après {delay} d'attente, ", "Mon avis : ", "Petit retour sur {thing}. "),
)

POSITIVE = (
    *("je suis très satisfaite de {thing}", "{thing} est conforme à la description"),
    *("livraison rapide, reçu en {delay}", "{who} a été à l'écoute et très aimable"),
    *("je recommande vivement ce site", "la qualité est au rendez-vous", "rien à redire"),
    *("je ne suis pas déçu du tout", "aucun problème avec {thing}", "tout était parfait"),
    *("{thing} est superbe et bien emballé", "prix imbattables pour {thing}"),
    *("{who} m'a répondu en moins de {delay}", "colis arrivé en avance et en bon état"),
    *("je commande toujours ici sans jamais avoir de souci", "un vrai plaisir", "merci à {who}"),
    *("j'ai adoré {thing}", "excellent rapport qualité prix", "{thing} taille parfaitement"),
    *("le remboursement a été fait en {delay} sans discuter", "site sérieux et facile à utiliser"),
    *("je n'ai pas regretté mon achat", "très bonne surprise à l'ouverture du colis"),
    *("{who} est efficace et souriant", "impeccable comme d'habitude", "bravo pour le suivi"),
)

NEGATIVE = (
    *("je suis très déçue de {thing}", "{thing} ne correspond pas à la photo"),
    *("toujours pas livré au bout de {delay}", "{who} ne répond jamais au téléphone"),
    *("je ne recommande pas ce site", "la qualité est vraiment médiocre", "à fuir"),
    *("je ne suis pas satisfait du tout", "que des problèmes avec {thing}", "une honte"),
    *("{thing} est arrivé cassé et mal emballé", "beaucoup trop cher pour ce que c'est"),
    *("{who} me balade depuis {delay}", "colis perdu et personne ne s'en occupe"),
    *("je ne commanderai plus jamais ici", "une perte de temps", "arnaque, évitez"),
    *("commande annulée sans explication après {delay}", "impossible de joindre {who}"),
    *(
        "j'attends mon remboursement depuis {delay}",
        "{thing} est tombé en panne au bout de {delay}",
    ),
    *("je regrette mon achat", "mauvaise surprise à l'ouverture du colis", "service lamentable"),
    *("{who} a été désagréable", "aucun geste commercial", "suivi inexistant"),
)

NEUTRAL = (
    *("{thing} était un cadeau", "j'ai payé par carte", "commande passée {when}"),
    *("j'avais choisi le point relais", "c'était pour ma sœur", "le colis pesait lourd"),
    *("je l'ai utilisé {delay}", "j'ai comparé plusieurs sites avant", "taille habituelle 38"),
)

JOINTS = (". ", ", ", " et ", " ! ", ". ", "... ", " ; ")
TURNS = (", mais ", ". Par contre ", ", cependant ", ". Seul bémol : ", ". En revanche ")
CLOSINGS = ("", "", ".", " !", " !!", ".", ". Voilà.", ". Cordialement.", ". A bon entendeur.")
CONTRACTIONS = {" de le ": " du ", " à le ": " au "}

TYPING_ERRORS = 0.035  # per word
MIXED = 0.3  # reviews that also hold a word from the other side
ACCENTS = str.maketrans("éèêàùôîç", "eeeauoic")


def compose(random: Random, positive: bool) -> str:
    """Return one review of the wanted tone: clauses, negations, a doubt at times, typing errors."""
    own, other = (POSITIVE, NEGATIVE) if positive else (NEGATIVE, POSITIVE)
    clauses = random.sample(own, random.choice((1, 1, 2, 2, 3)))
    if random.random() < 0.4:
        clauses.insert(random.randrange(len(clauses) + 1), random.choice(NEUTRAL))
    text = clauses[0]
    for clause in clauses[1:]:
        text += random.choice(JOINTS) + clause
    if random.random() < MIXED:
        text = _mix(random, text, random.choice(other))
    text = random.choice(OPENINGS) + text + random.choice(CLOSINGS)
    filled = _fill(random, text)
    worded = " ".join(_mistyped(random, word) for word in filled.split(" "))
    style = random.random()
    if style < 0.1:
        return worded.translate(ACCENTS).lower()
    return worded.upper() if style > 0.98 else worded[0].upper() + worded[1:]


def _mix(random: Random, text: str, clause: str) -> str:
    turn = random.choice(TURNS)
    return text + turn + clause if random.random() < 0.6 else clause + turn + text


def _fill(random: Random, text: str) -> str:
    choices = {"{thing}": THINGS, "{who}": WHO, "{delay}": DELAYS, "{when}": WHEN}
    for slot, words in choices.items():
        while slot in text:
            text = text.replace(slot, random.choice(words), 1)
    for apart, together in CONTRACTIONS.items():
        text = text.replace(apart, together)
    return text


def _mistyped(random: Random, word: str) -> str:
    if len(word) < 4 or random.random() >= TYPING_ERRORS:
        return word
    place = random.randrange(1, len(word) - 1)
    kind = random.randrange(3)
    if kind == 0:
        return word[:place] + word[place + 1 :]
    if kind == 1:
        return word[:place] + word[place] + word[place:]
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
