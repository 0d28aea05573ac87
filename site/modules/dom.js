/** Small things that every page does to its own document: make nodes from text, announce, write dates in French. */

/**
 * A new element. Children that are not nodes become text, set as French wants it: what people typed is never read as markup.
 * @param {string} balise
 * @param {Record<string, unknown>} proprietes attributes; `on…` are listeners, `true` is an empty attribute, null and false none
 * @param {...(Node|string|number|null|undefined|Array)} enfants
 */
export function h(balise, proprietes = {}, ...enfants) {
  const element = document.createElement(balise);
  for (const [nom, valeur] of Object.entries(proprietes ?? {})) {
    if (valeur === null || valeur === undefined || valeur === false) continue;
    if (nom.startsWith("on")) element.addEventListener(nom.slice(2), valeur);
    else if (nom === "class") element.className = valeur;
    else element.setAttribute(nom, valeur === true ? "" : String(valeur));
  }
  element.append(...noeuds(enfants));
  return element;
}

function noeuds(enfants) {
  return enfants
    .flat(Infinity)
    .filter((enfant) => enfant !== null && enfant !== undefined && enfant !== false)
    .map((enfant) => (enfant instanceof Node ? enfant : document.createTextNode(insecables(String(enfant)))));
}

/** The spaces where a line must not break, as the build sets them (infra/pages/typographie.py). */
function insecables(texte) {
  return texte.replace(/ +(?=[:;?!%€»])/g, "\u00a0").replace(/« +/g, "«\u00a0");
}

/** Text shown to the letter, as somebody wrote it. */
export function telQuel(texte) {
  return document.createTextNode(texte);
}

/** Put `enfants` in the place of what `element` holds. */
export function remplacer(element, ...enfants) {
  element.replaceChildren(...noeuds(enfants));
}

/** The element that `selecteur` names in `racine`; the page is at fault when there is none. */
export function trouver(selecteur, racine = document) {
  const trouve = racine.querySelector(selecteur);
  if (!trouve) throw new Error(`élément absent de la page : ${selecteur}`);
  return trouve;
}

export function tous(selecteur, racine = document) {
  return [...racine.querySelectorAll(selecteur)];
}

/** A DSFR alert: `genre` is info, success, warning or error. */
export function alerte(genre, titre, ...corps) {
  return h("div", { class: `fr-alert fr-alert--${genre}` }, titre && h("p", { class: "fr-alert__title" }, titre), ...corps.map(paragraphe));
}

function paragraphe(contenu) {
  return contenu instanceof Node ? contenu : h("p", {}, contenu);
}

/** The page is loaded: what said « Chargement… » goes. */
export function charge() {
  for (const attente of tous("[data-chargement]")) attente.remove();
  document.body.dataset.etat = "pret";
}

/** Say something once to a screen reader, where nothing visible says it. */
export function annoncer(texte) {
  let zone = document.getElementById("annonces");
  if (!zone) {
    zone = h("div", { id: "annonces", class: "fr-sr-only", role: "status" });
    trouver("main").append(zone);
  }
  zone.textContent = "";
  // A text equal to the one before is read only when the zone was seen empty.
  requestAnimationFrame(() => (zone.textContent = texte));
}

const JOUR = new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeZone: "Europe/Paris" });
const INSTANT = new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Paris" });

/** `24 novembre 2026`, from a stored instant. */
export function jour(instant) {
  return JOUR.format(new Date(instant));
}

/** `24 novembre 2026 à 10:05`, from a stored instant. */
export function dateHeure(instant) {
  return INSTANT.format(new Date(instant));
}

/** `01/01/1956`, `00/01/1956` or `00/00/1956`: a partial date as licences show it. */
export function datePartielle(date) {
  const [annee, mois = "00", quantieme = "00"] = (date ?? "").split("-");
  return annee ? `${quantieme}/${mois}/${annee}` : "";
}

/** `25 €`, `12,50 €`, `gratuit`. */
export function euros(centimes) {
  if (centimes === 0) return "gratuit";
  const montant = (centimes / 100).toFixed(2).replace(".", ",");
  return `${montant.replace(",00", "")}\u00a0€`;
}

/** The base of the assets, digest included: where this very module was loaded from. */
export const ACTIFS = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
