"""The usager's answer to a suspension: what opens and nothing else, what is missing, what submitting it writes."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from chalicelib.demande.complement import (
    accepte,
    completer,
    corrigee,
    deja_deposee,
    manques,
    modifiables,
    nouvelles,
    rang_de_la_reponse,
    rang_suivant,
    repondre,
    repondu,
    types_ouverts,
)
from chalicelib.demande.controle import Avis, juger
from chalicelib.demande.erreurs import SaisieInvalide, TransitionInterdite
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import (
    Adresse,
    Demande,
    Element,
    EtatCivil,
    EtatPhoto,
    PageRefusee,
    PhotoSignature,
    Piece,
    Statut,
    StatutPiece,
)
from chalicelib.demande.suspension import OUVRABLES, champs_ouverts, lever
from chalicelib.demande.vue import vue_demande
from tests.agents import en_cours
from tests.dossiers import ADRESSE, ETAT_CIVIL, JOUR_S, MAINTENANT, brouillon, il_y_a, piece, pieces_de
from tests.fakes.demandes import FakeDemandes
from tests.unit.demande.test_suspension import (
    AGENT,
    CTN,
    DOMICILE,
    IDENTITE,
    ILLISIBLE,
    PHOTO,
    VOIE,
    demander,
    seule,
    suspendue,
)

ENSUITE = MAINTENANT + timedelta(days=5)
USAGER = Auteur("usager", "compte-de-pierre")
TALON = PhotoSignature(mode="talon", etat=EtatPhoto.TALON)
PRENOMS = Element(cible="etat_civil.prenoms", motif="inexacte")


def adresse(**champs: Any) -> Adresse:
    return Adresse.model_validate({**ADRESSE, **champs})


def repond(demandes: FakeDemandes, etape: str, valeur: BaseModel) -> Demande:
    """The store's demande with this answer kept beside it."""
    demande, _ = seule(demandes)
    suspension = repondre(demande, etape, valeur, ENSUITE)
    demandes.toutes[demande.id] = demande.model_copy(update={"suspension": suspension, "version": demande.version + 1})
    return demandes.toutes[demande.id]


def envoyer(demandes: FakeDemandes, type_: str = "domicile", rang: int = 7, **champs: Any) -> Piece:
    nouvelle = piece(type_, rang, **champs)
    demandes.ajouter_piece(nouvelle)
    return nouvelle


def depose(demandes: FakeDemandes, doublons: list[str] | None = None) -> tuple[Demande, dict[str, Piece]]:
    demande, pieces = seule(demandes)
    assert manques(demande, pieces) == []
    apres = corrigee(demande)
    demandes.transiter(
        demande, completer(demande, apres, pieces, doublons, USAGER, ENSUITE, "c", JOUR_S, encore_la=True)
    )
    demande, pieces = seule(demandes)
    return demande, {une.piece_id: une for une in pieces}


def test_seul_ce_qui_est_demande_se_corrige_et_le_reste_est_nomme() -> None:
    demandes = suspendue(VOIE)
    with pytest.raises(SaisieInvalide) as erreur:
        repond(demandes, "adresse", adresse(nom_voie="Saint-Dizier", commune="Metz", prefecture="573"))
    champs = {un["champ"]: un["message"] for un in erreur.value.champs["erreurs"]}
    assert set(champs) == {"commune", "prefecture"}
    assert "service qui traite" in champs["prefecture"]


def test_une_reponse_attend_a_cote_de_la_demande() -> None:
    demande = repond(suspendue(VOIE), "adresse", adresse(nom_voie="Saint-Dizier"))
    assert demande.adresse == adresse()
    assert corrigee(demande).adresse == adresse(nom_voie="Saint-Dizier")
    assert demande.modifie_le == ecrire(MAINTENANT)


def test_une_etape_qui_n_est_pas_demandee_reste_fermee() -> None:
    with pytest.raises(TransitionInterdite) as erreur:
        repond(suspendue(VOIE), "etat_civil", EtatCivil.model_validate(ETAT_CIVIL))
    assert erreur.value.champs["statut"] == "suspendue"


def test_un_champ_facultatif_demande_peut_etre_vide() -> None:
    demandes = suspendue(Element(cible="adresse.complement", motif="inexacte"))
    demande = repond(demandes, "adresse", adresse(complement=None))
    assert corrigee(demande).adresse == adresse(complement=None)
    assert manques(demande, []) == []


