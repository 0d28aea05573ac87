"""What templates may use: the fields of each form, the motifs and their prices, the closed lists, dates in French."""

import json
import re
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from pydantic import BaseModel

from chalicelib.comptes.activer import SaisieActivation
from chalicelib.comptes.changer_mot_de_passe import SaisieNouveauMotDePasse
from chalicelib.comptes.creer import SaisieCompte
from chalicelib.comptes.identifiant_oublie import SaisieIdentifiantOublie
from chalicelib.comptes.moi import SaisieProfil
from chalicelib.comptes.mot_de_passe_oublie import SaisieMotDePasseOublie
from chalicelib.comptes.ouvrir_session import SaisieSession
from chalicelib.comptes.renvoyer_code import SaisieRenvoi
from chalicelib.demande.bail import FILES
from chalicelib.demande.modeles import AdresseEnLigne, EtatCivil, Representant, Statut
from chalicelib.demande.motifs import REGLES, TAILLE_MAX, TYPES_PIECES, prix_centimes
from chalicelib.demande.recherche import CriteresTries
from chalicelib.demande.statuts import FINALS, SUIVANTS
from chalicelib.demande.suivi import LIBELLES
from chalicelib.demande.vie import FILES_DES_STATUTS
from chalicelib.demandes.messages import NouveauMessage
from chalicelib.instruction.affectation import Affectation
from chalicelib.instruction.agents import NouvelAgent
from chalicelib.instruction.controler import PiecesJugees
from chalicelib.instruction.habilitation import HabilitationVoulue
from chalicelib.instruction.messages import NouvelleReponse
from chalicelib.instruction.notes import NouvelleNote
from chalicelib.instruction.recherche_enregistree import NouvelleRecherche
from chalicelib.instruction.reexpedier import Reexpedition
from chalicelib.instruction.refuser import Refus
from chalicelib.instruction.saisir import DossierPapier
from chalicelib.instruction.suspendre import DemandeDeComplement
from chalicelib.instruction.valider import Validation
from chalicelib.steps.confirmation import Attestation
from chalicelib.steps.motif import ChoixMotif
from chalicelib.steps.paiement import TimbreDetenu
from chalicelib.steps.photo_signature import ChoixPhoto
from chalicelib.verification.document import OCTETS_MAX, SaisieVerification
from infra.pages.champs import Champ, decrire
from infra.pages.designation import CIBLES, ELEMENTS_MAX, MOTIFS_SUSPENSION
from infra.referentiel import DONNEES

FORMULAIRES: dict[str, type[BaseModel]] = {
    "activation": SaisieActivation,
    "adresse": AdresseEnLigne,
    "affectation": Affectation,
    "agent": NouvelAgent,
    "attestation": Attestation,
    "compte": SaisieCompte,
    "controle": PiecesJugees,
    "etat_civil": EtatCivil,
    "habilitation": HabilitationVoulue,
    "identifiant_oublie": SaisieIdentifiantOublie,
    "message": NouveauMessage,
    "mot_de_passe": SaisieNouveauMotDePasse,
    "mot_de_passe_oublie": SaisieMotDePasseOublie,
    "motif": ChoixMotif,
    "note": NouvelleNote,
    "papier": DossierPapier,
    "photo_signature": ChoixPhoto,
    "profil": SaisieProfil,
    "recherche": CriteresTries,
    "recherche_enregistree": NouvelleRecherche,
    "reexpedition": Reexpedition,
    "refus": Refus,
    "renvoi": SaisieRenvoi,
    "representant": Representant,
    "reponse": NouvelleReponse,
    "session": SaisieSession,
    "suspension": DemandeDeComplement,
    "verification": SaisieVerification,
    "timbre": TimbreDetenu,
    "validation": Validation,
}
"""The forms that pages name, each with the model that the API reads it by."""

