/** « Mon compte »: see and correct one's profile, confirm a new address or phone by its code, close the account. */
import { appeler, enClair } from "../api.js";
import { alerte, charge, h, remplacer, trouver } from "../dom.js";
import { aLEnvoi, effacerErreurs, remplir } from "../formulaire.js";
import { exigerSession, oublierSession, ouvrirDialogue } from "../session.js";
import { allerDire, direCeQuiEstFait, direFait } from "../compte/comptes.js";

const profil = trouver("#profil");
const CODES = [
  ["#code-email", "email_en_attente", "Votre nouvelle adresse est confirmée"],
  ["#code-telephone", "telephone_en_attente", "Votre nouveau téléphone est confirmé"],
];

function montrer(compte) {
  trouver("[data-identifiant]").textContent = compte.identifiant;
  remplir(profil, { ...compte, reponse_secrete: "" });
  for (const [selecteur, membre] of CODES) {
    const formulaire = trouver(selecteur);
    formulaire.hidden = !compte[membre];
    trouver("[data-en-attente]", formulaire).textContent = compte[membre] ?? "";
  }
}

function modifier(corps) {
  return appeler("PUT", "/api/comptes/moi", { corps });
}

for (const [selecteur, , titre] of CODES) {
  const formulaire = trouver(selecteur);
  aLEnvoi(formulaire, modifier, (compte) => {
    formulaire.reset();
    montrer(compte);
    direFait(titre, "C'est là que nous vous joindrons désormais.");
  });
}

aLEnvoi(profil, modifier, (compte) => {
  montrer(compte);
  const attend = CODES.some(([, membre]) => compte[membre]);
  direFait("Vos changements sont enregistrés", attend ? "Il reste à saisir le code que nous venons d'envoyer." : "Ils valent dès maintenant.");
});

trouver("[data-fermer-compte]").addEventListener("click", () => {
  const message = h("p", { class: "fr-error-text", role: "alert", hidden: true });
  const confirmer = h("button", { class: "fr-btn", type: "button", onclick: fermer }, "Fermer mon compte définitivement");
  const dialogue = ouvrirDialogue(
    "Fermer votre compte ?",
    h(
      "div",
      {},
      h("p", {}, "Voici ce que cela change :"),
      h(
        "ul",
        {},
        h("li", {}, "vous ne pourrez plus vous connecter, et vos sessions se terminent partout"),
        h("li", {}, "vos demandes confirmées sont conservées et continuent : vous recevrez encore leurs courriels"),
        h("li", {}, "vous ne pourrez plus lire ici leur suivi, ni leurs documents : téléchargez-les avant"),
        h("li", {}, "un brouillon non confirmé se fermera de lui-même"),
      ),
      message,
      h("div", { class: "fr-btns-group" }, confirmer, h("button", { class: "fr-btn fr-btn--secondary", type: "button", onclick: () => dialogue.close() }, "Garder mon compte")),
    ),
  );
  async function fermer() {
    confirmer.disabled = true;
    try {
      await appeler("DELETE", "/api/comptes/moi");
      await oublierSession();
      allerDire("/compte/connexion/", "Votre compte est fermé", "Un courriel le confirme. Vous pourrez en créer un autre quand vous voudrez.");
    } catch (faute) {
      remplacer(message, enClair(faute));
      message.hidden = false;
      confirmer.disabled = false;
    }
  }
});

await exigerSession();
try {
  montrer(await appeler("GET", "/api/comptes/moi"));
  trouver("[data-compte]").hidden = false;
  effacerErreurs(profil);
} catch (faute) {
  const zone = trouver("[data-impossible]");
  remplacer(zone, alerte("error", "Votre compte n'a pas pu être lu", enClair(faute), h("button", { class: "fr-btn fr-btn--secondary fr-mt-2w", type: "button", onclick: () => location.reload() }, "Réessayer")));
  zone.hidden = false;
}
charge();
direCeQuiEstFait();
