"""Announcing a file, and judging it once it came."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.demande.erreurs import (
    Conflit,
    ConflitDeVersion,
    FichierAbsent,
    PieceInconnue,
    SaisieInvalide,
    TransitionInterdite,
)
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Motif, Piece, Statut, StatutPiece
from chalicelib.demande.motifs import PIECES_PAR_DEMANDE, TAILLE_MAX
from chalicelib.documents.lecture import Lue
from chalicelib.pieces.controler import ATTENTE_MAX, choisir, controler
from chalicelib.pieces.retirer import retirer
from chalicelib.saisie import valider_objet
from chalicelib.steps.pieces import NouvellePiece, annoncer
from tests.dossiers import CODE, DEMANDE_ID, JOUR_S, MAINTENANT, ZONE, brouillon, ecriture, il_y_a, piece, prete
from tests.fakes.demandes import FakeDemandes, FakeFichiers
from tests.fakes.exterieur import EICAR, FakeAntiVirus
from tests.specimens import image, texte_renomme

FICHIER = {"type": "identite", "nom_fichier": "carte.jpg", "taille": 1000, "mime": "image/jpeg"}
PIECE_ID = "f" * 16


def annonce(
    demande: Demande | None = None, pieces: list[Piece] | None = None, si_version: int | None = None, **fichier: Any
) -> Piece:
    saisie = valider_objet(NouvellePiece, {**FICHIER, **fichier})
    return annoncer(demande or brouillon(), pieces or [], saisie, PIECE_ID, si_version, MAINTENANT, JOUR_S)


def test_une_piece_annoncee_est_attendue_a_la_suite_des_autres() -> None:
    annoncee = annonce(pieces=[piece("domicile", 1), piece("identite", 4)])
    assert (annoncee.demande_id, annoncee.piece_id, annoncee.rang) == (DEMANDE_ID, PIECE_ID, 5)
    assert (annoncee.statut, annoncee.pages, annoncee.anomalies) == (StatutPiece.ATTENDUE, 0, [])
    assert annonce().rang == 1


def test_une_piece_que_le_motif_ne_demande_pas_est_refusee_sur_son_type() -> None:
    with pytest.raises(SaisieInvalide) as erreur:
        annonce(type="recepisse_vol")
    assert erreur.value.champs["erreurs"][0]["champ"] == "type"
    assert annonce(brouillon(motif=Motif.VOL), type="recepisse_vol").type == "recepisse_vol"


def test_onze_megaoctets_passent_et_un_octet_de_plus_est_refuse_en_clair() -> None:
    assert annonce(taille=TAILLE_MAX).taille == 11 * 1024 * 1024
    with pytest.raises(SaisieInvalide) as erreur:
        annonce(taille=TAILLE_MAX + 1)
    assert erreur.value.champs["erreurs"] == [
        {"champ": "taille", "message": "Le fichier dépasse 11 Mo : réduisez-le, ou envoyez une photo plus légère."}
    ]


def test_trop_de_fichiers_est_refuse() -> None:
    pleine = [piece("identite", rang) for rang in range(1, PIECES_PAR_DEMANDE + 1)]
    with pytest.raises(Conflit):
        annonce(pieces=pleine)
    assert annonce(pieces=pleine[1:]).rang == PIECES_PAR_DEMANDE + 1


def test_le_statut_se_dit_avant_la_version_perimee() -> None:
    with pytest.raises(TransitionInterdite):
        annonce(brouillon(statut=Statut.DEPOSEE), si_version=9)
    with pytest.raises(ConflitDeVersion):
        annonce(si_version=9)


def test_un_brouillon_clos_ne_prend_plus_de_fichier() -> None:
    with pytest.raises(TransitionInterdite):
        annonce(brouillon(modifie_le=ecrire(il_y_a(15))))
    assert annonce(brouillon(modifie_le=ecrire(il_y_a(15)), rappele_le=ecrire(il_y_a(4)))).rang == 1


class Monde:
    """A draft with one awaited pièce, and what its browser posted."""

    def __init__(self, octets: bytes | None = None, demande: Demande | None = None, type_: str = "identite") -> None:
        self.demandes, self.fichiers, self.antivirus = FakeDemandes(), FakeFichiers(), FakeAntiVirus()
        self.demande = demande or brouillon()
        self.demandes.creer(self.demande)
        self.piece = piece(type_, statut=StatutPiece.ATTENDUE, pages=0)
        self.demandes.ajouter_piece(self.piece)
        if octets is not None:
            self.fichiers.quarantaine[self.piece.piece_id] = octets

    def lecteur(self, type_piece: str, octets: bytes, mime: str, rendu: list[bytes]) -> Lue:
        """Reads the same of every identity document, and of every bill."""
        assert rendu, "only a valid file is read"
        return Lue(mrz=ZONE, formats_mrz=["cni"]) if type_piece == "identite" else Lue(code=CODE)

    def controler(self, pages_restantes: int = 2, maintenant: datetime = MAINTENANT) -> Piece:
        actuelle = self.demandes.pieces[(DEMANDE_ID, self.piece.piece_id)]
        return self.controler_celle(actuelle, pages_restantes, list(self.demandes.pieces.values()), maintenant)

    def controler_celle(
        self,
        lue: Piece,
        pages_restantes: int = 2,
        autres: Sequence[Piece] = (),
        maintenant: datetime = MAINTENANT,
    ) -> Piece:
        """Control the pièce as it was read, which may be some time ago."""
        ports = self.demandes, self.fichiers, self.antivirus, self.lecteur
        return controler(*ports, self.demande, lue, pages_restantes, maintenant, autres)

    def retirer(
        self,
        fichiers: FakeFichiers | None = None,
        si_version: int | None = None,
        gestes: Sequence[Callable[[], Any]] = (),
    ) -> int:
        """Remove the pièce; each of ``gestes`` is made right after one of the reads."""
        a_faire = list(gestes)

        def lire() -> tuple[Demande, list[Piece]]:
            lue = self.demandes.lire_avec_pieces(DEMANDE_ID)
            if a_faire:
                a_faire.pop(0)()
            return lue

        ecriture_ = ecriture(si_version=si_version)
        return retirer(self.demandes, fichiers or self.fichiers, lire, ecriture_, self.piece.piece_id)

    @property
    def version(self) -> int:
        return self.demandes.lire(DEMANDE_ID).version


def test_un_fichier_lisible_est_range_puis_juge_valide() -> None:
    monde = Monde(image("PNG"))
    jugee = monde.controler()
    assert (jugee.statut, jugee.pages, jugee.mime) == (StatutPiece.VALIDE, 1, "image/png")
    assert [une.gravite for une in jugee.anomalies] == ["conseil"], "it is small"
    assert len(monde.fichiers.rangees[f"{jugee.piece_id}/{jugee.empreinte}"]) == 1
    assert monde.demandes.lire_avec_pieces(DEMANDE_ID)[1] == [jugee]


def test_un_fichier_refuse_dit_pourquoi_et_ne_quitte_pas_la_quarantaine() -> None:
    monde = Monde(texte_renomme())
    jugee = monde.controler()
    assert (jugee.statut, jugee.pages) == (StatutPiece.INVALIDE, 0)
    assert [anomalie.code for anomalie in jugee.anomalies] == ["format_non_accepte"]
    assert monde.fichiers.rangees == {}


def test_une_piece_deja_jugee_garde_son_verdict_quoi_qu_on_envoie_ensuite() -> None:
    monde = Monde(image("PNG"))
    premiere = monde.controler()
    monde.fichiers.quarantaine[premiere.piece_id] = texte_renomme()
    assert monde.controler() == premiere


def test_un_fichier_pas_encore_arrive_se_dit_et_rien_n_est_juge() -> None:
    monde = Monde()
    with pytest.raises(FichierAbsent):
        monde.controler()
    assert monde.demandes.pieces[(DEMANDE_ID, monde.piece.piece_id)].statut is StatutPiece.ATTENDUE


@pytest.mark.parametrize(
    ("type_", "lu"), [("identite", {"mrz": ZONE, "formats_mrz": ["cni"]}), ("domicile", {"code": CODE})]
)
def test_le_verdict_garde_ce_qui_a_ete_lu(type_: str, lu: dict[str, Any]) -> None:
    jugee = Monde(image("PNG"), type_=type_).controler()
    assert jugee.model_dump(include={"mrz", "formats_mrz", "code"}) == {"mrz": [], "formats_mrz": [], "code": {}, **lu}


def test_hors_du_brouillon_une_piece_attendue_ne_se_juge_plus() -> None:
    with pytest.raises(TransitionInterdite):
        Monde(image("PNG"), prete(statut=Statut.DEPOSEE)).controler()


def test_une_piece_retiree_pendant_son_controle_n_existe_plus() -> None:
    monde = Monde(image("PNG"))
    attendue = monde.piece
    monde.retirer(fichiers=FakeFichiers())
    with pytest.raises(PieceInconnue):
        monde.controler_celle(attendue)
    assert monde.fichiers.rangees == {}


def test_un_controle_lent_ne_touche_pas_aux_pages_deja_jugees() -> None:
    monde = Monde(image("PNG"))
    attendue = monde.piece
    jugee = monde.controler()
    rangees = dict(monde.fichiers.rangees)
    monde.fichiers.quarantaine[attendue.piece_id] = image("JPEG")
    assert monde.controler_celle(attendue) == jugee
    assert monde.fichiers.rangees == rangees


def test_les_pages_deja_valides_du_meme_type_reduisent_ce_qui_peut_encore_venir() -> None:
    siennes = [
        piece("domicile", 1, pages=3),
        piece("identite", 2, pages=1),
        piece("domicile", 3, StatutPiece.ATTENDUE, pages=0),
        piece("domicile", 4, StatutPiece.INVALIDE, pages=0),
    ]
    assert choisir(brouillon(), siennes, siennes[2].piece_id) == (siennes[2], 2)
    assert choisir(brouillon(), [*siennes, piece("domicile", 5, pages=4)], siennes[2].piece_id)[1] == 0


def test_une_piece_d_ailleurs_est_inconnue() -> None:
    with pytest.raises(PieceInconnue):
        choisir(brouillon(), [piece("identite")], PIECE_ID)


def test_retirer_une_piece_retire_ses_fichiers() -> None:
    monde = Monde(image("PNG"))
    monde.controler()
    assert monde.retirer() == monde.version
    assert monde.demandes.lire_avec_pieces(DEMANDE_ID)[1] == []
    assert (monde.fichiers.rangees, monde.fichiers.quarantaine) == ({}, {})


def test_les_fichiers_restent_quand_la_piece_ne_peut_plus_se_retirer() -> None:
    monde = Monde(image("PNG"))
    jugee = monde.controler()
    with pytest.raises(ConflitDeVersion):
        monde.retirer(si_version=9)
    assert list(monde.fichiers.rangees) == [f"{jugee.piece_id}/{jugee.empreinte}"]


def test_un_retrait_dit_la_version_qui_suit_meme_quand_quelqu_un_ecrit_au_meme_instant() -> None:
    monde = Monde(image("PNG"))
    gestes = [lambda: monde.demandes.modifier(DEMANDE_ID, ecriture())] * 2
    assert monde.retirer(gestes=gestes) == monde.version == 4


def test_avec_sa_version_un_retrait_dispute_se_refuse() -> None:
    monde = Monde(image("PNG"))
    with pytest.raises(ConflitDeVersion):
        monde.retirer(si_version=1, gestes=[lambda: monde.demandes.modifier(DEMANDE_ID, ecriture())])


def test_un_retrait_coupe_avant_ses_fichiers_se_termine_au_suivant() -> None:
    monde = Monde(image("PNG"))
    monde.controler()
    monde.retirer(fichiers=FakeFichiers())
    assert monde.fichiers.rangees != {}
    with pytest.raises(PieceInconnue):
        monde.retirer()
    assert (monde.fichiers.rangees, monde.fichiers.quarantaine) == ({}, {})


def test_un_fichier_dont_l_analyse_n_est_pas_finie_est_en_cours_puis_se_conclut() -> None:
    monde = Monde(image("PNG"))
    monde.antivirus.dort = True
    attente = monde.controler()
    assert (attente.statut, attente.pages, attente.anomalies) == (StatutPiece.EN_COURS, 0, [])
    assert monde.demandes.lire_avec_pieces(DEMANDE_ID)[1] == [attente]
    assert monde.controler() == attente
    assert monde.fichiers.rangees == {}
    monde.antivirus.dort = False
    assert monde.controler().statut is StatutPiece.VALIDE


def test_un_antivirus_en_panne_ne_laisse_rien_passer_et_se_dit() -> None:
    monde = Monde(image("PNG"))
    monde.antivirus.en_panne = True
    attente = monde.controler()
    assert (attente.statut, attente.pages) == (StatutPiece.EN_COURS, 0)
    (dite,) = attente.anomalies
    assert (dite.code, dite.gravite) == ("analyse_indisponible", "conseil")
    assert monde.fichiers.rangees == {}
    monde.antivirus.en_panne = False
    conclue = monde.controler()
    assert (conclue.statut, [une.code for une in conclue.anomalies]) == (StatutPiece.VALIDE, ["image_petite"])


def test_un_fichier_infecte_est_refuse_sans_etre_lu() -> None:
    monde = Monde(b"%PDF-1.7\n" + EICAR)
    jugee = monde.controler()
    assert (jugee.statut, jugee.pages) == (StatutPiece.INVALIDE, 0)
    assert [(une.code, une.gravite) for une in jugee.anomalies] == [("virus_trouve", "refus")]
    assert monde.fichiers.rangees == {}


def test_un_fichier_en_cours_qui_a_disparu_se_dit() -> None:
    monde = Monde(image("PNG"))
    monde.antivirus.dort = True
    monde.controler()
    monde.fichiers.quarantaine.clear()
    perdue = monde.controler()
    assert (perdue.statut, perdue.pages) == (StatutPiece.INVALIDE, 0)
    assert [(une.code, une.gravite) for une in perdue.anomalies] == [("fichier_perdu", "refus")]
    assert "envoyez-le de nouveau" in perdue.anomalies[0].message
    monde.retirer()


@pytest.mark.parametrize("cause", ["dort", "en_panne"])
def test_une_analyse_qui_ne_vient_pas_finit_par_demander_un_nouvel_envoi(cause: str) -> None:
    monde = Monde(image("PNG"))
    setattr(monde.antivirus, cause, True)
    attente = monde.controler()
    presque = monde.controler(maintenant=MAINTENANT + ATTENTE_MAX - timedelta(seconds=1))
    assert presque == attente
    dite = monde.controler(maintenant=MAINTENANT + ATTENTE_MAX)
    assert dite.statut is StatutPiece.EN_COURS
    assert [(une.code, une.gravite) for une in dite.anomalies] == [("analyse_a_refaire", "conseil")]
    assert monde.controler(maintenant=MAINTENANT + 2 * ATTENTE_MAX) == dite
    setattr(monde.antivirus, cause, False)
    conclue = monde.controler(maintenant=MAINTENANT + 2 * ATTENTE_MAX)
    assert (conclue.statut, conclue.controlee_le) == (StatutPiece.VALIDE, ecrire(MAINTENANT + 2 * ATTENTE_MAX))


def test_un_fichier_que_l_antivirus_ne_sait_pas_ouvrir_est_refuse_avec_sa_raison() -> None:
    monde = Monde(image("PNG"))
    monde.antivirus.ferme = True
    jugee = monde.controler()
    assert (jugee.statut, jugee.pages) == (StatutPiece.INVALIDE, 0)
    assert [(une.code, une.gravite) for une in jugee.anomalies] == [("analyse_impossible", "refus")]
    assert "mot de passe" in jugee.anomalies[0].message
    assert monde.fichiers.rangees == {}


def test_le_meme_document_pour_deux_pieces_est_signale_sans_etre_refuse() -> None:
    monde = Monde(image("PNG", (900, 600)))
    autre = piece("domicile", 2, vues=monde.controler().vues)
    monde.demandes.ajouter_piece(autre)
    monde.piece = piece("identite", 3, statut=StatutPiece.ATTENDUE, pages=0)
    monde.demandes.ajouter_piece(monde.piece)
    monde.fichiers.quarantaine[monde.piece.piece_id] = image("JPEG", (1200, 800))
    jugee = monde.controler()
    assert jugee.statut is StatutPiece.VALIDE
    assert [une.code for une in jugee.anomalies if une.code == "deja_envoye"] == ["deja_envoye"]