def test_une_information_manquante_ne_se_confirme_pas_vide() -> None:
    demandes = suspendue(Element(cible="etat_civil.neph", motif="manquante"))
    etat_civil = EtatCivil.model_validate(ETAT_CIVIL)
    demande = repond(demandes, "etat_civil", etat_civil)
    assert [manque["champ"] for manque in manques(demande, [])] == ["neph"]
    assert manques(repond(demandes, "etat_civil", etat_civil.model_copy(update={"neph": "123456789012"})), []) == []


@given(st.sets(st.sampled_from(OUVRABLES["adresse"]), min_size=1), st.data())
def test_quoi_que_l_usager_envoie_rien_d_autre_que_le_demande_ne_change(demandes_: set[str], data: Any) -> None:
    demande, _ = seule(suspendue(*(Element(cible=f"adresse.{champ}", motif="inexacte") for champ in demandes_)))
    envoye = {
        **ADRESSE,
        **{champ: data.draw(st.sampled_from([ADRESSE[champ], *AUTRES[champ]]), label=champ) for champ in AUTRES},
    }
    try:
        suspension = repondre(demande, "adresse", Adresse.model_validate(envoye), ENSUITE)
    except SaisieInvalide as refus:
        nommes = {un["champ"] for un in refus.champs["erreurs"]}
        assert nommes == {champ for champ in AUTRES if envoye[champ] != ADRESSE[champ] and champ not in demandes_}
        return
    apres = corrigee(demande.model_copy(update={"suspension": suspension})).adresse
    assert apres is not None and demande.adresse is not None
    for champ in Adresse.model_fields:
        attendu = envoye[champ] if champ in demandes_ else ADRESSE[champ]
        assert getattr(apres, champ) == attendu


AUTRES: dict[str, list[Any]] = {
    "numero": ["12", None],
    "nom_voie": ["Saint-Dizier"],
    "complement": [None, "bâtiment C"],
    "commune": ["Metz"],
    "prefecture": ["573"],
    "telephone": ["0699999999", None],
    "reutilisation_donnees": [True],
}


@pytest.mark.parametrize("etape", ["adresse", "etat_civil"])
def test_une_etape_demandee_entiere_ouvre_tous_ses_champs_sauf_ceux_qui_ne_se_demandent_pas(etape: str) -> None:
    demande, _ = seule(suspendue(Element(cible=etape, motif="inexacte")))
    assert demande.suspension is not None
    assert champs_ouverts(demande.suspension, etape) == set(OUVRABLES[etape])
    assert modifiables(demande.suspension) == [f"{etape}.{champ}" for champ in OUVRABLES[etape]]
    assert not {"prefecture", "reutilisation_donnees"} & champs_ouverts(demande.suspension, etape)


def test_ce_qui_a_ete_repondu_reste_quand_la_demande_est_corrigee() -> None:
    demandes = suspendue(VOIE)
    demande = repond(demandes, "adresse", adresse(nom_voie="Saint-Dizier"))
    suspension = demande.suspension
    assert suspension is not None
    commune = Element(cible="adresse.commune", motif="inexacte")
    plus = demande.model_copy(update={"suspension": suspension.model_copy(update={"elements": [VOIE, commune]})})
    assert [manque["champ"] for manque in manques(plus, [])] == ["commune"], "asked since: not answered yet"
    assert repondu(plus, VOIE, [])
    autre = demande.model_copy(update={"suspension": suspension.model_copy(update={"elements": [commune]})})
    assert corrigee(autre).adresse == adresse(), "asked no more: not applied"


def test_apres_l_echeance_plus_rien_ne_s_ouvre() -> None:
    demande, pieces = seule(suspendue(VOIE, ILLISIBLE))
    trop_tard = MAINTENANT + timedelta(days=60)
    for action in (
        lambda: repondre(demande, "adresse", adresse(), trop_tard),
        lambda: types_ouverts(demande, trop_tard, JOUR_S),
        lambda: rang_de_la_reponse(demande, piece("domicile", 9), trop_tard),
        lambda: completer(demande, demande, pieces, None, USAGER, trop_tard, "c", JOUR_S, encore_la=True),
    ):
        with pytest.raises(TransitionInterdite, match="délai"):
            action()


