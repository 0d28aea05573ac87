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

function table(lignes, libelle) {
  const entete = ["Élément", "Lu sur la pièce", "Déclaré", "Écart"];
  return h(
    "div",
    { class: "pga-tableau pga-extrait", tabindex: 0, role: "region", "aria-label": `Ce qui a été lu sur : ${libelle}` },
    h("table", {}, h("caption", { class: "fr-sr-only" }, "Ce qui a été lu, et ce qui a été déclaré"), h("thead", {}, h("tr", {}, entete.map((nom) => h("th", { scope: "col" }, nom)))), h("tbody", {}, lignes.map(ligne))),
  );
}

function ligne({ libelle, lu, declare }) {
  const ecart = declare === null ? "–" : ecartDe(mots(lu), mots(declare));
  return h("tr", {}, h("th", { scope: "row" }, libelle), h("td", {}, lu), h("td", {}, declare ?? "–"), h("td", {}, ecart));
}
