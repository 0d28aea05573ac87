/** Step 2: état civil. */
import { etapeFormulaire } from "./etape.js";
import { montrerIdentite } from "./identite.js";

etapeFormulaire({
  page: "etat-civil",
  etape: "etat_civil",
  suivante: "adresse",
  precedente: "motif",
  corps: (saisi) => ({ ...saisi, ...(saisi.numero_dossier && { numero_dossier: saisi.numero_dossier.toUpperCase() }) }),
  apres: (_, donnees) => montrerIdentite(donnees),
});
