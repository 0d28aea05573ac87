"""Verify journals: ``python -m infra.verifier_journal <demande_id | numéro>…``, or ``--tout`` for all of them.

Each chain is compared with the end that its demande keeps and with the heads anchored under the Object Lock; what is
wrong is said plainly, where and why. ``--tout`` reads both tables and lists the anchors: a chain whose demande or whose
entries have vanished is seen by what remains of it. Run where the ``AWS_*`` variables point, with rights to read only.
The exit code is 0 when all is whole, 1 when something is not, 2 when a demande is unknown.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from chalicelib.adapters.ancres_s3 import AncresS3
from chalicelib.adapters.clients import client
from chalicelib.adapters.demandes_dynamodb import DemandesDynamoDB
from chalicelib.adapters.journal_dynamodb import JournalDynamoDB
from chalicelib.demande.erreurs import DemandeInconnue
from chalicelib.demande.ports_journal import Ancres, Journal
from chalicelib.demande.verification import Verification, verifier

FILS = 8
LONGUEUR_NUMERO = 23


def toutes(journal: Journal, ancres: Ancres) -> list[str]:
    """The keys of all that left a trace: a demande, an entry, an anchor."""
    return sorted({*journal.demandes(), *ancres.demandes()})


def controler(journal: Journal, ancres: Ancres, demandes: Iterable[str]) -> Iterator[tuple[str, Verification]]:
    """The verdict on each chain, in the order asked."""

    def un(demande_id: str) -> tuple[str, Verification]:
        # The anchors first: the journal may only have grown since.
        prouvees = ancres.de(demande_id)
        return demande_id, verifier(journal.chaine(demande_id), prouvees)

    with ThreadPoolExecutor(FILS) as fils:
        yield from fils.map(un, demandes)


def dire(demande_id: str, verdict: Verification) -> list[str]:
    """The verdict in plain French: one line, and one more for each thing that is wrong."""
    etat = "intacte" if verdict.intacte else "ROMPUE"
    nombre = f"{verdict.entrees} entrée{'s' if verdict.entrees > 1 else ''}"
    if verdict.ancree_jusqua is None:
        preuve = "jamais ancrée : un recalcul complet ne se verrait pas"
    elif verdict.ancree_jusqua < verdict.entrees:
        preuve = f"prouvée par {verdict.ancres} ancre(s) jusqu'à l'entrée {verdict.ancree_jusqua}"
    else:
        preuve = f"comparée à {verdict.ancres} ancre(s), jusqu'à la dernière entrée"
    lignes = [f"demande {demande_id} : {etat}, {nombre}, {preuve}"]
    return lignes + [f"  - {rupture.detail} [{rupture.cause}]" for rupture in verdict.ruptures]


def main(arguments: Iterable[str] | None = None) -> int:
    """Verify what is asked, and print the verdicts; with ``--tout``, only what is wrong and the counts."""
    analyse = argparse.ArgumentParser(prog="python -m infra.verifier_journal", description="Vérifier des journaux.")
    analyse.add_argument("demandes", nargs="*", metavar="demande", help="identifiant ou numéro d'une demande")
    analyse.add_argument("--tout", action="store_true", help="toutes les demandes")
    choix = analyse.parse_args(None if arguments is None else list(arguments))
    if bool(choix.demandes) == choix.tout:
        analyse.error("dites quelles demandes, ou --tout")
    prefixe = os.environ.get("PREFIXE", "permis")
    sorties = _sorties(prefixe)
    table = sorties["TableDemandes"]
    journal = JournalDynamoDB(client("dynamodb"), sorties["TableJournal"], table)
    ancres = AncresS3(client("s3"), sorties["BucketAncres"])
    try:
        visees = toutes(journal, ancres) if choix.tout else [_cle(table, visee) for visee in choix.demandes]
    except DemandeInconnue:
        print("Aucune demande n'a ce numéro.", file=sys.stderr)
        return 2
    rompues = non_prouvees = 0
    inconnues = False
    for demande_id, verdict in controler(journal, ancres, visees):
        rompues += not verdict.intacte
        non_prouvees += verdict.entrees > (verdict.ancree_jusqua or 0)
        if verdict.intacte and not verdict.entrees and not choix.tout:
            inconnues = inconnues or journal.chaine(demande_id).tete is None
        if not (choix.tout and verdict.intacte):
            print("\n".join(dire(demande_id, verdict)), flush=True)
    if choix.tout:
        print(f"{len(visees)} chaînes : {rompues} rompues, {non_prouvees} dont la fin n'est pas encore ancrée")
    if inconnues:
        print("Une demande citée n'existe pas, ou n'a laissé aucune trace.", file=sys.stderr)
    return 1 if rompues else 2 if inconnues else 0


def _sorties(pile: str) -> dict[str, str]:
    """The outputs of the deployed stack."""
    (decrite,) = client("cloudformation").describe_stacks(StackName=pile)["Stacks"]
    return {sortie["OutputKey"]: sortie["OutputValue"] for sortie in decrite["Outputs"]}


def _cle(table: str, visee: str) -> str:
    """The key of a demande named by its key or by its numéro."""
    if len(visee) == LONGUEUR_NUMERO and visee.isdecimal():
        return DemandesDynamoDB(client("dynamodb"), table).lire_par_numero(visee).id
    return visee


if __name__ == "__main__":
    sys.exit(main())
