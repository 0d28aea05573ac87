"""What machines read of the pièces: proposed to who fills the form, and set against what he declared.

Two proofs are read: the machine-readable zone of an identity document, whose keys say that it was read right, and a
2D-Doc, whose signature says who wrote it. A machine is sure when they agree with the demande; whatever else sends the
pièce to a person, with the reason and what was read. Nothing here refuses. Pure: days are given.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter, ValidationError

from chalicelib.demande import domicile, mrz
from chalicelib.demande.apparences import semblables
from chalicelib.demande.completude import MAJORITE
from chalicelib.demande.instants import jour_legal, lire
from chalicelib.demande.modeles import Adresse, Anomalie, Demande, Piece, StatutPiece
from chalicelib.demande.motifs import TYPES_PIECES

TOLERANCE_ANS = 5
"""How long after its end a card or a biometric passport still proves an identity (F31057)."""

CNI_ANS, CNI_ANS_PROLONGEE = 10, 15
CNI_PROLONGEE_DEPUIS = "2004-01"
"""How long a card of the old model is valid from its issue: ten years, extended by five for those issued to adults from
2 January 2004 on (décret 2013-1188)."""


_A_VOIR = (StatutPiece.VALIDE, StatutPiece.A_VERIFIER)


class Raison(StrEnum):
    """Why a machine is not sure of a pièce."""

    NATURE = "nature"
    NON_LUE = "non_lue"
    FALSIFIEE = "falsifiee"
    DIFFERENTE = "differente"
    INDECISE = "indecise"
    PERIMEE = "perimee"
    ETRANGERE = "etrangere"
    RECTO_ABSENT = "recto_absent"


_GRAVITES = list(Raison)
"""Of two doubts about one document, the one written first above is told."""

LIBELLES: dict[Raison, str] = {
    Raison.NATURE: "Aucun automatisme ne lit ce type de pièce.",
    Raison.NON_LUE: "Aucun code ni aucune zone lisible par machine n'a été trouvé sur cette pièce.",
    Raison.FALSIFIEE: "La signature du code est fausse : le document a pu être modifié ou fabriqué.",
    Raison.DIFFERENTE: "Ce que la pièce dit n'est pas ce qui a été déclaré.",
    Raison.INDECISE: "La pièce ne suffit pas à confirmer ce qui a été déclaré.",
    Raison.PERIMEE: "La pièce est trop ancienne ou n'est plus valable.",
    Raison.ETRANGERE: "Ce document n'est ni une carte d'identité ni un passeport français.",
    Raison.RECTO_ABSENT: "Une seule face de la carte paraît reçue\u00a0: celle de la photo manque peut-être.",
}


_CODE = TypeAdapter(domicile.CodeLu)


def retenir(code: domicile.CodeLu) -> dict[str, Any]:
    """``code`` as a pièce keeps it: JSON, without what it does not say."""
    garde: dict[str, Any] = _CODE.dump_python(code, mode="json", exclude_defaults=True)
    return garde


def code_de(piece: Piece) -> domicile.CodeLu | None:
    """The 2D-Doc that was read of ``piece``; None when none was."""
    try:
        return _CODE.validate_python(piece.code) if piece.code else None
    except ValidationError:  # what cannot be understood was not read, and a person looks
        return None


class ValeurLue(BaseModel):
    """What a pièce says of one field of the form (``etat_civil.prenoms``), and where a machine read it.

    ``source``: the machine-readable zone of an identity document, or a signed 2D-Doc.
    """

    champ: str
    valeur: str | list[str]
    source: Literal["mrz", "2ddoc"]


@dataclass(frozen=True)
class Doute:
    """Why a pièce goes to a person, and the fields of the form concerned (``etat_civil.sexe``)."""

    raison: Raison
    champs: tuple[str, ...] = ()


def valeurs(piece: Piece, aujourdhui: date) -> list[ValeurLue]:
    """What may be proposed to who fills the form, of a pièce of his: nothing of one that was refused.

    A zone has capitals without accents: prénoms are given one capital each, and are the person's to complete. What it
    may have cut is left out.
    """
    if piece.statut in (StatutPiece.REFUSEE, StatutPiece.INVALIDE, StatutPiece.REMPLACEE):
        return []
    zone = mrz.lire(tuple(piece.mrz), aujourdhui) if piece.type == "identite" and piece.mrz else None
    lues: list[ValeurLue] = []
    if zone is not None and zone.cles_justes:
        dites: dict[str, Any] = {
            "nom_naissance": "" if zone.nom_tronque else zone.nom,
            "prenoms": _prenoms(zone),
            "sexe": zone.sexe,
            "date_naissance": zone.naissance,
        }
        lues += [
            ValeurLue(champ=f"etat_civil.{champ}", valeur=valeur, source="mrz")
            for champ, valeur in dites.items()
            if valeur
        ]
    code = code_de(piece) if piece.type == "domicile" else None
    if code is not None:
        lues += [
            ValeurLue(champ=f"adresse.{champ}", valeur=valeur, source="2ddoc")
            for champ, valeur in domicile.proposer(code).items()
        ]
    return lues


def _prenoms(zone: mrz.Mrz) -> list[str]:
    """Those that are whole. The old card alone parts two prénoms (two fillers) from the halves of one (one filler)."""
    if zone.format == "cni":
        lus = [mot.strip("<").split("<") for mot in zone.lignes[1][13:27].split("<<") if mot.strip("<")]
    else:
        lus = [[prenom] for prenom in zone.prenoms]
    entiers = lus[:-1] if zone.prenoms_tronques else lus
    return ["-".join(mot.capitalize() for mot in prenom) for prenom in entiers]


SANS_ZONE, SANS_ZONE_PLEIN = (
    Anomalie(
        code="zone_non_reconnue",
        message=(
            f"Les lignes de chevrons (<<<) n'ont pas été reconnues. Si votre pièce d'identité en a, {geste}\u00a0: la "
            "vérification ira plus vite. Sinon, un agent la regardera."
        ),
        gravite="conseil",
    )
    for geste in (
        "joignez aussi, bien net, le côté ou la page qui les porte",
        "remplacez un fichier joint par le côté ou la page qui les porte, bien net",
    )
)
"""What is told when pages may still come, then when they take all the place."""
PERMIS = Anomalie(
    code="permis_pour_identite",
    message=(
        "Ce document paraît être un permis de conduire. Si c'en est un, joignez une carte d'identité ou un passeport."
    ),
    gravite="conseil",
)
UNE_FACE, UNE_FACE_PLEIN = (
    Anomalie(
        code="carte_une_face",
        message=(
            f"Une seule face de votre carte paraît jointe. {geste}, celle de la photo\u00a0: la vérification ira plus "
            "vite. Si vous l'avez déjà envoyée, ou si ce fichier la montre aussi, ne changez rien."
        ),
        gravite="conseil",
    )
    for geste in ("Ajoutez l'autre face de votre carte", "Remplacez un fichier joint par l'autre face de votre carte")
)


def conseils(pieces: Sequence[Piece]) -> dict[str, Anomalie]:
    """What may be advised of the ``pieces`` about to be submitted, by id: none of those of an identity has a zone, they
    are but a licence, or the back of a card.

    Without a zone, it may be the other side of a card, or a document that has none: whoever sent the right one must not
    be alarmed. One side that has it is enough, whatever the order, so that this is told of the whole and not kept with
    a pièce. What is told of a page already (it is blurred) explains it.
    """
    identites = [p for p in pieces if p.type == "identite" and p.statut is StatutPiece.VALIDE]
    formats = {p.piece_id: mrz.format_de(tuple(p.mrz)) for p in identites}
    permis = {id_: PERMIS for id_, lu in formats.items() if lu is not None and lu.nom == "permis"}
    if not any(p.mrz for p in identites if p.piece_id not in permis) and (permis or not identites):
        return permis
    plein = sum(p.pages for p in identites) >= TYPES_PIECES["identite"].pages_max
    if dos := _dos_seuls(identites):
        return {dos[-1].piece_id: UNE_FACE_PLEIN if plein else UNE_FACE}
    if any(p.mrz or p.anomalies for p in identites):
        return {}
    return {identites[-1].piece_id: SANS_ZONE_PLEIN if plein else SANS_ZONE}


def _dos_seuls(identites: Sequence[Piece]) -> list[Piece]:
    """The files with the back of a card, when no page is left that may be its front: a card of three lines has its zone
    on its back, and its portrait on its front. The former card and the passport have both on one page: with one of
    these nothing is missing. Neither a page with a zone, nor one that looks as such a page, nor a blank one, nor those
    of a licence is a front."""
    pages = {p.piece_id: _pages(p) for p in identites}
    formats = {id_: {format_ for format_, _ in siennes} for id_, siennes in pages.items()}
    if any({"td3", "cni"} & siens for siens in formats.values()):
        return []
    dos = [vue for siennes in pages.values() for format_, vue in siennes if format_ == "td1" and vue]
    faces = [
        vue
        for id_, siennes in pages.items()
        if "permis" not in formats[id_]
        for format_, vue in siennes
        if not format_ and vue != "" and not (vue and any(semblables(vue, un) for un in dos))
    ]
    return [] if faces else [p for p in identites if "td1" in formats[p.piece_id]]


def _pages(piece: Piece) -> list[tuple[str, str | None]]:
    """Of each page, the format of its zone ("" without) and its look ("" when blank, None when not drawn). What was
    judged before formats were kept by page is taken to have its zone on the first one."""
    formats, seul = piece.formats_mrz, mrz.format_de(tuple(piece.mrz))
    if not formats and seul is not None:
        formats = [seul.nom, *[""] * (piece.pages - 1)]
    vues: list[str | None] = [*piece.vues] or [None] * piece.pages
    return list(zip(formats or [""] * piece.pages, vues, strict=False))


def doutes(demande: Demande, pieces: Sequence[Piece]) -> dict[str, Doute]:
    """The pièces deposited that a person must look at, by id; those that one has judged are left.

    The files of one type are one document: a page that proves it is enough for those on which nothing is read. One
    that says something else, or that is false, sends them all to a person; so does the back of a card without its
    front, which one may have accepted already.
    """
    retenues = set(demande.pieces_deposees or ())
    deposees = [p for p in pieces if p.piece_id in retenues and p.statut in (*_A_VOIR, StatutPiece.ACCEPTEE)]
    a_voir = [p for p in deposees if p.statut in _A_VOIR]
    trouves = {p.piece_id: Doute(Raison.NATURE) for p in a_voir if p.type not in _LECTEURS}
    for type_, lire_une in _LECTEURS.items():
        siennes = [p for p in a_voir if p.type == type_]
        avis = [lire_une(demande, p) for p in siennes]
        graves = [un for un in avis if un is not None and un.raison is not Raison.NON_LUE]
        if type_ == "identite" and _dos_seuls([p for p in deposees if p.type == type_]):
            graves.append(Doute(Raison.RECTO_ABSENT))
        if graves:
            trouves |= dict.fromkeys(
                (p.piece_id for p in siennes), min(graves, key=lambda un: _GRAVITES.index(un.raison))
            )
        elif None not in avis:
            trouves |= {p.piece_id: Doute(Raison.NON_LUE) for p in siennes}
    return trouves


class LigneLue(BaseModel):
    """One line of what was read, beside what was declared: null where the form has no such field."""

    libelle: str
    lu: str
    declare: str | None


def extrait(piece: Piece, demande: Demande) -> list[LigneLue]:
    """What was read of ``piece`` and matters to who judges it; empty when nothing was."""
    lignes: list[tuple[str, str | None, str | None]] = []
    zone = mrz.lire(tuple(piece.mrz), _jour_d_envoi(demande, piece)) if piece.mrz else None
    if zone is not None and demande.etat_civil is not None:
        dit = demande.etat_civil
        lignes += [
            ("Nom de naissance", zone.nom, dit.nom_naissance),
            ("Prénoms", " ".join(zone.prenoms), " ".join(dit.prenoms)),
            ("Date de naissance", _a_la_francaise(zone.naissance), _a_la_francaise(dit.date_naissance)),
            ("Sexe", zone.sexe, dit.sexe),
            ("Fin de validité", _a_la_francaise(zone.expiration), None),
            ("Délivrée", _a_la_francaise(zone.delivrance), None),
        ]
    code = code_de(piece)
    if code is not None:
        lue, emis_le = code.adresse or domicile.AdresseLue(), code.emis_le or code.signe_le
        chez, qui = demande.adresse, demande.etat_civil
        lignes += [
            ("Signature du code", SIGNATURES[code.signature], None),
            ("Titulaire", ", ".join(une.texte for une in code.personnes), qui.nom_complet if qui else None),
            ("Voie", lue.voie or lue.lieu_dit, _voie(chez) if chez else None),
            ("Code postal et commune", f"{lue.code_postal} {lue.commune}", _ville(chez) if chez else None),
            ("Date du document", _a_la_francaise(emis_le.isoformat()) if emis_le else None, None),
        ]
    return [LigneLue(libelle=nom, lu=lu, declare=declare) for nom, lu, declare in lignes if lu and lu.strip()]


SIGNATURES: dict[domicile.Signature, str] = {
    domicile.Signature.VERIFIEE: "vérifiée",
    domicile.Signature.FAUSSE: "fausse : le document a pu être falsifié",
    domicile.Signature.AUTORITE_INCONNUE: "d'un émetteur que le service ne connaît pas",
    domicile.Signature.CERTIFICAT_HORS_DATES: "d'un émetteur dont le certificat n'était pas valable ce jour-là",
    domicile.Signature.ILLISIBLE: "illisible",
}


def _a_la_francaise(jour: str | None) -> str | None:
    return "/".join(reversed(jour.split("-"))) if jour else None


def _voie(adresse: Adresse) -> str:
    return " ".join(filter(None, (adresse.numero, adresse.extension, adresse.type_voie, adresse.nom_voie)))


def _ville(adresse: Adresse) -> str:
    return f"{adresse.code_postal} {adresse.commune}"


def _identite(demande: Demande, piece: Piece) -> Doute | None:
    au = _jour_d_envoi(demande, piece)
    if not piece.mrz or demande.etat_civil is None:
        return Doute(Raison.NON_LUE)
    zone = mrz.lire(tuple(piece.mrz), au)
    if zone is None or not zone.cles_justes:  # several, of one person or of two
        return Doute(Raison.INDECISE)
    if zone.format == "permis":
        return Doute(Raison.NON_LUE)
    comparaison = mrz.comparer(zone, demande.etat_civil)
    champs = tuple(f"etat_civil.{champ}" for champ in comparaison.champs)
    if comparaison.verdict == "differe":
        return Doute(Raison.DIFFERENTE, champs)
    if comparaison.verdict == "indecis":
        return Doute(Raison.INDECISE, champs)
    if not _connue(zone):
        return Doute(Raison.ETRANGERE)
    return Doute(Raison.PERIMEE) if _perimee(zone, au) else None


def _connue(zone: mrz.Mrz) -> bool:
    """Whether it is a card or a passport of the French State for one of its own: anybody may print a zone, and other
    documents, a residence permit, a crew's card or a refugee's passport, have the same shape."""
    return (
        zone.pays == "FRA"
        and zone.nationalite in (None, "FRA")
        and (zone.format == "cni" or zone.type == "ID" or zone.type.startswith("P"))
    )


def _perimee(zone: mrz.Mrz, au: date) -> bool:
    """Whether the document no longer proves an identity; one that does not tell its end does not."""
    if zone.expiration is not None:
        fin, apres = zone.expiration, TOLERANCE_ANS
    elif zone.delivrance is not None:
        fin, apres = zone.delivrance, _duree_de_cni(zone.delivrance, zone.naissance) + TOLERANCE_ANS
    else:
        return True
    return f"{int(fin[:4]) + apres}{fin[4:]}" < au.isoformat()[: len(fin)]


def _duree_de_cni(delivrance: str, naissance: str | None) -> int:
    mois = int(delivrance[:4]) * 12 + int(delivrance[5:])
    # In doubt about a birth known by its year only, or about the month of a majority, the holder was a minor.
    adulte = naissance is not None and mois > (int(naissance[:4]) + MAJORITE) * 12 + int(naissance[5:7] or 12)
    return CNI_ANS_PROLONGEE if adulte and delivrance >= CNI_PROLONGEE_DEPUIS else CNI_ANS


def _domicile(demande: Demande, piece: Piece) -> Doute | None:
    code = code_de(piece)
    if code is None or demande.etat_civil is None or demande.adresse is None:
        return Doute(Raison.NON_LUE)
    comparaison = domicile.comparer(code, demande.etat_civil, demande.adresse, _jour_d_envoi(demande, piece))
    if comparaison.issue == "concorde":
        return None
    if code.signature is domicile.Signature.FAUSSE:
        return Doute(Raison.FALSIFIEE, comparaison.indecis)
    if comparaison.issue == "indecis":
        return Doute(Raison.INDECISE, comparaison.indecis)
    return Doute(Raison.PERIMEE if comparaison.differents == ("date",) else Raison.DIFFERENTE, comparaison.differents)


COMPAREES: Mapping[str, set[str]] = {"identite": {"etat_civil"}, "domicile": {"etat_civil", "adresse"}}
"""The steps whose words each type is compared with, by machines and by people."""

_LECTEURS: dict[str, Callable[[Demande, Piece], Doute | None]] = {"identite": _identite, "domicile": _domicile}
"""The types of which a machine may be sure. No other is ever sure: a receipt of a theft, a doctor's opinion, an act of
civil status have nothing that proves them to it."""


def _jour_d_envoi(demande: Demande, piece: Piece) -> date:
    """The day of the deposit; that of the control for a file sent later, with a complement."""
    depot = demande.deposee_le or demande.modifie_le
    return jour_legal(lire(max(depot, piece.controlee_le)))
