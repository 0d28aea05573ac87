"""What may be wrong with a file, told once: a stable code and a sentence that says what to do.

The messages are shown as they are to the usager. They never carry the file's name nor anything read inside it.
"""

from chalicelib.demande.modeles import Anomalie

CONSEIL_PHOTO = (
    "Enregistrez-le de nouveau au format PDF (dans votre logiciel : « Imprimer », puis « Enregistrer au format PDF ») "
    "ou prenez-le en photo, puis envoyez ce nouveau fichier."
)

MESSAGES = {
    "fichier_vide": "Ce fichier est vide. Vérifiez qu'il s'ouvre sur votre appareil, puis envoyez-le de nouveau.",
    "fichier_trop_lourd": (
        "Ce fichier dépasse 11 Mo. Réduisez sa taille (numérisez en 150 ou 200 points par pouce, ou prenez la photo "
        "dans une qualité moindre), puis envoyez-le de nouveau."
    ),
    "format_non_accepte": (
        "Ce fichier n'est ni une image (JPG, PNG, BMP, TIFF, HEIC) ni un PDF. "
        "Prenez le document en photo ou enregistrez-le au format PDF, puis envoyez ce nouveau fichier."
    ),
    "fichier_tronque": (
        "Ce fichier est incomplet : sa fin manque. Vérifiez qu'il s'ouvre en entier sur votre appareil, "
        "puis envoyez-le de nouveau."
    ),
    "fichier_illisible": (
        "Ce fichier est abîmé : il ne peut pas être ouvert. Numérisez ou photographiez de nouveau le document, "
        "puis envoyez ce nouveau fichier."
    ),
    "fichier_trop_complexe": ("Ce fichier demande trop de temps ou de mémoire pour être lu. " + CONSEIL_PHOTO),
    "image_trop_grande": (
        "Cette image a trop de points pour être lue (52 millions au plus). Réduisez ses dimensions, par exemple en "
        "numérisant en 300 points par pouce, puis envoyez-la de nouveau."
    ),
    "contenu_mixte": (
        "Ce fichier contient, en plus du document, un programme, une page ou une archive. "
        "Prenez le document en photo, puis envoyez cette photo."
    ),
    "pdf_protege": "Ce PDF est protégé par un mot de passe ou un chiffrement. " + CONSEIL_PHOTO,
    "pdf_script": "Ce PDF contient un programme ou une action automatique. " + CONSEIL_PHOTO,
    "pdf_lien_externe": "Ce PDF va chercher une partie de son contenu dans un autre fichier. " + CONSEIL_PHOTO,
    "pdf_piece_jointe": "Ce PDF contient un autre fichier en pièce jointe. " + CONSEIL_PHOTO,
    "pdf_sans_page": "Ce PDF n'a aucune page. Vérifiez qu'il s'ouvre sur votre appareil, puis envoyez-le de nouveau.",
    "trop_de_pages": (
        "{pages}, alors que {maximum} pour {piece}. Ne gardez que les pages utiles, puis envoyez ce nouveau fichier."
    ),
}

PIECES = {
    "identite": "une pièce d'identité",
    "domicile": "un justificatif de domicile",
    "recepisse_vol": "un récépissé de déclaration de vol",
    "permis_deteriore": "la photo du permis détérioré",
    "ancien_permis": "l'ancien permis",
    "justificatif_etat_civil": "un justificatif d'état civil",
    "avis_medical": "un avis médical",
    "justificatif_representation": "un justificatif du représentant",
    "formulaire_papier": "le formulaire papier",
}


class Refus(Exception):
    """A file cannot be taken: the code of a message above and the values it names. Raised by a check."""

    def __init__(self, code: str, **valeurs: str) -> None:
        self.code = code
        self.valeurs = valeurs
        super().__init__(code)

    def anomalie(self) -> Anomalie:
        """What the usager is told."""
        return Anomalie(code=self.code, message=MESSAGES[self.code].format(**self.valeurs))


def trop_de_pages(pages: int, exact: bool, pages_max: int, type_piece: str) -> Refus:
    """The refusal of a file with ``pages`` pages (``exact`` false: at least that many) where ``pages_max`` may come."""
    return Refus(
        "trop_de_pages",
        pages=f"Ce fichier a {pages} pages" if exact else f"Ce fichier a plus de {pages_max} page{_s(pages_max)}",
        maximum=f"{pages_max} page{_s(pages_max)} au plus {'est acceptée' if pages_max < 2 else 'sont acceptées'}",
        piece=PIECES.get(type_piece, "cette pièce"),
    )


def _s(nombre: int) -> str:
    return "s" if nombre > 1 else ""
