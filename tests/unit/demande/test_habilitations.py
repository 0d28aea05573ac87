"""What a chef may change: never beyond his own autorités, whatever is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.comptes import Compte, StatutCompte
from chalicelib.demande.erreurs import Conflit, ErreurMetier, SaisieInvalide
from chalicelib.demande.habilitations import (
    AgentInconnu,
    Habilitation,
    HabilitationPartagee,
    Mouvement,
    changer,
    concerne,
    exiger_du_service,
    exiger_fermable,
    exiger_les_siennes,
)

CODES = ("543", "751", "2A1", "671")
AUTORITES = st.sets(st.sampled_from(CODES), min_size=1)
ROLES = st.sampled_from(("agent", "ctn"))


def compte(role: str = "agent", autorites: tuple[str, ...] = ("543",), compte_id: str = "agent-1") -> Compte:
    return Compte(
        compte_id=compte_id,
        identifiant="agent.1",
        role=role,
        autorites=autorites,
        statut=StatutCompte.ACTIF,
        prenom="Agnès",
        nom="Guichet",
        email="a@p.example",
        sexe="",
        telephone="",
        question_secrete="",
        reponse_secrete="",
        mot_de_passe="haché",
        cgu_acceptees_le="",
        cree_le="",
    )


@given(role=ROLES, avant=AUTORITES, voulu=ROLES, apres=AUTORITES, chef=AUTORITES)
def test_rien_ne_change_hors_des_autorites_du_chef(
    role: str, avant: set[str], voulu: str, apres: set[str], chef: set[str]
) -> None:
    agent = compte(role, tuple(sorted(avant)))
    try:
        suite = changer(agent, Habilitation(role=voulu, autorites=tuple(apres)), chef)
    except ErreurMetier:
        assert (avant ^ apres) - chef or (voulu != role and (avant | apres) - chef)
        return
    if suite is None:
        assert (role, avant) == (voulu, apres)
        return
    assert set(suite.autorites) - chef == avant - chef
    assert suite.role == voulu and list(suite.autorites) == sorted(apres)
    if avant - chef:
        assert suite.role == role, "a role is that of all the services that he treats for"


def test_donner_ou_retirer_l_autorite_d_un_autre_est_refuse_en_la_nommant() -> None:
    with pytest.raises(SaisieInvalide) as refus:
        exiger_les_siennes(("543", "751"), ("543",))
    assert "751" in refus.value.champs["erreurs"][0]["message"]


@pytest.mark.parametrize("autre", [None, compte("usager", ()), compte("chef"), compte(autorites=("751",))])
def test_qui_n_est_pas_de_son_service_n_existe_pas_pour_le_chef(autre: Compte | None) -> None:
    with pytest.raises(AgentInconnu):
        exiger_du_service(autre, "chef-1", ("543",))


def test_un_chef_ne_dispose_pas_de_lui_meme() -> None:
    with pytest.raises(Conflit):
        exiger_du_service(compte("chef", compte_id="chef-1"), "chef-1", ("543",))


def test_un_agent_d_un_autre_service_aussi_ne_se_ferme_pas() -> None:
    exiger_fermable(compte(autorites=("543",)), ("543", "751"))
    with pytest.raises(HabilitationPartagee):
        exiger_fermable(compte(autorites=("543", "751")), ("543",))


def test_un_mouvement_concerne_qui_tient_l_une_des_autorites_d_avant_ou_d_apres() -> None:
    avant, apres = Habilitation(role="agent", autorites=("543",)), Habilitation(role="agent", autorites=("751",))
    mouvement = Mouvement(mouvement_id="m", survenu_le="", par="", par_nom="", agent_nom="", avant=avant, apres=apres)
    assert concerne(mouvement, ("543",)) and concerne(mouvement, ("751",)) and not concerne(mouvement, ("2A1",))
    assert not concerne(mouvement.model_copy(update={"apres": None}), ("751",))
