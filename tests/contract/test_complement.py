"""A suspension and its complement over any store: the same tests on the fake and on DynamoDB, races included."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.complement import repondre
from chalicelib.demande.controle import controler
from chalicelib.demande.erreurs import (
    ConflitDeVersion,
    DemandeIncomplete,
    DemandeInconnue,
    ErreurMetier,
    PieceInconnue,
    TransitionInterdite,
)
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import Adresse, Demande, Element, EtatCivil, EtatPhoto, PhotoSignature, Piece, Statut
from chalicelib.demande.modeles import StatutPiece as S
from chalicelib.demande.ports import Demandes, Modification
from chalicelib.demande.suspension import corriger, lever, suspendre
from chalicelib.demande.verification import chaine_intacte
from chalicelib.demande.vie import echoir
from chalicelib.demandes.complement import LEVEE, deposer
from tests import agents as personnel
from tests.agents import en_cours
from tests.contract.tables import aws_simule
from tests.dossiers import (
    ADRESSE,
    DEMANDE_ID,
    ETAT_CIVIL,
    JOUR_S,
    MAINTENANT,
    ecriture,
    il_y_a,
    piece,
    pieces_de,
    timbre_reserve,
)
from tests.fakes.comptes import ComptesEnMemoire, Magasin
from tests.fakes.demandes import FakeDemandes
from tests.fakes.exterieur import FakePhotos
from tests.personnel import compte_de

SERVICE = ComptesEnMemoire(Magasin({qui.compte_id: compte_de(qui) for qui in (personnel.AGENT, personnel.CTN)}))
AGENT, CTN = Auteur("agent", "agent-de-nancy"), Auteur("ctn", "ctn-de-nancy")
IDENTITE, DOMICILE = f"{1:016x}", f"{2:016x}"
NOUVELLE = f"{7:016x}"
ENSUITE = MAINTENANT + timedelta(days=5)
TROP_TARD = MAINTENANT + timedelta(days=61)
ILLISIBLE = Element(cible=DOMICILE, motif="illisible")
VOIE = Element(cible="adresse.nom_voie", motif="inexacte")
FINS = {"ComplementDepose", "SuspensionLevee", "DemandeClasseeSansSuite"}


@pytest.fixture(params=["fake", "dynamodb"])
def demandes(request: pytest.FixtureRequest) -> Iterator[Demandes]:
    if request.param == "fake":
        yield FakeDemandes()
        return
    with aws_simule():
        yield wiring.demandes()


def suspendue(
    demandes: Demandes, *elements: Element, qui: Auteur = AGENT, id_: str = DEMANDE_ID, **champs: Any
) -> Demande:
    """Store a demande and suspend it."""
    retour = Statut.EN_CONTROLE if qui is CTN else Statut.EN_INSTRUCTION
    demande = en_cours(retour, id=id_, deposee_le=ecrire(il_y_a(3)), modifie_le=ecrire(il_y_a(3)), **champs)
    demandes.creer(demande)
    for une in pieces_de(demande):
        demandes.ajouter_piece(une)
    changement = suspendre(
        demande,
        pieces_de(demande),
        elements or (ILLISIBLE, VOIE),
        "Un message de l'agent.",
        None,
        qui,
        "Agnès Guichet",
        MAINTENANT,
        "correlation",
        JOUR_S,
    )
    return demandes.transiter(demande, changement)


def reponse(rang: int = 1, **champs: Any) -> Modification:
    return ecriture(maintenant=ENSUITE, suspension=rang, **champs)


def repond(demandes: Demandes, etape: str, valeur: Any) -> Demande:
    demande = demandes.lire(DEMANDE_ID)
    suspension = repondre(demande, etape, valeur, ENSUITE)
    return demandes.modifier(DEMANDE_ID, reponse(poser={"suspension": suspension}, si_version=demande.version))


def repond_a_tout(demandes: Demandes) -> None:
    repond(demandes, "adresse", Adresse.model_validate({**ADRESSE, "nom_voie": "Saint-Dizier"}))
    demandes.ajouter_piece(piece("domicile", 7))


def complete(
    demandes: Demandes, si_version: int | None = None, photos: FakePhotos | None = None
) -> tuple[Demande, list[Piece]]:
    def lire() -> tuple[Demande, list[Piece]]:
        return demandes.lire_avec_pieces(DEMANDE_ID)

    return deposer(demandes, photos or FakePhotos(), SERVICE, lire, si_version, ENSUITE, "correlation", JOUR_S)


def leve(demandes: Demandes) -> Demande:
    demande = demandes.lire(DEMANDE_ID)
    return demandes.transiter(demande, lever(demande, AGENT, ENSUITE, "correlation", JOUR_S, encore_la=True))


def echoit(demandes: Demandes) -> Demande:
    demande = demandes.lire(DEMANDE_ID)
    changement = echoir(demande, Auteur("systeme", "echeance"), TROP_TARD, "correlation", JOUR_S)
    return demandes.transiter(demande, changement) if changement is not None else demande


def evenements(demandes: Demandes) -> list[str]:
    return [entree.evenement for entree in demandes.journal(DEMANDE_ID)]


def test_une_reponse_ne_touche_ni_la_demande_ni_sa_date(demandes: Demandes) -> None:
    avant = suspendue(demandes)
    apres = repond(demandes, "adresse", Adresse.model_validate({**ADRESSE, "nom_voie": "Saint-Dizier"}))
    assert apres == demandes.lire(DEMANDE_ID)
    assert apres.version == avant.version + 1
    assert (apres.adresse, apres.modifie_le, apres.autorite_le) == (avant.adresse, avant.modifie_le, avant.autorite_le)
    assert apres.suspension is not None
    assert apres.suspension.reponses == {"adresse": {"nom_voie": "Saint-Dizier"}}


def test_une_reponse_suit_la_suspension_qu_elle_vise_avant_son_echeance(demandes: Demandes) -> None:
    demande = suspendue(demandes)
    suspension = {"suspension": demande.suspension}
    for refusee, attendue in (
        (reponse(usager="compte-de-paul", poser=suspension), DemandeInconnue),
        (reponse(rang=2, poser=suspension), TransitionInterdite),
        (replace(reponse(poser=suspension), maintenant=TROP_TARD), TransitionInterdite),
        (reponse(poser=suspension, si_version=demande.version + 1), ConflitDeVersion),
        (ecriture(maintenant=ENSUITE, poser=suspension), TransitionInterdite),
    ):
        with pytest.raises(attendue):
            demandes.modifier(DEMANDE_ID, refusee)
    assert demandes.lire(DEMANDE_ID) == demande
    leve(demandes)
    with pytest.raises(TransitionInterdite) as erreur:
        demandes.modifier(DEMANDE_ID, reponse(poser=suspension))
    assert erreur.value.champs["statut"] == "en_instruction"


def test_une_piece_envoyee_en_complement_se_retire_et_la_version_avance(demandes: Demandes) -> None:
    demande = suspendue(demandes)
    demandes.ajouter_piece(piece("domicile", 7))
    demandes.retirer_piece(DEMANDE_ID, reponse(), NOUVELLE)
    apres, pieces = demandes.lire_avec_pieces(DEMANDE_ID)
    assert apres.version == demande.version + 1
    assert apres.modifie_le == demande.modifie_le
    assert NOUVELLE not in [une.piece_id for une in pieces]
    with pytest.raises(PieceInconnue):
        demandes.retirer_piece(DEMANDE_ID, reponse(), NOUVELLE)


def test_le_complement_est_une_seule_transaction(demandes: Demandes) -> None:
    suspendue(demandes)
    repond_a_tout(demandes)
    demande, pieces = complete(demandes)
    assert (demande, pieces) == demandes.lire_avec_pieces(DEMANDE_ID)
    assert (demande.statut, demande.agent, demande.corbeille) == (Statut.EN_INSTRUCTION, AGENT.id, "543#agent")
    assert demande.adresse is not None and demande.adresse.nom_voie == "Saint-Dizier"
    assert demande.pieces_deposees == [IDENTITE, NOUVELLE]
    assert {une.piece_id: une.statut for une in pieces} == {
        IDENTITE: S.VALIDE,
        DOMICILE: S.REMPLACEE,
        NOUVELLE: S.VALIDE,
    }
    (close,) = demandes.suspensions_closes(DEMANDE_ID)
    assert (close.issue, close.message) == ("complement", "Un message de l'agent.")
    assert [(suite.avant, suite.apres) for suite in close.suites] == [
        (DOMICILE, [NOUVELLE]),
        ("de la Poste", "Saint-Dizier"),
    ]
    assert evenements(demandes) == ["DemandeSuspendue", "ComplementDepose"]
    assert chaine_intacte(demandes.journal(DEMANDE_ID), demande)


def test_un_complement_incomplet_ne_change_rien_et_dit_tout_ce_qui_manque(demandes: Demandes) -> None:
    demande = suspendue(demandes)
    with pytest.raises(DemandeIncomplete) as erreur:
        complete(demandes)
    assert [(un["etape"], un["champ"]) for un in erreur.value.champs["manques"]] == [
        ("pieces", "domicile"),
        ("adresse", "nom_voie"),
    ]
    assert demandes.lire(DEMANDE_ID) == demande


def test_deux_fois_n_est_qu_une_fois(demandes: Demandes) -> None:
    suspendue(demandes)
    repond_a_tout(demandes)
    assert complete(demandes) == complete(demandes)
    assert evenements(demandes).count("ComplementDepose") == 1


@pytest.mark.parametrize("fin", [leve, echoit])
def test_ce_qui_a_fini_avant_le_complement_est_dit(demandes: Demandes, fin: Callable[[Demandes], Demande]) -> None:
    suspendue(demandes, paiement=None)
    repond_a_tout(demandes)
    terminee = fin(demandes)
    with pytest.raises(TransitionInterdite) as erreur:
        complete(demandes)
    assert erreur.value.champs["statut"] == terminee.statut
    assert (erreur.value.detail == LEVEE) is (fin is leve)


def test_classee_sans_reponse_la_demande_garde_ce_qui_etait_demande(demandes: Demandes) -> None:
    suspendue(demandes, paiement=None)
    classee = echoit(demandes)
    assert classee.statut is Statut.CLASSEE_SANS_SUITE
    assert classee.suspension is not None
    assert classee.suspension.message == "Un message de l'agent."


def test_une_version_perimee_est_refusee_avant_toute_ecriture(demandes: Demandes) -> None:
    demande = suspendue(demandes)
    repond_a_tout(demandes)
    with pytest.raises(ConflitDeVersion):
        complete(demandes, si_version=demande.version)
    assert complete(demandes, si_version=demande.version + 1)[0].statut is Statut.EN_INSTRUCTION


def test_corriger_garde_l_ancienne_demande_a_cote(demandes: Demandes) -> None:
    suspendue(demandes)
    repond_a_tout(demandes)
    for message in ("Deuxième.", "Troisième."):
        demande, pieces = demandes.lire_avec_pieces(DEMANDE_ID)
        changement = corriger(demande, pieces, [VOIE], message, None, AGENT, ENSUITE, "correlation", JOUR_S)
        assert changement is not None
        demandes.transiter(demande, changement)
    complete(demandes)
    closes = demandes.suspensions_closes(DEMANDE_ID)
    assert sorted((close.issue, close.message) for close in closes) == [
        ("complement", "Troisième."),
        ("corrigee", "Deuxième."),
        ("corrigee", "Un message de l'agent."),
    ]
    _, pieces = demandes.lire_avec_pieces(DEMANDE_ID)
    assert {une.piece_id: une.statut for une in pieces}[DOMICILE] is S.VALIDE


def test_une_identite_corrigee_se_cherche_aussitot_parmi_les_autres_demandes(demandes: Demandes) -> None:
    suspendue(demandes, Element(cible="etat_civil.prenoms", motif="inexacte"))
    autre = {**ETAT_CIVIL, "prenoms": ["Paul"]}
    de_paul = en_cours(Statut.DEPOSEE, id="b" * 32, usager="compte-de-paul", numero="9" * 23, etat_civil=autre)
    demandes.creer(de_paul)
    systeme = Auteur("systeme", "controle")
    demandes.transiter(de_paul, controler(de_paul, [], [], None, systeme, MAINTENANT, "correlation", JOUR_S))
    repond(demandes, "etat_civil", EtatCivil.model_validate(autre))
    demande, _ = complete(demandes)
    assert (demande.nom_recherche, demande.doublons) == ("CORNEILLE PAUL", ["9" * 23])


def test_un_code_photo_est_tenu_pour_la_demande_qui_le_donne(demandes: Demandes) -> None:
    suspendue(demandes, Element(cible="photo_signature", motif="photo_non_conforme"))
    photos = FakePhotos()
    code = photos.creer()
    repond(demandes, "photo_signature", PhotoSignature(mode="numerique", code=code, etat=EtatPhoto.VALIDE))
    photos.reservations[code] = "une autre demande"
    with pytest.raises(DemandeIncomplete) as erreur:
        complete(demandes, photos=photos)
    assert "déjà servi" in erreur.value.champs["manques"][0]["message"]
    del photos.reservations[code]
    demande, _ = complete(demandes, photos=photos)
    assert photos.reservations == {code: DEMANDE_ID}
    assert demande.photo_signature == PhotoSignature(mode="numerique", code=code, etat=EtatPhoto.VALIDE)


def test_le_code_d_avant_est_a_rendre_et_celui_d_un_complement_qui_n_aboutit_pas_est_rendu(demandes: Demandes) -> None:
    avant = PhotoSignature(mode="numerique", code="A" * 22, etat=EtatPhoto.VALIDE)
    suspendue(demandes, Element(cible="photo_signature", motif="photo_non_conforme"), photo_signature=avant)
    photos = FakePhotos()
    code = photos.creer()
    repond(demandes, "photo_signature", PhotoSignature(mode="numerique", code=code, etat=EtatPhoto.VALIDE))
    lectures = [demandes.lire_avec_pieces(DEMANDE_ID)]
    leve(demandes)
    with pytest.raises(TransitionInterdite):
        deposer(
            demandes,
            photos,
            SERVICE,
            lambda: lectures.pop() if lectures else demandes.lire_avec_pieces(DEMANDE_ID),
            None,
            ENSUITE,
            "correlation",
            JOUR_S,
        )
    assert photos.reservations == {}, "the levée came first: what was held is given back"
    demande, pieces = demandes.lire_avec_pieces(DEMANDE_ID)
    elements = [Element(cible="photo_signature", motif="photo_non_conforme")]
    redemandee = suspendre(demande, pieces, elements, "Encore.", None, AGENT, "Agnès", ENSUITE, "c", JOUR_S)
    demandes.transiter(demande, redemandee)
    demande = demandes.lire(DEMANDE_ID)
    assert demande.suspension is not None
    nouvelle = repondre(demande, "photo_signature", avant.model_copy(update={"code": code}), ENSUITE)
    demandes.modifier(DEMANDE_ID, reponse(2, poser={"suspension": nouvelle}, si_version=demande.version))
    assert (
        complete(demandes, photos=photos)[0].photos_quittees == demandes.lire(DEMANDE_ID).photos_quittees == ["A" * 22]
    )
    assert photos.reservations == {code: DEMANDE_ID}


def test_un_talon_redemande_se_fait_attendre_avant_l_agent(demandes: Demandes) -> None:
    recue = ecrire(il_y_a(1))
    suspendue(demandes, Element(cible="photo_signature", motif="photo_non_conforme"), photo_recue_le=recue)
    repond(demandes, "photo_signature", PhotoSignature(mode="talon", etat=EtatPhoto.TALON))
    demande, _ = complete(demandes)
    assert demande == demandes.lire(DEMANDE_ID)
    assert (demande.statut, demande.photo_recue_le, demande.veille) == (Statut.ATTENTE_PHOTO, None, "signal")
    assert demande.photo_redemandee_par is not None and demande.photo_redemandee_par.par == AGENT.id
    assert evenements(demandes) == ["DemandeSuspendue", "ComplementDepose", "PhotoAttendue"]


def test_la_levee_rend_au_controle_ce_qu_il_avait_juge(demandes: Demandes) -> None:
    suspendue(demandes, ILLISIBLE, qui=CTN)
    demande = demandes.lire(DEMANDE_ID)
    levee = demandes.transiter(demande, lever(demande, CTN, ENSUITE, "correlation", JOUR_S, encore_la=True))
    assert (levee.statut, levee.agent, levee.corbeille) == (Statut.EN_CONTROLE, CTN.id, "543#ctn")
    _, pieces = demandes.lire_avec_pieces(DEMANDE_ID)
    assert {(une.statut, une.motif_refus) for une in pieces} == {(S.VALIDE, None)}


@pytest.mark.parametrize("tour", range(5))
def test_de_complements_de_levees_et_d_une_echeance_au_meme_instant_un_seul_gagne(
    demandes: Demandes, tour: int
) -> None:
    suspendue(demandes, paiement=None)
    repond_a_tout(demandes)
    actions: list[Callable[[Demandes], Any]] = [complete, leve, echoit, complete, leve, echoit]
    actions = actions[tour:] + actions[:tour]
    depart = Barrier(len(actions))

    def jouer(action: Callable[[Demandes], Any]) -> Any:
        depart.wait()
        try:
            return action(demandes)
        except ErreurMetier as erreur:
            return erreur

    with ThreadPoolExecutor(len(actions)) as fils:
        suites = list(fils.map(jouer, actions))

    demande = demandes.lire(DEMANDE_ID)
    (fin,) = [evenement for evenement in evenements(demandes) if evenement in FINS]
    assert chaine_intacte(demandes.journal(DEMANDE_ID), demande)
    attendu = Statut.CLASSEE_SANS_SUITE if fin == "DemandeClasseeSansSuite" else Statut.EN_INSTRUCTION
    assert demande.statut is attendu
    issues = {"ComplementDepose": ["complement"], "SuspensionLevee": ["levee"], "DemandeClasseeSansSuite": []}
    assert [close.issue for close in demandes.suspensions_closes(DEMANDE_ID)] == issues[fin]
    voie = demande.adresse.nom_voie if demande.adresse else None
    assert voie == ("Saint-Dizier" if fin == "ComplementDepose" else "de la Poste")
    refus = [suite for suite in suites if isinstance(suite, ErreurMetier)]
    assert all(isinstance(un, TransitionInterdite | ConflitDeVersion) for un in refus), "the others are told plainly"
    for action, suite in zip(actions, suites, strict=True):
        if action is complete:
            assert isinstance(suite, ErreurMetier) is (fin != "ComplementDepose")


def test_vingt_complements_a_la_fois_n_en_font_qu_un(demandes: Demandes) -> None:
    suspendue(demandes)
    repond_a_tout(demandes)
    with ThreadPoolExecutor(8) as fils:
        suites = list(fils.map(lambda _: complete(demandes), range(20)))
    assert all(suite == suites[0] for suite in suites)
    assert evenements(demandes).count("ComplementDepose") == 1


def test_une_piece_retiree_pendant_l_envoi_n_est_jamais_deposee(demandes: Demandes) -> None:
    """Withdrawing a new pièce moves the version: a complement that counted on it is read again."""
    suspendue(demandes, ILLISIBLE)
    demandes.ajouter_piece(piece("domicile", 7))
    lues = demandes.lire_avec_pieces(DEMANDE_ID)
    demandes.retirer_piece(DEMANDE_ID, reponse(), NOUVELLE)
    lectures = iter([lues])

    def lire() -> tuple[Demande, list[Piece]]:
        return next(lectures, None) or demandes.lire_avec_pieces(DEMANDE_ID)

    with pytest.raises(DemandeIncomplete):
        deposer(demandes, FakePhotos(), SERVICE, lire, None, ENSUITE, "correlation", JOUR_S)
    assert demandes.lire(DEMANDE_ID).statut is Statut.SUSPENDUE


def test_le_timbre_suit_le_classement_et_pas_le_complement(demandes: Demandes) -> None:
    suspendue(demandes, paiement={**PAYE, "etat": "consomme"})
    assert timbre_reserve().numero == PAYE["numero_timbre"]
    repond_a_tout(demandes)
    demande, _ = complete(demandes)
    assert demande.paiement is not None and demande.paiement.etat == "consomme"


PAYE = {"montant_centimes": 2500, "numero_timbre": "1234567890123456"}
