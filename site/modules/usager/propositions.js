/**
 * What machines read of the documents sent, proposed to a step of the form: each value with its source, all of them taken with
 * one gesture, never by themselves. What the person typed is shown beside it where it differs.
 */
import { annoncer, datePartielle, h, remplacer, trouver } from "../dom.js";
import { aplatir, libelleDe, lire, remplir } from "../formulaire.js";
import { pageDEtape } from "./etape.js";

const SOURCES = { mrz: "lu au bas de votre pièce d'identité", "2ddoc": "lu dans le code de votre document" };

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

function poser(objet, [tete, ...reste], valeur) {
  if (reste.length === 0) objet[tete] = valeur;
  else poser((objet[tete] ??= {}), reste, valeur);
}

/**
 * Show in `[data-propositions]` what may be taken over; nothing when the form already says it.
 * @param {Element} formulaire
 * @param {any} demande with its pièces
 * @param {string} etape its name in the API
 * @param {(valeurs: any) => void} preparer makes room in the form for the values, before it is filled with them
 */
export function montrerPropositions(formulaire, demande, etape, preparer = () => {}) {
  const zone = trouver("[data-propositions]");
  trouver("[data-vers-pieces]").href = pageDEtape("pieces", demande.id);
  trouver("[data-par-documents]").hidden = (demande.pieces ?? []).some(({ lu }) => lu?.length > 0);
  const { valeurs, sources } = lues(demande, etape);
  const ici = new Map(aplatir(lire(formulaire)));
  const differentes = aplatir(valeurs).filter(([nom, valeur]) => !memeTexte(ici.get(nom), valeur));
  zone.hidden = differentes.length === 0;
  if (zone.hidden) return void remplacer(zone);
  const sourceDe = (nom) => SOURCES[sources[nom] ?? sources[nom.replace(/\.\d+$/, "")]];
  const montree = (nom, valeur) => (nom === "date_naissance" ? datePartielle(valeur) : libelleDuChoix(formulaire, nom, valeur));
  remplacer(
    zone,
    h("h3", { class: "fr-callout__title" }, "Vos documents le disent déjà"),
    h("ul", {}, differentes.map(([nom, valeur]) => h("li", {}, `${libelleDe(formulaire, nom)} : `, h("strong", {}, montree(nom, valeur)), `, ${sourceDe(nom)}`, ici.get(nom) !== undefined && ` (vous avez écrit : ${montree(nom, ici.get(nom))})`))),
    h("p", {}, "Rien n'est rempli sans vous. Relisez, puis corrigez si besoin : c'est vous qui déclarez."),
    h("button", { class: "fr-btn", type: "button", onclick: reprendre }, "Remplir avec ces informations"),
  );

  function reprendre() {
    preparer(valeurs);
    remplir(formulaire, valeurs);
    // As if typed: errors go, the code postal proposes its commune, the birth date tells a minor.
    for (const [nom] of differentes) formulaire.querySelector(`[name="${CSS.escape(nom)}"]`)?.dispatchEvent(new Event("input", { bubbles: true }));
    for (const evenement of ["input", "change"]) formulaire.dispatchEvent(new Event(evenement, { bubbles: true }));
    for (const [nom] of differentes) marquer(formulaire, nom, sourceDe(nom));
    zone.hidden = true;
    remplacer(zone);
    annoncer(`${differentes.length} champs remplis d'après vos documents : relisez-les.`);
    formulaire.querySelector("input, select")?.focus();
  }
}

/** Say beside the field where its value comes from, until the person changes it. */
function marquer(formulaire, nom, source) {
  const groupe = formulaire.querySelector(`[data-champ="${CSS.escape(nom)}"]`);
  if (!groupe || groupe.querySelector("[data-source]")) return;
  const marque = h("p", { class: "fr-hint-text source-lue", "data-source": "" }, `D'après vos documents : ${source}.`);
  groupe.querySelector(".fr-messages-group").before(marque);
  groupe.addEventListener("input", () => marque.remove(), { once: true });
}

function memeTexte(ecrit, lu) {
  const plat = (texte) => String(texte ?? "").normalize("NFD").replace(/\p{M}/gu, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim().toUpperCase();
  return plat(ecrit) === plat(lu);
}

function libelleDuChoix(formulaire, nom, valeur) {
  const radio = formulaire.querySelector(`input[type=radio][name="${CSS.escape(nom)}"][value="${CSS.escape(String(valeur))}"]`);
  return radio ? trouver(`label[for="${radio.id}"]`).textContent.trim() : String(valeur);
}
