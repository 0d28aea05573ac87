/** The communes and préfectures of the bundled official data: proposed, never imposed. Small files, kept by the browser. */
import { ACTIFS } from "../dom.js";

const lus = new Map();

async function lireFichier(nom) {
  if (!lus.has(nom)) {
    lus.set(
      nom,
      fetch(`${ACTIFS}/${nom}`).then((reponse) => (reponse.ok ? reponse.json() : {})).catch(() => {
        lus.delete(nom);
        return {};
      }),
    );
  }
  return lus.get(nom);
}

/** The communes of a code postal, `[{nom, code}]` by name; none when it is unknown or there is no network. */
export async function communesDuCodePostal(codePostal) {
  if (!/^\d{5}$/.test(codePostal)) return [];
  const communes = (await lireFichier(`communes/${codePostal.slice(0, 2)}.json`))[codePostal] ?? {};
  return Object.entries(communes).map(([code, nom]) => ({ code, nom })).sort((a, b) => a.nom.localeCompare(b.nom, "fr"));
}

/** The names of the communes of a département (2A, 54, 971…), sorted. */
export async function communesDuDepartement(departement) {
  if (!departement) return [];
  const fichier = await lireFichier(`communes/${departement.startsWith("2") && /[AB]$/.test(departement) ? "20" : departement.slice(0, 2)}.json`);
  const noms = Object.values(fichier).flatMap((communes) => Object.entries(communes)).filter(([code]) => code.startsWith(departement)).map(([, nom]) => nom);
  return [...new Set(noms)].sort((a, b) => a.localeCompare(b, "fr"));
}

/** The département of a commune's code: 54395 → 54, 97411 → 974, 2A004 → 2A. */
export function departementDe(codeCommune) {
  return /^9[78]/.test(codeCommune) ? codeCommune.slice(0, 3) : codeCommune.slice(0, 2);
}

/** `{ "54": {code: "543", libelle: "Préfecture de Meurthe-et-Moselle"}, … }` */
export function prefectures() {
  return lireFichier("prefectures.json");
}
