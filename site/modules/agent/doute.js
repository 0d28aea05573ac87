/** Why no machine is sure of a pièce: the reason, the fields concerned, and what was read beside what was declared. */
import { h } from "../dom.js";

const CHAMPS = {
  "etat_civil.nom_naissance": "nom de naissance",
  "etat_civil.prenoms": "prénoms",
  "etat_civil.date_naissance": "date de naissance",
  "etat_civil.sexe": "sexe",
  "adresse.numero": "numéro de la voie",
  "adresse.nom_voie": "voie",
  "adresse.code_postal": "code postal",
  "adresse.commune": "commune",
  nom: "nom du titulaire",
  prenoms: "prénoms du titulaire",
  date: "date du document",
  signature: "signature du code",
  document: "type de document",
};

const plat = (texte) => texte.normalize("NFD").replace(/\p{M}/gu, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim().toUpperCase();

const mots = (texte) => new Set(plat(texte).split(" "));

/** Documents write names in another order, and often not all of them. */
function ecartDe(lus, declares) {
  const communs = [...lus].filter((mot) => declares.has(mot)).length;
  if (communs === lus.size && communs === declares.size) return "Identique";
  if (communs === Math.min(lus.size, declares.size)) return "Identique en partie";
  return h("strong", { class: "ecart-different" }, "Différent");
}

/** What the control says, as an agent reads it: an advice was given to the usager, and asks nothing of the agent. */
export function remarqueDuControle({ message, gravite }) {
  return gravite === "conseil" ? `Conseil donné à l'usager : « ${message} »` : message;
}

/** Nothing when a machine is sure. */
export function raisonDuDoute({ doute, libelle }) {
  if (!doute) return null;
  const champs = doute.champs.map((champ) => CHAMPS[champ]).filter(Boolean);
  return h(
    "div",
    { class: "pga-doute fr-mb-2w", "data-doute": doute.raison },
    h("p", { class: "fr-mb-1w" }, h("strong", {}, doute.libelle), champs.length > 0 && ` À regarder : ${champs.join(", ")}.`),
    doute.extrait.length > 0 && table(doute.extrait, libelle),
  );
}

/** A table whose lines stand one under the other where its box is narrow: roles are said, since its boxes are no table's then. */
function table(lignes, libelle) {
  const entete = ["Élément", "Lu sur la pièce", "Déclaré", "Écart"];
  return h(
    "div",
    { class: "pga-tableau pga-extrait" },
    h(
      "table",
      { role: "table" },
      h("caption", { class: "fr-sr-only" }, `Ce qui a été lu, et ce qui a été déclaré : ${libelle}`),
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, entete.map((nom) => h("th", { scope: "col", role: "columnheader" }, nom)))),
      h("tbody", { role: "rowgroup" }, lignes.map(ligne)),
    ),
  );
}

function ligne({ libelle, lu, declare }) {
  const ecart = declare === null ? "–" : ecartDe(mots(lu), mots(declare));
  const cellule = (nom, contenu) => h("td", { role: "cell", "data-nom": nom, class: contenu === "–" ? "pga-vide" : null }, contenu);
  return h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, libelle), cellule("Lu", lu), cellule("Déclaré", declare ?? "–"), cellule("Écart", ecart));
}
