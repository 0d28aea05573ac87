/** « Identifiant oublié »: it goes by mail; the page says the same whether the address is known or not. */
import { appeler } from "../api.js";
import { charge, trouver } from "../dom.js";
import { aLEnvoi } from "../formulaire.js";
import { preparerAntiRobot } from "../compte/anti-robot.js";
import { direFait } from "../compte/comptes.js";

const formulaire = trouver("#oubli");
const avecPreuve = preparerAntiRobot(formulaire);

aLEnvoi(
  formulaire,
  (saisi) => avecPreuve((anti_robot) => appeler("POST", "/api/comptes/identifiant-oublie", { corps: { ...saisi, anti_robot }, anonyme: true })),
  () => direFait("Regardez vos courriels", "Si cette adresse est celle d'un compte, votre identifiant y arrive dans la minute. Pensez aux courriers indésirables."),
);
charge();
