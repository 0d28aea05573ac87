/** « Historique de la demande », and the check that nobody has altered it. */
import { appeler, enClair, toutLire } from "../../api.js";
import { dateHeure, h, remplacer, trouver } from "../../dom.js";
import { tableau } from "../commun.js";
import { AUTEURS } from "./mots.js";

/** The journal's entries, oldest first. */
export async function montrerHistorique(chemin) {
  const elements = await toutLire(`${chemin}/historique`);
  const lignes = elements.map((e) => [dateHeure(e.date_statut), e.code_statut, e.libelle_statut, h("span", {}, e.code_evenement, e.agent_nom && ` : ${e.agent_nom}`), par(e)]);
  remplacer(trouver("[data-historique]"), tableau("Entrées de l'historique", ["Date statut", "Code statut", "Libellé statut", "Code événement", "Par"], lignes));
}

/** Who did it: what he is, and the name of a colleague who is still there. */
function par({ auteur, auteur_nom }) {
  const genre = AUTEURS[auteur] ?? auteur;
  return auteur_nom ? `${auteur_nom} (${genre})` : genre;
}

/** The button that has the journal's chain checked. */
export function brancherVerification(chemin) {
  trouver("[data-verifier]").addEventListener("click", async () => {
    const zone = trouver("[data-verification]");
    zone.textContent = "Vérification…";
    try {
      const { intacte, entrees } = await appeler("GET", `${chemin}/historique/verification`);
      zone.textContent = intacte ? `Historique intact (${entrees} entrées).` : "Historique altéré : prévenez votre chef de service.";
    } catch (faute) {
      zone.textContent = enClair(faute);
    }
  });
}
