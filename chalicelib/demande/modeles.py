"""The demande and what it holds, as stored and as passed between layers.

Field names are French and are the names of the stored attributes, of the JSON members and of the form's fields.
Instants are ISO 8601 UTC with milliseconds; amounts are euro cents; partial dates are AAAA, AAAA-MM or AAAA-MM-JJ.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from chalicelib.demande.champs import (
    DEPARTEMENT,
    VIDE_EST_ABSENT,
    CodePostal,
    Courriel,
    DatePartielle,
    Mobile,
    Nom,
    OuiNon,
    Texte10,
    Texte30,
    Texte60,
    Texte100,
    Texte150,
    motif_de_texte,
)


class Motif(StrEnum):
    """Why a licence is asked for (deck, step 1)."""

    PERTE = "perte"
    VOL = "vol"
    DETERIORATION = "deterioration"
    EXPIRATION = "expiration"
    CHANGEMENT_ETAT_CIVIL = "changement_etat_civil"


class Statut(StrEnum):
    """Where a demande is in its life (DOMAIN §5)."""

    BROUILLON = "brouillon"
    DEPOSEE = "deposee"
    EN_CONTROLE = "en_controle"
    ATTENTE_PHOTO = "attente_photo"
    EN_INSTRUCTION = "en_instruction"
    SUSPENDUE = "suspendue"
    VALIDEE = "validee"
    EN_PRODUCTION = "en_production"
    EXPEDIEE = "expediee"
    NON_DISTRIBUEE = "non_distribuee"
    DISTRIBUEE = "distribuee"
    REFUSEE = "refusee"
    CLASSEE_SANS_SUITE = "classee_sans_suite"
    RETIREE = "retiree"


class Partie(BaseModel):
    """A part of a demande: unknown fields are refused, outer spaces dropped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NeEnFrance(Partie):
    """Birth place in France: commune name and département code (2A, 75, 971…)."""

    commune: Texte100 = Field(title="Commune de naissance")
    departement: Annotated[str, motif_de_texte(DEPARTEMENT, "Le département s'écrit par son code : 54, 2A, 971…")] = (
        Field(title="Département de naissance", description="Son code : 54, 2A, 971…")
    )


class NeALEtranger(Partie):
    """Birth place abroad: country and town."""

    pays: Texte60 = Field(title="Pays de naissance")
    ville: Texte100 = Field(title="Ville de naissance")


def _ou_ne(lieu: Any) -> str:
    """Which form of birth place was meant, so that errors speak of its fields only."""
    if isinstance(lieu, dict):
        return "Etranger" if "pays" in lieu or "ville" in lieu else "France"
    return "Etranger" if isinstance(lieu, NeALEtranger) else "France"


LieuNaissance = Annotated[
    Annotated[NeEnFrance, Tag("France")] | Annotated[NeALEtranger, Tag("Etranger")], Discriminator(_ou_ne)
]


class EtatCivil(Partie):
    """Step 2 (deck: « État civil de la personne concernée par le titre »).

    ``prenoms`` are in civil-registry order; ``date_naissance`` may be partial and is never completed by us; ``neph``
    has 12 digits, ``numero_dossier`` is the SNPC's (13572A7654-like); both are optional (DOMAIN §7, §8).
    """

    nom_naissance: Nom = Field(title="Nom de naissance", description="Nom figurant sur votre acte de naissance.")
    nom_usage: Annotated[Nom | None, VIDE_EST_ABSENT] = Field(
        default=None, title="Nom d'usage", description="S'il est différent : nom de l'époux ou de l'épouse, double nom…"
    )
    sexe: Literal["F", "M"] = Field(title="Sexe", json_schema_extra={"libelles": {"F": "Femme", "M": "Homme"}})
    prenoms: Annotated[list[Nom], Field(min_length=1, max_length=15)] = Field(
        title="Prénoms",
        description=(
            "Entrez vos prénoms dans l'ordre de l'état civil. Les prénoms composés sont séparés par "
            "un tiret, ex. : Jean-Pierre."
        ),
    )
    date_naissance: DatePartielle = Field(title="Date de naissance", description="JJ/MM/AAAA")
    lieu_naissance: LieuNaissance = Field(title="Lieu de naissance")
    neph: Annotated[
        Annotated[str, motif_de_texte(r"\d{12}", "Le numéro NEPH comporte 12 chiffres.")] | None, VIDE_EST_ABSENT
    ] = Field(
        default=None, title="Numéro NEPH", description="Facultatif. 12 chiffres, sur les permis et dossiers récents."
    )
    numero_dossier: Annotated[
        Annotated[
            str,
            motif_de_texte(
                r"[0-9A-Z]{6,15}", "Le numéro de dossier comporte 6 à 15 chiffres et majuscules, comme 13572A7654."
            ),
        ]
        | None,
        VIDE_EST_ABSENT,
    ] = Field(
        default=None,
        title="Numéro de dossier du permis",
        description="Facultatif. Il figure sur le permis perdu, volé ou abîmé, si vous en avez une copie.",
    )

    @property
    def nom_complet(self) -> str:
        """Prénoms then nom de naissance, as documents print them."""
        return f"{' '.join(self.prenoms)} {self.nom_naissance.upper()}"


