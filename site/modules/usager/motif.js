/** Step 1: the motif, which decides the rest. Without a demande yet, « Etape suivante >> » begins one. */
import { appeler } from "../api.js";
import { charge, tous, trouver } from "../dom.js";
import { aLEnvoi, lire } from "../formulaire.js";
import { exigerSession } from "../session.js";
import { etapeFormulaire, pageDEtape, retenir } from "./etape.js";

const formulaire = trouver("form[data-etape-formulaire]");

function montrerLeSens() {
  const { motif } = lire(formulaire);
  for (const sens of tous("[data-motif-choisi]")) sens.hidden = sens.dataset.motifChoisi !== motif;
  trouver("[data-motif-dit]").textContent = motif ? trouver(`[data-motif-choisi="${motif}"] p`).textContent : "";
}

formulaire.addEventListener("change", montrerLeSens);
if (location.hash.length > 1) {
  etapeFormulaire({ page: "motif", etape: "motif", suivante: "etat-civil", precedente: null, apres: () => queueMicrotask(montrerLeSens) });
} else {
  await exigerSession();
  trouver("button[value=enregistrer]").remove();
  aLEnvoi(
    formulaire,
    (saisi) => appeler("POST", "/api/demandes", { corps: saisi }),
    (demande) => {
      retenir(demande);
      location.assign(pageDEtape("etat-civil", demande.id));
    },
  );
  charge();
}
