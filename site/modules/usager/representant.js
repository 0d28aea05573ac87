/** Who acts for the holder, when it is not himself: named, changed or taken back while the demande is a draft. */
import { appeler, enClair } from "../api.js";
import { trouver } from "../dom.js";
import { aLEnvoi, montrerRefus, remplir } from "../formulaire.js";
import { identifiantDemande, ouvrirDemande, pageDEtape, retenir } from "./etape.js";

const id = identifiantDemande();
const formulaire = trouver("form[data-representant]");
const retirer = trouver("[data-retirer]");
const chemin = `/api/demandes/${id}/representant`;
let touche = false;

function montrer({ statut, representant }, fraiche) {
  if (statut !== "brouillon") return void location.replace(`/demande/suivi/#${id}`);
  trouver("[data-retour]").href = pageDEtape("etat-civil", id);
  retirer.hidden = !representant;
  if (touche) return;
  if (representant) remplir(formulaire, { ...representant, prenoms: representant.prenoms.join(" ") });
  else if (fraiche) proposer();
}

/** Who fills the page is, most often, who has the account. */
async function proposer() {
  try {
    const { nom, prenom, email, telephone } = await appeler("GET", "/api/comptes/moi");
    if (!touche) remplir(formulaire, { nom, prenoms: prenom, email, telephone: /^0[67]/.test(telephone) ? telephone : "" });
  } catch {
    // A convenience only: the person types them.
  }
}

function revenir(demande) {
  retenir(demande);
  location.assign(pageDEtape("etat-civil", id));
}

if (id) {
  formulaire.addEventListener("input", () => (touche = true));
  retirer.addEventListener("click", async () => {
    try {
      revenir(await appeler("DELETE", chemin));
    } catch (faute) {
      montrerRefus(formulaire, Object.assign(faute, { message: enClair(faute) }));
    }
  });
  aLEnvoi(formulaire, ({ prenoms, ...saisi }) => appeler("PUT", chemin, { corps: { ...saisi, prenoms: prenoms.split(/\s+/) } }), revenir);
  ouvrirDemande(id, montrer);
}
