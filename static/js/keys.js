// Keys for lists: j and k go from row to row, e opens, x selects; "?" shows them all. They can be switched off.
(() => {
  "use strict";

  const OFF = "keys-off";
  const isOff = () => localStorage.getItem(OFF) === "1";
  const isTyping = (element) => element && (element.matches("input:not([type=checkbox]), textarea, select") || element.isContentEditable);

  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
  const linkOf = (row) => row.querySelector("[data-open]") || row.querySelector("a");

  function move(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
    linkOf(all[next]).focus();
    all[next].scrollIntoView({ block: "nearest" });
  }

  function current() {
    return rows().find((row) => row.contains(document.activeElement));
  }

  function showKeys() {
    const dialog = document.getElementById("keys");
    if (dialog && !dialog.open) dialog.showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(document.activeElement) || isOff()) return;
    if (document.querySelector("dialog[open]")) return;
    const row = current();
    if (event.key === "?") showKeys();
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "e" && row) linkOf(row).click();
    else if (event.key === "x" && row && row.querySelector("input[type=checkbox]")) row.querySelector("input[type=checkbox]").click();
    else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) showKeys();
    if (event.target.matches("dialog#keys")) event.target.close(); // the dark around it
  });

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-keys]").forEach((button) => (button.hidden = false));
    const box = document.getElementById("keys-on");
    if (!box) return;
    box.checked = !isOff();
    box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "0" : "1"));
  });
})();
