"""What is missing before a demande can be confirmed, each with its step, its field and what to do."""

from datetime import date, datetime

from chalicelib.demande.instants import ecrire, jour_legal, lire
from chalicelib.demande.modeles import (
    ETAPES_SAISIES,
    Demande,
    EtatPaiement,
    EtatPhoto,
    PhotoSignature,
    Piece,
    StatutPiece,
)
from chalicelib.demande.motifs import REGLES, TYPES_PIECES, prix_centimes, types_demandes

ATTESTATION = (
    "Je soussigné(e), le (la) déclarant(e), atteste sur l'honneur que les renseignements de la présente demande sont "
    "exacts et ne pas faire l'objet d'une suspension du permis de conduire en cours d'exécution ou d'une interdiction "
    "judiciaire de solliciter la délivrance du permis de conduire."
)
"""What the usager declares before confirming (deck, step 7)."""

PHOTO_SUFFISANTE = frozenset({EtatPhoto.VALIDE, EtatPhoto.EN_ACTIVATION, EtatPhoto.TALON})

_PHOTO = {
    None: "Choisissez comment fournir la photo et la signature.",
    EtatPhoto.CODE_ATTENDU: "Indiquez votre code « photo numérique », ou choisissez le talon.",
    EtatPhoto.INCONNU: "Ce code « photo numérique » n'est pas connu : vérifiez-le, ou choisissez le talon.",
    EtatPhoto.DEJA_UTILISE: "Ce code « photo numérique » a déjà servi : il en faut un nouveau, ou le talon.",
    EtatPhoto.EXPIRE: "Ce code « photo numérique » a plus de six mois : il en faut un nouveau, ou le talon.",
    EtatPhoto.REFUSE: "Cette photo ou cette signature a été refusée : il faut un nouveau code, ou le talon.",
}


def departement(code_autorite: str) -> str:
    """The département of a code autorité: an arrondissement's code less its last character (DOMAIN §7)."""
    return code_autorite[:-1]


def montant_du(demande: Demande, jour: date) -> int:
    """What is due for ``demande`` on ``jour``, in euro cents; once deposited, it costs what it did on that day."""
    if demande.deposee_le is not None:
        jour = jour_legal(lire(demande.deposee_le))
    prefecture = demande.adresse.prefecture if demande.adresse else None
    return prix_centimes(demande.motif, departement(prefecture) if prefecture else None, jour)


def pieces_demandees(demande: Demande) -> dict[str, bool]:
    """The pièces that ``demande`` needs, each with whether it is mandatory: those of its motif, then those of its case.

    Who acts for somebody else proves it; a paper dossier comes with its form, which bears the attestation.
    """
    types = types_demandes(demande.motif)
    if demande.representant is not None:
        types["justificatif_representation"] = True
    if demande.origine == "papier":
        types["formulaire_papier"] = True
    return types


def manques_representant(demande: Demande, jour: date) -> list[dict[str, str]]:
    """What is missing of who acts for the holder: a minor has a legal representative (convention: Code civil, 388-1-1).

    A mandataire does not take the holder's place as the one who is told: the notices go to the holder himself.
    """
    representant, etat_civil, adresse = demande.representant, demande.etat_civil, demande.adresse
    if etat_civil is not None and est_mineur(etat_civil.date_naissance, jour):
        if representant is None or representant.qualite != "representant_legal":
            message = "La personne concernée est mineure : indiquez son représentant légal."
            return [{"etape": "etat_civil", "champ": "representant", "message": message}]
        return []
    mandataire = representant if representant is not None and representant.qualite == "mandataire" else None
    if mandataire is not None and adresse is not None and mandataire.email and mandataire.email == adresse.email:
        message = "Indiquez l'adresse électronique de la personne concernée, et non celle de son mandataire."
        return [{"etape": "adresse", "champ": "email", "message": message}]
    return []


MAJORITE = 18


def est_mineur(date_naissance: str, jour: date) -> bool:
    """Whether who was born on ``date_naissance`` (maybe partial) is surely under 18 on ``jour``."""
    majeur_le = f"{int(date_naissance[:4]) + MAJORITE}{date_naissance[4:]}"
    return majeur_le > jour.isoformat()[: len(majeur_le)]