def test_les_types_de_piece_ouverts_sont_ceux_qui_sont_demandes() -> None:
    demande, _ = seule(suspendue(ILLISIBLE, VOIE, Element(cible="avis_medical", motif="piece_manquante")))
    assert types_ouverts(demande, ENSUITE, JOUR_S) == ("domicile", "avis_medical")
    assert accepte(demande, piece("domicile", 7)) and not accepte(demande, piece("identite", 7))
    assert types_ouverts(brouillon(), MAINTENANT, JOUR_S) == ("identite", "domicile")
    assert accepte(brouillon(), piece("identite")) and not accepte(en_cours(), piece("identite", 7))
    with pytest.raises(TransitionInterdite):
        types_ouverts(en_cours(), ENSUITE, JOUR_S)


def test_l_usager_retire_sa_nouvelle_piece_jamais_celle_qu_il_a_deposee() -> None:
    demandes = suspendue(ILLISIBLE)
    nouvelle = envoyer(demandes)
    demande, pieces = seule(demandes)
    assert [une.piece_id for une in nouvelles(demande, pieces)] == [nouvelle.piece_id]
    assert rang_de_la_reponse(demande, nouvelle, ENSUITE) == 1
    for une in pieces:
        if une.piece_id in (IDENTITE, DOMICILE):
            with pytest.raises(TransitionInterdite):
                rang_de_la_reponse(demande, une, ENSUITE)


def test_ce_qui_reste_d_une_suspension_levee_ne_repond_pas_a_la_suivante() -> None:
    demandes = suspendue(ILLISIBLE)
    restee, attendue = envoyer(demandes), envoyer(demandes, rang=8, statut=StatutPiece.ATTENDUE)
    demande, pieces = seule(demandes)
    demandes.transiter(demande, lever(demande, AGENT, ENSUITE, "c", JOUR_S, encore_la=True))
    demande, pieces = seule(demandes)
    demandes.transiter(demande, demander(demande, ILLISIBLE, pieces=pieces))
    demande, pieces = seule(demandes)
    assert (nouvelles(demande, pieces), accepte(demande, attendue)) == ([], False)
    assert [manque["champ"] for manque in manques(demande, pieces)] == ["domicile"]
    vue = vue_demande(demande, ENSUITE, pieces)
    assert vue.suspension is not None and vue.suspension.elements[0].repondu is False
    assert [une.piece_id for une in vue.pieces or []] == [IDENTITE, DOMICILE]
    assert rang_de_la_reponse(demande, restee, ENSUITE) == 2, "it is still his own to withdraw"
    nouvelle = envoyer(demandes, rang=rang_suivant(demande, []))
    demande, deposees = depose(demandes)
    assert demande.pieces_deposees == [IDENTITE, nouvelle.piece_id]
    assert deposees[restee.piece_id].statut is StatutPiece.VALIDE, "neither submitted nor replaced"


def test_une_piece_du_brouillon_jamais_deposee_ne_repond_a_rien() -> None:
    """The motif changed: its type was asked no more, then a suspension asks it."""
    demande = en_cours(deposee_le=ecrire(il_y_a(3)))
    pieces = [*pieces_de(demande), piece("avis_medical", 3)]
    changement = demander(demande, Element(cible="avis_medical", motif="piece_manquante"), pieces=pieces)
    suspendue_ = demande.model_copy(update={"statut": Statut.SUSPENDUE, **changement.poser})
    assert [manque["champ"] for manque in manques(suspendue_, pieces)] == ["avis_medical"]


@pytest.mark.parametrize("statut", [StatutPiece.ATTENDUE, StatutPiece.INVALIDE])
def test_une_piece_attendue_ou_invalide_ne_repond_a_rien(statut: StatutPiece) -> None:
    demandes = suspendue(ILLISIBLE)
    envoyer(demandes, statut=statut)
    (manque,) = manques(*seule(demandes))
    assert (manque["etape"], manque["champ"]) == ("pieces", "domicile")


def test_une_piece_encore_en_controle_s_attend_meme_a_cote_d_une_bonne() -> None:
    demandes = suspendue(ILLISIBLE)
    envoyer(demandes, rang=7)
    envoyer(demandes, rang=8, statut=StatutPiece.EN_COURS)
    (manque,) = manques(*seule(demandes))
    assert (manque["champ"], "n'est pas fini" in manque["message"]) == ("domicile", True)


