"""The partner routes over the real store: signature first, one transaction per event, repeats without effect."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import Element, EtatPhoto, PhotoSignature, Statut
from chalicelib.demande.signature import signer
from chalicelib.demande.suspension import suspendre
from tests.agents import PIERRE
from tests.appel import ENVIRONNEMENT, Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID, JOUR_S, prete

NUMERO = "12441542134215461243643"
CODE = "A1B2C3D4E5F6G7H8J9K0L1"
LECTURE = ["Query", "GetItem"]
PRODUCTION = {
    "numero": NUMERO,
    "evenement": "expedie",
    "numero_suivi": "LX123456789FR",
    "survenu_le": "2026-11-20T10:00:00Z",
}
TALON = {"code_talon": NUMERO, "resultat": "valide"}
VENU = "2026-11-20T10:00:00.000Z"


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with aws_simule():
        yield


def deposer(statut: Statut, **champs: Any) -> None:
    maintenant = ecrire(datetime.now(UTC))
    wiring.demandes().creer(
        prete(statut=statut, numero=NUMERO, autorite="543", deposee_le=maintenant, modifie_le=maintenant, **champs)
    )


def dire(quoi: str, corps: Any, *, cle: str = ENVIRONNEMENT["CLE_PARTENAIRE"], age_s: int = 0) -> Resultat:
    texte = corps if isinstance(corps, str) else json.dumps(corps)
    signature = signer(cle, texte.encode(), int(time.time()) - age_s)
    return appeler("POST", f"/partenaires/{quoi}", corps=texte, entetes={"X-Permis-Signature": signature})


def evenements() -> list[str]:
    return [entree.evenement for entree in wiring.demandes().journal(DEMANDE_ID)]


def test_un_evenement_et_ce_qu_il_implique_sont_une_seule_transaction_et_sa_repetition_une_lecture() -> None:
    deposer(Statut.VALIDEE)
    with compter_appels() as appels:
        premiere = dire("production", PRODUCTION)
    assert (premiere.statut, premiere.corps) == (200, {"effet": "applique"})
    assert [appel.operation for appel in appels] == [*LECTURE, "TransactWriteItems"]
    with compter_appels() as appels:
        seconde = dire("production", PRODUCTION)
    assert (seconde.statut, seconde.corps) == (200, {"effet": "sans_effet"})
    assert [appel.operation for appel in appels] == LECTURE
    demande = wiring.demandes().lire(DEMANDE_ID)
    assert evenements() == ["CommandeAcceptee", "TitreExpedie"]
    assert (demande.statut, demande.numero_suivi, demande.constate_le) == (
        "expediee",
        "LX123456789FR",
        "2026-11-20T10:00:00.000Z",
    )


def test_un_retour_compte_et_revient_dans_la_corbeille() -> None:
    deposer(Statut.EXPEDIEE)
    assert dire("production", {**PRODUCTION, "evenement": "retourne"}).corps == {"effet": "applique"}
    demande = wiring.demandes().lire(DEMANDE_ID)
    assert (demande.statut, demande.retours, demande.corbeille) == ("non_distribuee", 1, "543#agent")


def test_une_demande_hors_production_repond_200_et_un_numero_inconnu_404() -> None:
    deposer(Statut.RETIREE)
    assert dire("production", PRODUCTION).corps == {"effet": "hors_production"}
    assert dire("production", {**PRODUCTION, "numero": "9" * 23}).statut == 404
    assert dire("photo", {**TALON, "code_talon": "9" * 23}).statut == 404


def test_un_talon_et_un_code_attendus_menent_a_l_instruction() -> None:
    en_activation = PhotoSignature(mode="numerique", code=CODE, etat=EtatPhoto.EN_ACTIVATION)
    deposer(Statut.ATTENTE_PHOTO, photo_attendue=CODE, photo_signature=en_activation)
    with compter_appels() as appels:
        assert dire("photo", {"code": CODE, "resultat": "valide"}).corps == {"effet": "applique"}
    assert [appel.operation for appel in appels] == [*LECTURE, "TransactWriteItems"]
    assert dire("photo", {"code": CODE, "resultat": "valide"}).corps == {"effet": "inattendue"}
    assert dire("photo", TALON).corps == {"effet": "sans_effet"}
    assert evenements() == ["PhotoRecue"] and wiring.demandes().lire(DEMANDE_ID).statut == "en_instruction"


def test_le_talon_d_un_brouillon_est_note() -> None:
    maintenant = ecrire(datetime.now(UTC))
    wiring.demandes().creer(prete(modifie_le=maintenant))
    talon = {**TALON, "code_talon": DEMANDE_ID}
    assert [dire("photo", talon).corps["effet"] for _ in range(2)] == ["note", "sans_effet"]
    demande = wiring.demandes().lire(DEMANDE_ID)
    assert demande.photo_recue_le is not None and evenements() == []


def test_le_talon_d_un_brouillon_est_oublie_pour_l_e_photo_choisie_ensuite_et_son_refus_se_garde() -> None:
    wiring.demandes().creer(prete(modifie_le=ecrire(datetime.now(UTC))))
    talon = {**TALON, "code_talon": DEMANDE_ID, "survenu_le": VENU}

    def choisir(choix: dict[str, str]) -> tuple[EtatPhoto | None, bool]:
        chemin = {"id": DEMANDE_ID}
        assert appeler("PUT", "/demandes/{id}/photo-signature", chemin, choix, PIERRE).statut == 200
        lue = wiring.demandes().lire(DEMANDE_ID)
        return lue.photo_signature and lue.photo_signature.etat, lue.photo_recue_le is not None

    assert dire("photo", talon).corps["effet"] == "note"
    assert choisir({"mode": "talon"}) == (EtatPhoto.TALON, True)
    assert choisir({"mode": "numerique"}) == (EtatPhoto.CODE_ATTENDU, False)
    assert choisir({"mode": "talon"}) == (EtatPhoto.TALON, False)
    assert dire("photo", talon).corps["effet"] == "sans_effet", "a repeat is not another paper"
    refus = {**talon, "resultat": "refuse", "survenu_le": ecrire(datetime.now(UTC))}
    assert [dire("photo", refus).corps["effet"] for _ in range(2)] == ["note", "sans_effet"]
    photo = wiring.demandes().lire(DEMANDE_ID).photo_signature
    assert photo is not None and photo.etat is EtatPhoto.REFUSE
    assert choisir({"mode": "talon"}) == (EtatPhoto.TALON, False)


def test_un_talon_redit_apres_une_suspension_de_la_photo_n_est_pas_le_nouveau() -> None:
    deposer(Statut.ATTENTE_PHOTO)
    talon = {**TALON, "survenu_le": VENU}
    assert dire("photo", talon).corps["effet"] == "applique"
    demande = wiring.demandes().lire(DEMANDE_ID)
    assert demande.talons_jusqua == VENU
    photo = [Element(cible="photo_signature", motif="photo_non_conforme")]
    agent, instant = Auteur("agent", "a1"), datetime.now(UTC)
    wiring.demandes().transiter(
        demande, suspendre(demande, [], photo, "Merci.", None, agent, "Agnès", instant, "c", JOUR_S)
    )
    assert dire("photo", talon).corps["effet"] == "sans_effet"
    assert wiring.demandes().lire(DEMANDE_ID).photo_recue_le is None and evenements() == [
        "PhotoRecue",
        "DemandeSuspendue",
    ]


@pytest.mark.parametrize(("quoi", "corps"), [("production", PRODUCTION), ("photo", TALON)])
def test_ce_qui_n_est_pas_signe_maintenant_par_le_partenaire_ne_fait_aucun_appel(quoi: str, corps: Any) -> None:
    deposer(Statut.VALIDEE)
    with compter_appels() as appels:
        sans = appeler("POST", f"/partenaires/{quoi}", corps=json.dumps(corps))
        refus = [dire(quoi, corps, cle="x" * 40), dire(quoi, corps, age_s=301), sans]
    assert [refusee.statut for refusee in refus] == [401, 401, 401] and appels == []


@pytest.mark.parametrize("reference", ["../../..", "..", ".", "a/b", "a?b", "é"])
def test_une_reference_qui_n_en_est_pas_une_est_un_achat_inconnu_sans_appel(reference: str) -> None:
    with compter_appels() as appels:
        refus = dire("paiement", {"reference": reference, "resultat": "accepte"})
    assert (refus.statut, refus.corps["title"], appels) == (404, "Achat inconnu", [])


DEMAIN = ecrire(datetime.now(UTC) + timedelta(hours=1))


@pytest.mark.parametrize(
    ("quoi", "corps", "champ"),
    [
        ("production", {**PRODUCTION, "survenu_le": DEMAIN}, "survenu_le"),
        ("production", {**PRODUCTION, "survenu_le": "0001-01-01T00:00:00+14:00"}, "survenu_le"),
        ("production", {**PRODUCTION, "survenu_le": "9999-12-31T23:59:59-14:00"}, "survenu_le"),
        ("production", {**PRODUCTION, "survenu_le": "2026-11-20T10:00:00"}, "survenu_le"),
        ("production", {**PRODUCTION, "survenu_le": 1763632800}, "survenu_le"),
        ("production", {**PRODUCTION, "evenement": "perdu"}, "evenement"),
        ("production", {**PRODUCTION, "numero": "1"}, "numero"),
        ("production", {**PRODUCTION, "numero_suivi": "../x"}, "numero_suivi"),
        ("photo", {**TALON, "survenu_le": DEMAIN}, "survenu_le"),
        ("photo", {**TALON, "survenu_le": "0001-01-01T00:00:00+14:00"}, "survenu_le"),
        ("photo", {**TALON, "survenu_le": "2026-11-20T10:00:00"}, "survenu_le"),
        ("photo", {"resultat": "valide"}, ""),
        ("photo", {**TALON, "code": CODE}, ""),
        ("photo", {**TALON, "code_talon": "A"}, "code_talon"),
        ("photo", {**TALON, "resultat": "peut-etre"}, "resultat"),
        ("photo", {**TALON, "image": 7}, "image"),
        ("photo", "{", ""),
    ],
)
def test_un_corps_faux_est_refuse_par_son_champ_sans_appel(quoi: str, corps: Any, champ: str) -> None:
    with compter_appels() as appels:
        refus = dire(quoi, corps)
    assert refus.statut == 422 and appels == []
    assert champ in [erreur["champ"] for erreur in refus.corps["erreurs"]]