def manques_pieces(demande: Demande, pieces: list[Piece]) -> list[dict[str, str]]:
    """What is missing or too much among the pièces that the motif asks for."""
    manques = []
    for type_piece, obligatoire in pieces_demandees(demande).items():
        regle = TYPES_PIECES[type_piece]
        valides = [piece for piece in pieces if piece.type == type_piece and piece.statut == StatutPiece.VALIDE]
        if any(piece.type == type_piece and piece.statut == StatutPiece.EN_COURS for piece in pieces):
            manques.append({"etape": "pieces", "champ": type_piece, "message": en_cours_de_controle(regle.libelle)})
        elif obligatoire and not valides:
            message = f"Ajoutez la pièce « {regle.libelle} »."
            manques.append({"etape": "pieces", "champ": type_piece, "message": message})
        if sum(piece.pages for piece in valides) > regle.pages_max:
            message = f"« {regle.libelle} » : {regle.pages_max} page(s) au plus, retirez un fichier."
            manques.append({"etape": "pieces", "champ": type_piece, "message": message})
    return manques


def en_cours_de_controle(libelle: str) -> str:
    """Why a file under scan keeps a demande from going: left behind, it could not be added afterwards."""
    return f"« {libelle} » : le contrôle d'un fichier n'est pas fini, attendez qu'il le soit ou retirez ce fichier."


def manques_photo(photo: PhotoSignature | None) -> list[dict[str, str]]:
    """What is missing of the photo and signature."""
    etat = photo.etat if photo else None
    if etat in PHOTO_SUFFISANTE:
        return []
    return [{"etape": "photo_signature", "champ": "code" if etat else "mode", "message": _PHOTO[etat]}]


def manques_paiement(demande: Demande, maintenant: datetime, jour: date) -> list[dict[str, str]]:
    """What is missing of the payment, when something is due."""
    du = montant_du(demande, jour)
    paiement = demande.paiement
    if du == 0:
        return []
    if paiement is None or paiement.etat != EtatPaiement.RESERVE:
        return [{"etape": "paiement", "message": "Achetez un timbre fiscal, ou indiquez le numéro d'un timbre."}]
    if paiement.montant_centimes < du:
        return [{"etape": "paiement", "message": "Le montant du timbre ne suffit pas pour ce motif."}]
    if paiement.expire_le is not None and paiement.expire_le <= ecrire(maintenant):
        return [{"etape": "paiement", "message": "Le timbre n'est plus valable : indiquez-en un autre."}]
    return []


def manques(demande: Demande, pieces: list[Piece], maintenant: datetime, jour: date) -> list[dict[str, str]]:
    """Everything that is missing, in the order of the steps: {etape, champ?, message}."""
    liste: list[dict[str, str]] = []
    for etape in ("motif", *ETAPES_SAISIES):
        if getattr(demande, f"brouillon_{etape}") is not None:
            message = "Cette étape a été commencée sans être enregistrée : terminez-la, puis enregistrez-la."
            liste.append({"etape": etape, "message": message})
    if demande.etat_civil is None:
        liste.append({"etape": "etat_civil", "message": "Renseignez l'état civil."})
    if demande.adresse is None:
        liste.append({"etape": "adresse", "message": "Renseignez l'adresse et les coordonnées."})
    liste += manques_representant(demande, jour)
    liste += manques_photo(demande.photo_signature)
    return liste + manques_pieces(demande, pieces) + manques_paiement(demande, maintenant, jour)


def ecarts_de_motif(avant: Demande, apres: Demande, jour: date) -> list[dict[str, str]]:
    """What a change of motif on ``jour`` leaves to look at again: pièces no longer asked, newly asked, and the price.

    Nothing is thrown away: a pièce or a stamp that no longer fits stays with the demande, and serves if the motif
    changes back.
    """
    anciens, nouveaux = types_demandes(avant.motif), types_demandes(apres.motif)
    ecarts = []
    for type_piece in anciens:
        if type_piece not in nouveaux:
            message = (
                f"« {TYPES_PIECES[type_piece].libelle} » n'est pas demandé pour « {REGLES[apres.motif].libelle} »."
            )
            ecarts.append({"etape": "pieces", "champ": type_piece, "message": message})
    for type_piece, obligatoire in nouveaux.items():
        if type_piece not in anciens and obligatoire:
            message = f"Ajoutez la pièce « {TYPES_PIECES[type_piece].libelle} »."
            ecarts.append({"etape": "pieces", "champ": type_piece, "message": message})
    return ecarts + _ecarts_de_prix(avant, apres, jour)


def _ecarts_de_prix(avant: Demande, apres: Demande, jour: date) -> list[dict[str, str]]:
    tenu = apres.paiement.montant_centimes if apres.paiement and apres.paiement.etat == EtatPaiement.RESERVE else 0
    deja_du, du = montant_du(avant, jour), montant_du(apres, jour)
    if tenu and not du:
        message = "Rien n'est dû pour ce motif : votre timbre sera de nouveau utilisable une fois la demande confirmée."
    elif du > max(tenu, deja_du):
        message = f"Un timbre fiscal de {du // 100},{du % 100:02d} € est dû pour ce motif."
    else:
        return []
    return [{"etape": "paiement", "message": message}]