ETAPES = (
    ("motif", "Motif de demande"),
    ("etat-civil", "État civil"),
    ("adresse", "Adresse et contact"),
    ("photo-signature", "Photo / Signature"),
    ("pieces", "Pièces justificatives"),
    ("paiement", "Paiement"),
    ("recapitulatif", "Récapitulatif"),
    ("confirmation", "Confirmation"),
)
"""The stepper of the deck: each step's page and words."""

_DE = re.compile(r"^Préfecture (de la |de l'|du |des |de |d')")
FORMATS = "JPG, PNG, BMP, TIFF, PDF (11Mo maximum)"


@cache
def formulaire(nom: str) -> dict[str, Champ]:
    """The fields of the form ``nom``, by their dotted name."""
    return decrire(FORMULAIRES[nom])


def exiger(champs: dict[str, Champ], *noms: str) -> dict[str, Champ]:
    """``champs``, of which ``noms`` are mandatory on one page that has no other use for the form."""
    absence = next(champ.message_obligatoire for champ in champs.values() if champ.obligatoire)
    return champs | {nom: replace(champs[nom], obligatoire=True, message_obligatoire=absence) for nom in noms}


def euros(centimes: int) -> str:
    """``25 €``, ``12,50 €``, ``gratuit``."""
    if centimes == 0:
        return "gratuit"
    entiers, reste = divmod(centimes, 100)
    return f"{entiers},{reste:02d} €" if reste else f"{entiers} €"


def contexte(jour: date) -> dict[str, Any]:
    """The globals of the templates, prices being those of ``jour``."""
    motifs = [
        {
            "code": motif.value,
            "libelle": regle.libelle,
            "phrase": regle.phrase,
            "prix": euros(prix_centimes(motif, None, jour)),
            "pieces": [
                {"code": p.type, "libelle": TYPES_PIECES[p.type].libelle, "obligatoire": p.obligatoire}
                for p in regle.pieces
            ],
        }
        for motif, regle in REGLES.items()
    ]
    prefectures: dict[str, dict[str, str]] = json.loads((DONNEES / "prefectures.json").read_text())
    return {
        "CIBLES": CIBLES,
        "DEPARTEMENTS": [(code, f"{code} – {_DE.sub('', p['libelle'])}") for code, p in sorted(prefectures.items())],
        "ELEMENTS_MAX": ELEMENTS_MAX,
        "ETAPES": ETAPES,
        "FORMATS": FORMATS,
        "MOTIFS": motifs,
        "MOTIFS_SUSPENSION": MOTIFS_SUSPENSION,
        "PREFECTURES": sorted(((p["code"], p["libelle"]) for p in prefectures.values()), key=lambda p: p[1]),
        "TAILLE_MAX": TAILLE_MAX,
        "TYPES_PIECES": TYPES_PIECES,
        "VERIFIABLE_MAX": OCTETS_MAX,
        "euros": euros,
        "exiger": exiger,
        "formulaire": formulaire,
    }


def referentiel() -> str:
    """The ES module ``/modules/referentiel.js``: what pages know of motifs and statuts is what the core knows."""
    listes: dict[str, dict[str, str] | dict[str, list[str]]] = {
        "MOTIFS": {motif.value: regle.libelle for motif, regle in REGLES.items()},
        "MOTIFS_COURTS": {motif.value: regle.court for motif, regle in REGLES.items()},
        "STATUTS": {statut.value: LIBELLES[statut] for statut in Statut},
        "QUI_TRAITE": {
            statut.value: [role for role, file in FILES.items() if file == attendue]
            for statut, attendue in FILES_DES_STATUTS.items()
        },
    }
    ensembles = {
        "FINALS": [statut.value for statut in Statut if statut in FINALS],
        "RETIRABLES": [statut.value for statut, suivants in SUIVANTS.items() if Statut.RETIREE in suivants],
    }
    lignes = [f"export const {nom} = {json.dumps(mots, ensure_ascii=False)};" for nom, mots in listes.items()]
    lignes += [f"export const {nom} = new Set({json.dumps(codes)});" for nom, codes in ensembles.items()]
    return "\n".join(lignes) + "\n"