def test_trop_de_pages_envoyees_se_disent() -> None:
    demandes = suspendue(ILLISIBLE)
    envoyer(demandes, rang=7, pages=3)
    assert manques(*seule(demandes)) == []
    envoyer(demandes, rang=8, pages=3)
    assert "5 page(s) au plus" in manques(*seule(demandes))[0]["message"]


def test_la_photo_ne_compte_que_si_elle_est_utilisable() -> None:
    demandes = suspendue(PHOTO)
    assert manques(*seule(demandes))[0]["etape"] == "photo_signature"
    for etat in (EtatPhoto.CODE_ATTENDU, EtatPhoto.DEJA_UTILISE, EtatPhoto.INCONNU):
        repond(demandes, "photo_signature", PhotoSignature(mode="numerique", code="A" * 22, etat=etat))
        assert manques(*seule(demandes)) != []
    repond(demandes, "photo_signature", PhotoSignature(mode="numerique", code="A" * 22, etat=EtatPhoto.VALIDE))
    assert manques(*seule(demandes)) == []


def test_le_complement_remplace_les_pieces_et_revient_en_tete_a_qui_l_a_demande() -> None:
    demandes = suspendue(ILLISIBLE, VOIE)
    nouvelle = envoyer(demandes)
    repond(demandes, "adresse", adresse(nom_voie="Saint-Dizier"))
    demande, pieces = depose(demandes)
    assert (demande.statut, demande.agent, demande.agent_nom) == (Statut.EN_INSTRUCTION, AGENT.id, "Agnès Guichet")
    assert (demande.corbeille, (demande.urgence or "")[:2]) == ("543#agent", "0#")
    assert (demande.bail_jusqua or "") > ecrire(ENSUITE + timedelta(days=1))
    assert demande.pieces_deposees == [IDENTITE, nouvelle.piece_id]
    assert pieces[DOMICILE].statut is StatutPiece.REMPLACEE
    assert pieces[DOMICILE].motif_refus == "illisible"
    assert pieces[nouvelle.piece_id].statut is StatutPiece.VALIDE
    assert demande.adresse == adresse(nom_voie="Saint-Dizier")
    assert (demande.suspension, demande.echeance, demande.temps_usager_s) == (None, None, 5 * 86400)
    (close,) = demandes.suspensions_closes(demande.id)
    assert (close.issue, close.close_par) == ("complement", USAGER.id)
    assert [(suite.cible, suite.avant, suite.apres) for suite in close.suites] == [
        (DOMICILE, DOMICILE, [nouvelle.piece_id]),
        ("adresse.nom_voie", "de la Poste", "Saint-Dizier"),
    ]
    assert deja_deposee(demande, [close])


def test_une_piece_demandee_au_controle_revient_a_verifier() -> None:
    demandes = suspendue(ILLISIBLE, qui=CTN)
    nouvelle = envoyer(demandes)
    demande, pieces = depose(demandes)
    assert (demande.statut, demande.corbeille, demande.agent) == (Statut.EN_CONTROLE, "543#ctn", CTN.id)
    assert pieces[nouvelle.piece_id].statut is StatutPiece.A_VERIFIER


@pytest.mark.parametrize("statut", [StatutPiece.VALIDE, StatutPiece.ACCEPTEE])
def test_une_piece_jugee_sur_des_mots_corriges_depuis_se_regarde_encore(statut: StatutPiece) -> None:
    """Machines were sure of the first name, or an operator was: neither has seen the new one."""
    demande = en_cours(Statut.EN_CONTROLE, deposee_le=ecrire(il_y_a(3)), pieces_deposees=[IDENTITE, DOMICILE])
    demandes = suspendue(Element(cible="adresse.nom_voie", motif="inexacte"), qui=CTN, demande=demande)
    for une in pieces_de(demande):
        demandes.ajouter_piece(une.model_copy(update={"statut": statut}))
    repond(demandes, "adresse", adresse(nom_voie="du Faubourg des Trois Maisons"))
    demande, apres = depose(demandes)
    assert apres[DOMICILE].statut is StatutPiece.A_VERIFIER
    assert apres[IDENTITE].statut is statut, "an address says nothing of an identity"
    fin = juger(demande, list(apres.values()), [Avis(DOMICILE, acceptee=True)], CTN, ENSUITE, "c", JOUR_S)
    assert fin.vers is Statut.ATTENTE_PHOTO, "the control can end"


