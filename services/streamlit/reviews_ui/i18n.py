"""Every visible text of the page, in French, and how French writes numbers."""

from datetime import datetime

THIN_SPACE = "\u202f"  # between thousands
NO_BREAK = "\u00a0"  # before the percent sign and the units

TEXTS = {
    "app.title": "Satispy",
    "app.subtitle": "Le sentiment des avis clients, toujours à jour.",
    # sign-in
    "login.title": "Connexion",
    "login.username": "Utilisateur",
    "login.password": "Mot de passe",
    "login.submit": "Se connecter",
    "login.help": "Le compte est celui de l’API. Un administrateur le crée avec "
    "`satispy users add NOM --role user`.",
    "login.missing": "Saisissez l’utilisateur et le mot de passe.",
    "login.expired": "Vous avez été déconnecté : l’API n’accepte plus ces identifiants. "
    "Connectez-vous de nouveau.",
    # sidebar
    "nav.prediction": "Prédiction à la demande",
    "nav.reports": "Reporting et alertes",
    "side.account": "Compte",
    "side.role": "rôle : {role}",
    "side.data": "Base d’avis",
    "side.dataset": "version {version}",
    "side.empty": "aucune donnée encore",
    "side.rows": "{rows} avis",
    "side.unknown": "état indisponible",
    "side.logout": "Se déconnecter",
    # prediction
    "predict.title": "Prédiction à la demande",
    "predict.intro": "Saisissez un avis : chaque famille de modèles servie donne sa réponse.",
    "predict.text": "Texte de l’avis",
    "predict.placeholder": "Par exemple : livraison rapide, produit conforme, je recommande.",
    "predict.submit": "Prédire",
    "predict.examples": "Essayer un exemple :",
    "predict.example.positive": "Avis content",
    "predict.example.negative": "Avis mécontent",
    "predict.example.positive.text": "Commande reçue en deux jours, produit conforme et service "
    "client très aimable. Je recommande !",
    "predict.example.negative.text": "Colis jamais arrivé, aucune réponse du service client et "
    "toujours pas remboursé. À fuir.",
    "predict.blank": "Le texte est vide : écrivez un avis, ou choisissez un exemple.",
    "predict.probability": "Probabilité d’un avis positif",
    "predict.result": "Résultat",
    "predict.all.positive": "Toutes les familles s’accordent : avis positif.",
    "predict.all.negative": "Toutes les familles s’accordent : avis négatif.",
    "predict.split": "Les familles ne sont pas d’accord : à lire avec prudence.",
    "predict.model": "Modèle {version}",
    # reports
    "reports.title": "Reporting et alertes",
    "reports.intro": "Scores sur l’examen : *accuracy* (part des avis bien classés), *f1_0* (F1 "
    "des avis négatifs), *f1_1* (F1 des avis positifs). L’intervalle (95 %) à côté d’un score "
    "dit sa précision : un écart plus petit que lui peut être dû au hasard.",
    "reports.threshold": "Seuil d’alerte (%)",
    "reports.threshold.help": "Une famille est en alerte quand l’un de ses scores n’est pas "
    "au-dessus de ce seuil à son dernier entraînement. L’API en juge.",
    "reports.refresh": "Actualiser",
    "reports.empty": "Aucun entraînement encore.",
    "reports.empty.todo": "Déposez un fichier d’avis par l’API (`POST /uploadfile`), puis lancez "
    "le DAG `retrain_reviews` dans Airflow. Les scores paraîtront ici.",
    "reports.status": "Dernier entraînement",
    "reports.history": "Évolution des scores",
    "reports.table": "Tous les entraînements",
    "reports.download": "Télécharger le CSV",
    "reports.filename": "satispy_scores.csv",
    "card.title": "Fiche du modèle",
    "card.intro": "Ce qu’est un modèle, à quoi il sert, ce qu’il vaut et d’où il vient (en "
    "anglais).",
    "card.choose": "Modèle entraîné",
    "card.placeholder": "Choisir un modèle",
    "card.option": "{family} · {moment} UTC · {metric} {score}",
    "card.alt": "Fiche du modèle {run}",
    "card.download": "Télécharger la fiche (HTML)",
    "card.missing": "Ce modèle n’a pas de fiche à montrer ici.",
    "reports.ok": "OK",
    "reports.ok.text": "Les scores dépassent tous {threshold}.",
    "reports.alert": "ALERTE",
    "reports.alert.text": "{metric} : {value} (seuil : {threshold})",
    "reports.unknown": "INCONNU",
    "reports.unknown.text": "L’API ne donne pas d’état pour cette famille.",
    "reports.interval": "{low} à {high}",
    "reports.run": "{moment} UTC · {rows} avis · données v{version}",
    "chart.threshold": "seuil {threshold}",
    "chart.alt": "Évolution de {metrics} pour la famille {family}, seuil {threshold}",
    # table
    "table.date_heure": "Date-Heure (UTC)",
    "table.family": "Famille",
    "table.rows": "Avis",
    "table.dataset_version": "Données",
    "table.train_seconds": "Durée (s)",
    "table.dag_run": "Run Airflow",
    "table.run": "Modèle",
    # errors: what happened, then what to do
    "error.detail": "Réponse de l’API : {detail}",
    "error.Unreachable": "L’API est injoignable à l’adresse {url}.",
    "error.Unreachable.todo": "Vérifiez qu’elle est démarrée (`make status`), puis réessayez.",
    "error.TooSlow": "L’API n’a pas répondu à temps.",
    "error.TooSlow.todo": "Elle est peut-être occupée : réessayez dans un instant.",
    "error.Refused": "Utilisateur ou mot de passe refusé.",
    "error.Refused.todo": "Vérifiez la saisie. Un administrateur peut donner un nouveau mot de "
    "passe avec `satispy users passwd NOM`.",
    "error.Forbidden": "Votre rôle ne permet pas cette action.",
    "error.Forbidden.todo": "Demandez à un administrateur.",
    "error.Missing": "Ce qui est demandé n’existe pas, ou plus.",
    "error.Missing.todo": "Actualisez la page et choisissez autre chose.",
    "error.Invalid": "L’API n’accepte pas cette saisie.",
    "error.Invalid.todo": "Corrigez-la, puis réessayez.",
    "error.TooManyRequests": "Trop de demandes en peu de temps.",
    "error.TooManyRequests.todo": "Patientez {wait}, puis réessayez.",
    "error.NotReady": "Le service n’est pas encore prêt : aucun modèle n’est servi.",
    "error.NotReady.todo": "Lancez le DAG `retrain_reviews` dans Airflow ; la page répondra dès "
    "que le premier modèle sera publié.",
    "error.ServerFailure": "L’API a rencontré une erreur interne.",
    "error.ServerFailure.todo": "Réessayez ; si elle se répète, regardez `logs/` ou prévenez un "
    "administrateur.",
    "error.Unexpected": "La réponse de l’API n’est pas celle attendue.",
    "error.Unexpected.todo": "Vérifiez que SATISPY_API_URL désigne bien l’API Satispy, et que les "
    "deux ont la même version.",
    "error.wait.moment": "un instant",
    "error.wait.seconds": "{seconds} s",
}


