"""The pages of both sites, as the build wrote them: no list to keep, so that a new page can't be forgotten."""

from infra.pages.__main__ import SORTIE

MOTS_DU_PREALABLE = (
    "Profil principal",
    "Usager",
    "Veuillez définir un identifiant pour votre compte",
    "Mot de passe",
    "Prénom",
    "Nom",
    "Adresse e-mail",
    "Sexe",
    "Femme",
    "Homme",
    "Téléphone (n° à 10 chiffres)",
    "Question secrète",
    "Réponse à votre question secrète",
    "IMPORTANT : Merci de bien vouloir vérifier l'exactitude de votre numéro de téléphone et adresse e-mail qui vous "
    "seront demandés en cas d'oubli d'identifiant ou de mot de passe.",
    "J'accepte les conditions générales d'utilisation et les règles de confidentialité",
    "Enregistrer",
)
"""The deck's slide « Préalable »: the account's form, word by word."""


def pages_construites() -> list[str]:
    """The address of each page."""
    if not SORTIE.exists():
        raise FileNotFoundError("build/site manque : python -m infra.pages")
    relatifs = sorted(fichier.relative_to(SORTIE).as_posix() for fichier in SORTIE.rglob("*.html"))
    return ["/" + relatif.removesuffix("index.html") for relatif in relatifs]