def test_des_mots_confirmes_tels_quels_ne_font_rien_regarder_encore() -> None:
    demande = en_cours(Statut.EN_CONTROLE, deposee_le=ecrire(il_y_a(3)), pieces_deposees=[IDENTITE, DOMICILE])
    demandes = suspendue(Element(cible="adresse.nom_voie", motif="inexacte"), qui=CTN, demande=demande)
    for une in pieces_de(demande):
        demandes.ajouter_piece(une.model_copy(update={"statut": StatutPiece.ACCEPTEE}))
    repond(demandes, "adresse", adresse())
    _, apres = depose(demandes)
    assert {une.statut for une in apres.values()} == {StatutPiece.ACCEPTEE}


def test_une_piece_nommee_par_son_type_est_remplacee() -> None:
    demandes = suspendue(Element(cible="domicile", motif="illisible"))
    nouvelle = envoyer(demandes)
    demande, pieces = depose(demandes)
    assert demande.pieces_deposees == [IDENTITE, nouvelle.piece_id]
    assert pieces[DOMICILE].statut is StatutPiece.REMPLACEE
    (close,) = demandes.suspensions_closes(demande.id)
    assert [(suite.avant, suite.apres) for suite in close.suites] == [(DOMICILE, [nouvelle.piece_id])]


def test_une_piece_refusee_avant_est_remplacee_avec_celle_de_son_type_et_le_controle_peut_finir() -> None:
    """An operator refuses two files of one type, then asks for one of them."""
    verso = piece("domicile", 3, StatutPiece.REFUSEE, motif_refus="expiree")
    demandes = suspendue(
        ILLISIBLE,
        qui=CTN,
        demande=en_cours(
            Statut.EN_CONTROLE, deposee_le=ecrire(il_y_a(3)), pieces_deposees=[IDENTITE, DOMICILE, verso.piece_id]
        ),
    )
    demandes.ajouter_piece(verso)
    nouvelle = envoyer(demandes)
    demande, pieces = depose(demandes)
    assert demande.pieces_deposees == [IDENTITE, nouvelle.piece_id]
    assert {(une.statut, une.motif_refus) for une in (pieces[DOMICILE], pieces[verso.piece_id])} == {
        (StatutPiece.REMPLACEE, "illisible"),
        (StatutPiece.REMPLACEE, "expiree"),
    }
    (close,) = demandes.suspensions_closes(demande.id)
    assert [(suite.avant, suite.apres) for suite in close.suites] == [
        (DOMICILE, [nouvelle.piece_id]),
        (verso.piece_id, [nouvelle.piece_id]),
    ]
    avis = [Avis(nouvelle.piece_id, acceptee=True)]
    fin = juger(demande, list(pieces.values()), avis, CTN, ENSUITE, "c", JOUR_S)
    assert fin.vers is Statut.ATTENTE_PHOTO, "the control is over"


@pytest.mark.parametrize("visee", [True, False], ids=["visee", "du meme type"])
def test_les_pages_en_cause_restent_avec_la_piece_remplacee(visee: bool) -> None:
    """As its motif does: the dossier still says why it was replaced."""
    pages = [PageRefusee(page=2, motif="illisible")]
    verso = piece("domicile", 3, StatutPiece.REFUSEE, pages=2, motif_refus="expiree", pages_refusees=pages)
    demande = en_cours(
        Statut.EN_CONTROLE, deposee_le=ecrire(il_y_a(3)), pieces_deposees=[IDENTITE, DOMICILE, verso.piece_id]
    )
    demandee = Element(cible=verso.piece_id, motif="expiree") if visee else ILLISIBLE
    demandes = suspendue(demandee, qui=CTN, demande=demande, pieces=[*pieces_de(demande), verso])
    demandes.ajouter_piece(verso)
    envoyer(demandes)
    _, pieces = depose(demandes)
    remplacee = pieces[verso.piece_id]
    assert (remplacee.statut, remplacee.pages_refusees) == (StatutPiece.REMPLACEE, pages)


def test_une_piece_ajoutee_ne_remplace_rien() -> None:
    demandes = suspendue(Element(cible="avis_medical", motif="piece_manquante"))
    nouvelle = envoyer(demandes, "avis_medical")
    demande, pieces = depose(demandes)
    assert demande.pieces_deposees == [IDENTITE, DOMICILE, nouvelle.piece_id]
    assert pieces[DOMICILE].statut is StatutPiece.VALIDE