class Adresse(Partie):
    """Step 3 (deck: « Adresse… » and « Coordonnées où l'on peut vous joindre »).

    ``prefecture`` is a code autorité (543 for Nancy); ``email`` and ``telephone`` receive this demande's notices;
    ``reutilisation_donnees`` is the deck's consent, oui or non, mandatory. A paper dossier may come without ``email``;
    on line it is asked (``AdresseEnLigne``).
    """

    numero: Annotated[Texte10 | None, VIDE_EST_ABSENT] = Field(default=None, title="N° de la voie")
    extension: Annotated[Texte10 | None, VIDE_EST_ABSENT] = Field(default=None, title="Extension (bis, ter, etc)")
    type_voie: Annotated[Texte30 | None, VIDE_EST_ABSENT] = Field(
        default=None, title="Type de voie (avenue, boulevard, etc)"
    )
    nom_voie: Texte100 = Field(title="Nom de la voie")
    complement: Annotated[Texte150 | None, VIDE_EST_ABSENT] = Field(
        default=None,
        title="Complément d'adresse",
        description="Étage, escalier, appartement - Immeuble, bâtiment, résidence - Lieu-dit - Boîte postale",
    )
    code_postal: CodePostal = Field(title="Code Postal", description="5 chiffres.")
    commune: Texte100 = Field(title="Commune")
    prefecture: Annotated[
        str, motif_de_texte(r"[0-9AB]{3,4}", "La préfecture est désignée par son code, comme 543.")
    ] = Field(
        title="Votre préfecture de rattachement",
        description="Celle de votre domicile : elle est proposée d'après le code postal.",
    )
    email: Annotated[Courriel | None, VIDE_EST_ABSENT] = Field(
        default=None, title="Adresse mél.", description="Les avis de cette demande y sont envoyés."
    )
    telephone: Annotated[Mobile | None, VIDE_EST_ABSENT] = Field(
        default=None, title="Téléphone portable (Recommandé)", description="Les avis urgents y sont envoyés par SMS."
    )
    reutilisation_donnees: OuiNon = Field(
        title=(
            "J'accepte que mes données personnelles soient réutilisées à des fins d'information "
            "(elles ne seront ni vendues ni cédées à des organismes à but lucratif)."
        ),
        json_schema_extra={"libelles": {"true": "Oui", "false": "Non"}},
    )


class AdresseEnLigne(Adresse):
    """What is asked on line: the e-mail is where the notices go; only a paper dossier may come without one."""

    email: Courriel = Field(title="Adresse mél.", description="Les avis de cette demande y sont envoyés.")


class EtatPhoto(StrEnum):
    """What is known of the photo and signature (API.md, Codes)."""

    CODE_ATTENDU = "code_attendu"
    EN_ACTIVATION = "en_activation"
    VALIDE = "valide"
    INCONNU = "inconnu"
    DEJA_UTILISE = "deja_utilise"
    EXPIRE = "expire"
    TALON = "talon"
    REFUSE = "refuse"


