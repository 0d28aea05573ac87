"""What an agent may ask from the usager, how he corrects and lifts it, and what is kept of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.erreurs import SaisieInvalide, TransitionInterdite
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, Element, PageRefusee, Piece, Statut, StatutPiece
from chalicelib.demande.motifs import TYPES_PIECES
from chalicelib.demande.motifs_decision import LIBELLES_SUSPENSION, motifs_de
from chalicelib.demande.suspension import (
    CIBLE_INCONNUE,
    FERMES,
    OUVRABLES,
    RESTE_JOURS,
    RIEN_DE_CE_TYPE,
    SuspensionClose,
    corriger,
    lever,
    suspendre,
    viser,
)
from tests.agents import en_cours
from tests.dossiers import JOUR_S, MAINTENANT, il_y_a, piece, pieces_de
from tests.fakes.demandes import FakeDemandes

AGENT = Auteur("agent", "agent-de-nancy")
CTN = Auteur("ctn", "ctn-de-nancy")
IDENTITE, DOMICILE = f"{1:016x}", f"{2:016x}"
ILLISIBLE = Element(cible=DOMICILE, motif="illisible")
VOIE = Element(cible="adresse.nom_voie", motif="inexacte")
PHOTO = Element(cible="photo_signature", motif="photo_non_conforme")


def demander(
    demande: Demande, *elements: Element, qui: Auteur = AGENT, pieces: Sequence[Piece] | None = None, **autres: Any
) -> Changement:
    saisie: dict[str, Any] = {"message": "Merci de compléter.", "delai_jours": None, **autres}
    toutes = pieces_de(demande) if pieces is None else pieces
    return suspendre(
        demande, toutes, elements, auteur=qui, nom="Agnès Guichet", maintenant=MAINTENANT, correlation_id="c",
        jour_s=JOUR_S, **saisie,
    )  # fmt: skip


def suspendue(*elements: Element, qui: Auteur = AGENT, demande: Demande | None = None, **autres: Any) -> FakeDemandes:
    """A store with a demande whose suspension asks ``elements``."""
    retour = Statut.EN_CONTROLE if qui is CTN else Statut.EN_INSTRUCTION
    demande = demande or en_cours(retour, deposee_le=ecrire(il_y_a(3)))
    demandes = FakeDemandes()
    demandes.creer(demande)
    for une in pieces_de(demande):
        demandes.ajouter_piece(une)
    demandes.transiter(demande, demander(demande, *elements, qui=qui, **autres))
    return demandes


def seule(demandes: FakeDemandes) -> tuple[Demande, list[Piece]]:
    (demande_id,) = demandes.toutes
    return demandes.lire_avec_pieces(demande_id)


def correction(
    demandes: FakeDemandes, *elements: Element, qui: Auteur = AGENT, jours: float = 10, **autres: Any
) -> Changement | None:
    demande, pieces = seule(demandes)
    saisie: dict[str, Any] = {"message": "Voici ce qui manque.", "delai_jours": None, **autres}
    return corriger(
        demande, pieces, elements, auteur=qui, maintenant=MAINTENANT + timedelta(days=jours), correlation_id="c",
        jour_s=JOUR_S, **saisie,
    )  # fmt: skip


def corrigee(demandes: FakeDemandes, *elements: Element, **autres: Any) -> tuple[Demande, dict[str, Piece]]:
    changement = correction(demandes, *elements, **autres)
    assert changement is not None
    demandes.transiter(seule(demandes)[0], changement)
    demande, pieces = seule(demandes)
    return demande, {une.piece_id: une for une in pieces}


def refus(*elements: Element) -> dict[str, str]:
    """The fields refused, each with its sentence."""
    demande = en_cours()
    with pytest.raises(SaisieInvalide) as erreur:
        viser(demande, pieces_de(demande), elements)
    return {un["champ"]: un["message"] for un in erreur.value.champs["erreurs"]}


def test_une_piece_deposee_un_type_manquant_un_champ_et_la_photo_se_demandent() -> None:
    demande = en_cours()
    elements = [ILLISIBLE, Element(cible="avis_medical", motif="piece_manquante"), VOIE, PHOTO]
    vises = viser(demande, pieces_de(demande), elements)
    assert [(un.cible, un.type) for un in vises] == [
        (DOMICILE, "domicile"),
        ("avis_medical", "avis_medical"),
        ("adresse.nom_voie", None),
        ("photo_signature", None),
    ]


def test_une_piece_deja_refusee_se_demande_avec_les_pages_nommees_et_la_redire_ne_change_rien() -> None:
    nommees = [PageRefusee(page=2, motif="illisible")]
    demande = en_cours(Statut.EN_CONTROLE, deposee_le=ecrire(il_y_a(3)))
    identite, domicile = pieces_de(demande)
    refusee = domicile.model_copy(
        update={"statut": StatutPiece.REFUSEE, "pages": 2, "motif_refus": "illisible", "pages_refusees": nommees}
    )
    demandes = FakeDemandes()
    demandes.creer(demande)
    for une in (identite, refusee):
        demandes.ajouter_piece(une)
    demandes.transiter(demande, demander(demande, ILLISIBLE, qui=CTN, pieces=[identite, refusee]))
    suspension = seule(demandes)[0].suspension
    assert suspension is not None and suspension.elements[0].pages == nommees
    assert correction(demandes, ILLISIBLE, qui=CTN, message="Merci de compléter.") is None


def test_la_prefecture_ne_se_demande_pas_et_le_refus_dit_pourquoi() -> None:
    champs = refus(Element(cible="adresse.prefecture", motif="inexacte"))
    assert "service qui traite la demande" in champs["elements.0.cible"]


@pytest.mark.parametrize(
    "cible",
    ["motif", "paiement", "adresse.", "adresse.inconnu", "etat_civil.prenoms.0", "photo_signature.code", "f" * 16, "."],
)
def test_ce_qui_n_existe_pas_ne_se_demande_pas(cible: str) -> None:
    assert refus(Element(cible=cible, motif="inexacte")) == {"elements.0.cible": CIBLE_INCONNUE}


def test_une_piece_qui_n_est_plus_deposee_ne_se_demande_pas() -> None:
    demande = en_cours()
    pieces = [*pieces_de(demande), piece("domicile", 9, StatutPiece.REMPLACEE)]
    with pytest.raises(SaisieInvalide):
        viser(demande, pieces, [Element(cible=f"{9:016x}", motif="illisible")])


def test_chaque_element_refuse_est_nomme_avec_son_rang() -> None:
    champs = refus(VOIE, VOIE, Element(cible=IDENTITE, motif="manquante"), Element(cible="adresse.email", motif="faux"))
    assert set(champs) == {"elements.1.cible", "elements.2.motif", "elements.3.motif"}


@given(st.sampled_from([*TYPES_PIECES, *FERMES, *OUVRABLES, IDENTITE, "adresse.nom_voie"]), st.text(max_size=30))
def test_aucun_motif_hors_liste_ne_passe(cible: str, motif: str) -> None:
    demande = en_cours()
    try:
        (vise,) = viser(demande, pieces_de(demande), [Element(cible=cible, motif=motif)])
    except SaisieInvalide:
        return
    assert motif in LIBELLES_SUSPENSION
    assert motif in motifs_de(vise.type is not None, cible == "photo_signature")
    assert cible not in FERMES


def test_la_suspension_passe_la_main_a_l_usager_avec_une_echeance_et_refuse_les_pieces_visees() -> None:
    demande, pieces = seule(suspendue(ILLISIBLE, VOIE))
    suspension = demande.suspension
    assert suspension is not None
    assert (demande.statut, demande.suspensions, suspension.rang) == (Statut.SUSPENDUE, 1, 1)
    assert demande.echeance == ecrire(MAINTENANT + timedelta(days=60))
    assert demande.chez_usager_depuis == ecrire(MAINTENANT)
    assert (demande.corbeille, demande.agent) == (None, None)
    assert (suspension.par, suspension.par_nom, suspension.role) == ("agent-de-nancy", "Agnès Guichet", "agent")
    assert suspension.retour is Statut.EN_INSTRUCTION
    statuts = {une.piece_id: (une.statut, une.motif_refus) for une in pieces}
    assert statuts[DOMICILE] == (StatutPiece.REFUSEE, "illisible")
    assert statuts[IDENTITE] == (StatutPiece.VALIDE, None)
    assert demande.veille == "signal"


@pytest.mark.parametrize(("genre", "depuis"), [("agent", Statut.EN_INSTRUCTION), ("ctn", Statut.EN_CONTROLE)])
def test_chacun_suspend_depuis_son_seul_statut(genre: Any, depuis: Statut) -> None:
    for statut in set(Statut) - {depuis}:
        with pytest.raises(TransitionInterdite) as erreur:
            demander(en_cours(statut), VOIE, qui=Auteur(genre, "x"))
        assert erreur.value.champs["statut"] == statut
    assert demander(en_cours(depuis), VOIE, qui=Auteur(genre, "x")).vers is Statut.SUSPENDUE


def test_la_photo_demandee_a_nouveau_n_est_plus_recue() -> None:
    recue = en_cours(photo_recue_le=ecrire(il_y_a(2)))
    demandes = suspendue(PHOTO, demande=recue)
    demande, _ = seule(demandes)
    assert demande.photo_recue_le is None
    levee = demandes.transiter(demande, lever(demande, AGENT, MAINTENANT, "c", JOUR_S, encore_la=True))
    assert levee.photo_recue_le == recue.photo_recue_le


def test_corriger_remplace_la_demande_et_garde_ce_qu_elle_disait() -> None:
    demandes = suspendue(ILLISIBLE, message="Premier message.")
    demande, pieces = corrigee(demandes, VOIE, message="Second message.")
    suspension = demande.suspension
    assert suspension is not None
    assert [un.cible for un in suspension.elements] == ["adresse.nom_voie"]
    assert (suspension.message, suspension.rang) == ("Second message.", 1)
    assert suspension.corrigee_le == ecrire(MAINTENANT + timedelta(days=10))
    assert pieces[DOMICILE].statut is StatutPiece.VALIDE, "no longer asked: as it was"
    (avant,) = demandes.suspensions_closes(demande.id)
    assert (avant.issue, avant.message, avant.close_par) == ("corrigee", "Premier message.", AGENT.id)
    assert [un.cible for un in avant.elements] == [DOMICILE]


def test_corriger_de_la_meme_facon_ne_change_rien() -> None:
    demandes = suspendue(ILLISIBLE, VOIE)
    assert correction(demandes, ILLISIBLE, VOIE, message="Merci de compléter.") is None
    assert correction(demandes, ILLISIBLE, VOIE, message="Merci de compléter.", delai_jours=60) is None


def test_un_delai_corrige_se_compte_depuis_la_suspension_et_ne_peut_etre_deja_passe() -> None:
    demandes = suspendue(ILLISIBLE)
    assert corrigee(demandes, ILLISIBLE, delai_jours=90)[0].echeance == ecrire(MAINTENANT + timedelta(days=90))
    assert corrigee(demandes, ILLISIBLE, delai_jours=30)[0].echeance == ecrire(MAINTENANT + timedelta(days=30))
    with pytest.raises(SaisieInvalide) as erreur:
        correction(demandes, ILLISIBLE, delai_jours=9)
    assert erreur.value.champs["erreurs"][0]["champ"] == "delai_jours"


def test_ce_qui_est_demande_en_plus_laisse_quinze_jours_au_moins() -> None:
    demandes = suspendue(ILLISIBLE)
    demande, _ = corrigee(demandes, ILLISIBLE, VOIE, jours=59)
    fin = ecrire(MAINTENANT + timedelta(days=59 + RESTE_JOURS))
    assert demande.echeance == fin
    assert corrigee(demandes, VOIE, jours=60)[0].echeance == fin, "less is asked: the deadline stays"


@pytest.mark.parametrize("delai_jours", [1, 12, None])
def test_un_autre_motif_laisse_quinze_jours_comme_ce_qui_est_demande_en_plus(delai_jours: int | None) -> None:
    demandes = suspendue(ILLISIBLE)
    perimee = Element(cible=DOMICILE, motif="expiree")
    demande, _ = corrigee(demandes, perimee, jours=58, delai_jours=delai_jours)
    assert demande.echeance == ecrire(MAINTENANT + timedelta(days=58 + RESTE_JOURS))


@pytest.mark.parametrize(("jours", "fin"), [(10, 10 + RESTE_JOURS), (50, 60)])
def test_un_delai_raccourci_ne_laisse_pas_moins_de_quinze_jours_ni_que_ce_qui_restait(jours: int, fin: int) -> None:
    demandes = suspendue(ILLISIBLE)
    assert corrigee(demandes, ILLISIBLE, jours=jours, delai_jours=jours + 1)[0].echeance == ecrire(
        MAINTENANT + timedelta(days=fin)
    )


def test_un_delai_court_des_le_depart_le_reste() -> None:
    demandes = suspendue(ILLISIBLE, delai_jours=5)
    assert corrigee(demandes, ILLISIBLE, VOIE, jours=4)[0].echeance == ecrire(MAINTENANT + timedelta(days=9))


def test_une_piece_deposee_nommee_par_son_type_designe_toutes_celles_de_ce_type() -> None:
    demande = en_cours()
    deux = [*pieces_de(demande), piece("domicile", 3)]
    demande = demande.model_copy(update={"pieces_deposees": [une.piece_id for une in deux]})
    for motif in ("illisible", "piece_manquante"):
        vises = viser(demande, deux, [Element(cible="domicile", motif=motif)])
        assert [(un.cible, un.motif, un.type) for un in vises] == [
            (DOMICILE, motif, "domicile"),
            (f"{3:016x}", motif, "domicile"),
        ]
    assert refus(Element(cible="domicile", motif="illisible"), ILLISIBLE).keys() == {"elements.1.cible"}


def test_une_piece_qui_n_est_pas_deposee_ne_peut_qu_etre_manquante() -> None:
    assert refus(Element(cible="avis_medical", motif="illisible")) == {"elements.0.motif": RIEN_DE_CE_TYPE}


def test_corriger_par_le_type_est_corriger_de_la_meme_facon() -> None:
    demandes = suspendue(Element(cible="domicile", motif="illisible"))
    assert seule(demandes)[1][1].statut is StatutPiece.REFUSEE
    assert correction(demandes, ILLISIBLE, message="Merci de compléter.") is None


def test_les_rappels_deja_passes_au_nouveau_delai_ne_sont_pas_renvoyes() -> None:
    demandes = suspendue(ILLISIBLE)
    assert corrigee(demandes, ILLISIBLE, jours=40, delai_jours=50)[0].rappels == 1
    assert corrigee(demandes, ILLISIBLE, jours=40, delai_jours=180)[0].rappels == 0


def test_un_motif_corrige_se_lit_sur_la_piece() -> None:
    demandes = suspendue(ILLISIBLE)
    _, pieces = corrigee(demandes, Element(cible=DOMICILE, motif="expiree"), Element(cible=IDENTITE, motif="expiree"))
    assert {pieces[id_].motif_refus for id_ in (IDENTITE, DOMICILE)} == {"expiree"}
    assert {pieces[id_].statut for id_ in (IDENTITE, DOMICILE)} == {StatutPiece.REFUSEE}


def test_lever_rend_la_demande_a_qui_l_a_suspendue_en_tete_et_comme_elle_etait() -> None:
    demandes = suspendue(ILLISIBLE, PHOTO, message="Un message à garder.")
    demande, _ = seule(demandes)
    levee = demandes.transiter(demande, lever(demande, Auteur("chef", "chef"), MAINTENANT, "c", JOUR_S, encore_la=True))
    assert (levee.statut, levee.agent, levee.agent_nom) == (Statut.EN_INSTRUCTION, AGENT.id, "Agnès Guichet")
    assert levee.corbeille == "543#agent"
    assert (levee.urgence or "").startswith("0#")
    assert (levee.bail_jusqua or "") > ecrire(MAINTENANT + timedelta(days=1))
    assert (levee.suspension, levee.echeance) == (None, None)
    assert {une.statut for une in seule(demandes)[1]} == {StatutPiece.VALIDE}
    (close,) = demandes.suspensions_closes(demande.id)
    assert (close.issue, close.message, close.close_par) == ("levee", "Un message à garder.", "chef")


def test_une_piece_refusee_avant_la_suspension_le_reste_une_fois_levee() -> None:
    demande = en_cours(Statut.EN_CONTROLE)
    identite, domicile = pieces_de(demande)
    demandes = FakeDemandes()
    demandes.creer(demande)
    jugee = domicile.model_copy(update={"statut": StatutPiece.REFUSEE, "motif_refus": "expiree"})
    for une in (identite, jugee):
        demandes.ajouter_piece(une)
    suspension = demander(demande, ILLISIBLE, qui=CTN, pieces=[identite, jugee])
    actuelle = demandes.transiter(demande, suspension)
    demandes.transiter(actuelle, lever(actuelle, CTN, MAINTENANT, "c", JOUR_S, encore_la=True))
    assert seule(demandes)[1] == [identite, jugee]


@pytest.mark.parametrize(("qui", "autre"), [(AGENT, CTN), (CTN, AGENT)])
def test_l_un_ne_revient_pas_sur_ce_que_l_autre_demande(qui: Auteur, autre: Auteur) -> None:
    demandes = suspendue(VOIE, qui=qui)
    demande, _ = seule(demandes)
    with pytest.raises(TransitionInterdite):
        lever(demande, autre, MAINTENANT, "c", JOUR_S, encore_la=True)
    with pytest.raises(TransitionInterdite):
        correction(demandes, VOIE, qui=autre)


def test_une_suspension_close_se_relit_telle_qu_elle_fut_gardee() -> None:
    demandes = suspendue(ILLISIBLE, VOIE, PHOTO)
    demande, _ = seule(demandes)
    changement = lever(demande, AGENT, MAINTENANT, "c", JOUR_S, encore_la=True)
    ((element, valeurs),) = changement.elements.items()
    assert element == "SUSPENSION#001"
    close = SuspensionClose.model_validate(dict(valeurs))
    assert [suite.cible for suite in close.suites] == [DOMICILE, "adresse.nom_voie", "photo_signature"]
    assert close.suites[1].avant == "de la Poste"