def test_une_identite_corrigee_refait_les_cles_de_recherche() -> None:
    demandes = suspendue(PRENOMS, Element(cible="etat_civil.numero_dossier", motif="inexacte"), demande=CONNUE)
    corrige = {**ETAT_CIVIL, "nom_usage": "Racine", "prenoms": ["Pierre", "Paul"]}
    repond(demandes, "etat_civil", EtatCivil.model_validate(corrige))
    demande, _ = depose(demandes, doublons=["9" * 23])
    assert (demande.nom_recherche, demande.autorite_nom) == ("CORNEILLE PIERRE PAUL", "543#CORNEILLE PIERRE PAUL")
    assert (demande.numero_dossier, demande.doublons) == (None, ["9" * 23])


CONNUE = en_cours(
    etat_civil={**ETAT_CIVIL, "numero_dossier": "13572A7654", "nom_usage": "Racine"}, deposee_le=ecrire(il_y_a(3))
)


def test_un_nom_d_usage_ote_quitte_aussi_la_recherche() -> None:
    demandes = suspendue(Element(cible="etat_civil.nom_usage", motif="inexacte"), demande=CONNUE)
    sans = EtatCivil.model_validate({**ETAT_CIVIL, "numero_dossier": "13572A7654"})
    repond(demandes, "etat_civil", sans)
    demande, pieces = seule(demandes)
    changement = completer(demande, corrigee(demande), pieces, None, USAGER, ENSUITE, "c", JOUR_S, encore_la=True)
    assert "usage_recherche" in changement.oter
    assert "|Racine|" not in changement.poser["fiche"]


def test_un_talon_a_poster_est_attendu_avant_que_l_agent_ne_reprenne() -> None:
    demandes = suspendue(PHOTO, demande=en_cours(photo_recue_le=ecrire(il_y_a(2))))
    repond(demandes, "photo_signature", TALON)
    demande, _ = depose(demandes)
    assert (demande.statut, demande.agent, demande.veille) == (Statut.ATTENTE_PHOTO, None, "signal")
    assert demande.echeance == ecrire(ENSUITE + timedelta(days=60))
    evenements = [(entree.evenement, entree.statut) for entree in demandes.journal(demande.id)]
    assert evenements[1:] == [("ComplementDepose", Statut.EN_CONTROLE), ("PhotoAttendue", Statut.ATTENTE_PHOTO)]


def test_un_talon_deja_arrive_n_est_pas_attendu() -> None:
    demandes = suspendue(PHOTO)
    repond(demandes, "photo_signature", TALON)
    demande, _ = seule(demandes)
    demandes.toutes[demande.id] = demande.model_copy(update={"photo_recue_le": ecrire(ENSUITE)})
    assert depose(demandes)[0].statut is Statut.EN_INSTRUCTION


def test_la_vue_montre_ce_qui_est_a_revoir_et_ce_qui_s_ouvre() -> None:
    demandes = suspendue(ILLISIBLE, VOIE)
    vue = vue_demande(*_vu(demandes))
    assert vue.modifiable == ["pieces.domicile", "adresse.nom_voie"]
    assert {nom for nom, etape in vue.etapes.items() if etape.etat == "a_revoir"} == {"adresse", "pieces"}
    assert vue.suspension is not None
    assert [(un.etape, un.champ, un.repondu) for un in vue.suspension.elements] == [
        ("pieces", "domicile", False),
        ("adresse", "nom_voie", False),
    ]
    assert vue.suspension.elements[0].libelle.startswith("Justificatif de domicile")
    repond(demandes, "adresse", adresse(nom_voie="Saint-Dizier"))
    envoyer(demandes)
    vue = vue_demande(*_vu(demandes))
    assert vue.suspension is not None
    assert {un.repondu for un in vue.suspension.elements} == {True}
    assert {vue.etapes[nom].etat for nom in ("adresse", "pieces", "etat_civil", "photo_signature")} == {"complete"}
    assert vue.etapes["adresse"].donnees["nom_voie"] == "Saint-Dizier"
    depose(demandes)
    vue = vue_demande(*_vu(demandes))
    assert (vue.modifiable, vue.suspension, vue.etapes["pieces"].etat) == ([], None, "complete")


def _vu(demandes: FakeDemandes) -> tuple[Demande, Any, list[Piece]]:
    demande, pieces = seule(demandes)
    return demande, ENSUITE, pieces
