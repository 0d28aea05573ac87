"""What machines read of the pièces: proposed as it is, believed when it agrees, and told to a person otherwise."""

from datetime import date
from typing import Any

import pytest

from chalicelib.demande import domicile, mrz
from chalicelib.demande.instants import ecrire
from chalicelib.demande.lectures import (
    Doute,
    Raison,
    code_de,
    conseils,
    doutes,
    extrait,
    retenir,
    valeurs,
)
from chalicelib.demande.modeles import Anomalie, Demande, EtatCivil, Piece, StatutPiece
from chalicelib.demande.motifs import TYPES_PIECES
from tests.dossiers import CODE, ETAT_CIVIL, MAINTENANT, ZONE, piece, pieces_de, prete

JOUR = date(2026, 11, 24)
CNIE = ["IDFRAX4RTBPFW46<<<<<<<<<<<<<<<", "9007138F3002119FRA<<<<<<<<<<<6", "MARTIN<<MAELYS<GAELLE<MARIE<<<"]
MAELYS = {
    **ETAT_CIVIL,
    "nom_naissance": "Martin",
    "prenoms": ["Maëlys", "Gaëlle", "Marie"],
    "date_naissance": "1990-07-13",
    "sexe": "F",
}


def deposee(pieces: list[Piece], **etat_civil: Any) -> Demande:
    """A deposited demande that holds ``pieces``; its état civil differs by ``etat_civil``."""
    return prete(
        etat_civil=EtatCivil.model_validate({**ETAT_CIVIL, **etat_civil}),
        deposee_le=ecrire(MAINTENANT),
        pieces_deposees=[p.piece_id for p in pieces],
    )


def doute_de(une: Piece, **etat_civil: Any) -> Doute | None:
    return doutes(deposee([une], **etat_civil), [une]).get(une.piece_id)


def test_un_dossier_ordinaire_ne_laisse_aucun_doute() -> None:
    pieces = pieces_de(prete())
    assert doutes(deposee(pieces), pieces) == {}


@pytest.mark.parametrize("type_", ["identite", "domicile"])
def test_ce_qui_ne_se_lit_pas_va_a_une_personne_et_n_est_pas_refuse(type_: str) -> None:
    muette = piece(type_, mrz=[], code={})
    assert doute_de(muette) == Doute(Raison.NON_LUE)


@pytest.mark.parametrize("type_", sorted(set(TYPES_PIECES) - {"identite", "domicile"}))
def test_ce_qu_aucune_machine_ne_juge_va_toujours_a_une_personne(type_: str) -> None:
    assert doute_de(piece(type_)) == Doute(Raison.NATURE)


@pytest.mark.parametrize(
    ("declare", "champ"),
    [
        ({"nom_naissance": "RACINE"}, "etat_civil.nom_naissance"),
        ({"prenoms": ["Jean"]}, "etat_civil.prenoms"),
        ({"date_naissance": "1956-01-02"}, "etat_civil.date_naissance"),
        ({"sexe": "F"}, "etat_civil.sexe"),
    ],
)
def test_une_identite_qui_differe_dit_par_quoi(declare: dict[str, Any], champ: str) -> None:
    assert doute_de(piece("identite"), **declare) == Doute(Raison.DIFFERENTE, (champ,))


def test_un_prenom_de_plus_ne_se_confirme_pas() -> None:
    doute = doute_de(piece("identite"), prenoms=["Pierre", "Jean"])
    assert doute == Doute(Raison.INDECISE, ("etat_civil.prenoms",))


def test_une_zone_aux_cles_fausses_ne_prouve_rien() -> None:
    fausse = [ZONE[0], ZONE[1][:-1] + ("8" if ZONE[1][-1] != "8" else "9")]
    assert doute_de(piece("identite", mrz=fausse)) == Doute(Raison.INDECISE)
    assert valeurs(piece("identite", mrz=fausse), JOUR) == []


def test_une_piece_d_identite_sert_cinq_ans_apres_sa_fin() -> None:
    carte = piece("identite", mrz=CNIE, pages=2)
    assert doute_de(carte, **MAELYS) is None
    for jour, doute in (("2035-02-11", None), ("2035-02-12", Doute(Raison.PERIMEE))):
        demande = deposee([carte], **MAELYS).model_copy(update={"deposee_le": f"{jour}T12:00:00.000Z"})
        assert doutes(demande, [carte]).get(carte.piece_id) == doute


