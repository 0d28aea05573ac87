/** Step 3: address and contact. The code postal proposes commune and préfecture; the account proposes mail and phone. */
import { appeler } from "../api.js";
import { annoncer, h, remplacer, trouver } from "../dom.js";
import { communesDuCodePostal, departementDe, prefectures } from "./communes.js";
import { etapeFormulaire, identifiantDemande } from "./etape.js";

const champ = (nom) => trouver(`[name="${nom}"]`);
const formulaire = trouver("form[data-etape-formulaire]");

async function proposer() {
  const communes = await communesDuCodePostal(champ("code_postal").value.trim());
  remplacer(trouver("#communes"), communes.map(({ nom }) => h("option", { value: nom })));
  if (communes.length === 0) return;
  const propositions = [];
  if (communes.length === 1 && !champ("commune").value.trim()) propositions.push(["commune", communes[0].nom]);
  const prefecture = (await prefectures())[departementDe(communes[0].code)];
  if (prefecture && !champ("prefecture").value) propositions.push(["prefecture", prefecture.code]);
  for (const [nom, valeur] of propositions) champ(nom).value = valeur;
  if (propositions.length > 0) {
    annoncer("Commune et préfecture proposées d'après le code postal : vous pouvez les changer.");
    formulaire.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (communes.length > 1) {
    annoncer(`${communes.length} communes ont ce code postal : choisissez la vôtre.`);
  }
}

async function proposerLeContact() {
  try {
    const [compte, { representant }] = await Promise.all([appeler("GET", "/api/comptes/moi"), appeler("GET", `/api/demandes/${identifiantDemande()}/representant`)]);
    // The account is then a mandataire's, and the notices are the holder's.
    trouver("[data-mandataire]").hidden = representant?.qualite !== "mandataire";
    if (representant?.qualite === "mandataire") return;
    if (!champ("email").value) champ("email").value = compte.email;
    if (!champ("telephone").value && /^0[67]/.test(compte.telephone)) champ("telephone").value = compte.telephone;
  } catch {
    // A convenience only: the person types them.
  }
}

champ("code_postal").addEventListener("input", proposer);
etapeFormulaire({
  page: "adresse",
  etape: "adresse",
  suivante: "photo-signature",
  precedente: "etat-civil",
  apres: () => {
    if (champ("code_postal").value) communesDuCodePostal(champ("code_postal").value).then((communes) => remplacer(trouver("#communes"), communes.map(({ nom }) => h("option", { value: nom }))));
  },
});
// Whatever is typed meanwhile: what the demande holds, when it comes, takes the place of a proposal.
proposerLeContact();
