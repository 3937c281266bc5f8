// The rows of a value table: finding one, and a save button that says what it will send.
(() => {
  "use strict";

  const isFilled = (row) => {
    const select = row.querySelector("select");
    const text = row.querySelector("input[name$='-text']");
    const empty = row.querySelector("input[name$='-empty']");
    return Boolean((select && select.value) || (text && text.value.trim()) || (empty && empty.checked));
  };

  function words(button, count) {
    return count === 0 ? button.dataset.save : count === 1 ? button.dataset.one : button.dataset.many.replace("%s", count);
  }

  function tellRows(form) {
    const button = form.querySelector("button[data-save]");
    if (!button) return;
    const now = new URLSearchParams(new FormData(form)).toString();
    form.dataset.was ||= now;
    const isChanged = now !== form.dataset.was;
    const waiting = [...form.querySelectorAll("tr[data-waits]")];
    const sent = isChanged ? waiting.filter(isFilled) : waiting;
    button.textContent = words(button, sent.reduce((sum, row) => sum + Number(row.dataset.waits), 0));
    button.disabled = !isChanged;
    button.closest(".savebar").classList.toggle("is-changed", isChanged);
  }

  function tellRule(form) {
    const button = form.querySelector("button[data-save]");
    const rule = form.querySelector("input[name=rule]:checked");
    button.textContent = words(button, rule && rule.value !== "block" ? Number(form.dataset.waits) : 0);
  }

  function filterRows(form) {
    const wanted = form.querySelector("[data-filter-rows]").value.trim().toLowerCase();
    const on = form.querySelector("[data-show].on").dataset.show;
    form.querySelectorAll("tbody tr").forEach((row) => {
      const chosen = row.querySelector("select") ? row.querySelector("select").selectedOptions[0].text : "";
      const text = `${row.querySelector("td").textContent} ${chosen}`.toLowerCase();
      row.hidden = (on && row.dataset.row !== on) || (wanted !== "" && !text.includes(wanted));
    });
  }

  function begin() {
    document.querySelectorAll("form[data-rows]").forEach((form) => {
      if (form.dataset.begun) return;
      form.dataset.begun = "1";
      tellRows(form);
      form.addEventListener("input", (event) => (event.target.matches("[data-filter-rows]") ? filterRows(form) : tellRows(form)));
      form.addEventListener("change", () => tellRows(form));
      form.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.target.matches("[data-filter-rows]")) event.preventDefault();
      });
      form.addEventListener("click", (event) => {
        const show = event.target.closest("[data-show]");
        if (!show) return;
        form.querySelectorAll("[data-show]").forEach((one) => {
          one.classList.toggle("on", one === show);
          one.setAttribute("aria-pressed", String(one === show));
        });
        filterRows(form);
      });
      form.addEventListener("submit", () => { form.dataset.leaves = "1"; });
    });
    document.querySelectorAll("form[data-rule]").forEach((form) => {
      form.addEventListener("change", () => tellRule(form));
      tellRule(form);
    });
  }

  window.addEventListener("beforeunload", (event) => {
    const form = document.querySelector("form[data-rows]");
    if (form && !form.dataset.leaves && form.querySelector(".savebar.is-changed")) event.preventDefault();
  });
  document.addEventListener("DOMContentLoaded", () => {
    begin();
    document.querySelectorAll("[data-fades]").forEach((part) => {
      let left = Number(part.dataset.fades);
      setInterval(() => {  // it stays as long as somebody is on it
        if (!part.matches(":hover, :focus-within")) left -= 1;
        if (left <= 0) part.remove();
      }, 1000);
    });
  });
  document.addEventListener("htmx:afterSettle", begin);
})();
