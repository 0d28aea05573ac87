/** Lines of the dossier: what is known of it, and on each one the box that points at it. */
import { h } from "../../dom.js";
import { celluleDeDesignation } from "./designation.js";

/** `lignes` are [name, value]; those without a value are left out. */
export function definitions(lignes) {
  return liste("dossier-liste", lignes.filter(([, valeur]) => valeur));
}

/** Every one of `lignes`, those without a value too: what a register leaves empty is worth seeing. */
export function fiche(lignes) {
  return liste("dossier-liste dossier-liste--dense", lignes);
}

function liste(classe, lignes) {
  return h("dl", { class: classe }, lignes.map(([nom, valeur]) => h("div", {}, h("dt", {}, nom), h("dd", {}, valeur || "–"))));
}

/**
 * A table whose lines may be pointed at.
 * @param {{libelle: string, contenu?: Node, cellules: any[], cible?: string, genre?: string, seule?: boolean}[]} lignes
 *   `contenu` is shown in the place of the words; `seule`: a line that is there only to be pointed at
 */
export function tableDeLignes(titre, colonnes, lignes) {
  const [premiere, ...autres] = colonnes;
  return h(
    "div",
    { class: "pga-tableau dossier-lignes", tabindex: 0, role: "region", "aria-label": `Tableau : ${titre}` },
    h(
      "table",
      {},
      h("caption", { class: "fr-sr-only" }, titre),
      h("thead", {}, h("tr", {}, h("th", { scope: "col", class: "designation-case" }, "À revoir"), h("th", { scope: "col" }, premiere), autres.map((nom) => h("th", { scope: "col" }, nom)))),
      h("tbody", {}, lignes.map((ligne) => h("tr", { class: ligne.seule ? "designation-ligne" : null }, celluleDeDesignation(ligne), h("th", { scope: "row" }, ligne.contenu ?? ligne.libelle), ligne.cellules.map((cellule) => h("td", {}, cellule || "–"))))),
    ),
  );
}
