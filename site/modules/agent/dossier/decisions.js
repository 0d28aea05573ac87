/** A decision is sent against the dossier that was read: when it has moved since, that is told, and it can be read again. */
import { appeler, enClair, Probleme } from "../../api.js";
import { trouver } from "../../dom.js";

/** Send `action` on the demande of `page`; a conflict shows the form's own way to read the dossier again, then goes on up. */
export async function decider(page, action, corps, formulaire, methode = "POST") {
  const relire = trouver("[data-relire]", formulaire);
  relire.hidden = true;
  try {
    return await appeler(methode, `${page.chemin}/${action}`, { corps, version: page.dossier.demande.version });
  } catch (faute) {
    relire.hidden = !(faute instanceof Probleme && [409, 412].includes(faute.statut));
    throw faute;
  }
}

/** The button « Relire le dossier » of a form: what is typed there stays. */
export function brancherRelire(page, formulaire) {
  trouver("[data-relire-dossier]", formulaire).addEventListener("click", async () => {
    const dit = trouver("[data-relu]", formulaire);
    dit.textContent = "Lecture…";
    try {
      await page.relire();
      dit.textContent = `Dossier relu : ${page.dossier.demande.libelle.toLowerCase()}. Ce que vous avez saisi est gardé.`;
    } catch (faute) {
      dit.textContent = enClair(faute);
    }
  });
}

/** What was done, and, for a paper dossier, whether its holder is told of it or is to be written to. */
export function direFait(page, fait, suite) {
  const courrier = suite?.titulaire_prevenu?.includes("courrier");
  page.avis(courrier ? "warning" : "success", courrier ? `${fait} Le titulaire n'a donné ni adresse électronique ni téléphone : écrivez-lui par courrier.` : fait);
}
