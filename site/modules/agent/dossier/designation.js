/**
 * Pointing: while a suspension is prepared, each line of the dossier has a box. A box ticked asks for that line again, and
 * opens beneath it the motifs that the service accepts of such a line. What was ticked survives a new reading.
 */
import { h, tous, trouver } from "../../dom.js";

const formulaire = trouver("form[data-suspension]");
const MAX = Number(trouver("template[data-elements-max]").dataset.elementsMax);
/** What is pointed at: its motif by its cible. @type {Map<string, string>} */
const designes = new Map();
/** @type {Map<string, {libelle: string, genre: string}>} the lines shown */
const lignes = new Map();

/** The targets of one part of the form: the part itself first. @returns {[string, string][]} cible, words */
export function ciblesDe(partie) {
  return tous("template[data-cible]")
    .filter(({ dataset }) => dataset.cible.split(".")[0] === partie)
    .map(({ dataset }) => [dataset.cible, dataset.libelle]);
}

/** The cell of a line's box; empty for a line that can't be asked again. */
export function celluleDeDesignation({ cible, genre, libelle }) {
  const cellule = h("td", { class: "designation-case" });
  if (!cible) return cellule;
  lignes.set(cible, { libelle, genre });
  const id = `designe-${cible.replaceAll(".", "-")}`;
  const case_ = h("input", { type: "checkbox", id, "data-designe": cible });
  case_.checked = designes.has(cible);
  case_.addEventListener("change", () => {
    if (case_.checked) designes.set(cible, "");
    else designes.delete(cible);
    placer(case_);
    numeroter();
  });
  cellule.append(h("div", { class: "fr-checkbox-group fr-checkbox-group--sm" }, case_, h("label", { class: "fr-label", for: id }, h("span", { class: "fr-sr-only" }, `À revoir : ${libelle}`))));
  return cellule;
}

/** Under the line of `case_`, the choice of its motif; none when it is not ticked. */
function placer(case_) {
  const rangee = case_.closest("tr");
  const cible = case_.dataset.designe;
  if (rangee.nextElementSibling?.dataset.motifDe === cible) rangee.nextElementSibling.remove();
  if (!case_.checked) return;
  const { genre, libelle } = lignes.get(cible);
  const groupe = trouver(`template[data-motifs="${genre}"]`).content.firstElementChild.cloneNode(true);
  const [choix, etiquette, messages] = ["select", "label", ".fr-messages-group"].map((quoi) => trouver(quoi, groupe));
  choix.id = etiquette.htmlFor = `motif-${case_.id}`;
  messages.id = `${choix.id}-messages`;
  choix.setAttribute("aria-describedby", messages.id);
  choix.dataset.manque = "Choisissez un motif.";
  etiquette.firstChild.textContent = `Motif pour « ${libelle} » `;
  // A single motif is no choice.
  choix.value = choix.options.length === 2 ? choix.options[1].value : designes.get(cible);
  designes.set(cible, choix.value);
  choix.addEventListener("change", () => designes.set(cible, choix.value));
  rangee.after(h("tr", { class: "designation-motif", "data-motif-de": cible }, h("td", { colspan: rangee.cells.length }, groupe, h("input", { type: "hidden", value: cible }))));
}

/** The fields' names follow the lines' order, as the service reads them; and the panel says how many there are. */
function numeroter() {
  const rangees = tous("[data-motif-de]", formulaire);
  for (const [rang, rangee] of rangees.entries()) {
    trouver("[data-champ]", rangee).dataset.champ = trouver("select", rangee).name = `elements.${rang}.motif`;
    trouver("input", rangee).name = `elements.${rang}.cible`;
  }
  const noms = rangees.map(({ dataset }) => lignes.get(dataset.motifDe).libelle);
  const compte = noms.length === 0 ? "Aucune ligne cochée." : `${noms.length} ligne${noms.length > 1 ? "s cochées" : " cochée"} : ${noms.join(", ")}.`;
  trouver("[data-designes]").textContent = noms.length < MAX ? compte : `${compte} Vous ne pouvez pas en cocher davantage.`;
  for (const case_ of tous("[data-designe]", formulaire)) case_.disabled = !case_.checked && noms.length >= MAX;
}

/** The lines were shown again: those ticked are so again, with their motif. */
export function rappelerLesDesignes() {
  for (const case_ of tous("[data-designe]:checked", formulaire)) placer(case_);
  numeroter();
}

/** Point at `elements` ({cible, motif}), and at nothing else; what is no longer shown is left out. */
export function designerTout(elements) {
  designes.clear();
  for (const { cible, motif } of elements) designes.set(cible, motif);
  for (const case_ of tous("[data-designe]", formulaire)) {
    case_.checked = designes.has(case_.dataset.designe);
    placer(case_);
  }
  numeroter();
}

/** The boxes are there to be ticked, or not. */
export function montrerLesCases(voulu) {
  formulaire.classList.toggle("designation", voulu);
}
