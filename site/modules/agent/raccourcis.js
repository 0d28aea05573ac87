/** The list of shortcuts, and the choice to do without them (WCAG 2.1.4). */
import { charge, trouver } from "../dom.js";

const case_ = trouver("#raccourcis");
case_.checked = localStorage.getItem("raccourcis") !== "non";
case_.addEventListener("change", () => localStorage.setItem("raccourcis", case_.checked ? "oui" : "non"));
charge();
