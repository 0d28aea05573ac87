/**
 * What machines read of the documents sent, proposed to a step of the form: each value with its source, all of them taken with
 * one gesture, never by themselves. What the person typed is shown beside it where it differs.
 */
import { alerte, annoncer, datePartielle, h, remplacer, tous, trouver } from "../dom.js";
import { aplatir, libelleDe, lire, poser, remplir } from "../formulaire.js";
import { pageDEtape } from "./etape.js";

const SOURCES = { mrz: "lu au bas de votre pièce d'identité", "2ddoc": "lu dans le code de votre document" };
let refusees = false; // the person has said no: nothing is proposed again on this page

/** What the pièces of `demande` say of `etape`, as its form holds it: `{valeurs, sources: {champ: source}}`. */
export function lues(demande, etape) {
  const valeurs = {};
  const sources = {};
  for (const piece of demande.pieces ?? []) {
    for (const { champ, valeur, source } of piece.lu ?? []) {
      const [de, nom] = [champ.slice(0, champ.indexOf(".")), champ.slice(champ.indexOf(".") + 1)];
      if (de !== etape || nom in sources) continue;
      sources[nom] = source;
      poser(valeurs, nom.split("."), valeur);
    }
  }
  return { valeurs, sources };
}

/**
 * Show in `[data-propositions]` what may be taken over, and beside each field that says what the documents say, where they do.
 * @param {HTMLFormElement} formulaire filled
 * @param {any} demande with its pièces
 * @param {string} etape its name in the API
 * @param {(valeurs: any) => void} preparer makes room in the form for the values, before it is filled with them
 */
export function montrerPropositions(formulaire, demande, etape, preparer = () => {}) {
  const zone = trouver("[data-propositions]");
  trouver("[data-vers-pieces]").href = pageDEtape("pieces", demande.id);
  trouver("[data-par-documents]").hidden = (demande.pieces ?? []).some(({ lu }) => lu?.length > 0);
  const { valeurs, sources } = lues(demande, etape);
  const saisi = lire(formulaire);
  const ici = new Map(aplatir(saisi));
  const lus = aplatir(valeurs).map(([nom, valeur]) => ({ nom, valeur, source: SOURCES[sources[nom] ?? sources[nom.replace(/\.\d+$/, "")]] }));
  const differentes = lus.filter(({ nom, valeur }) => !memeTexte(ici.get(nom), valeur) && !(nom.startsWith("prenoms.") && commencePar(saisi.prenoms, valeurs.prenoms)));
  for (const marque of tous("[data-source]", formulaire)) oter(marque);
  for (const { nom, valeur, source } of lus) if (memeTexte(ici.get(nom), valeur)) marquer(formulaire, nom, `Comme sur vos documents : ${source}.`);
  zone.hidden = refusees || differentes.length === 0;
  if (zone.hidden) return void remplacer(zone);
  const montree = (nom, valeur) => (nom === "date_naissance" ? datePartielle(valeur) : libelleDuChoix(formulaire, nom, valeur));
  const ligne = ({ nom, valeur }) => h("li", {}, `${motsDuChamp(formulaire, nom)} : `, h("strong", {}, montree(nom, valeur)), ici.get(nom) !== undefined && `, à la place de « ${montree(nom, ici.get(nom))} »`);
  const dOu = [...new Set(differentes.map(({ source }) => source))];
  remplacer(
    zone,
    h("h3", { class: "fr-h5 fr-mb-2w" }, "Vos documents le disent déjà"),
    dOu.map((source) => [h("p", { class: "fr-mb-1v" }, `${source[0].toUpperCase()}${source.slice(1)} :`), h("ul", { class: "fr-mb-2w" }, differentes.filter((une) => une.source === source).map(ligne))]),
    h("p", { class: "fr-mb-2w" }, "Rien n'est rempli sans vous. Relisez, puis corrigez si besoin : c'est vous qui déclarez."),
    h("div", { class: "piece-actions" }, h("button", { class: "fr-btn", type: "button", onclick: reprendre }, "Remplir avec ces informations"), h("button", { class: "fr-btn fr-btn--secondary", type: "button", onclick: refuser }, "Non, garder mes réponses")),
  );

  function reprendre() {
    // What was typed and is not contradicted stays.
    const tout = lire(formulaire);
    for (const { nom, valeur } of differentes) poser(tout, nom.split("."), valeur);
    preparer(tout);
    remplir(formulaire, tout);
    // As if typed: errors go, the code postal proposes its commune, the birth date tells a minor.
    for (const { nom } of differentes) formulaire.querySelector(`[name="${CSS.escape(nom)}"]`)?.dispatchEvent(new Event("input", { bubbles: true }));
    for (const evenement of ["input", "change"]) formulaire.dispatchEvent(new Event(evenement, { bubbles: true }));
    for (const { nom, source } of differentes) marquer(formulaire, nom, `D'après vos documents : ${source}.`);
    const combien = differentes.length > 1 ? `${differentes.length} champs remplis` : "Un champ rempli";
    const fait = alerte("success", null, `${combien} d'après vos documents : chacun dit d'où il vient. Relisez-les.`);
    fait.tabIndex = -1;
    remplacer(zone, fait);
    zone.classList.remove("encadre");
    fait.focus();
    fait.scrollIntoView({ block: "nearest" });
  }

  function refuser() {
    refusees = true;
    zone.hidden = true;
    remplacer(zone);
    annoncer("Vos réponses sont gardées telles quelles.");
    formulaire.querySelector("input, select")?.focus();
  }
}

