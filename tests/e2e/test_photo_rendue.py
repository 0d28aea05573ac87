"""The e-photo of a demande that ended without a card serves another one, on the running service."""

from demo.client import Client, attendre
from tests.e2e.outils import demande_remplie


def test_l_e_photo_d_une_demande_retiree_sert_a_la_suivante(client: Client) -> None:
    demande = demande_remplie(client, "perte", sauf=("photo-signature",))
    code = client.code_photo()
    client.enregistrer(demande["id"], "photo-signature", {"mode": "numerique", "code": code})
    client.confirmer(demande["id"])
    suivante = client.creer_demande("perte")["id"]

    def etat() -> str:
        vue = client.enregistrer(suivante, "photo-signature", {"mode": "numerique", "code": code})
        return str(vue["etapes"]["photo_signature"]["donnees"]["etat"])

    assert etat() == "deja_utilise"
    client.retirer(demande["id"])
    # The queue waits half a minute: a confirmation under way at the same instant has then held the code, or never will.
    attendre(etat, lambda lu: lu == "valide", "e-photo rendue", delai_s=90)