def test_l_ancienne_carte_sert_vingt_ans_apres_sa_delivrance() -> None:
    carte = piece("identite")
    for jour, perimee in (("2039-03-31", False), ("2039-04-01", True)):
        demande = deposee([carte]).model_copy(update={"deposee_le": f"{jour}T12:00:00.000Z"})
        assert bool(doutes(demande, [carte])) is perimee


@pytest.mark.parametrize(
    ("change", "doute"),
    [
        ({"signature": "fausse"}, Doute(Raison.FALSIFIEE, ("signature",))),
        ({"signature": "autorite_inconnue"}, Doute(Raison.INDECISE, ("signature",))),
        ({"emis_le": "2026-05-01", "signe_le": "2026-05-01"}, Doute(Raison.PERIMEE, ("date",))),
        ({"personnes": [{"texte": "RACINE JEAN"}]}, Doute(Raison.DIFFERENTE, ("nom", "prenoms"))),
        ({"adresse": {**CODE["adresse"], "code_postal": "57000"}}, Doute(Raison.DIFFERENTE, ("adresse.code_postal",))),  # type: ignore[dict-item]
        ({"adresse": None}, Doute(Raison.INDECISE, ("document",))),
    ],
)
def test_un_justificatif_qui_ne_prouve_pas_le_domicile_dit_pourquoi(change: dict[str, Any], doute: Doute) -> None:
    assert doute_de(piece("domicile", code={**CODE, **change})) == doute


def test_une_page_qui_prouve_suffit_pour_les_autres_du_meme_document() -> None:
    recto, verso = piece("identite", 1), piece("identite", 2, mrz=[])
    assert doutes(deposee([recto, verso]), [recto, verso]) == {}
    muet = piece("identite", 1, mrz=[])
    assert set(doutes(deposee([muet, verso]), [muet, verso])) == {muet.piece_id, verso.piece_id}


def test_deux_zones_sur_un_fichier_envoient_tout_a_une_personne() -> None:
    double, bonne = piece("identite", 1, mrz=[*ZONE, *CNIE]), piece("identite", 2)
    assert doutes(deposee([double, bonne]), [double, bonne]) == dict.fromkeys(
        (double.piece_id, bonne.piece_id), Doute(Raison.INDECISE)
    )
    assert valeurs(double, JOUR) == [] and conseils([double]) == {}


def test_une_page_fausse_ou_d_un_autre_a_cote_d_une_bonne_envoie_tout_a_une_personne() -> None:
    bonne, d_un_autre = piece("identite", 1), piece("identite", 2, mrz=CNIE)
    assert set(doutes(deposee([bonne, d_un_autre]), [bonne, d_un_autre])) == {bonne.piece_id, d_un_autre.piece_id}
    facture, fausse = piece("domicile", 3), piece("domicile", 4, code={**CODE, "signature": "fausse"})
    for ordre in ([facture, fausse], [fausse, facture]):
        assert set(doutes(deposee(ordre), ordre).values()) == {Doute(Raison.FALSIFIEE, ("signature",))}


PASSEPORT = ["P<FRAMARTIN<<MAELYS<GAELLE<MARIE<<<<<<<<<<<<", "12AB345673FRA9007138F3002119<<<<<<<<<<<<<<<2"]


@pytest.mark.parametrize(
    ("cartes", "muettes", "doute"),
    [
        ([(CNIE, 1)], 0, Doute(Raison.RECTO_ABSENT)),
        ([(CNIE, 2)], 0, None),
        ([(CNIE, 1)], 1, None),
        ([(CNIE, 1), (CNIE, 1)], 0, Doute(Raison.RECTO_ABSENT)),
        ([(CNIE, 1), (PASSEPORT, 1)], 0, None),
        ([(PASSEPORT, 1)], 0, None),
    ],
)
def test_le_dos_d_une_carte_ne_prouve_rien_sans_la_face_de_la_photo(
    cartes: list[tuple[list[str], int]], muettes: int, doute: Doute | None
) -> None:
    siennes = [piece("identite", rang, mrz=zone, pages=pages) for rang, (zone, pages) in enumerate(cartes, start=1)]
    siennes += [piece("identite", 8, mrz=[])] * muettes
    trouves = doutes(deposee(siennes, **MAELYS), siennes)
    assert trouves == ({p.piece_id: doute for p in siennes} if doute else {})
    avis = conseils(siennes)
    assert [une.code for une in avis.values()] == ["carte_une_face"] * bool(doute)


