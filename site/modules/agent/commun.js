/** What the agents' pages share: who is there, words of a demande, lists that go on. */
import { enClair } from "../api.js";
import { alerte, charge, h, remplacer, trouver } from "../dom.js";
import { exigerSession, motsDesAutorites } from "../session.js";

/** An agent is signed in. @returns the session, or never when `roles` are others' */
export async function exigerAgent(...roles) {
  const ouverte = await exigerSession();
  if (roles.length === 0 || roles.includes(ouverte.profil)) return ouverte;
  return reserver();
}

/** The page is for others: say so, and the way back. @returns never */
export function reserver() {
  const lien = h("p", {}, h("a", { class: "fr-link", href: "/agent/" }, "Revenir à la corbeille"));
  remplacer(trouver("main > div"), h("h1", {}, "Page réservée"), alerte("warning", null, "Votre rôle ne permet pas d'ouvrir cette page.", lien));
  charge();
  return new Promise(() => {});
}

/** What the address names; a malformed one names nothing that exists. */
export function ancre() {
  const brute = location.hash.slice(1);
  try {
    return decodeURIComponent(brute);
  } catch {
    return brute;
  }
}

/** Where a demande is opened: the dossier, or its contrôle for an operator of the CTN. */
export function lienDe(ouverte, id) {
  return `/agent/${ouverte.profil === "ctn" ? "controle" : "dossier"}/#${id}`;
}

/** A table in a container of its own that scrolls: `colonnes` are heads, `lignes` lists of cells. */
export function tableau(titre, colonnes, lignes) {
  return h(
    "div",
    { class: "pga-tableau", tabindex: 0, role: "region", "aria-label": titre },
    h(
      "table",
      {},
      h("caption", { class: "fr-sr-only" }, titre),
      h("thead", {}, h("tr", {}, colonnes.map((nom) => h("th", { scope: "col" }, nom)))),
      h("tbody", {}, lignes.map((cases) => h("tr", {}, cases.map((contenu) => h("td", {}, contenu))))),
    ),
  );
}

/** Where a form of a dialog sums up what is wrong. */
export function resumeErreurs() {
  return h("div", { class: "fr-alert fr-alert--error fr-mb-2w", "data-resume-erreurs": true, tabindex: -1, hidden: true });
}

/** A mandatory closed list: `valeurs` are {code, libelle}; `choisie` is a code. */
export function liste(id, nom, libelle, valeurs, choisie = "") {
  const options = [{ code: "", libelle: "Choisissez…" }, ...valeurs].map(({ code, libelle: mots }) => h("option", { value: code, selected: code === choisie }, mots));
  return h(
    "div",
    { class: "fr-select-group", "data-champ": nom },
    h("label", { class: "fr-label", for: id }, libelle),
    h("select", { class: "fr-select", id, name: nom, required: true, "data-manque": "Choisissez dans la liste.", "aria-describedby": `${id}-messages` }, options),
    h("div", { class: "fr-messages-group", id: `${id}-messages`, "aria-live": "polite" }),
  );
}

/** The deck's title of a list. */
export function listeDesDemandes(ouverte) {
  return `Liste des demandes sur ${motsDesAutorites(ouverte)}`;
}

/** What went wrong, in the zone of the page that says it. */
export function direLaFaute(faute, zone = trouver("[data-avis]")) {
  remplacer(zone, alerte("error", null, enClair(faute)));
  zone.focus();
}
