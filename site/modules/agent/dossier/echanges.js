/** Messages with the usager and notes between agents: the two threads, and how one adds to them. */
import { appeler, nouvelleCle, toutLire } from "../../api.js";
import { annoncer, dateHeure, h, remplacer, trouver } from "../../dom.js";
import { aLEnvoi } from "../../formulaire.js";

const FILS = { messages: { vide: "Aucun message.", fait: "Message envoyé à l'usager." }, notes: { vide: "Aucune note.", fait: "Note enregistrée." } };

/** Both threads, read again. What is being written stays. */
export async function montrerEchanges(chemin) {
  await Promise.all(Object.keys(FILS).map((fil) => montrer(chemin, fil)));
}

async function montrer(chemin, fil) {
  const elements = await toutLire(`${chemin}/${fil}`);
  const ecrits = elements.map((un) => h("li", {}, h("p", { class: "fr-text--sm fr-mb-1v" }, h("strong", {}, un.de_moi ? "Vous" : (un.nom ?? un.auteur)), `, ${dateHeure(un.ecrit_le)}`), h("p", { class: "texte-libre" }, un.texte)));
  remplacer(trouver(`[data-${fil}]`), elements.length === 0 ? h("p", {}, FILS[fil].vide) : h("ul", { class: "echanges" }, ecrits));
}

/** The two forms; `apres(fil, fait, ecrit)` when something was written. */
export function brancherEchanges(chemin, apres) {
  for (const fil of Object.keys(FILS)) {
    const formulaire = trouver(`[data-ecrire="${fil}"]`);
    // A text sent twice is written once; another text takes another key.
    let cle = nouvelleCle();
    formulaire.addEventListener("input", () => (cle = nouvelleCle()));
    aLEnvoi(
      formulaire,
      (corps) => appeler("POST", `${chemin}/${fil}`, { corps, cle }),
      async (ecrit) => {
        formulaire.reset();
        cle = nouvelleCle();
        annoncer(FILS[fil].fait);
        await montrer(chemin, fil);
        await apres(fil, FILS[fil].fait, ecrit);
      },
    );
  }
}
