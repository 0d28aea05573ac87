"""The dialogue of a usager and the agents over its routes: who may, what each reads of the other, what it costs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.champs import TEXTE_LONG_MAX
from chalicelib.demande.echanges import SUITE_JOURS
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Statut
from chalicelib.demande.ports_consultations import Quoi
from chalicelib.http import Identite
from chalicelib.instruction.messages import FONCTION as FONCTION_AGENT
from tests.agents import AGENT, AILLEURS, CHEF, CTN, PAUL, PIERRE, deposer, habiliter
from tests.appel import Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID
from tests.droits import relever_droits

LUI = "/demandes/{id}/messages"
EUX = "/instruction/demandes/{id}/messages"
ECRIRE = ["GetItem", "TransactWriteItems"]


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with aws_simule():
        habiliter()
        yield


def dire(qui: Identite, texte: Any, cle: str | None = None, **entetes: str) -> Resultat:
    chemin = LUI if qui.role == "usager" else EUX
    tous = {**({"Idempotency-Key": cle} if cle else {}), **entetes}
    return appeler("POST", chemin, {"id": DEMANDE_ID}, {"texte": texte}, qui, tous)


def lire(qui: Identite, **requete: str) -> Any:
    chemin = LUI if qui.role == "usager" else EUX
    resultat = appeler("GET", chemin, {"id": DEMANDE_ID}, identite=qui, requete=requete)
    assert resultat.statut == 200, resultat
    return resultat.corps


def test_l_usager_et_les_agents_se_parlent_et_chacun_lit_tout_dans_l_ordre() -> None:
    deposer()
    statuts = [dire(qui, f"de {qui.role}").statut for qui in (PIERRE, AGENT, CTN, PIERRE, CHEF)]
    assert statuts == [201] * 5
    chez_lui, chez_eux = lire(PIERRE), lire(CTN)
    ordre = ["de usager", "de agent", "de ctn", "de usager", "de chef"]
    assert [m["texte"] for m in chez_lui["elements"]] == [m["texte"] for m in chez_eux["elements"]] == ordre
    assert [m["de_moi"] for m in chez_eux["elements"]] == [False, False, True, False, False]
    assert [m["de"] for m in chez_eux["elements"]] == ["usager", "agent", "ctn", "usager", "chef"]
    noms = [None, "Agnès Guichet", "Corinne Traitement", None, "Charles Service"]
    assert [m["nom"] for m in chez_eux["elements"]] == noms
    assert (chez_lui["curseur"], chez_eux["curseur"]) == (None, None)


def test_l_usager_connait_un_agent_par_sa_fonction_et_son_service_sans_nom_ni_identifiant() -> None:
    deposer(agent=AGENT.compte_id, agent_nom="Agnès Guichet", bail_jusqua="2999-01-01T00:00:00.000Z")
    dire(PIERRE, "Bonjour")
    dire(AGENT, "Bonjour")
    assert [m["auteur"] for m in lire(PIERRE)["elements"]] == [
        "Vous",
        "Un agent instructeur, Préfecture de Meurthe-et-Moselle",
    ]
    assert {m["de"] for m in lire(PIERRE)["elements"]} == {"usager", "service"}
    tout = appeler("GET", LUI, {"id": DEMANDE_ID}, identite=PIERRE)
    assert AGENT.compte_id not in str(tout.corps) and "Agnès" not in str(tout.corps)
    assert set(tout.corps["elements"][1]) == {"id", "ecrit_le", "de", "auteur", "texte"}


def test_personne_n_a_besoin_de_tenir_la_demande_pour_repondre() -> None:
    deposer(agent=CHEF.compte_id, agent_nom="Charles", bail_jusqua="2999-01-01T00:00:00.000Z")
    assert dire(AGENT, "Bonjour").statut == 201


def test_les_agents_voient_depuis_quand_une_reponse_est_attendue() -> None:
    deposer()
    dire(PIERRE, "Où en est ma demande ?")
    ecrit_le = lire(AGENT)["elements"][0]["ecrit_le"]
    assert lire(AGENT)["attend_reponse_depuis"] == ecrit_le
    dire(AGENT, "Elle est examinée.")
    assert lire(AGENT)["attend_reponse_depuis"] is None


def test_une_lecture_par_un_agent_est_consignee_celle_de_l_usager_non() -> None:
    deposer()
    lire(PIERRE)
    lire(AGENT)
    (consultation,) = wiring.consultations().lister(DEMANDE_ID, wiring.horloge(), None, 10)[0]
    assert (consultation.quoi, consultation.compte_id) == (Quoi.MESSAGES, AGENT.compte_id)


def test_un_message_et_sa_repetition_coutent_ce_qui_est_annonce() -> None:
    deposer()
    for qui, cout in ((PIERRE, ECRIRE), (AGENT, ["GetItem", *ECRIRE])):
        releves = []
        for _ in range(2):
            with compter_appels() as appels:
                assert dire(qui, "Bonjour", "cle-1").statut == 201
            releves.append([appel.operation for appel in appels])
        assert releves == [cout, [*cout, "GetItem", "GetItem"]]
    for qui, attendus in ((PIERRE, ["GetItem", "Query"]), (AGENT, ["GetItem", "Query", "PutItem"])):
        with compter_appels() as appels:
            lire(qui)
        assert [appel.operation for appel in appels] == attendus


def test_la_meme_cle_rend_le_meme_message_et_la_version_courante() -> None:
    deposer()
    premiere, seconde = dire(PIERRE, "Bonjour", "cle-1"), dire(PIERRE, "Bonjour", "cle-1")
    assert premiere == seconde._replace(entetes=premiere.entetes)
    assert premiere.entetes["etag"] == seconde.entetes["etag"] == '"2"'
    assert len(lire(PIERRE)["elements"]) == 1
    assert dire(PIERRE, "Encore", **{"If-Match": '"1"'}).statut == 412


@pytest.mark.parametrize("statut", [Statut.DISTRIBUEE, Statut.REFUSEE])
def test_apres_la_remise_ou_le_refus_on_s_ecrit_encore_soixante_jours(statut: Statut) -> None:
    deposer(statut, terminee_le=ecrire(datetime.now(UTC) - timedelta(days=SUITE_JOURS - 1)))
    assert dire(PIERRE, "Je n'ai pas reçu mon permis.").statut == 201
    assert lire(AGENT)["attend_reponse_depuis"] is not None
    (attente,) = appeler("GET", "/instruction/messages", identite=AGENT).corps["elements"]
    assert attente["id"] == DEMANDE_ID
    assert dire(AGENT, "Nous interrogeons la poste.").statut == 201
    assert wiring.demandes().lire(DEMANDE_ID).statut is statut


@pytest.mark.parametrize(
    ("statut", "jours"),
    [
        (Statut.DISTRIBUEE, SUITE_JOURS),
        (Statut.REFUSEE, SUITE_JOURS),
        (Statut.RETIREE, 0),
        (Statut.CLASSEE_SANS_SUITE, 0),
    ],
)
def test_une_demande_close_se_lit_encore_et_refuse_un_message_en_nommant_le_service(statut: Statut, jours: int) -> None:
    deposer(statut, terminee_le=ecrire(datetime.now(UTC) - timedelta(days=jours)))
    for qui in (PIERRE, AGENT):
        refus = dire(qui, "Bonjour")
        assert (refus.statut, refus.corps["statut"]) == (409, statut)
        assert "Préfecture de Meurthe-et-Moselle" in refus.corps["detail"]
        assert lire(qui)["elements"] == []


@pytest.mark.parametrize("qui", [PAUL, AILLEURS], ids=["un autre usager", "une autre autorité"])
def test_la_demande_d_un_autre_n_existe_pas(qui: Identite) -> None:
    deposer()
    chemin = LUI if qui.role == "usager" else EUX
    ici = [appeler(m, chemin, {"id": DEMANDE_ID}, c, qui) for m, c in (("GET", None), ("POST", {"texte": "Bonjour"}))]
    absente = appeler("GET", chemin, {"id": "0" * 32}, identite=qui)
    assert [r.statut for r in ici] == [404, 404]
    assert ici[0].corps == absente.corps
    assert lire(PIERRE)["elements"] == []
    assert wiring.consultations().lister(DEMANDE_ID, wiring.horloge(), None, 10)[0] == []


def test_chaque_route_refuse_les_roles_de_l_autre_sans_appel() -> None:
    with compter_appels() as appels:
        refus = [appeler(m, LUI, {"id": DEMANDE_ID}, {"texte": "x"}, AGENT).statut for m in ("GET", "POST")]
        refus += [appeler(m, EUX, {"id": DEMANDE_ID}, {"texte": "x"}, PIERRE).statut for m in ("GET", "POST")]
    assert refus == [403] * 4 and appels == []


@pytest.mark.parametrize(
    "texte",
    [None, "", " \n ", 1, ["x"], "a\x00b", "a\u202eb", "\ud800", "x" * (TEXTE_LONG_MAX + 1)],
    ids=ascii,
)
def test_un_texte_vide_trop_long_ou_illisible_est_refuse_sans_appel(texte: Any) -> None:
    with compter_appels() as appels:
        for qui in (PIERRE, AGENT):
            refus = dire(qui, texte)
            assert refus.statut == 422 and refus.corps["erreurs"][0]["champ"] in ("texte", "")
    assert appels == []


@pytest.mark.parametrize(
    ("tape", "garde"),
    [
        ("  Bonjour,\r\n\r\nvoici :\r\tça\u2028fin  ", "Bonjour,\n\nvoici :\n ça\nfin"),
        ("<b>x</b> & 'y' \u20ac", "<b>x</b> & 'y' \u20ac"),
        ("👩\u200d👧 e\u0301", "👩\u200d👧 é"),
        ("é" * TEXTE_LONG_MAX, "é" * TEXTE_LONG_MAX),
        ("x\r\n" * (TEXTE_LONG_MAX // 2), "x\n" * (TEXTE_LONG_MAX // 2 - 1) + "x"),
    ],
    ids=["lignes", "balises", "emoji", "long", "fins de ligne"],
)
def test_un_texte_est_garde_comme_il_a_ete_ecrit_sur_plusieurs_lignes(tape: str, garde: str) -> None:
    deposer()
    assert dire(PIERRE, tape).corps["texte"] == garde
    assert lire(AGENT)["elements"][0]["texte"] == garde


def test_une_longue_conversation_se_lit_page_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    deposer()
    for rang in range(52):
        dire(PIERRE, f"message {rang}")
    for qui in (PIERRE, AGENT):
        premiere = lire(qui)
        seconde = lire(qui, curseur=premiere["curseur"])
        assert [m["texte"] for m in premiere["elements"] + seconde["elements"]] == [f"message {r}" for r in range(52)]
        assert seconde["curseur"] is None


@pytest.mark.parametrize("curseur", ["", "x", "é", "Tk9URSM=", "A" * 5000])
def test_un_curseur_invente_est_refuse_sans_appel(curseur: str) -> None:
    with compter_appels() as appels:
        for qui, chemin in ((PIERRE, LUI), (AGENT, EUX)):
            refus = appeler("GET", chemin, {"id": DEMANDE_ID}, identite=qui, requete={"curseur": curseur})
            assert (refus.statut, refus.corps["erreurs"][0]["champ"]) == (422, "curseur")
    assert appels == []


def test_une_fonction_n_a_que_les_droits_qu_elle_exerce() -> None:
    from chalicelib.demandes.messages import FONCTION as FONCTION_USAGER

    deposer()
    for qui, fonction in ((PIERRE, FONCTION_USAGER), (AGENT, FONCTION_AGENT)):
        with relever_droits() as droits:
            lire(qui)
            dire(qui, "Bonjour", "cle-1")
            dire(qui, "Bonjour", "cle-1")
        assert {table: set(actions) for table, actions in fonction.droits.items()} == droits
