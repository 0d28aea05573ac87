/**
 * What this browser keeps for the person until the service has it: words half typed, and what was last read, so that a
 * page opens at once on a slow network. All of it goes at sign-out, or when somebody else signs in. Files have their own
 * place (fichiers.js).
 */

const PREFIXE = "copie:";
const PROPRIETAIRE = "copie-de";
const BASE_FICHIERS = "fichiers";

/** Keep `valeur` under `cle`; nothing breaks when the browser has no room. */
export function garderCopie(cle, valeur) {
  try {
    localStorage.setItem(PREFIXE + cle, JSON.stringify(valeur));
  } catch {
    console.info("copie locale impossible");
  }
}

/** What was kept under `cle`, or null. */
export function lireCopie(cle) {
  const texte = localStorage.getItem(PREFIXE + cle);
  return texte ? JSON.parse(texte) : null;
}

export function oublierCopie(cle) {
  localStorage.removeItem(PREFIXE + cle);
}

/** Whose copies these are: an identifiant, or null. */
export function proprietaire() {
  return localStorage.getItem(PROPRIETAIRE);
}

/** Forget everything kept for the person, files included; what is kept from now on is `suivant`'s. */
export async function oublierTout(suivant) {
  for (const cle of Object.keys(localStorage)) if (cle.startsWith(PREFIXE)) localStorage.removeItem(cle);
  if (suivant) localStorage.setItem(PROPRIETAIRE, suivant);
  else localStorage.removeItem(PROPRIETAIRE);
  await new Promise((suite) => {
    const demande = indexedDB.deleteDatabase(BASE_FICHIERS);
    demande.onsuccess = demande.onerror = demande.onblocked = () => suite();
  });
}
