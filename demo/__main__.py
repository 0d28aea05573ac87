"""``python -m demo``: plays a citizen, then an agent, against a running service, and tells each step with its time."""

import argparse
import os
import sys

import httpx

from demo.client import URL_PAR_DEFAUT, Client, DelaiDepasse, Probleme
from demo.parcours import VARIANTES, Inattendu, Journal, jouer
from demo.parcours_agent import jouer_la_suite

SUIVIE = "vol"
"""The motif whose demande the second act follows."""


def main() -> int:
    """0 when the whole play went well, 1 at the first failure, said in one sentence."""
    arguments = argparse.ArgumentParser(
        prog="python -m demo", description="Joue un usager, puis un agent, contre le service en marche."
    )
    arguments.add_argument("--url", default=os.environ.get("PERMIS_URL", URL_PAR_DEFAUT), help="adresse du service")
    arguments.add_argument("motifs", nargs="*", metavar="motif", help=f"parmi {', '.join(VARIANTES)} (tous sinon)")
    choix = arguments.parse_args()
    for motif in choix.motifs:
        if motif not in VARIANTES:
            arguments.error(f"motif inconnu : {motif}")
    client = Client(choix.url)
    try:
        client.motifs()
    except httpx.TransportError:
        print(
            f"Le service ne répond pas à {choix.url} : lancez d'abord « make run » dans un autre terminal.",
            file=sys.stderr,
        )
        return 1
    except (Probleme, ValueError):
        print(f"Ce qui répond à {choix.url} n'est pas le service du permis de conduire.", file=sys.stderr)
        return 1
    print(f"Service : {choix.url}")
    try:
        _jouer(client, choix.motifs)
    except (Probleme, DelaiDepasse, Inattendu) as echec:
        print(f"\nÉchec : {echec}", file=sys.stderr)
        return 1
    except httpx.TransportError as panne:
        print(f"\nÉchec : le service ne répond plus ({type(panne).__name__}).", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrompu.", file=sys.stderr)
        return 130
    print("\nTout est passé.")
    return 0


def _jouer(client: Client, motifs: list[str]) -> None:
    """Both acts; the second is about the « vol »: without it there is none."""
    journal = Journal(sys.stdout)
    citoyen, demandes = jouer(client, journal, motifs)
    if SUIVIE in demandes:
        jouer_la_suite(client.url, citoyen, demandes[SUIVIE], journal)
    journal.resume()
    if SUIVIE not in demandes:
        print(f"\nPas de second acte : il suit la demande « {SUIVIE} », qui n'a pas été jouée.")


if __name__ == "__main__":
    sys.exit(main())