class PhotoSignature(Partie):
    """Step 4 as stored: the way chosen, the e-photo code when given, and what the e-photo base said of it.

    ``refuse``: it came, or was to come, while it was awaited, and can't be used; another one is to be given.
    """

    mode: Literal["numerique", "talon"]
    code: str | None = None
    etat: EtatPhoto


class ImagePhoto(BaseModel):
    """The image that came with a photo, and what a machine says of it: an agent decides.

    ``recue_le`` says of which photo it is (``Demande.photo_recue_le``); ``nom`` where it is kept, absent when nothing
    could be read of it; ``largeur`` × ``hauteur`` are its points as received. ``conseils`` are codes
    (demande/image_photo.py).
    """

    recue_le: str
    nom: str | None = None
    largeur: int = 0
    hauteur: int = 0
    conseils: list[str] = []


class EtatPaiement(StrEnum):
    """What is known of the payment (API.md, Codes)."""

    NON_REQUIS = "non_requis"
    A_PAYER = "a_payer"
    EN_ATTENTE = "en_attente"
    RESERVE = "reserve"
    CONSOMME = "consomme"
    LIBERE = "libere"
    REFUSE = "refuse"


class Paiement(Partie):
    """Step 6 as stored: a purchase at the shop (``reference``) and, once there is one, the stamp held.

    ``cle`` is the digest of the Idempotency-Key that opened the purchase; ``expire_le`` is the stamp's own end.
    """

    etat: EtatPaiement
    montant_centimes: int
    reference: str | None = None
    numero_timbre: str | None = None
    cle: str | None = None
    paye_le: str | None = None
    expire_le: str | None = None


class StatutPiece(StrEnum):
    """What is known of a pièce (API.md, Codes)."""

    ATTENDUE = "attendue"
    EN_COURS = "en_cours"
    VALIDE = "valide"
    INVALIDE = "invalide"
    A_VERIFIER = "a_verifier"
    ACCEPTEE = "acceptee"
    REFUSEE = "refusee"
    REMPLACEE = "remplacee"


class Anomalie(BaseModel):
    """Something to say of a file: a stable code and what to do, in plain French.

    ``gravite``: ``refus`` is why it was not taken; ``conseil`` refuses nothing (it may be hard to read, or late).
    """

    code: str
    message: str
    gravite: Literal["refus", "conseil"] = "refus"


class PageRefusee(BaseModel):
    """A page of a refused pièce that a person found wrong: its rank, from 1, and why (closed list, as a pièce's)."""

    page: int
    motif: str


class Piece(BaseModel):
    """One file of a demande. Several files may share a ``type``; ``rang`` orders them; ``taille`` is in bytes.

    ``empreinte`` is the sha256 of the bytes that were judged: its pages are kept under it, so that no other control of
    the same pièce, however late, can put others in their place. ``vues`` tells its pages apart from those of another
    pièce (documents/qualite.py). ``mrz`` are the lines of the machine-readable zone found in it (of all, where it
    has several that differ), ``formats_mrz`` the format of that of each page ("" without), ``code`` the 2D-Doc, as
    machines read them (demande/lectures.py), at ``controlee_le``. ``motif_refus`` is why a person refused it (closed
    list, demande/motifs_decision.py), ``pages_refusees`` the pages that he named, in their order.
    """

    demande_id: str
    piece_id: str
    type: str
    nom_fichier: str
    taille: int
    mime: str
    rang: int
    statut: StatutPiece = StatutPiece.ATTENDUE
    pages: int = 0
    anomalies: list[Anomalie] = []
    empreinte: str | None = None
    vues: list[str] = []
    motif_refus: str | None = None
    pages_refusees: list[PageRefusee] = []
    controlee_le: str = ""
    mrz: list[str] = []
    formats_mrz: list[str] = []
    code: dict[str, Any] = {}


class EtatTimbre(StrEnum):
    """The life of a stamp: libre -> reserve -> consomme, back to libre when its demande ends without a card."""

    LIBRE = "libre"
    RESERVE = "reserve"
    CONSOMME = "consomme"