def test_la_face_de_la_photo_qu_une_personne_a_acceptee_compte_et_ce_qui_differe_se_dit_d_abord() -> None:
    dos, face = piece("identite", 1, mrz=CNIE), piece("identite", 2, StatutPiece.ACCEPTEE, mrz=[])
    assert doutes(deposee([dos, face], **MAELYS), [dos, face]) == {}
    refusee = face.model_copy(update={"statut": StatutPiece.REFUSEE})
    assert doutes(deposee([dos, face], **MAELYS), [dos, refusee]) == {dos.piece_id: Doute(Raison.RECTO_ABSENT)}
    assert doute_de(dos, **{**MAELYS, "sexe": "M"}) == Doute(Raison.DIFFERENTE, ("etat_civil.sexe",))


DOS, RECTO = "0f" * 16 + "8080", "a5" * 16 + "8080"
PERMIS = ["D1FRA13AA000026181231MARTIN<<9"]
DOS_ENCORE = "0f" * 15 + "0e" + "8281"


@pytest.mark.parametrize(
    ("fichiers", "seul"),
    [
        ([(CNIE, [DOS])], True),
        ([(CNIE, [DOS, ""])], True),
        ([(CNIE, [DOS, DOS_ENCORE])], True),
        ([(CNIE, [DOS]), ([], [DOS_ENCORE])], True),
        ([(CNIE, [DOS]), (PERMIS, [RECTO])], True),
        ([(CNIE, [DOS, RECTO])], False),
        ([(CNIE, [DOS]), ([], [RECTO])], False),
        ([(CNIE, [DOS]), (CNIE, [DOS_ENCORE, RECTO])], False),
        ([(CNIE, [DOS, RECTO]), (CNIE, [DOS_ENCORE])], False),
    ],
)
def test_une_page_blanche_le_meme_dos_ou_un_permis_ne_sont_pas_la_face_de_la_photo(
    fichiers: list[tuple[list[str], list[str]]], seul: bool
) -> None:
    pieces = [
        piece("identite", rang, mrz=zone, vues=vues, pages=len(vues)) for rang, (zone, vues) in enumerate(fichiers)
    ]
    trouves = doutes(deposee(pieces, **MAELYS), pieces)
    assert (Doute(Raison.RECTO_ABSENT) in trouves.values()) == seul


@pytest.mark.parametrize(
    ("formats", "vues", "seul"),
    [
        (["td1", "td1"], [DOS, RECTO], True),  # the same back photographed twice
        (["td1", "permis"], [DOS, RECTO], True),
        (["td1", ""], [DOS, RECTO], False),
        (["", "td1"], [RECTO, DOS], False),
        (["", "td1"], [DOS_ENCORE, DOS], True),
        (["td1", ""], [], False),
        (["td1"], [DOS], True),
    ],
)
def test_une_page_qui_porte_une_zone_n_est_pas_la_face_de_la_photo(
    formats: list[str], vues: list[str], seul: bool
) -> None:
    carte = piece("identite", mrz=CNIE, formats_mrz=formats, vues=vues, pages=len(formats))
    assert doute_de(carte, **MAELYS) == (Doute(Raison.RECTO_ABSENT) if seul else None)


def test_ce_qui_fut_garde_et_ne_se_comprend_plus_va_a_une_personne() -> None:
    """And a card that tells its year of issue alone, which none does."""
    for code in (
        {"x": 1},
        {**CODE, "signature": "?"},
        {**CODE, "personnes": None},
        {**CODE, "adresse": {"voie": None}},
    ):
        une = piece("domicile", code=code)
        assert doute_de(une) == Doute(Raison.NON_LUE)
        assert valeurs(une, JOUR) == [] and extrait(une, deposee([une])) == []
    sans_mois = [ZONE[0], "1500923102858CORINNE<<<<<<<6512068F"]
    sans_mois[1] += mrz.cle(sans_mois[0] + sans_mois[1])
    zone = mrz.lire(tuple(sans_mois), JOUR)
    assert zone is not None and zone.cles_justes and zone.delivrance is None
    assert not mrz.vraisemblable(zone)
    elle = {"prenoms": ["Corinne"], "date_naissance": "1965-12-06", "sexe": "F"}
    assert doute_de(piece("identite", mrz=sans_mois), **elle) == Doute(Raison.PERIMEE)


@pytest.mark.parametrize(
    "zone",
    [
        ["IRFRA" + CNIE[0][5:], *CNIE[1:]],
        ["IDD<<" + CNIE[0][5:], *CNIE[1:]],
        [CNIE[0], CNIE[1].replace("FRA", "XXB"), CNIE[2]],
    ],
)
def test_seuls_une_carte_ou_un_passeport_francais_passent_d_eux_memes(zone: list[str]) -> None:
    assert doute_de(piece("identite", mrz=zone), **MAELYS) == Doute(Raison.ETRANGERE)


