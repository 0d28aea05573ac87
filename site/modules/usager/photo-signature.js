/**
 * Step 4: a code « photo numérique », given now or later, or a talon to print. It serves, too, once the demande is
 * deposited: while its photo is awaited, or when an agent asks another one.
 */
import { appeler, enClair, HorsLigne } from "../api.js";
import { garderCopie, lireCopie, oublierCopie } from "../copie.js";
import { alerte, remplacer, tous, trouver } from "../dom.js";
import { aLEnvoi, lire, remplir } from "../formulaire.js";
import { identifiantDemande, montrerStepper, ouvrirDemande, pageDEtape, retenir } from "./etape.js";

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
const formulaire = trouver("form[data-photo]");
const etat = trouver("[data-etat-photo]");
const saisie = trouver("[data-etat-saisie]");
const cle = `saisie:${id}:photo_signature`;
let deposee = false;
let touche = false;
let attente = null;

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

function montrer(demande) {
  deposee = demande.statut !== "brouillon";
  if (deposee && !demande.modifiable.includes("photo_signature")) return void location.replace(`/demande/suivi/#${id}`);
  montrerStepper(demande, "photo-signature");
  for (const element of tous("[data-brouillon-seulement]")) element.hidden = deposee;
  trouver("[data-deposee]").hidden = !deposee;
  if (deposee) {
    trouver('button[value="suivante"]').textContent = "Enregistrer et revenir au suivi";
    trouver('button[value="enregistrer"]').hidden = true;
  }
  const retour = trouver("[data-precedente]");
  retour.href = deposee ? `/demande/suivi/#${id}` : pageDEtape("adresse", id);
  retour.textContent = deposee ? "Revenir sans rien changer" : "<< Etape précédente";
  const donnees = demande.etapes.photo_signature.donnees;
  montrerEtat(donnees);
  if (!touche) {
    remplir(formulaire, donnees);
    remplir(formulaire, lireCopie(cle));
  }
  montrerLeMode();
}

function saisi() {
  const { mode, code: lu } = lire(formulaire);
  return mode === "numerique" && lu ? { mode, code: lu } : { mode };
}

/** Words half typed go to the service as they come, for a draft. */
async function garderBrouillon() {
  clearTimeout(attente);
  attente = null;
  if (deposee || !saisi().mode) return;
  const complet = saisi().code?.replace(/[\s-]/g, "").length === 22;
  try {
    retenir(await appeler("PUT", `/api/demandes/${id}/photo-signature/brouillon`, { corps: complet ? saisi() : { mode: saisi().mode } }));
    saisie.textContent = complet || !saisi().code ? "Votre choix est enregistré." : "Votre choix est enregistré ; le code, incomplet, est gardé sur cet appareil.";
  } catch (faute) {
    saisie.textContent = faute instanceof HorsLigne ? "Pas de réseau : votre saisie est gardée sur cet appareil et partira à son retour." : `Votre saisie est gardée sur cet appareil. ${enClair(faute)}`;
  }
}

formulaire.addEventListener("input", () => {
  touche = true;
  montrerLeMode();
  // What was said of the former choice is not said of this one.
  montrerEtat(null);
  garderCopie(cle, saisi());
  clearTimeout(attente);
  attente = setTimeout(garderBrouillon, 900);
});
window.addEventListener("online", () => touche && garderBrouillon());

trouver("[data-talon]").addEventListener("click", async () => {
  const dit = trouver("[data-talon-etat]");
  dit.textContent = "Préparation du talon…";
  try {
    clearTimeout(attente);
    if (!deposee) retenirEtDire(await appeler("PUT", `/api/demandes/${id}/photo-signature`, { corps: { mode: "talon" } }));
    const { url } = await appeler("GET", `/api/demandes/${id}/talon`);
    dit.textContent = "Le talon est prêt.";
    location.assign(url);
  } catch (faute) {
    dit.textContent = enClair(faute);
  }
});

function retenirEtDire(demande) {
  touche = false;
  oublierCopie(cle);
  const tenue = retenir(demande);
  montrerStepper(tenue, "photo-signature");
  montrerEtat(tenue.etapes.photo_signature.donnees);
  return tenue;
}

if (id) {
  ouvrirDemande(id, montrer);
  aLEnvoi(
    formulaire,
    () => {
      clearTimeout(attente);
      // The choice is one whole: what is here is what the person means, whatever another tab chose.
      return appeler("PUT", `/api/demandes/${id}/photo-signature`, { corps: saisi() });
    },
    (demande, bouton) => {
      const donnees = retenirEtDire(demande).etapes.photo_signature.donnees;
      if (!POSSIBLES.has(donnees.etat)) return void (etat.focus(), etat.scrollIntoView({ block: "center" }));
      saisie.textContent = "Votre choix est enregistré.";
      if (deposee) return location.assign(`/demande/suivi/#${id}`);
      if (bouton?.value !== "enregistrer") location.assign(pageDEtape("pieces", id));
    },
  );
}
