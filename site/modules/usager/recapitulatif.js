/** Step 7: one section per step, each with its pencil; the attestation; then the confirmation, once. */
import { appeler, nouvelleCle, Probleme } from "../api.js";
import { garderCopie, lireCopie, oublierCopie } from "../copie.js";
import { alerte, charge, h, remplacer, trouver } from "../dom.js";
import { aLEnvoi, montrerErreur } from "../formulaire.js";
import { exigerSession } from "../session.js";
import { identifiantDemande, lienVers, montrerStepper, pageDEtape, retenir } from "./etape.js";
import { enSections, lireRecapitulatif } from "./sections.js";

const id = identifiantDemande();
if (id) ouvrir();

async function ouvrir() {
  await exigerSession();
  try {
    montrer(await lireRecapitulatif(id));
  } catch (faute) {
    const zone = trouver("[data-impossible]");
    remplacer(zone, alerte("error", "Le récapitulatif n'a pas pu être ouvert", faute.message, h("p", {}, h("a", { href: "/demandes/" }, "Mes demandes"))));
    zone.hidden = false;
    trouver("[data-corps-etape]").hidden = true;
  }
  charge();
}

function montrer(recapitulatif) {
  const { demande, sections, manques, doublons } = recapitulatif;
  if (demande.statut !== "brouillon") return void location.replace(`/demande/confirmation/#${id}`);
  retenir(demande);
  montrerStepper(demande, "recapitulatif");
  trouver("[data-precedente]").href = pageDEtape("paiement", id);
  remplacer(trouver("[data-sections]"), enSections(sections, demande));
  montrerManques(manques);
  const zone = trouver("[data-doublons]");
  zone.hidden = doublons.length === 0;
  if (doublons.length > 0) remplacer(zone, alerte("warning", "Une demande est déjà en cours pour cette personne", "Vous pouvez tout de même confirmer celle-ci, si c'est bien ce que vous voulez.", h("p", {}, h("a", { href: "/demandes/" }, "Voir mes demandes"))));
}

function montrerManques(manques) {
  const zone = trouver("[data-manques]");
  zone.hidden = manques.length === 0;
  if (manques.length === 0) return;
  remplacer(
    zone,
    alerte(
      "warning",
      manques.length > 1 ? `Il manque ${manques.length} choses avant de pouvoir confirmer` : "Il manque une chose avant de pouvoir confirmer",
      h("ul", {}, manques.map(({ etape, champ, message }) => h("li", {}, message, " ", champ === "representant" ? h("a", { href: pageDEtape("representant", id) }, "Nommer le représentant légal") : lienVers(etape, id)))),
    ),
  );
}

const formulaire = trouver("form[data-attestation]");
aLEnvoi(
  formulaire,
  async (saisi) => {
    // Kept until the answer: whatever happens to the network, this demande is confirmed once.
    const cle = lireCopie(`confirmation:${id}`) ?? nouvelleCle();
    garderCopie(`confirmation:${id}`, cle);
    try {
      return await appeler("POST", `/api/demandes/${id}/confirmation`, { corps: saisi, cle });
    } catch (faute) {
      if (faute instanceof Probleme) {
        oublierCopie(`confirmation:${id}`);
        if (faute.manques.length > 0) {
          montrerManques(faute.manques);
          montrerErreur(formulaire, "attestation", "Complétez d'abord ce qui manque.");
        }
      }
      throw faute;
    }
  },
  (confirmee) => {
    oublierCopie(`confirmation:${id}`);
    garderCopie(`confirmee:${id}`, confirmee);
    location.assign(`/demande/confirmation/#${id}`);
  },
);
