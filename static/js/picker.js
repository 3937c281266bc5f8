// A select with many options becomes a button with a search. Without this file it stays a select.
(() => {
  "use strict";

  const FEW = 10;
  let number = 0;

  function enhance(select) {
    if (select.dataset.done || select.options.length <= FEW) return;
    select.dataset.done = "1";
    const id = `picker-${(number += 1)}`;
    const box = document.createElement("div");
    box.className = "picker";
    const button = document.createElement("button");
    button.type = "button";
    button.className = select.className;
    button.setAttribute("role", "combobox");
    button.setAttribute("aria-haspopup", "listbox");
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-controls", `${id}-list`);
    const label = select.id ? document.querySelector(`label[for="${CSS.escape(select.id)}"]`) : null;
    const name = select.getAttribute("aria-label") || (label ? label.textContent.trim() : "");
    const pop = document.createElement("div");
    pop.className = "pop";
    pop.hidden = true;
    const search = document.createElement("input");
    search.type = "search";
    search.className = "form-control sm";
    search.setAttribute("aria-label", name);
    search.setAttribute("aria-controls", `${id}-list`);
    search.autocomplete = "off";
    const list = document.createElement("ul");
    list.id = `${id}-list`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", name);
    pop.append(search, list);
    select.before(box);
    box.append(button, select, pop);
    select.tabIndex = -1;
    select.setAttribute("aria-hidden", "true");
    if (label) label.addEventListener("click", (event) => { event.preventDefault(); button.focus(); });

    let at = -1;
    const shown = () => [...list.querySelectorAll("[role=option]")];

    function tell() {
      const chosen = select.options[select.selectedIndex];
      button.textContent = chosen ? chosen.text : "";
      button.setAttribute("aria-label", `${name}: ${button.textContent}`);
    }

    function mark(index) {
      const rows = shown();
      rows.forEach((row) => row.classList.remove("at"));
      at = Math.max(0, Math.min(index, rows.length - 1));
      const row = rows[at];
      if (!row) return search.removeAttribute("aria-activedescendant");
      row.classList.add("at");
      row.scrollIntoView({ block: "nearest" });
      search.setAttribute("aria-activedescendant", row.id);
    }

    function fill() {
      const wanted = search.value.trim().toLowerCase();
      list.replaceChildren();
      [...select.options].forEach((option, index) => {
        if (wanted && !`${option.text} ${option.value}`.toLowerCase().includes(wanted)) return;
        const row = document.createElement("li");
        row.id = `${id}-${index}`;
        row.setAttribute("role", "option");
        row.setAttribute("aria-selected", String(option.selected));
        row.dataset.index = index;
        row.textContent = option.text;
        list.append(row);
      });
      mark(wanted ? 0 : Math.max(0, shown().findIndex((row) => row.getAttribute("aria-selected") === "true")));
    }

    function open() {
      pop.hidden = false;
      pop.classList.toggle("up", button.getBoundingClientRect().bottom + 330 > window.innerHeight && button.getBoundingClientRect().top > 340);
      button.setAttribute("aria-expanded", "true");
      search.value = "";
      fill();
      search.focus();
    }

    function close(back) {
      pop.hidden = true;
      button.setAttribute("aria-expanded", "false");
      if (back) button.focus();
    }

    function choose(row) {
      if (!row) return;
      select.selectedIndex = Number(row.dataset.index);
      select.dispatchEvent(new Event("change", { bubbles: true }));
      close(true);
    }

    button.addEventListener("click", () => (pop.hidden ? open() : close(true)));
    button.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        open();
      }
    });
    search.addEventListener("input", (event) => { event.stopPropagation(); fill(); });
    search.addEventListener("change", (event) => event.stopPropagation());
    search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") mark(at + 1);
      else if (event.key === "ArrowUp") mark(at - 1);
      else if (event.key === "Enter") choose(shown()[at]);
      else if (event.key === "Escape") close(true);
      else if (event.key === "Tab") return close(false);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => choose(event.target.closest("[role=option]")));
    document.addEventListener("click", (event) => { if (!box.contains(event.target)) close(false); });
    select.addEventListener("change", tell);
    tell();
  }

  // A list that arrives while somebody types already does not take away what they typed.
  document.addEventListener("input", (event) => {
    if (event.target.form) event.target.form.dataset.touched = "1";
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.querySelector("form[data-touched]")) event.detail.shouldSwap = false;
  });

  const enhanceAll = (root) => root.querySelectorAll("select[data-picker]").forEach(enhance);
  document.addEventListener("DOMContentLoaded", () => enhanceAll(document));
  document.addEventListener("htmx:afterSettle", () => enhanceAll(document));
})();
