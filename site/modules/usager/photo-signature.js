/**
 * Step 4: a code « photo numérique », given now or later, or a talon to print. It serves, too, once the demande is
 * deposited: while its photo is awaited, or when an agent asks another one.
 */
import { appeler, enClair } from "../api.js";
import { alerte, remplacer, tous, trouver } from "../dom.js";
import { montrerErreur } from "../formulaire.js";
import { etapeFormulaire, identifiantDemande, pageDEtape } from "./etape.js";

const ETATS = {
  code_attendu: ["info", "Votre code est attendu", "Vous pouvez continuer, et revenir indiquer votre code dans les 15 jours. Sans code ni talon, la demande ne peut pas être validée."],
  en_activation: ["info", "Votre code est connu, mais pas encore actif", "Cela peut prendre jusqu'à 72 heures. Vous pouvez continuer : nous le vérifierons tout seuls."],
  valide: ["success", "Votre code est valide", "Votre photo et votre signature sont trouvées."],
  inconnu: ["error", "Ce code n'est pas connu", "Vérifiez chacun de ses 22 caractères, ou choisissez le talon."],
  deja_utilise: ["error", "Ce code a déjà servi", "Un code ne sert qu'une fois : faites faire une nouvelle photo, ou choisissez le talon."],
  expire: ["error", "Ce code a plus de six mois", "Faites faire une nouvelle photo, ou choisissez le talon."],
  talon: ["info", "Vous avez choisi le talon", "Imprimez-le, collez-y votre photo, signez-le, puis envoyez-le à l'adresse qu'il indique."],
  refuse: ["error", "Cette photo ou cette signature a été refusée", "Donnez un nouveau code, ou choisissez le talon."],
};
const POSSIBLES = new Set(["code_attendu", "en_activation", "valide", "talon"]);

const id = identifiantDemande();
const formulaire = trouver("form[data-etape-formulaire]");
const etat = trouver("[data-etat-photo]");
let deposee = false;
let retour = "";

function montrerLeMode() {
  const mode = tous('[name="mode"]').find((choix) => choix.checked)?.value;
  trouver("[data-mode-numerique]").hidden = mode !== "numerique";
  trouver("[data-mode-talon]").hidden = mode !== "talon";
}

function montrerEtat(donnees) {
  const connu = ETATS[donnees?.etat];
  remplacer(etat, connu && alerte(connu[0], connu[1], connu[2]));
  etat.dataset.etatPhoto = donnees?.etat ?? "";
}

/** A deposited demande has no other step: one comes back to what asked for the photo. */
function selon({ statut }) {
  deposee = statut !== "brouillon";
  for (const element of tous("[data-brouillon-seulement]")) element.hidden = deposee;
  trouver("[data-deposee]").hidden = !deposee;
  if (!deposee) return;
  const complement = statut === "suspendue";
  retour = `/demande/${complement ? "complement" : "suivi"}/#${id}`;
  trouver('button[value="suivante"]').textContent = complement ? "Enregistrer et revenir au complément" : "Enregistrer et revenir au suivi";
  trouver('button[value="enregistrer"]').hidden = true;
  const precedente = trouver("[data-precedente]");
  precedente.href = retour;
  precedente.textContent = "Revenir sans rien changer";
}

const etape = etapeFormulaire({
  page: "photo-signature",
  etape: "photo_signature",
  suivante: "pieces",
  precedente: "adresse",
  selon,
  ouverte: ({ statut, modifiable }) => statut === "brouillon" || modifiable.includes("photo_signature"),
  corps: ({ mode, code }) => (mode === "numerique" && code ? { mode, code } : { mode }),
  apres: ({ etapes }) => {
    montrerEtat(etapes.photo_signature.donnees);
    montrerLeMode();
  },
  ensuite: ({ etapes }, reste) => {
    const { donnees } = etapes.photo_signature;
    montrerEtat(donnees);
    if (!POSSIBLES.has(donnees.etat)) {
      montrerErreur(formulaire, "code", ETATS[donnees.etat][1]);
      etat.focus();
      etat.scrollIntoView({ block: "center" });
      return null;
    }
    if (deposee) return retour;
    return reste ? null : pageDEtape("pieces", id);
  },
});

formulaire.addEventListener("input", () => {
  montrerLeMode();
  // What was said of the former choice is not said of this one.
  montrerEtat(null);
});

trouver("[data-talon]").addEventListener("click", async () => {
  const dit = trouver("[data-talon-etat]");
  dit.textContent = "Préparation du talon…";
  try {
    if (!deposee && !(await etape.enregistrer())) return void (dit.textContent = "");
    const { url } = await appeler("GET", `/api/demandes/${id}/talon`);
    dit.textContent = "Le talon est prêt.";
    location.assign(url);
  } catch (faute) {
    remplacer(dit, enClair(faute));
  }
});