/** Say beside the field where its value comes from, until the person changes it. */
function marquer(formulaire, nom, phrase) {
  const groupe = formulaire.querySelector(`[data-champ="${CSS.escape(nom)}"]`);
  if (!groupe || groupe.querySelector("[data-source]")) return;
  const id = `source-${nom.replaceAll(".", "-")}`;
  const marque = h("p", { class: "fr-hint-text source-lue", id, "data-source": "" }, phrase);
  groupe.querySelector(".fr-messages-group").before(marque);
  // Read with the field: those of a radio or a date are read with their group.
  const decrit = groupe.matches("fieldset") ? groupe : groupe.querySelector("input, select");
  const dits = new Set((decrit.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  decrit.setAttribute("aria-describedby", [...dits.add(id)].join(" "));
  groupe.addEventListener("input", () => oter(marque), { once: true });
}

function oter(marque) {
  for (const decrit of tous(`[aria-describedby~="${marque.id}"]`)) decrit.setAttribute("aria-describedby", decrit.getAttribute("aria-describedby").split(" ").filter((id) => id !== marque.id).join(" "));
  marque.remove();
}

/** The words of a field, the rank of a prénom said. */
function motsDuChamp(formulaire, nom) {
  const [, rang] = /^prenoms\.(\d+)$/.exec(nom) ?? [];
  if (rang === undefined) return libelleDe(formulaire, nom);
  return rang === "0" ? "1er prénom" : `${Number(rang) + 1}ème prénom`;
}

/** Whether these prénoms are those read, compound ones written in their own way, or those and others after them. */
function commencePar(ecrits, lus) {
  return `${plat((ecrits ?? []).join(" "))} `.startsWith(`${plat((lus ?? []).join(" "))} `);
}

const plat = (texte) => String(texte ?? "").normalize("NFD").replace(/\p{M}/gu, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim().toUpperCase();

function memeTexte(ecrit, lu) {
  return plat(ecrit) === plat(lu);
}

function libelleDuChoix(formulaire, nom, valeur) {
  const radio = formulaire.querySelector(`input[type=radio][name="${CSS.escape(nom)}"][value="${CSS.escape(String(valeur))}"]`);
  return radio ? trouver(`label[for="${radio.id}"]`).textContent.trim() : String(valeur);
}
