"""Confirming a demande: complete, attested, numbered, its stamp spent, once, whoever writes meanwhile."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from chalicelib.demande.doublons import DEMANDE_EN_COURS
from chalicelib.demande.erreurs import (
    ConflitDeVersion,
    DemandeIncomplete,
    SaisieInvalide,
    TimbreIndisponible,
    TransitionInterdite,
)
from chalicelib.demande.index import cles_de_recherche
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import (
    Demande,
    EtatPaiement,
    EtatPhoto,
    EtatTimbre,
    Motif,
    PhotoSignature,
    Piece,
    Statut,
    StatutPiece,
)
from chalicelib.demande.verification import chaine_intacte
from chalicelib.saisie import valider_objet
from chalicelib.steps.confirmation import ESSAIS, Attestation, Confirmee, confirmer
from tests.dossiers import (
    DEMANDE_ID,
    JOUR_S,
    MAINTENANT,
    NUMERO_TIMBRE,
    ecriture,
    il_y_a,
    piece,
    pieces_de,
    prete,
    timbre_reserve,
)
from tests.fakes.demandes import FakeDemandes
from tests.fakes.exterieur import FakePhotos

MATIN = ecrire(il_y_a(1))

Lecture = Callable[[], tuple[Demande, list[Piece]]]


def magasin(demande: Demande | None = None, pieces: list[Piece] | None = None) -> FakeDemandes:
    """A store with a demande ready to confirm, its pièces and its stamp."""
    demandes, demande = FakeDemandes(), demande or prete()
    demandes.creer(demande)
    for une in pieces_de(demande) if pieces is None else pieces:
        demandes.ajouter_piece(une)
    demandes.timbres[NUMERO_TIMBRE] = timbre_reserve()
    return demandes


def numeros() -> Callable[[], str]:
    """23 digits, another at each call."""
    suite = count(10**22)
    return lambda: str(next(suite))


def confirme(
    demandes: FakeDemandes,
    cle: str | None = None,
    si_version: int | None = None,
    lire: Lecture | None = None,
    maintenant: datetime = MAINTENANT,
    numero: Callable[[], str] | None = None,
    photos: FakePhotos | None = None,
) -> Confirmee:
    lecture = lire or (lambda: demandes.lire_avec_pieces(DEMANDE_ID))
    return confirmer(
        demandes,
        photos or FakePhotos(),
        lecture,
        si_version,
        numero or numeros(),
        cle,
        maintenant,
        JOUR_S,
        "correlation",
    )


def pendant_la_lecture(demandes: FakeDemandes, *gestes: Callable[[], Any]) -> Lecture:
    """A read after which somebody else writes: one of ``gestes`` each time, then nobody."""
    restants = list(gestes)

    def lire() -> tuple[Demande, list[Piece]]:
        lu = demandes.lire_avec_pieces(DEMANDE_ID)
        if restants:
            restants.pop(0)()
        return lu

    return lire


def test_confirmer_numerote_verrouille_et_consomme_le_timbre_avec_une_seule_entree_de_journal() -> None:
    demandes = magasin()

    confirmee = confirme(demandes, cle="ma-cle")

    demande = demandes.lire(DEMANDE_ID)
    assert confirmee == Confirmee(numero=str(10**22), statut=Statut.DEPOSEE)
    assert (demande.statut, demande.numero, demande.version) == (Statut.DEPOSEE, confirmee.numero, 2)
    assert demande.deposee_le == ecrire(MAINTENANT)
    assert (demande.veille, demande.veille_le) == ("signal", ecrire(MAINTENANT))
    assert demande.paiement is not None
    assert demande.paiement.etat is EtatPaiement.CONSOMME
    assert demandes.timbre(NUMERO_TIMBRE) == timbre_reserve(etat=EtatTimbre.CONSOMME)
    (entree,) = demandes.journal(DEMANDE_ID)
    assert (entree.evenement, entree.statut, entree.numero) == ("DemandeDeposee", "deposee", confirmee.numero)
    assert chaine_intacte([entree], demande)


def test_seules_les_pieces_valides_et_demandees_sont_deposees() -> None:
    siennes = pieces_de(prete())
    autres = [
        piece("identite", 7, StatutPiece.INVALIDE),
        piece("domicile", 8, StatutPiece.ATTENDUE),
        piece("recepisse_vol", 9),
    ]
    demandes = magasin(pieces=[*siennes, *autres])

    confirme(demandes)

    assert demandes.lire(DEMANDE_ID).pieces_deposees == [une.piece_id for une in siennes]


def test_une_demande_incomplete_dit_ce_qui_manque_et_rien_n_est_ecrit() -> None:
    demandes = magasin(prete(etat_civil=None, photo_signature=None), pieces=[])

    with pytest.raises(DemandeIncomplete) as erreur:
        confirme(demandes)

    manques = [(manque["etape"], manque.get("champ")) for manque in erreur.value.champs["manques"]]
    assert manques == [
        ("etat_civil", None),
        ("photo_signature", "mode"),
        ("pieces", "identite"),
        ("pieces", "domicile"),
    ]
    assert demandes.lire(DEMANDE_ID).version == 1
    assert demandes.journal(DEMANDE_ID) == []


@pytest.mark.parametrize("refus", [False, None, "true", 1])
def test_sans_attestation_rien_ne_se_confirme(refus: Any) -> None:
    with pytest.raises(SaisieInvalide) as erreur:
        valider_objet(Attestation, {"attestation": refus})
    assert erreur.value.champs["erreurs"][0]["champ"] == "attestation"


def test_la_meme_cle_redonne_le_meme_numero_sans_rien_ecrire() -> None:
    demandes, numero = magasin(), numeros()

    premiere = confirme(demandes, cle="ma-cle", numero=numero)
    apres = demandes.lire(DEMANDE_ID)

    assert confirme(demandes, cle="ma-cle", numero=numero) == premiere
    assert confirme(demandes, cle="ma-cle", numero=numero, si_version=1) == premiere
    assert demandes.lire(DEMANDE_ID) == apres


@pytest.mark.parametrize("cle", ["une-autre", None])
def test_une_autre_cle_ou_aucune_apprend_que_c_est_deja_fait(cle: str | None) -> None:
    demandes = magasin()
    confirme(demandes, cle="ma-cle")

    with pytest.raises(TransitionInterdite) as erreur:
        confirme(demandes, cle=cle)

    assert erreur.value.champs == {"statut": "deposee"}
    assert len(demandes.journal(DEMANDE_ID)) == 1


def test_une_demande_confirmee_sans_cle_ne_repond_a_aucune_cle() -> None:
    demandes = magasin()
    confirme(demandes)
    with pytest.raises(TransitionInterdite):
        confirme(demandes, cle="ma-cle")


def test_une_ecriture_concurrente_fait_relire_et_c_est_le_nouvel_etat_qui_est_confirme() -> None:
    demandes = magasin()
    corriger = ecriture(poser={"adresse": {**demandes.lire(DEMANDE_ID).model_dump()["adresse"], "nom_voie": "du Pas"}})

    confirmee = confirme(demandes, lire=pendant_la_lecture(demandes, lambda: demandes.modifier(DEMANDE_ID, corriger)))

    demande = demandes.lire(DEMANDE_ID)
    assert demande.adresse is not None
    assert (demande.adresse.nom_voie, demande.numero) == ("du Pas", confirmee.numero)
    assert len(demandes.journal(DEMANDE_ID)) == 1


def test_une_piece_retiree_pendant_la_confirmation_la_rend_incomplete() -> None:
    demandes = magasin()
    identite = pieces_de(prete())[0]
    retirer = lambda: demandes.retirer_piece(DEMANDE_ID, ecriture(), identite.piece_id)  # noqa: E731

    with pytest.raises(DemandeIncomplete) as erreur:
        confirme(demandes, lire=pendant_la_lecture(demandes, retirer))

    assert [manque["champ"] for manque in erreur.value.champs["manques"]] == ["identite"]
    assert demandes.lire(DEMANDE_ID).statut is Statut.BROUILLON


def test_une_demande_retiree_pendant_la_confirmation_reste_retiree() -> None:
    demandes = magasin()
    retirer = ecriture(poser={"statut": Statut.RETIREE})
    with pytest.raises(TransitionInterdite):
        confirme(demandes, lire=pendant_la_lecture(demandes, lambda: demandes.modifier(DEMANDE_ID, retirer)))


def test_apres_trop_de_conflits_la_confirmation_renonce() -> None:
    demandes = magasin()
    ecrire_encore = [lambda: demandes.modifier(DEMANDE_ID, ecriture())] * ESSAIS

    with pytest.raises(ConflitDeVersion) as erreur:
        confirme(demandes, lire=pendant_la_lecture(demandes, *ecrire_encore))

    assert erreur.value.champs == {"version": ESSAIS + 1}


def test_avec_une_version_attendue_un_conflit_se_dit_aussitot() -> None:
    demandes = magasin()

    with pytest.raises(ConflitDeVersion):
        confirme(demandes, si_version=2)
    lire = pendant_la_lecture(demandes, lambda: demandes.modifier(DEMANDE_ID, ecriture()))
    with pytest.raises(ConflitDeVersion) as erreur:
        confirme(demandes, si_version=1, lire=lire)

    assert erreur.value.champs == {"version": 2}
    assert demandes.lire(DEMANDE_ID).statut is Statut.BROUILLON


def test_un_timbre_tenu_pour_un_motif_devenu_gratuit_est_rendu() -> None:
    demandes = magasin(prete(motif=Motif.EXPIRATION))

    confirme(demandes)

    paiement = demandes.lire(DEMANDE_ID).paiement
    assert paiement is not None
    assert paiement.etat is EtatPaiement.LIBERE
    assert demandes.timbre(NUMERO_TIMBRE) == timbre_reserve(etat=EtatTimbre.LIBRE, demande_id=None)


def test_un_motif_gratuit_sans_timbre_ne_touche_pas_au_registre() -> None:
    demandes = magasin(prete(motif=Motif.EXPIRATION, paiement=None))
    confirme(demandes)
    assert demandes.timbre(NUMERO_TIMBRE) == timbre_reserve()


def test_un_timbre_que_le_registre_ne_tient_plus_empeche_de_confirmer() -> None:
    demandes = magasin()
    demandes.timbres[NUMERO_TIMBRE] = timbre_reserve(demande_id="b" * 32)

    with pytest.raises(TimbreIndisponible):
        confirme(demandes)

    assert demandes.lire(DEMANDE_ID).statut is Statut.BROUILLON


def test_un_brouillon_clos_ne_se_confirme_pas_meme_sur_une_version_perimee() -> None:
    demandes = magasin(prete(modifie_le=ecrire(il_y_a(15))))
    for si_version in (None, 1, 9):
        with pytest.raises(TransitionInterdite) as erreur:
            confirme(demandes, si_version=si_version)
        assert "clos" in erreur.value.detail


def test_un_brouillon_se_confirme_jusqu_a_sa_derniere_seconde() -> None:
    demandes = magasin(prete(modifie_le=ecrire(il_y_a(15) + timedelta(milliseconds=1))))
    assert confirme(demandes).statut is Statut.DEPOSEE


def test_un_brouillon_rappele_tard_se_confirme_pendant_son_delai_de_grace() -> None:
    demandes = magasin(prete(modifie_le=ecrire(il_y_a(19)), rappele_le=ecrire(il_y_a(4))))
    assert confirme(demandes).statut is Statut.DEPOSEE


def numerique(etat: EtatPhoto = EtatPhoto.VALIDE) -> PhotoSignature:
    return PhotoSignature(mode="numerique", code=f"PHOTO{0:017d}", etat=etat)


def test_confirmer_tient_l_e_photo_pour_cette_demande() -> None:
    photos = FakePhotos()
    code = photos.creer()

    confirme(magasin(prete(photo_signature=numerique())), photos=photos)

    assert photos.reservations == {code: DEMANDE_ID}


def test_une_e_photo_prise_entre_temps_se_dit_avec_son_etape() -> None:
    photos = FakePhotos()
    photos.reserver(photos.creer(), "une-autre")
    demandes = magasin(prete(photo_signature=numerique()))

    with pytest.raises(DemandeIncomplete) as refus:
        confirme(demandes, photos=photos)

    assert [manque["etape"] for manque in refus.value.champs["manques"]] == ["photo_signature"]
    assert demandes.lire(DEMANDE_ID).statut is Statut.BROUILLON


def test_une_base_d_e_photos_en_panne_n_empeche_pas_de_confirmer() -> None:
    photos = FakePhotos()
    photos.en_panne = True
    demandes = magasin(prete(photo_signature=numerique(EtatPhoto.EN_ACTIVATION)))

    confirme(demandes, photos=photos)

    deposee = demandes.lire(DEMANDE_ID)
    assert (deposee.statut, deposee.photo_signature) == (Statut.DEPOSEE, numerique(EtatPhoto.EN_ACTIVATION))


def test_une_demande_en_cours_pour_la_meme_personne_se_dit_sans_rien_empecher() -> None:
    demandes = magasin()
    autre = prete(id="b" * 32, usager="un-autre", statut=Statut.EN_INSTRUCTION, numero="9" * 23, deposee_le=MATIN)
    demandes.creer(autre.model_copy(update=cles_de_recherche(autre)))

    confirmee = confirme(demandes, cle="ma-cle")

    assert (confirmee.statut, confirmee.avertissement) == (Statut.DEPOSEE, DEMANDE_EN_COURS)
    assert "9" * 23 not in confirmee.model_dump_json(), "it is somebody else's"
    del demandes.toutes["b" * 32]
    assert confirme(demandes, cle="ma-cle") == confirmee, "the same key gives the same answer"
