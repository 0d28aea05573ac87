"""Demandes, pièces and stamps made for the tests: a whole one by default, each test says what differs."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import (
    Adresse,
    Demande,
    EtatCivil,
    EtatPaiement,
    EtatPhoto,
    EtatTimbre,
    Motif,
    Paiement,
    PhotoSignature,
    Piece,
    Statut,
    StatutPiece,
    Timbre,
)
from chalicelib.demande.motifs import types_demandes
from chalicelib.demande.ports import Modification

MAINTENANT = datetime(2026, 11, 24, 10, tzinfo=UTC)
JOUR_S = 86400.0
DEMANDE_ID = "a" * 32
USAGER = "compte-de-pierre"
NUMERO_TIMBRE = "1234567890123456"
EXPIRE_LE = "2027-11-24T10:00:00.000Z"

ETAT_CIVIL: dict[str, Any] = {
    "nom_naissance": "CORNEILLE",
    "sexe": "M",
    "prenoms": ["Pierre"],
    "date_naissance": "1956-01-01",
    "lieu_naissance": {"commune": "Nancy", "departement": "54"},
}
ADRESSE: dict[str, Any] = {
    "numero": "3",
    "extension": "bis",
    "type_voie": "rue",
    "nom_voie": "de la Poste",
    "complement": "2e étage",
    "code_postal": "54000",
    "commune": "Nancy",
    "prefecture": "543",
    "email": "pierre.corneille@exemple.fr",
    "telephone": "0612345678",
    "reutilisation_donnees": False,
}


def il_y_a(jours: float) -> datetime:
    """``jours`` days before the tests' present."""
    return MAINTENANT - timedelta(days=jours)


def brouillon(**champs: Any) -> Demande:
    """A draft for a loss, nothing typed yet."""
    defaut: dict[str, Any] = {
        "id": DEMANDE_ID,
        "usager": USAGER,
        "motif": Motif.PERTE,
        "cree_le": ecrire(il_y_a(1)),
        "modifie_le": ecrire(il_y_a(1)),
        "veille": "brouillon",
        "veille_le": ecrire(MAINTENANT + timedelta(days=9)),
    }
    return Demande.model_validate({**defaut, **champs})


def paiement_reserve(**champs: Any) -> Paiement:
    """A stamp of 25 € held, in its year."""
    defaut: dict[str, Any] = {
        "etat": EtatPaiement.RESERVE,
        "montant_centimes": 2500,
        "numero_timbre": NUMERO_TIMBRE,
        "paye_le": ecrire(il_y_a(1)),
        "expire_le": EXPIRE_LE,
    }
    return Paiement.model_validate({**defaut, **champs})


def prete(**champs: Any) -> Demande:
    """A draft with every step taken, its stamp included: with ``pieces_de`` it can be confirmed."""
    defaut: dict[str, Any] = {
        "etat_civil": EtatCivil.model_validate(ETAT_CIVIL),
        "adresse": Adresse.model_validate(ADRESSE),
        "photo_signature": PhotoSignature(mode="talon", etat=EtatPhoto.TALON),
        "paiement": paiement_reserve(),
    }
    return brouillon(**{**defaut, **champs})


ZONE = ["IDFRACORNEILLE<<<<<<<<<<<<<<<<543001", "1903543000120PIERRE<<<<<<<<5601011M7"]
"""The machine-readable zone of Pierre's card, issued in March 2019."""

CODE = {
    "signature": "verifiee",
    "autorite": "XF00",
    "certificat": "EVAL",
    "type": "01",
    "emis_le": "2026-11-14",
    "signe_le": "2026-11-14",
    "personnes": [{"texte": "CORNEILLE PIERRE", "nom": "CORNEILLE", "prenoms": "PIERRE"}],
    "adresse": {"voie": "3 BIS RUE DE LA POSTE", "code_postal": "54000", "commune": "NANCY", "pays": "FR"},
}
"""The 2D-Doc of Pierre's bill, as a pièce keeps it."""

PREUVES: dict[str, dict[str, Any]] = {"identite": {"mrz": ZONE}, "domicile": {"code": CODE}}
"""What a machine reads of the pièces of a demande in order, and is sure of."""


def piece(type_: str, rang: int = 1, statut: StatutPiece = StatutPiece.VALIDE, pages: int = 1, **champs: Any) -> Piece:
    """A controlled file of one page."""
    defaut: dict[str, Any] = {
        "demande_id": DEMANDE_ID,
        "piece_id": f"{rang:016x}",
        "type": type_,
        "nom_fichier": f"{type_}.pdf",
        "taille": 1000,
        "mime": "application/pdf",
        "rang": rang,
        "statut": statut,
        "pages": pages,
        "empreinte": "e" * 64,
        **PREUVES.get(type_, {}),
    }
    return Piece.model_validate({**defaut, **champs})


def pieces_de(demande: Demande) -> list[Piece]:
    """One valid file for each mandatory pièce of the motif."""
    obligatoires = [type_ for type_, obligatoire in types_demandes(demande.motif).items() if obligatoire]
    return [piece(type_, rang, demande_id=demande.id) for rang, type_ in enumerate(obligatoires, start=1)]


def timbre_reserve(**champs: Any) -> Timbre:
    """The ledger's line of the stamp that ``prete`` holds."""
    defaut: dict[str, Any] = {
        "numero": NUMERO_TIMBRE,
        "etat": EtatTimbre.RESERVE,
        "montant_centimes": 2500,
        "demande_id": DEMANDE_ID,
        "expire_le": EXPIRE_LE,
    }
    return Timbre.model_validate({**defaut, **champs})


def ecriture(**champs: Any) -> Modification:
    """A write of the usager at the tests' present, under the law's 15 days."""
    defaut: dict[str, Any] = {
        "usager": USAGER,
        "maintenant": MAINTENANT,
        "limite": il_y_a(15),
        "limite_rappel": il_y_a(5),
    }
    return Modification(**{**defaut, **champs})


def changement(evenement: str = "DemandeRetiree", **champs: Any) -> Changement:
    """An event told by the usager; a withdrawal unless said otherwise."""
    defaut: dict[str, Any] = {
        "auteur": Auteur("usager", USAGER),
        "maintenant": MAINTENANT,
        "correlation_id": "correlation-de-test",
        "vers": Statut.RETIREE,
    }
    return Changement(evenement, **{**defaut, **champs})
