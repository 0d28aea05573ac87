/** The thread between the person and the service; what is being written stays in this browser until it is sent. */
import { appeler, enClair, HorsLigne, nouvelleCle, Probleme, toutLire } from "../api.js";
import { garderCopie, lireCopie, oublierCopie } from "../copie.js";
import { annoncer, charge, dateHeure, h, remplacer, telQuel, trouver } from "../dom.js";
import { aLEnvoi } from "../formulaire.js";
import { exigerSession } from "../session.js";
import { direLus } from "./demande.js";
import { direImpossible, identifiantDemande } from "./etape.js";

const id = identifiantDemande();
const fil = trouver("[data-fil]");
const formulaire = trouver("form[data-message]");
const champ = trouver("textarea", formulaire);
const etat = trouver("[data-etat-saisie]");
const cleSaisie = `message:${id}`;
const cleFil = `messages:${id}`;
const chemin = `/api/demandes/${id}/messages`;

async function ouvrir() {
  await exigerSession();
  trouver("[data-retour]").href = `/demande/suivi/#${id}`;
  champ.value = lireCopie(cleSaisie)?.texte ?? "";
  compter();
  const connus = lireCopie(cleFil);
  if (connus) montrer(connus);
  try {
    const messages = await toutLire(chemin);
    garderCopie(cleFil, messages);
    montrer(messages);
    direLus(id, messages);
  } catch (faute) {
    if (!(connus && faute instanceof HorsLigne)) direImpossible(faute);
    else remplacer(etat, "Pas de réseau : voici vos échanges tels que vus la dernière fois. Votre message est gardé sur cet appareil.");
  }
  charge();
}

function montrer(messages) {
  trouver("[data-fil-etat]").textContent = messages.length === 0 ? "Aucun message pour le moment." : "";
  remplacer(
    fil,
    messages.map(({ de, auteur, ecrit_le, texte }) => h("li", { class: `message message--${de}` }, h("p", { class: "fr-text--sm fr-mb-1v" }, h("strong", {}, auteur), `, le ${dateHeure(ecrit_le)}`), h("p", { class: "message-texte fr-mb-0" }, telQuel(texte)))),
  );
}

function compter() {
  const reste = champ.maxLength - [...champ.value].length;
  trouver("[data-compte]").textContent = `${reste} caractère${reste > 1 ? "s" : ""} encore possible${reste > 1 ? "s" : ""}`;
}

champ.addEventListener("input", () => {
  compter();
  // Another text is another message: it takes another key.
  garderCopie(cleSaisie, { texte: champ.value, cle: nouvelleCle() });
  etat.textContent = "Gardé sur cet appareil.";
});

aLEnvoi(
  formulaire,
  async (saisi) => {
    const { cle } = lireCopie(cleSaisie) ?? { cle: nouvelleCle() };
    try {
      return await appeler("POST", chemin, { corps: saisi, cle });
    } catch (faute) {
      remplacer(etat, faute instanceof Probleme ? "" : `Votre message est gardé sur cet appareil. ${enClair(faute)}`);
      throw faute;
    }
  },
  (recu) => {
    oublierCopie(cleSaisie);
    const messages = [...(lireCopie(cleFil) ?? []).filter((un) => un.id !== recu.id), recu];
    garderCopie(cleFil, messages);
    montrer(messages);
    champ.value = "";
    compter();
    etat.textContent = "Message envoyé.";
    annoncer("Message envoyé.");
  },
);

if (id) ouvrir();
