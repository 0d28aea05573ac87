"""The closed lists of motifs: why something is asked again, why a pièce is refused, why a demande is refused.

A ``libelle`` is read by the usager as it stands, after the name of what it speaks of (« Justificatif de domicile :
document illisible »). Codes are stable: they are stored and kept in the journal's time. DOMAIN §5, §6; the lists
themselves are *convention*. What is asked names its pièces and its deadline (CRPA L114-5); a refusal is given its
reasons in law and in fact (CRPA L211-2, L211-5): the libellé says the ground, the agent's message says the facts.
"""

from collections.abc import Mapping

from chalicelib.demande.motifs import TYPES_PIECES

LIBELLES_PIECE: Mapping[str, str] = {
    "illisible": "document illisible : photographiez-le ou numérisez-le à nouveau, bien éclairé et net",
    "incomplete": "document incomplet : il manque une page ou une partie du document",
    "expiree": "document périmé ou trop ancien",
    "non_conforme": "document qui n'est pas de la forme demandée",
    "mauvaise_piece": "ce document n'est pas celui qui est demandé",
    "autre_personne": "document établi au nom d'une autre personne",
    "incoherente": "document qui ne correspond pas aux informations de la demande",
    "non_signee": "document non signé",
    "douteuse": "document dont l'authenticité n'a pas pu être établie : joignez-en un autre ou un nouvel exemplaire",
}
"""Why a pièce is refused, by an agent or by a CTN operator; a suspension that aims at a pièce uses them too."""

LIBELLES_PAGE: Mapping[str, str] = {
    "illisible": "illisible, floue ou mal éclairée",
    "incomplete": "incomplète, il en manque une partie",
    "expiree": "périmée ou trop ancienne",
    "non_conforme": "pas de la forme demandée",
    "mauvaise_piece": "pas celle du document demandé",
    "autre_personne": "établie au nom d'une autre personne",
    "incoherente": "différente des informations de la demande",
    "non_signee": "non signée",
    "douteuse": "authenticité non établie",
}
"""The same motifs, said of one page after its number (« Page 2 : non signée. »)."""

LIBELLES_CHAMP: Mapping[str, str] = {
    "manquante": "information manquante",
    "inexacte": "information à corriger ou à confirmer",
    "differente_piece": "information différente de celle des pièces jointes",
    "differente_fichier": "information différente de celle du fichier national des permis de conduire",
}
"""Why a field of the form is asked again."""

LIBELLES_PHOTO: Mapping[str, str] = {
    "photo_non_conforme": "photo qui ne respecte pas les règles (cadrage, fond, netteté, date)",
    "signature_non_conforme": "signature absente ou illisible",
}
"""Why the photo and signature are asked again."""

LIBELLES_SUSPENSION: Mapping[str, str] = {
    **LIBELLES_PIECE,
    "piece_manquante": "document manquant : il est nécessaire pour traiter votre demande",
    **LIBELLES_CHAMP,
    **LIBELLES_PHOTO,
}
"""Every motif of a suspension, whatever it aims at."""

LIBELLES_REFUS: Mapping[str, str] = {
    "droits_non_valides": "le droit de conduire est suspendu, annulé ou invalidé",
    "droits_inconnus": "aucun droit de conduire n'a été trouvé au fichier national des permis de conduire",
    "interdiction_judiciaire": "une décision de justice interdit de délivrer un permis de conduire",
    "identite_non_etablie": "l'identité du demandeur n'a pas pu être établie",
    "domicile_non_etabli": "la résidence en France n'a pas pu être établie",
    "fraude": "un document ou une information de la demande est faux ou falsifié",
    "inaptitude_medicale": "l'avis médical ne permet pas de délivrer le titre demandé",
    "motif_inadapte": "la situation ne correspond pas au motif choisi pour la demande",
    "titre_deja_delivre": "un titre répondant à la même demande a déjà été délivré",
    "autre_fondee": "un autre motif, exposé dans le message de l'agent",
}
"""Why a demande is refused; the agent's own message always comes with it."""


def motifs_de(cible_est_piece: bool, cible_est_photo: bool = False) -> Mapping[str, str]:
    """The motifs of a suspension that may be said of a target: a pièce, the photo, or a field of the form."""
    if cible_est_piece:
        return {**LIBELLES_PIECE, "piece_manquante": LIBELLES_SUSPENSION["piece_manquante"]}
    return {**LIBELLES_PHOTO, **LIBELLES_CHAMP} if cible_est_photo else LIBELLES_CHAMP


def libelle_suspension(code: str) -> str:
    """What to read to the usager for a motif of suspension; a neutral phrase for a code that left the list."""
    return LIBELLES_SUSPENSION.get(code, "élément à revoir")


def libelle_page(code: str) -> str:
    """What to read to the usager for the motif of a page; a neutral phrase for a code that left the list."""
    return LIBELLES_PAGE.get(code, "à revoir")


def libelle_refus(code: str) -> str:
    """What to read to the usager for a motif of refusal; a neutral phrase for a code that left the list."""
    return LIBELLES_REFUS.get(code, LIBELLES_REFUS["autre_fondee"])


_LIBELLES_CIBLE: Mapping[str, str] = {
    "etat_civil": "État civil",
    "etat_civil.nom_naissance": "Nom de naissance",
    "etat_civil.nom_usage": "Nom d'usage",
    "etat_civil.sexe": "Sexe",
    "etat_civil.prenoms": "Prénoms",
    "etat_civil.date_naissance": "Date de naissance",
    "etat_civil.lieu_naissance": "Lieu de naissance",
    "etat_civil.neph": "Numéro NEPH",
    "etat_civil.numero_dossier": "Numéro de dossier du permis",
    "adresse": "Adresse",
    "adresse.numero": "Numéro de la voie",
    "adresse.extension": "Extension du numéro de la voie",
    "adresse.type_voie": "Type de voie",
    "adresse.nom_voie": "Nom de la voie",
    "adresse.complement": "Complément d'adresse",
    "adresse.code_postal": "Code postal",
    "adresse.commune": "Commune",
    "adresse.prefecture": "Préfecture",
    "adresse.email": "Adresse électronique",
    "adresse.telephone": "Téléphone",
    "photo_signature": "Photo et signature",
}


def libelle_cible(cible: str, types: Mapping[str, str]) -> str:
    """What a suspension aims at, in the words of the form.

    ``cible`` is a field, a ``piece_id`` or a type of pièce; ``types`` gives the type of each ``piece_id``. An unknown
    field is named as its part of the form is.
    """
    type_piece = types.get(cible, cible)
    if type_piece in TYPES_PIECES:
        return TYPES_PIECES[type_piece].libelle
    champ = cible
    while champ not in _LIBELLES_CIBLE and "." in champ:
        champ = champ.rpartition(".")[0]
    return _LIBELLES_CIBLE.get(champ, "Un élément de votre demande")