def t(key: str, **values: object) -> str:
    """Return the French text named `key`, with its ``{fields}`` filled in.

    Raises
    ------
    KeyError
        If no such text exists, or a field of it got no value: a mistake in the page.
    """
    return TEXTS[key].format(**values)


def percent(fraction: float, digits: int = 1) -> str:
    """Write a fraction of 1 as a French percentage: ``0.884`` gives ``88,4 %``."""
    return f"{100 * fraction:.{digits}f}".replace(".", ",") + f"{NO_BREAK}%"


def percent_beside(fraction: float, other: float) -> str:
    """Write a fraction with as many digits as it takes to differ from `other`, up to four.

    A score of .79996 under a threshold of .8 must not read "80,0 %, sous le seuil de 80,0 %".
    """
    digits = 1
    while digits < 4 and fraction != other and percent(fraction, digits) == percent(other, digits):
        digits += 1
    return percent(fraction, digits)


def decimal(number: float, digits: int = 1) -> str:
    """Write a number with a decimal comma: ``12.34`` gives ``12,3``."""
    return f"{number:.{digits}f}".replace(".", ",")


def whole(number: int) -> str:
    """Write a whole number with thin spaces between the thousands: ``15703`` gives ``15 703``."""
    return f"{number:,}".replace(",", THIN_SPACE)


def moment(date_heure: str, pattern: str = "%d/%m/%Y %H:%M:%S") -> str:
    """Write ``2026-11-21 02:43:10`` as ``21/11/2026 02:43:10``; what is no date stays as it is."""
    try:
        return datetime.strptime(date_heure, "%Y-%m-%d %H:%M:%S").strftime(pattern)
    except ValueError:
        return date_heure