def test_l_ancienne_carte_d_un_mineur_n_est_pas_prolongee() -> None:
    """Décret 2013-1188: five more years for adults' cards, from 2004 on. Pierre was 18 in January of 2019 at most."""
    mineur = {"date_naissance": "2001-05-01"}
    zone = [ZONE[0], "1903543000120PIERRE<<<<<<<<010501"]
    zone[1] += mrz.cle("010501") + "M"
    zone[1] += mrz.cle(zone[0] + zone[1])
    carte = piece("identite", mrz=zone)
    for jour, perimee in (("2034-03-31", False), ("2034-04-01", True)):
        demande = deposee([carte], **mineur).model_copy(update={"deposee_le": f"{jour}T12:00:00.000Z"})
        assert bool(doutes(demande, [carte])) is perimee


def test_ce_qui_est_envoye_apres_le_depot_est_juge_au_jour_de_son_envoi() -> None:
    apres = piece("domicile", code={**CODE, "emis_le": "2027-01-10", "signe_le": "2027-01-10"})
    assert doute_de(apres) == Doute(Raison.INDECISE, ("date",))
    assert doute_de(apres.model_copy(update={"controlee_le": "2027-01-12T10:00:00.000Z"})) is None
    vieux = piece("domicile", controlee_le="2027-06-01T10:00:00.000Z")
    assert doute_de(vieux) == Doute(Raison.PERIMEE, ("date",))


def test_ce_qui_n_est_pas_depose_ou_deja_juge_n_est_pas_regarde() -> None:
    muette = piece("identite", mrz=[])
    assert doutes(deposee([]), [muette]) == {}
    for statut in (StatutPiece.ACCEPTEE, StatutPiece.REFUSEE, StatutPiece.REMPLACEE):
        assert doute_de(piece("identite", mrz=[], statut=statut)) is None


def test_les_valeurs_sont_proposees_avec_leur_source() -> None:
    lues = {une.champ: (une.valeur, une.source) for p in pieces_de(prete()) for une in valeurs(p, JOUR)}
    assert lues == {
        "etat_civil.nom_naissance": ("CORNEILLE", "mrz"),
        "etat_civil.prenoms": (["Pierre"], "mrz"),
        "etat_civil.sexe": ("M", "mrz"),
        "etat_civil.date_naissance": ("1956-01-01", "mrz"),
        "adresse.numero": ("3", "2ddoc"),
        "adresse.extension": ("BIS", "2ddoc"),
        "adresse.type_voie": ("RUE", "2ddoc"),
        "adresse.nom_voie": ("DE LA POSTE", "2ddoc"),
        "adresse.code_postal": ("54000", "2ddoc"),
        "adresse.commune": ("NANCY", "2ddoc"),
    }


def ancienne_carte(prenoms: str, nom: str = "CORNEILLE") -> list[str]:
    """The zone of a card of the former model."""
    haut, bas = f"IDFRA{nom:<<25}543001", "190354300012"
    bas += f"{mrz.cle(bas)}{prenoms[:14]:<<14}560101{mrz.cle('560101')}M"
    return [haut, bas + mrz.cle(haut + bas)]


@pytest.mark.parametrize(
    ("zone", "prenoms"),
    [
        (ancienne_carte("PIERRE<<JEAN"), ["Pierre", "Jean"]),
        (ancienne_carte("JEAN<NOEL<<LUC"), ["Jean-Noel"]),  # fourteen characters: Luc, or Lucien?
        (ancienne_carte("PIERRE<<JEAN<NOEL"), ["Pierre"]),
        (ancienne_carte("MARIEANTOINETTE"), None),
        (CNIE, ["Maelys", "Gaelle", "Marie"]),
    ],
)
def test_ce_que_la_carte_a_pu_couper_n_est_pas_propose(zone: list[str], prenoms: list[str] | None) -> None:
    lues = {une.champ: une.valeur for une in valeurs(piece("identite", mrz=zone), JOUR)}
    assert lues.get("etat_civil.prenoms") == prenoms
    assert "etat_civil.nom_naissance" in lues


def test_un_nom_coupe_n_est_pas_propose() -> None:
    lues = {une.champ for une in valeurs(piece("identite", mrz=ancienne_carte("PIERRE", "W" * 25)), JOUR)}
    assert lues == {"etat_civil.prenoms", "etat_civil.sexe", "etat_civil.date_naissance"}


