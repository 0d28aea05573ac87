/**
 * From one page of the account to the next: whose account it is, and what was just done. Kept in this tab only, never in
 * an address, and no longer than needed.
 */
import { alerte, remplacer, trouver } from "../dom.js";

const IDENTIFIANT = "compte-identifiant";
const FAIT = "compte-fait";

export function retenirIdentifiant(identifiant) {
  sessionStorage.setItem(IDENTIFIANT, identifiant);
}

export function identifiantRetenu() {
  return sessionStorage.getItem(IDENTIFIANT) ?? "";
}

export function oublierIdentifiant() {
  sessionStorage.removeItem(IDENTIFIANT);
}

/** Go to `page`, which will say `titre` and `phrase` once. */
export function allerDire(page, titre, phrase) {
  sessionStorage.setItem(FAIT, JSON.stringify({ titre, phrase }));
  location.assign(page);
}

/** Say what the page before has done, and take the focus to it. */
export function direCeQuiEstFait() {
  const texte = sessionStorage.getItem(FAIT);
  if (!texte) return;
  sessionStorage.removeItem(FAIT);
  const { titre, phrase } = JSON.parse(texte);
  direFait(titre, phrase);
}

/** Say here that something went well. */
export function direFait(titre, phrase) {
  const zone = trouver("[data-fait]");
  remplacer(zone, alerte("success", titre, phrase));
  zone.hidden = false;
  zone.focus();
  zone.scrollIntoView({ block: "nearest" });
}
