"""What may be wrong with a file, told once: a stable code and a sentence that says what to do.

The messages are shown as they are to the usager. They never carry the file's name nor anything read inside it.
"""

from typing import Annotated, Self

from pydantic import BaseModel, StringConstraints, model_validator

from chalicelib.demande.modeles import Anomalie

ANALYSE_EN_PANNE = Anomalie(
    code="analyse_indisponible",
    message=(
        "L'analyse de sécurité des fichiers ne répond pas pour le moment. Votre fichier est bien reçu : n'en envoyez "
        "pas d'autre, et revenez sur cette page dans quelques minutes."
    ),
    gravite="conseil",
)

ANALYSE_A_REFAIRE = Anomalie(
    code="analyse_a_refaire",
    message=(
        "L'analyse de sécurité de ce fichier n'a pas pu se faire : ce n'est pas de votre fait. Retirez-le de la liste, "
        "puis envoyez-le de nouveau."
    ),
    gravite="conseil",
)

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
    "image_trop_petite": (
        "Cette image est trop petite pour être lue : {largeur} points sur {hauteur}. Envoyez la photo d'origine et "
        "non une vignette, ou prenez une nouvelle photo de plus près."
    ),
    "document_vide": (
        "Rien n'est visible dans ce fichier : l'image est unie. Vérifiez qu'il s'ouvre sur votre appareil, puis "
        "numérisez ou photographiez de nouveau le document et envoyez ce nouveau fichier."
    ),
    "contenu_mixte": (
        "Ce fichier contient, en plus du document, un programme, une page ou une archive. "
        "Prenez le document en photo, puis envoyez cette photo."
    ),
    "fichier_perdu": (
        "L'analyse de sécurité de ce fichier n'a pas pu se faire à temps, et nous ne l'avons plus : ce n'est pas de "
        "votre fait. Retirez-le de la liste, puis envoyez-le de nouveau."
    ),
    "virus_trouve": (
        "L'analyse de sécurité a trouvé un programme malveillant dans ce fichier. Ne l'ouvrez plus. "
        "Prenez le document en photo avec un autre appareil, puis envoyez cette photo."
    ),
    "analyse_impossible": (
        "L'analyse de sécurité n'a pas pu examiner tout ce fichier : il est protégé par un mot de passe, ou d'une "
        "forme qu'elle ne connaît pas. " + CONSEIL_PHOTO
    ),
    "pdf_protege": "Ce PDF est protégé par un mot de passe ou un chiffrement. " + CONSEIL_PHOTO,
    "pdf_script": "Ce PDF contient un programme ou une action automatique. " + CONSEIL_PHOTO,
    "pdf_lien_externe": "Ce PDF va chercher une partie de son contenu dans un autre fichier. " + CONSEIL_PHOTO,
    "pdf_piece_jointe": "Ce PDF contient un autre fichier en pièce jointe. " + CONSEIL_PHOTO,
    "pdf_sans_page": "Ce PDF n'a aucune page. Vérifiez qu'il s'ouvre sur votre appareil, puis envoyez-le de nouveau.",
    "plus_de_place": (
        "Toutes les pages possibles pour {piece} sont déjà jointes. Retirez d'abord un fichier de cette pièce, puis "
        "envoyez celui-ci de nouveau."
    ),
    "trop_de_pages": (
        "{pages}, alors que {maximum} pour {piece}. Ne gardez que les pages utiles, puis envoyez ce nouveau fichier."
    ),
}

CONSEILS = {
    "image_petite": (
        "cette image a peu de points ({largeur} × {hauteur}) : ce qui est écrit risque de ne pas pouvoir être lu. "
        "Si vous le pouvez, envoyez la photo d'origine, ou prenez-la de plus près."
    ),
    "page_floue": (
        "l'image paraît floue. Vérifiez que tout se lit ; sinon, reprenez la photo en tenant l'appareil immobile et en "
        "touchant le document sur l'écran pour faire la mise au point."
    ),
    "page_sombre": (
        "l'image est sombre. Vérifiez que tout se lit ; sinon, reprenez la photo à la lumière du jour, sans "
        "votre ombre."
    ),
    "page_coupee": (
        "le document paraît coupé au bord de l'image. Vérifiez qu'on voit ses quatre coins ; sinon, reprenez la photo "
        "d'un peu plus loin."
    ),
    "page_de_cote": (
        "le document paraît couché sur le côté. S'il l'est, tournez l'image d'un quart de tour avant de l'envoyer."
    ),
    "page_vide": "cette page paraît vide. Si elle l'est, retirez ce fichier et n'envoyez que les pages écrites.",
    "deja_envoye": (
        "ce fichier ressemble à celui déjà joint pour « {piece} ». Si c'est le même document, retirez celui-ci et "
        "envoyez le bon."
    ),
}
"""What refuses nothing. Each follows « Page 2 : » where there are several."""


def conseil(code: str, page: int | None = None, **valeurs: str) -> Anomalie:
    """An advice, about the n-th ``page`` where there are several."""
    texte = CONSEILS[code].format(**valeurs)
    message = f"{texte[0].upper()}{texte[1:]}" if page is None else f"Page {page} : {texte}"
    return Anomalie(code=code, message=message, gravite="conseil")


def est_un_conseil(anomalie: Anomalie) -> Anomalie:
    """``anomalie``, told by a child process that read the file: it refuses nothing and has the length of an advice."""
    if anomalie.code not in CONSEILS or anomalie.gravite != "conseil" or len(anomalie.message) > 400:
        raise ValueError(anomalie.code)
    return anomalie


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


class RefusLu(BaseModel):
    """The same, as told by a child process that read the file: it says a code that we know, and little else."""

    code: str
    valeurs: dict[str, Annotated[str, StringConstraints(max_length=80)]]

    @model_validator(mode="after")
    def _a_ses_mots(self) -> Self:
        if self.code not in MESSAGES:
            raise ValueError(self.code)
        try:
            MESSAGES[self.code].format(**self.valeurs)
        except KeyError as absente:
            raise ValueError(absente) from None
        return self

    def refus(self) -> Refus:
        """The refusal."""
        return Refus(self.code, **self.valeurs)


FICHIER_PERDU = Refus("fichier_perdu").anomalie()


def trop_de_pages(pages: int, exact: bool, pages_max: int, type_piece: str) -> Refus:
    """The refusal of a file with ``pages`` pages (``exact`` false: at least that many) where ``pages_max`` may come;
    none may, when those that came take all the place."""
    piece = PIECES.get(type_piece, "cette pièce")
    if pages_max < 1:
        return Refus("plus_de_place", piece=piece)
    return Refus(
        "trop_de_pages",
        pages=f"Ce fichier a {pages} pages" if exact else f"Ce fichier a plus de {pages_max} page{_s(pages_max)}",
        maximum=f"{pages_max} page{_s(pages_max)} au plus {'est acceptée' if pages_max < 2 else 'sont acceptées'}",
        piece=piece,
    )


def _s(nombre: int) -> str:
    return "s" if nombre > 1 else ""
