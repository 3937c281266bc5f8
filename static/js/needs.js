// Needs you: causes that open, buttons that say how many records are ticked, cards that are picked by typing in them.
(() => {
  "use strict";

  function tell(form) {
    const ticks = [...form.querySelectorAll("input[name=record]")];
    const count = ticks.filter((tick) => tick.checked).length;
    form.querySelectorAll("button[data-words]").forEach((button) => {
      const words = count === 0 ? button.dataset.words : count === 1 ? button.dataset.one : button.dataset.many.replace("%s", count);
      button.querySelector("span").textContent = words;
    });
    const all = form.querySelector("[data-all]");
    if (all) {
      all.checked = count > 0 && count === ticks.length;
      all.indeterminate = count > 0 && count < ticks.length;
    }
  }

  // The page names a cause after the "#"; a list that arrives later brings new cards, those that were open open again.
  const named = () => document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const openTo = (inside) => { const cause = inside && inside.closest("details.one"); if (cause) cause.open = true; };
  const openIds = () => [...document.querySelectorAll("details.one[open] > .in")].map((inside) => inside.id);
  let wereOpen = [];

  function openNamed() {
    const inside = named();
    openTo(inside);
    if (inside && inside.closest("details.one")) inside.closest("article").scrollIntoView();
  }

  document.addEventListener("htmx:beforeSwap", () => { wereOpen = openIds(); });
  document.addEventListener("htmx:afterSettle", () => { wereOpen.forEach((id) => openTo(document.getElementById(id))); wereOpen = []; });
  window.addEventListener("hashchange", openNamed);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]")) return event.target.form.requestSubmit(event.target.form.querySelector("[name=who].on"));
    const form = event.target.closest("form[data-ticks]");
    if (!form) return;
    if (event.target.matches("[data-all]")) {
      form.querySelectorAll("input[name=record]").forEach((tick) => { tick.checked = event.target.checked; });
    }
    tell(form);
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-picks]")) event.target.closest(".pick").querySelector("[type=radio]").checked = true;
  });
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-all]").forEach((all) => { all.hidden = false; });
    document.querySelectorAll("form[data-ticks]").forEach(tell);
    openNamed();
  });
})();