class Timbre(BaseModel):
    """A line of the stamp ledger, held by at most one demande. ``expire_le`` is the stamp's own, never extended."""

    numero: str
    etat: EtatTimbre
    montant_centimes: int
    demande_id: str | None = None
    expire_le: str | None = None


class Element(BaseModel):
    """What a suspension asks for: ``cible`` says what (demande/suspension.py), ``motif`` why.

    ``cible`` is a ``piece_id``, a type of pièce that is missing (``domicile``), ``photo_signature``, or a field
    (``adresse.nom_voie``); ``type`` is the pièce's, ``pages`` those of it that were refused, when they were named. The
    motifs are a closed list (demande/motifs_decision.py).
    """

    cible: str
    motif: str
    type: str | None = None
    pages: list[PageRefusee] = []


class Demandeur(BaseModel):
    """The agent who asked for another photo: his account, and his name."""

    par: str
    par_nom: str


class Suspension(BaseModel):
    """An open suspension: what is asked from the usager, by whom, and until when (DOMAIN §5, CRPA L114-5).

    ``retour`` is the statut that the demande comes back to, with ``par`` (compte_id, role ``role``) who asked.
    ``reponses`` are the corrected parts of the form, by step, kept apart until the complement is submitted;
    ``repondus`` the fields that the usager has corrected or confirmed there. ``pieces_avant`` is what the pièces aimed
    at were before they were refused for it, ``photo_recue_le`` when the photo aimed at had come: lifting restores both.
    ``derniere_piece`` is the greatest rank of a pièce when it opened: only those that came after answer it.
    """

    rang: int
    elements: list[Element]
    message: str
    par: str
    par_nom: str
    role: Literal["agent", "chef", "ctn"]
    retour: Statut
    suspendue_le: str
    delai_jours: int
    corrigee_le: str | None = None
    reponses: dict[str, Any] = {}
    repondus: list[str] = []
    pieces_avant: dict[str, StatutPiece] = {}
    photo_recue_le: str | None = None
    derniere_piece: int = 0


class Representant(Partie):
    """Who acts for the holder: his legal representative (a minor, a protected adult), or somebody whom he has mandated.

    ``email`` and ``telephone`` are the representative's own: the notices still go to the holder (``Adresse``).
    """

    qualite: Literal["representant_legal", "mandataire"] = Field(
        title="Vous êtes",
        json_schema_extra={
            "libelles": {"representant_legal": "Son représentant légal", "mandataire": "Son mandataire"}
        },
    )
    nom: Nom = Field(title="Nom")
    prenoms: Annotated[list[Nom], Field(min_length=1, max_length=15)] = Field(title="Prénoms")
    email: Annotated[Courriel | None, VIDE_EST_ABSENT] = Field(default=None, title="Adresse mél.")
    telephone: Annotated[Mobile | None, VIDE_EST_ABSENT] = Field(default=None, title="Téléphone portable")

    @property
    def nom_complet(self) -> str:
        """Prénoms then nom, as documents print them."""
        return f"{' '.join(self.prenoms)} {self.nom.upper()}"


class Decision(BaseModel):
    """The end that an agent gave: a refusal says its motif (closed list) and a message to the usager."""

    motif: str
    message: str


ETAPES_SAISIES = ("etat_civil", "adresse", "photo_signature")
"""The steps whose fields are kept on the demande under the step's name, with ``brouillon_<step>`` beside them."""


class AncienContact(BaseModel):
    """Where a demande's notices went until its event ``rang``, which told it there (demande/contact.py)."""

    rang: int
    email: str | None = None
    telephone: str | None = None


