/** « Consultation SNPC »: the driver as the register writes him; without an answer the dossier goes on, and one asks again. */
import { appeler, enClair } from "../../api.js";
import { alerte, h, jour, remplacer, trouver } from "../../dom.js";
import { tableau } from "../commun.js";
import { fiche } from "./lignes.js";

/** What the SNPC said of the driver, or that it said nothing. */
export function montrerSnpc({ snpc, snpc_etat, snpc_message }) {
  if (!snpc) {
    const [titre, ...phrases] =
      snpc_etat === "indisponible"
        ? ["Le SNPC ne répond pas", "Vous pouvez continuer sans lui. Pour comparer, appuyez plus tard sur CONSULTER ; une validation l'interrogera de toute façon."]
        : ["Conducteur introuvable au SNPC", snpc_message, "Ses droits sont à établir autrement, ou un complément à demander."];
    return remplacer(trouver("[data-snpc]"), alerte("warning", titre, ...phrases));
  }
  remplacer(
    trouver("[data-snpc]"),
    fiche([
      ["Numéro de dossier", snpc.numero_dossier],
      ["Libellé de dossier incohérent", snpc.libelle_incoherent],
      ["État-civil", [snpc.sexe, snpc.nom, ...snpc.prenoms].join(" ")],
      ["Nom d'épouse", snpc.nom_epouse],
      ["Nom d'usage", snpc.nom_usage],
      ["État du dossier", h("span", { class: snpc.etat === "VALIDE" ? null : "ecart-different" }, snpc.etat)],
      ["Solde de points", `${snpc.points} / ${snpc.points_max}`],
      ["Libellé contrôle impossible", snpc.libelle_controle_impossible],
      ["Échange à l'étranger", snpc.echange_etranger],
      ["Département de naissance", snpc.departement_naissance],
    ]),
    snpc.droits.length > 0 && categories(snpc.droits),
  );
}

function categories(droits) {
  const lignes = droits.map((droit) => [droit.categorie, droit.etat, jour(droit.debut), droit.fin ? jour(droit.fin) : "–"]);
  const titre = `Catégories (${droits.map(({ categorie }) => categorie).join(", ")})`;
  return h("details", { class: "fr-mb-2w" }, h("summary", {}, titre), tableau("Catégories au SNPC", ["Catégorie", "État", "Depuis le", "Jusqu'au"], lignes));
}

/** The button that asks the register again: `relire(dossier)` shows what came. */
export function brancherConsulter(chemin, relire) {
  const bouton = trouver("[data-consulter]");
  const etat = trouver("[data-snpc-etat]");
  bouton.addEventListener("click", async () => {
    if (bouton.getAttribute("aria-disabled")) return;
    bouton.setAttribute("aria-disabled", "true");
    etat.textContent = "Consultation du SNPC…";
    try {
      const dossier = await appeler("GET", chemin);
      relire(dossier);
      etat.textContent = dossier.snpc_message;
    } catch (faute) {
      etat.textContent = enClair(faute);
    } finally {
      bouton.removeAttribute("aria-disabled");
    }
  });
}