@pytest.mark.parametrize(
    ("zones", "conseil"),
    [
        ([], {}),
        ([[]], {0: "zone_non_reconnue"}),
        ([[], []], {1: "zone_non_reconnue"}),
        ([ZONE], {}),
        ([ZONE, []], {}),
        ([[], ZONE], {}),
        ([PERMIS], {0: "permis_pour_identite"}),
        ([ZONE, PERMIS], {}),
        ([PERMIS, PASSEPORT], {}),
        ([[], PERMIS], {1: "permis_pour_identite"}),
        ([CNIE, PERMIS], {0: "carte_une_face"}),
    ],
)
def test_un_cote_qui_porte_la_zone_suffit_dans_n_importe_quel_ordre(
    zones: list[list[str]], conseil: dict[int, str]
) -> None:
    pieces = [piece("identite", rang + 1, mrz=zone) for rang, zone in enumerate(zones)]
    avis = conseils([*pieces, piece("domicile", 9)])
    assert avis.keys() == {pieces[rang].piece_id for rang in conseil}
    assert [une.code for une in avis.values()] == list(conseil.values())
    assert all(une.gravite == "conseil" for une in avis.values())


@pytest.mark.parametrize(
    ("zones", "pages", "geste"),
    [
        ([[]], 1, "joignez aussi"),
        ([[]], 2, "remplacez un fichier joint"),
        ([[], []], 1, "remplacez un fichier joint"),
        ([CNIE], 1, "Ajoutez l'autre face de votre carte"),
        ([CNIE, CNIE], 1, "Remplacez un fichier joint par l'autre face de votre carte"),
    ],
)
def test_on_n_est_invite_a_ajouter_une_page_que_s_il_reste_de_la_place(
    zones: list[list[str]], pages: int, geste: str
) -> None:
    jointes = [piece("identite", rang, mrz=zone, pages=pages) for rang, zone in enumerate(zones, start=1)]
    (avis,) = conseils([*jointes, piece("identite", 8, StatutPiece.INVALIDE, mrz=[])]).values()
    assert geste in avis.message and ("emplacez" in avis.message) == ("emplacez" in geste)


def test_une_page_dite_floue_ne_recoit_pas_un_second_conseil() -> None:
    floue = Anomalie(code="page_floue", message="L'image paraît floue.", gravite="conseil")
    assert conseils([piece("identite", mrz=[], anomalies=[floue])]) == {}


def test_rien_n_est_conseille_de_ce_qui_est_refuse_ou_en_controle() -> None:
    for statut in (StatutPiece.INVALIDE, StatutPiece.EN_COURS, StatutPiece.ATTENDUE, StatutPiece.ACCEPTEE):
        assert conseils([piece("identite", mrz=[], statut=statut)]) == {}


@pytest.mark.parametrize("statut", [StatutPiece.INVALIDE, StatutPiece.REFUSEE, StatutPiece.REMPLACEE])
def test_rien_n_est_propose_d_une_piece_refusee(statut: StatutPiece) -> None:
    assert [valeurs(piece(type_, statut=statut), JOUR) for type_ in ("identite", "domicile")] == [[], []]


def test_un_code_qui_n_est_pas_verifie_ne_propose_rien() -> None:
    assert valeurs(piece("domicile", code={**CODE, "signature": "autorite_inconnue"}), JOUR) == []


def test_l_extrait_met_ce_qui_est_lu_a_cote_de_ce_qui_est_declare() -> None:
    carte, facture = piece("identite"), piece("domicile", 2)
    demande = deposee([carte, facture], nom_naissance="Racine")
    lignes = {ligne.libelle: (ligne.lu, ligne.declare) for p in (carte, facture) for ligne in extrait(p, demande)}
    assert lignes["Nom de naissance"] == ("CORNEILLE", "Racine")
    assert lignes["Date de naissance"] == ("01/01/1956", "01/01/1956")
    assert lignes["Signature du code"] == ("vérifiée", None)
    assert lignes["Voie"] == ("3 BIS RUE DE LA POSTE", "3 bis rue de la Poste")
    assert extrait(piece("identite", mrz=[]), demande) == []


def test_un_code_se_garde_et_se_relit_tel_quel() -> None:
    code = domicile.CodeLu(
        domicile.Signature.VERIFIEE,
        autorite="FR03",
        emis_le=date(2026, 11, 1),
        personnes=(domicile.Personne("CORNEILLE PIERRE"),),
        adresse=domicile.AdresseLue(voie="3 RUE DE LA POSTE", code_postal="54000", commune="NANCY"),
    )
    garde = retenir(code)
    assert code_de(piece("domicile", code=garde)) == code
    assert "lieu_dit" not in garde["adresse"], "an item pays for each byte"