class Demande(BaseModel):
    """A demande as stored: who owns it, where it is, and what each step took.

    ``version`` grows by one at each write. ``journal_rang``/``journal_empreinte`` are the head of its journal.
    ``veille``/``veille_le`` are a sparse index: drafts to watch (``brouillon``), signals not yet heard (``signal``).
    ``pieces`` are items of their own.

    ``origine``: ``papier`` for a dossier that came on paper on ``recue_le``, typed by the agent ``saisie_par``
    (demande/papier.py; ``saisie_role``: or by a chef). ``representant`` acts for the holder. ``doublon_signale``: its
    usager was told at confirmation of another demande under way for the same person; ``doublons``: their numéros, as
    the control found them.

    Once in the agents' hands: ``autorite``, ``autorite_le``, ``nom_recherche``, ``naissance``, ``autorite_nom``,
    ``numero_dossier`` and ``code_postal`` are search keys (demande/index.py); ``corbeille``/``urgence`` the worklist
    where it waits; ``agent`` holds it while ``bail_jusqua`` is to come. ``echeance`` is the absolute deadline of the
    statut, ``rappels`` the reminders sent for it; ``droits_rappeles`` the end of the provisional right that was told.
    ``chez_usager_depuis``/``temps_usager_s`` keep the usager's own time out of the delay. ``validee_le`` is when an
    agent validated it; ``commande_le`` is when the
    order left to the printer, ``retours`` how often the card came back, ``constate_le``/``evenements_titre`` the
    partner's events already applied. ``photo_redemandee_par`` is the agent to whom the awaited photo brings it back.
    ``photo_image`` is the image of the last photo that came with one.
    ``photos_quittees`` are the e-photo codes that it held and has given up;
    a talon that came until ``talons_jusqua`` brings no new photo (demande/photo.py).
    ``droits_etablis_autrement``: the agent who validated it answered for rights that the SNPC did not show.
    ``generation`` names the execution of the machine that follows it. ``messages``
    counts those exchanged; ``attend_reponse_depuis`` is the usager's first one that no agent has answered.
    ``terminee_le`` is when its last statut came; ``anciens_contacts`` those that others took the place of.
    """

    model_config = ConfigDict(extra="ignore")

    id: str
    usager: str
    statut: Statut = Statut.BROUILLON
    version: int = 1
    motif: Motif
    cree_le: str
    modifie_le: str
    numero: str | None = None
    etat_civil: EtatCivil | None = None
    adresse: Adresse | None = None
    photo_signature: PhotoSignature | None = None
    paiement: Paiement | None = None
    brouillon_motif: dict[str, Any] | None = None
    brouillon_etat_civil: dict[str, Any] | None = None
    brouillon_adresse: dict[str, Any] | None = None
    brouillon_photo_signature: dict[str, Any] | None = None
    deposee_le: str | None = None
    pieces_deposees: list[str] | None = None
    cle_confirmation: str | None = None
    rappele_le: str | None = None
    veille: str | None = None
    veille_le: str | None = None
    journal_rang: int = 0
    journal_empreinte: str = ""
    generation: int = 1
    origine: Literal["en_ligne", "papier"] = "en_ligne"
    saisie_par: str | None = None
    saisie_role: Literal["agent", "chef"] | None = None
    recue_le: str | None = None
    representant: Representant | None = None
    doublons: list[str] | None = None
    doublon_signale: bool | None = None
    autorite: str | None = None
    autorite_le: str | None = None
    nom_recherche: str | None = None
    naissance: str | None = None
    autorite_nom: str | None = None
    numero_dossier: str | None = None
    code_postal: str | None = None
    corbeille: str | None = None
    urgence: str | None = None
    agent: str | None = None
    agent_nom: str | None = None
    bail_jusqua: str | None = None
    echeance: str | None = None
    rappels: int = 0
    droits_rappeles: str | None = None
    suspension: Suspension | None = None
    suspensions: int = 0
    decision: Decision | None = None
    droits_etablis_autrement: bool | None = None
    photo_attendue: str | None = None
    photo_recue_le: str | None = None
    photo_redemandee_par: Demandeur | None = None
    photo_image: ImagePhoto | None = None
    photos_quittees: list[str] = []
    talons_jusqua: str | None = None
    validee_le: str | None = None
    commande_le: str | None = None
    numero_suivi: str | None = None
    retours: int = 0
    constate_le: str | None = None
    evenements_titre: list[str] = []
    adresse_confirmee_le: str | None = None
    terminee_le: str | None = None
    anciens_contacts: list[AncienContact] | None = None
    messages: int = 0
    attend_reponse_depuis: str | None = None
    chez_usager_depuis: str | None = None
    temps_usager_s: int = 0
